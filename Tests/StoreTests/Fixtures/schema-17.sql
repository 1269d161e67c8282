-- The database as version 17 of the schema left it (18-refusals). Written by make.py; its rows are nobody's.
CREATE TABLE accesses (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            action TEXT NOT NULL,
            way TEXT NOT NULL,
            uid INTEGER,
            patient TEXT,
            begun_at REAL NOT NULL,
            until REAL NOT NULL,
            count INTEGER NOT NULL
          , subject TEXT, refused INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1))) STRICT;
INSERT INTO "accesses" VALUES(1,'read','socket',NULL,NULL,1795305600.0,1795305600.0,2,NULL,0);
CREATE TABLE alert_episodes (episode TEXT PRIMARY KEY NOT NULL, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE alert_events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            episode TEXT NOT NULL,
            phase TEXT NOT NULL,
            patient TEXT,
            at REAL NOT NULL,
            content TEXT NOT NULL, -- AlertTransition
            UNIQUE (episode, phase)
          ) STRICT;
INSERT INTO "alert_events" VALUES(1,'47c63890a168cfd214ef98210f420d13','firing','p-lan',1795305720.0,'{"at": 816998520, "comparison": "at-least", "component": "systolic", "decidedAt": 816998520, "device": "ble:F0:F1:F2:F3:F4:F5", "episode": "47c63890a168cfd214ef98210f420d13", "isSimulated": false, "limit": 180, "notStored": false, "observation": "o-2", "patient": "p-lan", "rule": "crisis", "severity": "urgent", "to": "firing", "unit": "mm[Hg]", "value": 190, "values": {"diastolic": 80, "systolic": 190}}');
CREATE TABLE alert_states (
            rule TEXT NOT NULL,
            subject TEXT NOT NULL,
            simulated INTEGER NOT NULL,
            content TEXT NOT NULL, -- AlertState
            PRIMARY KEY (rule, subject, simulated)
          ) STRICT, WITHOUT ROWID;
INSERT INTO "alert_states" VALUES('crisis','patient:p-lan',0,'{"episode": "47c63890a168cfd214ef98210f420d13", "firedAt": 816998520, "key": {"isSimulated": false, "rule": "crisis", "subject": {"patient": {"_0": "p-lan"}}}, "lastDevice": "ble:F0:F1:F2:F3:F4:F5", "lastInstant": 816998520, "lastObservation": "o-2", "lastValue": 190, "lateWasMet": false, "phase": "firing", "since": 816998520}');
CREATE TABLE consent_codes (
            address TEXT NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (address, kind)
          ) STRICT, WITHOUT ROWID;
INSERT INTO "consent_codes" VALUES('F0:F1:F2:F3:F4:F5','1',X'2A');
CREATE TABLE consents (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            patient TEXT NOT NULL REFERENCES patients(id),
            destination TEXT NOT NULL,
            grantee TEXT NOT NULL,
            relationship TEXT NOT NULL,
            granted_at REAL NOT NULL,
            withdrawn_at REAL
          ) STRICT;
INSERT INTO "consents" VALUES(1,'p-lan','record','Dr Minh','doctor',1795305600.0,NULL);
INSERT INTO "consents" VALUES(2,'p-lan','pager','Mai','daughter',1795305600.0,NULL);
INSERT INTO "consents" VALUES(3,'p-mai','record','Dr Minh','doctor',1795305600.0,1795309200.0);
CREATE TABLE delivery_answers (
            delivery INTEGER PRIMARY KEY NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
            content TEXT NOT NULL,
            at REAL NOT NULL
          ) STRICT;
INSERT INTO "delivery_answers" VALUES(4,'refused',1795305790.0);
CREATE TABLE device_users (
            device TEXT NOT NULL REFERENCES devices(id),
            slot INTEGER NOT NULL,
            patient TEXT NOT NULL REFERENCES patients(id), bound INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (device, slot)
          ) STRICT, WITHOUT ROWID;
INSERT INTO "device_users" VALUES('ble:F0:F1:F2:F3:F4:F5',-1,'p-lan',0);
INSERT INTO "device_users" VALUES('ble:F0:F1:F2:F3:F4:F5',1,'p-lan',1);
CREATE TABLE devices (
            id TEXT PRIMARY KEY NOT NULL,
            address TEXT,
            address_kind TEXT,
            name TEXT,
            profile TEXT NOT NULL,
            authentication TEXT NOT NULL,
            information TEXT NOT NULL, -- DeviceInformation
            gatt_cache BLOB,
            keeps_subscriptions INTEGER,
            clock_offset REAL,
            clock_read_at REAL,
            battery INTEGER,
            paired_at REAL NOT NULL,
            last_seen REAL,
            last_visit REAL,
            last_end TEXT,
            removed_at REAL
          , shared INTEGER NOT NULL DEFAULT 0, numbered INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "devices" VALUES('ble:C0:00:00:00:00:02','C0:00:00:00:00:02','random','Cuff','sig/blood-pressure','bonded','{"manufacturer":"Acme"}',NULL,NULL,NULL,NULL,NULL,1795305600.0,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "devices" VALUES('ble:F0:F1:F2:F3:F4:F5','F0:F1:F2:F3:F4:F5','random','Cuff','sig/blood-pressure','bonded','{"manufacturer":"Acme"}',NULL,NULL,NULL,NULL,NULL,1795305600.0,NULL,NULL,NULL,NULL,0,1);
CREATE TABLE erased_readings (
            digest BLOB PRIMARY KEY NOT NULL, is_untimed INTEGER NOT NULL
          ) STRICT, WITHOUT ROWID;
INSERT INTO "erased_readings" VALUES(X'ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB',0);
CREATE TABLE erasures (
            patient TEXT PRIMARY KEY NOT NULL,
            at REAL NOT NULL,
            uid INTEGER, -- of whoever asked, by the kernel
            readings INTEGER NOT NULL,
            destinations TEXT NOT NULL, -- [DestinationID]
            is_removing INTEGER NOT NULL DEFAULT 0,
            cleaned_at REAL
          ) STRICT, WITHOUT ROWID;
INSERT INTO "erasures" VALUES('p-gone',1795305600.0,NULL,3,'["record"]',0,1795305601.0);
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1-first-reading');
INSERT INTO "grdb_migrations" VALUES('2-corrections');
INSERT INTO "grdb_migrations" VALUES('3-whose-reading');
INSERT INTO "grdb_migrations" VALUES('4-withdrawals');
INSERT INTO "grdb_migrations" VALUES('5-box-clock');
INSERT INTO "grdb_migrations" VALUES('6-episodes');
INSERT INTO "grdb_migrations" VALUES('7-outside-answers');
INSERT INTO "grdb_migrations" VALUES('8-one-message');
INSERT INTO "grdb_migrations" VALUES('9-record-resources');
INSERT INTO "grdb_migrations" VALUES('10-consent-codes');
INSERT INTO "grdb_migrations" VALUES('11-erasures-and-accesses');
INSERT INTO "grdb_migrations" VALUES('12-groups');
INSERT INTO "grdb_migrations" VALUES('14-changes-and-refusals');
INSERT INTO "grdb_migrations" VALUES('15-averages');
INSERT INTO "grdb_migrations" VALUES('16-identifiers');
INSERT INTO "grdb_migrations" VALUES('17-disk-budget');
INSERT INTO "grdb_migrations" VALUES('18-refusals');
CREATE TABLE identity_resolving_keys (
            address TEXT NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (address, kind)
          ) STRICT, WITHOUT ROWID;
INSERT INTO "identity_resolving_keys" VALUES('F0:F1:F2:F3:F4:F5','random',X'1112131415161718');
CREATE TABLE long_term_keys (
            address TEXT NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (address, kind)
          ) STRICT, WITHOUT ROWID;
INSERT INTO "long_term_keys" VALUES('F0:F1:F2:F3:F4:F5','random',X'0102030405060708');
CREATE TABLE observations (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            identity TEXT NOT NULL UNIQUE,
            -- The identity before its sequence suffix, of readings without a time stamp only.
            untimed_identity TEXT,
            kind TEXT NOT NULL,
            device TEXT NOT NULL,
            patient TEXT REFERENCES patients(id),
            device_time TEXT,
            effective_end REAL NOT NULL,
            received_at REAL NOT NULL,
            -- none: not known to be sent; sent: given to the kernel; arrived: the device went on.
            confirmation TEXT NOT NULL DEFAULT 'none' CHECK (confirmation IN ('none', 'sent', 'arrived')),
            confirmation_sent_at REAL,
            content TEXT NOT NULL -- Observation
          , withdrawn_at REAL) STRICT;
INSERT INTO "observations" VALUES(1,'o-1','ble:F0:F1:F2:F3:F4:F5|2026-11-22T00:01:00|2A35:0096005000',NULL,'blood-pressure','ble:F0:F1:F2:F3:F4:F5','p-lan','2026-11-22T00:01:00',1795305660.0,1795305660.0,'none',NULL,'{"components":[{"code":150021,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":150}}}},{"code":150022,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":80}}}}],"device":"ble:F0:F1:F2:F3:F4:F5","effective":{"basis":"device-clock","span":{"instant":{"_0":816998460}}},"flags":[],"id":"o-1","identity":"ble:F0:F1:F2:F3:F4:F5|2026-11-22T00:01:00|2A35:0096005000","kind":"blood-pressure","marks":[],"patient":"p-lan","provenance":{"authentication":"bonded","bytes":[0,150,0,80,0],"clockOffset":0,"deviceTime":{"day":22,"hour":0,"minute":1,"month":11,"second":0,"year":2026},"driver":"gatt-blood-pressure/1","format":"2A35","isSimulated":false,"profile":"sig/blood-pressure","receivedAt":816998460}}',NULL);
INSERT INTO "observations" VALUES(2,'o-2','ble:F0:F1:F2:F3:F4:F5|2026-11-22T00:02:00|2A35:00be005000',NULL,'blood-pressure','ble:F0:F1:F2:F3:F4:F5','p-lan','2026-11-22T00:02:00',1795305720.0,1795305720.0,'none',NULL,'{"components":[{"code":150021,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":190}}}},{"code":150022,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":80}}}}],"device":"ble:F0:F1:F2:F3:F4:F5","effective":{"basis":"device-clock","span":{"instant":{"_0":816998520}}},"flags":[],"id":"o-2","identity":"ble:F0:F1:F2:F3:F4:F5|2026-11-22T00:02:00|2A35:00be005000","kind":"blood-pressure","marks":[],"patient":"p-lan","provenance":{"authentication":"bonded","bytes":[0,190,0,80,0],"clockOffset":0,"deviceTime":{"day":22,"hour":0,"minute":2,"month":11,"second":0,"year":2026},"driver":"gatt-blood-pressure/1","format":"2A35","isSimulated":false,"profile":"sig/blood-pressure","receivedAt":816998520},"userSlot":1}',NULL);
INSERT INTO "observations" VALUES(3,'o-3','ble:F0:F1:F2:F3:F4:F5|2026-11-22T00:03:00|2A35:0078005000',NULL,'blood-pressure','ble:F0:F1:F2:F3:F4:F5','p-lan','2026-11-22T00:03:00',1795305780.0,1795305780.0,'none',NULL,'{"components":[{"code":150021,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":120}}}},{"code":150022,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":80}}}}],"device":"ble:F0:F1:F2:F3:F4:F5","effective":{"basis":"device-clock","span":{"instant":{"_0":816998580}}},"flags":[],"id":"o-3","identity":"ble:F0:F1:F2:F3:F4:F5|2026-11-22T00:03:00|2A35:0078005000","kind":"blood-pressure","marks":[],"patient":"p-lan","provenance":{"authentication":"bonded","bytes":[0,120,0,80,0],"clockOffset":0,"deviceTime":{"day":22,"hour":0,"minute":3,"month":11,"second":0,"year":2026},"driver":"gatt-blood-pressure/1","format":"2A35","isSimulated":false,"profile":"sig/blood-pressure","receivedAt":816998580}}',NULL);
INSERT INTO "observations" VALUES(4,'o-4','ble:C0:00:00:00:00:02|2026-11-22T00:04:00|2A35:0082005000',NULL,'blood-pressure','ble:C0:00:00:00:00:02',NULL,'2026-11-22T00:04:00',1795305840.0,1795305840.0,'none',NULL,'{"components":[{"code":150021,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":130}}}},{"code":150022,"value":{"quantity":{"_0":{"unit":"mm[Hg]","value":80}}}}],"device":"ble:C0:00:00:00:00:02","effective":{"basis":"device-clock","span":{"instant":{"_0":816998640}}},"flags":[],"id":"o-4","identity":"ble:C0:00:00:00:00:02|2026-11-22T00:04:00|2A35:0082005000","kind":"blood-pressure","marks":[],"provenance":{"authentication":"bonded","bytes":[0,130,0,80,0],"clockOffset":0,"deviceTime":{"day":22,"hour":0,"minute":4,"month":11,"second":0,"year":2026},"driver":"gatt-blood-pressure/1","format":"2A35","isSimulated":false,"profile":"sig/blood-pressure","receivedAt":816998640}}',NULL);
CREATE TABLE "outbox" (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            destination TEXT NOT NULL,
            patient TEXT REFERENCES patients(id),
            observation TEXT REFERENCES observations(id),
            alert INTEGER REFERENCES alert_events(seq),
            idempotency_key TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting'
              CHECK (state IN ('waiting', 'delivered', 'rejected', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            first_attempt_at REAL,
            -- 0: at once, whatever the clock says, so that one that is set back does not hold a new row.
            due_at REAL NOT NULL DEFAULT 0,
            finished_at REAL,
            reason TEXT,
            -- The reading was disowned after the destination had, or may have had, what this row tells.
            disowned_reading TEXT REFERENCES observations(id),
            needs_correction INTEGER NOT NULL DEFAULT 0, withdraws INTEGER REFERENCES outbox(id), restates INTEGER NOT NULL DEFAULT 0, names_patient INTEGER NOT NULL DEFAULT 0, told_with INTEGER, wait TEXT CHECK (wait IN ('quiet', 'flood')), on_the_way INTEGER NOT NULL DEFAULT 0, refusals INTEGER NOT NULL DEFAULT 0, first_refused_at REAL,
            UNIQUE (destination, idempotency_key),
            CHECK ((observation IS NULL) <> (alert IS NULL)),
            CHECK (observation IS NULL OR patient IS NOT NULL)
          ) STRICT;
INSERT INTO "outbox" VALUES(1,'record','p-lan','o-1',NULL,'obs-o-1','delivered',1,1795305660.0,NULL,0.0,NULL,NULL,'o-1',1,NULL,0,0,NULL,NULL,0,0,NULL);
INSERT INTO "outbox" VALUES(2,'record','p-lan','o-2',NULL,'obs-o-2','waiting',3,1795305720.0,NULL,1795309320.0,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,0,0,NULL);
INSERT INTO "outbox" VALUES(3,'pager','p-lan',NULL,1,'alert-47c63890a168cfd214ef98210f420d13-firing','waiting',0,1795305720.0,NULL,1795327200.0,NULL,NULL,NULL,0,NULL,0,0,NULL,'quiet',0,0,NULL);
INSERT INTO "outbox" VALUES(4,'record','p-lan','o-3',NULL,'obs-o-3','rejected',1,1795305780.0,NULL,0.0,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,0,0,NULL);
INSERT INTO "outbox" VALUES(5,'record','p-lan','o-1',NULL,'withdrawn-obs-o-1','waiting',0,1795305660.0,NULL,0.0,NULL,NULL,NULL,0,1,0,0,NULL,NULL,0,0,NULL);
CREATE TABLE outside_answers (
            answer TEXT PRIMARY KEY NOT NULL, -- OutsideAnswer.name
            episode TEXT NOT NULL,
            contact TEXT NOT NULL,
            way TEXT NOT NULL,
            at REAL NOT NULL
          ) STRICT, WITHOUT ROWID;
INSERT INTO "outside_answers" VALUES('answer','47c63890a168cfd214ef98210f420d13','mai','page',1795305800.0);
CREATE TABLE ownership_events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            observation TEXT NOT NULL REFERENCES observations(id),
            action TEXT NOT NULL CHECK (action IN ('claimed', 'disowned')),
            patient TEXT NOT NULL REFERENCES patients(id), -- whose it became, or was
            uid INTEGER, -- of whoever asked, by the kernel
            at REAL NOT NULL
          ) STRICT;
INSERT INTO "ownership_events" VALUES(1,'o-1','claimed','p-lan',1000,1795305661.0);
CREATE TABLE patient_identifiers (
            patient TEXT NOT NULL REFERENCES patients(id),
            kind TEXT NOT NULL,
            value TEXT NOT NULL,
            set_at REAL NOT NULL,
            PRIMARY KEY (patient, kind)
          ) STRICT, WITHOUT ROWID;
CREATE TABLE patients (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL UNIQUE,
            added_at REAL NOT NULL
          , limits TEXT NOT NULL DEFAULT 'adult'
            CHECK (limits IN ('adult', 'child', 'pregnancy'))) STRICT, WITHOUT ROWID;
INSERT INTO "patients" VALUES('p-lan','Lan','lan',1795305600.0,'adult');
INSERT INTO "patients" VALUES('p-mai','Mai','mai',1795305600.0,'child');
CREATE TABLE pruned (
            id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
            answers INTEGER NOT NULL DEFAULT 0,
            accesses INTEGER NOT NULL DEFAULT 0,
            alerts INTEGER NOT NULL DEFAULT 0,
            readings INTEGER NOT NULL DEFAULT 0,
            readings_until REAL,
            last_at REAL,
            is_removing INTEGER NOT NULL DEFAULT 0
          ) STRICT;
INSERT INTO "pruned" VALUES(1,0,0,0,0,NULL,NULL,0);
CREATE TABLE pruned_tellings (
            patient TEXT NOT NULL REFERENCES patients(id), destination TEXT NOT NULL, PRIMARY KEY (patient, destination)
          ) STRICT, WITHOUT ROWID;
CREATE TABLE record_resources (
            destination TEXT NOT NULL,
            type TEXT NOT NULL,
            system TEXT NOT NULL,
            value TEXT NOT NULL,
            id TEXT NOT NULL,
            version TEXT,
            patient TEXT, -- whom it is of; NULL: of nobody
            noted_at REAL NOT NULL,
            PRIMARY KEY (destination, type, system, value)
          ) STRICT, WITHOUT ROWID;
INSERT INTO "record_resources" VALUES('record','Observation','urn:x','o-1','17','1','p-lan',1795305670.0);
CREATE TABLE settings (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "settings" VALUES('episode-salt','AABBCCDDEEFF00112233445566778899');
INSERT INTO "settings" VALUES('static-random-address','F1:02:03:04:05:06');
CREATE TABLE silences (
            id TEXT PRIMARY KEY NOT NULL,
            until REAL NOT NULL,
            uid INTEGER, -- of whoever asked, by the kernel
            content TEXT NOT NULL
          ) STRICT, WITHOUT ROWID;
CREATE TABLE uncertain_times (
            observation TEXT PRIMARY KEY NOT NULL REFERENCES observations(id),
            boot TEXT NOT NULL,
            uptime REAL NOT NULL,
            received_at REAL NOT NULL, -- as our clock said it
            compared REAL,
            known_until REAL,
            settled_at REAL
          ) STRICT, WITHOUT ROWID;
INSERT INTO "uncertain_times" VALUES('o-4','boot',40.0,1795305840.0,NULL,NULL,NULL);
CREATE TABLE undecodable_values (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device TEXT NOT NULL,
            format TEXT NOT NULL,
            bytes BLOB NOT NULL,
            profile TEXT NOT NULL,
            driver TEXT NOT NULL,
            reason TEXT NOT NULL,
            first_received_at REAL NOT NULL,
            last_received_at REAL NOT NULL,
            times INTEGER NOT NULL DEFAULT 1,
            UNIQUE (device, format, bytes)
          ) STRICT;
INSERT INTO "undecodable_values" VALUES(1,'ble:F0:F1:F2:F3:F4:F5','2A35',X'00','sig/blood-pressure','d','short',1795305600.0,1795305600.0,1);
CREATE UNIQUE INDEX consents_active ON consents (patient, destination, grantee) WHERE withdrawn_at IS NULL;
CREATE INDEX consents_destination ON consents (destination, patient) WHERE withdrawn_at IS NULL;
CREATE INDEX observations_untimed ON observations (untimed_identity, seq) WHERE untimed_identity IS NOT NULL;
CREATE INDEX observations_device_time ON observations (device, kind, device_time)
            WHERE device_time IS NOT NULL;
CREATE INDEX observations_time ON observations (effective_end);
CREATE INDEX observations_patient ON observations (patient, effective_end);
CREATE INDEX observations_device ON observations (device, effective_end);
CREATE INDEX alert_events_time ON alert_events (at);
CREATE INDEX alert_events_patient ON alert_events (patient, at);
CREATE TRIGGER alert_events_stay_as_they_are BEFORE UPDATE ON alert_events
            BEGIN SELECT RAISE(ABORT, 'alert events are append-only'); END;
CREATE INDEX observations_unassigned ON observations (device, effective_end) WHERE patient IS NULL;
CREATE INDEX ownership_events_observation ON ownership_events (observation, seq);
CREATE TRIGGER ownership_events_stay_as_they_are BEFORE UPDATE ON ownership_events
            BEGIN SELECT RAISE(ABORT, 'ownership events are append-only'); END;
CREATE INDEX outbox_observations ON outbox (destination, patient, id)
            WHERE state = 'waiting' AND observation IS NOT NULL;
CREATE INDEX outbox_held ON outbox (destination, patient, due_at)
            WHERE state = 'waiting' AND observation IS NOT NULL;
CREATE INDEX outbox_alerts ON outbox (destination, due_at, id) WHERE state = 'waiting' AND alert IS NOT NULL;
CREATE INDEX outbox_states ON outbox (destination, state, id);
CREATE INDEX outbox_observation ON outbox (observation) WHERE observation IS NOT NULL;
CREATE INDEX outbox_alert ON outbox (alert) WHERE alert IS NOT NULL;
CREATE INDEX outbox_disowned ON outbox (disowned_reading) WHERE disowned_reading IS NOT NULL;
CREATE INDEX outbox_corrections ON outbox (destination) WHERE needs_correction;
CREATE INDEX outbox_withdrawals ON outbox (destination, due_at, id)
            WHERE state = 'waiting' AND withdraws IS NOT NULL;
CREATE INDEX outbox_withdrawn ON outbox (withdraws) WHERE withdraws IS NOT NULL;
CREATE INDEX uncertain_times_open ON uncertain_times (boot) WHERE settled_at IS NULL;
CREATE INDEX outbox_alerts_made ON outbox (destination, created_at)
            WHERE alert IS NOT NULL AND withdraws IS NULL;
CREATE INDEX outbox_told_with ON outbox (told_with) WHERE told_with IS NOT NULL;
CREATE INDEX record_resources_patient ON record_resources (patient) WHERE patient IS NOT NULL;
CREATE INDEX accesses_time ON accesses (begun_at);
CREATE INDEX observations_averages ON observations (patient, effective_end) WHERE kind = 'home-average';
CREATE TRIGGER alert_events_stay BEFORE DELETE ON alert_events
            WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE is_removing)
              AND NOT EXISTS (SELECT 1 FROM pruned WHERE is_removing)
            BEGIN SELECT RAISE(ABORT, 'alert events are append-only'); END;
CREATE TRIGGER ownership_events_stay BEFORE DELETE ON ownership_events
            WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE is_removing)
              AND NOT EXISTS (SELECT 1 FROM pruned WHERE is_removing)
            BEGIN SELECT RAISE(ABORT, 'ownership events are append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('consents',3);
INSERT INTO "sqlite_sequence" VALUES('observations',4);
INSERT INTO "sqlite_sequence" VALUES('alert_events',1);
INSERT INTO "sqlite_sequence" VALUES('undecodable_values',1);
INSERT INTO "sqlite_sequence" VALUES('outbox',5);
INSERT INTO "sqlite_sequence" VALUES('ownership_events',1);
INSERT INTO "sqlite_sequence" VALUES('accesses',1);
