"""Omron cuffs, classic and modern: paired, read, 20 more visits; the bond is kept, and only what is new is read."""
import datetime

from peripherals import Omron
from peripherals.omron import HEM_7142T2

LIMIT = 420
VISITS = 20

# Octets made by hand from the layouts in the profiles' sources: systolic - 25, diastolic, pulse, year - 2000, then two words,
# low octet first: hour, day << 5, month << 10, irregular << 14, movement << 15; second, minute << 6.
USER_1 = {
    "6B4A421A 872E D413 000000000000 0000": ("2026-11-20T07:15:20", 132, 74, 66, []),
    "714F471A B5EE 1E11 000000000000 0000": ("2026-11-21T21:04:30", 138, 79, 71, ["body-movement", "irregular-pulse"]),
    "7653451A C72E 0A17 000000000000 0000": ("2026-11-22T07:28:10", 143, 83, 69, []),
}
USER_2 = {"7E584B1A A82E 0510 000000000000 0000": ("2026-11-21T08:00:05", 151, 88, 75, [])}


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    cuff = lab.peripheral(Omron)
    for user, records in ((1, USER_1), (2, USER_2)):
        for octets in records:
            cuff.keep(user, bytes.fromhex(octets))
    # Each of these is asked for again: octets that changed on the way, an answer that did not come, one without its data.
    cuff.trouble = [None, "damage", None, "silence", None, "blank"]
    await cuff.pairing_mode()
    await lab.pair(cuff, more=("--profile", "omron/hem-7361t"), limit=180)
    await lab.event(cuff, "closed", limit=120)
    await lab.asleep(cuff)
    lab.equal([event["what"] for event in cuff.events("trouble")], ["damage", "silence", "blank"], "trouble that was made")
    lab.equal(shown(await lab.readings_become(4)), sorted(
        (time, user, *rest) for user, records in ((1, USER_1), (2, USER_2)) for time, *rest in records.values()),
        "the readings of the first visit")

    modern = lab.peripheral(Omron, "BLESmart_MODERN", "F0:F1:F2:F4:00:02", model=HEM_7142T2)
    at = datetime.datetime(2026, 11, 23, 6, 5, 4)
    modern.keep(1, bytes.fromhex("5F4A421A E62E 4401 00000000") + bytes(2))  # 120/74, 66, 2026-11-23 06:05:04
    await modern.pairing_mode()
    await lab.pair(modern, more=("--profile", "omron/hem-7142t2"), limit=120)
    await lab.event(modern, "closed", limit=90)
    await lab.asleep(modern)
    lab.equal([r for r in shown(await lab.readings_become(5)) if r[2] == 120], [(at.isoformat(), 1, 120, 74, 66, [])],
              "the modern cuff's reading")

    for visit in range(1, VISITS + 1):
        begin = lab.journal.here
        await cuff.measure(110 + visit, 70 + visit, 60 + visit, user=1 + visit % 2)
        await lab.event(cuff, "closed", since=begin, limit=90)
        await lab.asleep(cuff)
        records = [place for place, _ in cuff.reads(begin) if place >= 0x98]
        lab.check(len(records) <= 8, f"visit {visit}: {len(records)} reads of records for one that is new")
        lab.round(visit, VISITS, "more visits")
    readings = shown(await lab.readings_become(5 + VISITS))
    lab.equal(sorted((r[1], *r[2:5]) for r in readings if r[0] >= "2026-11-24"),
              sorted((1 + v % 2, 110 + v, 70 + v, 60 + v) for v in range(1, VISITS + 1)), "the readings of the visits")
    begin = lab.journal.here
    await modern.measure(121, 75, 67)
    await lab.event(modern, "closed", since=begin, limit=90)
    await lab.readings_become(6 + VISITS)
    for one in (cuff, modern):
        lab.equal(one.bonds_lost, 0, f"bonds that {one.name} has lost")
        for word in ("cleared", "key missing", "written to", "ignored"):
            lab.equal(one.events(word), [], f"{one.name}: {word}")
        lab.equal(len(one.events("paired")), 1, f"pairings of {one.name}")


def shown(readings):
    return sorted((r["deviceTime"][:19], r["userSlot"], *(r["values"][name]["value"] for name in
                   ("systolic", "diastolic", "pulse")), r["flags"]) for r in readings)
