#!/usr/bin/env python3
"""Writes schema-N.sql, a database as version N of the schema left it, for every N that has no file yet.

    python3 Tests/StoreTests/Fixtures/make.py Sources/Store/Migrations.swift

The steps are the migrator's own SQL, run one after the other; the rows are written here, by hand, and are nobody's. A file
that is there is never written again: it is what that version wrote, whatever becomes of the steps.
"""
import json
import os
import re
import sqlite3
import sys

here = os.path.dirname(os.path.abspath(__file__))
CUFF, OTHER = "ble:F0:F1:F2:F3:F4:F5", "ble:C0:00:00:00:00:02"


def steps(path):
    text = open(path).read()
    parts = re.split(r'registerMigration\("([^"]+)"\)', text)[1:]
    for name, body in zip(parts[::2], parts[1::2]):
        yield name, re.search(r'sql: """\n(.*?)\n\s*"""\)', body, re.S).group(1)


def reading(number, systolic, patient, device=CUFF, slot=None):
    """As the table has it: JSON of an Observation, times counted from 2001."""
    low, high = systolic % 256, systolic // 256
    time = "2026-11-22T00:%02d:00" % number
    content = {
        "components": [
            {"code": 150021, "value": {"quantity": {"_0": {"unit": "mm[Hg]", "value": systolic}}}},
            {"code": 150022, "value": {"quantity": {"_0": {"unit": "mm[Hg]", "value": 80}}}},
        ],
        "device": device,
        "effective": {"basis": "device-clock", "span": {"instant": {"_0": 816998400 + number * 60}}},
        "flags": [],
        "id": "o-%d" % number,
        "identity": "%s|%s|2A35:00%02x%02x5000" % (device, time, low, high),
        "kind": "blood-pressure",
        "marks": [],
        "provenance": {
            "authentication": "bonded", "bytes": [0, low, high, 80, 0], "clockOffset": 0,
            "deviceTime": {"day": 22, "hour": 0, "minute": number, "month": 11, "second": 0, "year": 2026},
            "driver": "gatt-blood-pressure/1", "format": "2A35", "isSimulated": False,
            "profile": "sig/blood-pressure", "receivedAt": 816998400 + number * 60,
        },
    }
    if patient:
        content["patient"] = patient
    if slot is not None:
        content["userSlot"] = slot
    at = 1795305600 + number * 60
    return (number, content["id"], content["identity"], "blood-pressure", device, patient, time, at, at,
            json.dumps(content, sort_keys=True, separators=(",", ":")))


def first(db):
    db.execute("INSERT INTO settings VALUES ('episode-salt', 'AABBCCDDEEFF00112233445566778899')")
    db.execute("INSERT INTO settings VALUES ('static-random-address', 'F1:02:03:04:05:06')")
    db.execute("INSERT INTO patients (id, name, folded_name, added_at) VALUES ('p-lan', 'Lan', 'lan', 1795305600)")
    db.execute("INSERT INTO patients (id, name, folded_name, added_at) VALUES ('p-mai', 'Mai', 'mai', 1795305600)")
    for device in (CUFF, OTHER):
        db.execute(
            "INSERT INTO devices (id, address, address_kind, name, profile, authentication, information, paired_at)"
            " VALUES (?, ?, 'random', 'Cuff', 'sig/blood-pressure', 'bonded', '{\"manufacturer\":\"Acme\"}', 1795305600)",
            (device, device[4:]))
    db.execute("INSERT INTO device_users (device, slot, patient) VALUES (?, -1, 'p-lan')", (CUFF,))
    db.execute("INSERT INTO long_term_keys VALUES ('F0:F1:F2:F3:F4:F5', 'random', x'0102030405060708')")
    db.execute("INSERT INTO identity_resolving_keys VALUES ('F0:F1:F2:F3:F4:F5', 'random', x'1112131415161718')")
    for row in [(1, 'p-lan', 'record', 'Dr Minh', 'doctor', 1795305600, None),
                (2, 'p-lan', 'pager', 'Mai', 'daughter', 1795305600, None),
                (3, 'p-mai', 'record', 'Dr Minh', 'doctor', 1795305600, 1795309200)]:
        db.execute("INSERT INTO consents VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    for row in [reading(1, 150, 'p-lan'), reading(2, 190, 'p-lan', slot=1), reading(3, 120, 'p-lan'),
                reading(4, 130, None, device=OTHER)]:
        db.execute(
            "INSERT INTO observations (seq, id, identity, kind, device, patient, device_time, effective_end, received_at,"
            " content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    event = {
        "at": 816998520, "comparison": "at-least", "component": "systolic", "decidedAt": 816998520, "device": CUFF,
        "episode": "47c63890a168cfd214ef98210f420d13", "isSimulated": False, "limit": 180, "notStored": False,
        "observation": "o-2", "patient": "p-lan", "rule": "crisis", "severity": "urgent", "to": "firing",
        "unit": "mm[Hg]", "value": 190, "values": {"diastolic": 80, "systolic": 190},
    }
    state = {
        "episode": event["episode"], "firedAt": 816998520,
        "key": {"isSimulated": False, "rule": "crisis", "subject": {"patient": {"_0": "p-lan"}}},
        "lastDevice": CUFF, "lastInstant": 816998520, "lastObservation": "o-2", "lastValue": 190, "lateWasMet": False,
        "phase": "firing", "since": 816998520,
    }
    db.execute("INSERT INTO alert_states VALUES ('crisis', 'patient:p-lan', 0, ?)", (json.dumps(state, sort_keys=True),))
    db.execute("INSERT INTO alert_events VALUES (1, ?, 'firing', 'p-lan', 1795305720, ?)",
               (event["episode"], json.dumps(event, sort_keys=True)))
    columns = "(id, destination, patient, observation, alert, idempotency_key, state, attempts, created_at, due_at)"
    for row in [(1, 'record', 'p-lan', 'o-1', None, 'obs-o-1', 'delivered', 1, 1795305660, 0),
                (2, 'record', 'p-lan', 'o-2', None, 'obs-o-2', 'waiting', 3, 1795305720, 1795309320),
                (3, 'pager', 'p-lan', None, 1, 'alert-47c63890a168cfd214ef98210f420d13-firing', 'waiting', 0,
                 1795305720, 1795327200),
                (4, 'record', 'p-lan', 'o-3', None, 'obs-o-3', 'rejected', 1, 1795305780, 0)]:
        db.execute("INSERT INTO outbox %s VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" % columns, row)


# What a version has that the one before had not.
LATER = {
    2: ["INSERT INTO undecodable_values (device, format, bytes, profile, driver, reason, first_received_at,"
        " last_received_at) VALUES ('%s', '2A35', x'00', 'sig/blood-pressure', 'd', 'short', 1795305600, 1795305600)" % CUFF],
    3: ["INSERT INTO ownership_events (observation, action, patient, uid, at)"
        " VALUES ('o-1', 'claimed', 'p-lan', 1000, 1795305661)",
        "UPDATE outbox SET disowned_reading = 'o-1', needs_correction = 1 WHERE id = 1"],
    5: ["INSERT INTO uncertain_times (observation, boot, uptime, received_at) VALUES ('o-4', 'boot', 40, 1795305840)"],
    7: ["INSERT INTO outside_answers VALUES ('answer', '47c63890a168cfd214ef98210f420d13', 'mai', 'page', 1795305800)"],
    9: ["INSERT INTO record_resources VALUES ('record', 'Observation', 'urn:x', 'o-1', '17', '1', 'p-lan', 1795305670)",
        "INSERT INTO delivery_answers VALUES (4, 'refused', 1795305790)"],
    10: ["INSERT INTO consent_codes VALUES ('F0:F1:F2:F3:F4:F5', '1', x'2A')"],
    11: ["INSERT INTO erasures (patient, at, readings, destinations, cleaned_at)"
         " VALUES ('p-gone', 1795305600, 3, '[\"record\"]', 1795305601)",
         "INSERT INTO erased_readings VALUES (x'%s', 0)" % ("ab" * 32),
         "INSERT INTO accesses (action, way, begun_at, until, count) VALUES ('read', 'socket', 1795305600, 1795305600, 2)"],
    12: ["UPDATE patients SET limits = 'child' WHERE id = 'p-mai'"],
}


def main():
    every = list(steps(sys.argv[1]))
    for version in range(1, len(every) + 1):
        path = os.path.join(here, "schema-%02d.sql" % version)
        if os.path.exists(path):
            continue
        db = sqlite3.connect(":memory:")
        db.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        for number, (name, sql) in enumerate(every[:version], 1):
            db.executescript(sql)
            db.execute("INSERT INTO grdb_migrations VALUES (?)", (name,))
            if number == 1:
                first(db)
            for statement in LATER.get(number, []):
                db.execute(statement)
        db.commit()
        lines = [line for line in db.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
        with open(path, "w") as file:
            file.write("-- The database as version %d of the schema left it (%s). Written by make.py; its rows are nobody's.\n"
                       % (version, every[version - 1][0]))
            file.write("\n".join(lines) + "\n")


main()
