import Foundation
import GRDB
import Synchronization

/// The schema, as the steps that led to it. Append only: a step that has been released is never changed.
///
/// Instants are seconds since 1970 as REAL; `content` columns are JSON of the Swift type named beside them.
enum Migrations {
  /// Whose schema a database has, by the names of what was applied to it.
  enum Origin: Equatable {
    /// Ours, or an earlier version's.
    case known
    /// A later version's: all of ours, and these, sorted.
    case later([String])
    /// No version's: names stand there that are not ours where some of ours are missing, or one in the middle is missing.
    case damaged
  }

  static func origin(_ db: Database) throws -> Origin {
    let (applied, ours) = (try appliedNames(db), migrator.migrations)
    let unknown = applied.subtracting(ours)
    if !unknown.isEmpty { return applied.isSuperset(of: ours) ? .later(unknown.sorted()) : .damaged }
    return applied == Set(ours.prefix(applied.count)) ? .known : .damaged
  }

  /// The names of the steps that were applied to a database that may be damaged: what GRDB says of its tables ends the process
  /// where the list of them has a row without a kind.
  ///
  /// - Throws: ``StoreFailure/corrupt(detail:)`` where there is none, and what SQLite says.
  static func appliedNames(_ db: Database) throws -> Set<String> {
    let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'grdb_migrations'"
    guard try Row.fetchOne(db, sql: sql) != nil else { return [] }
    return try Set(
      Row.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations").map { row in
        guard let name = String.fromDatabaseValue(row[0]) else { throw StoreFailure.corrupt(detail: "grdb_migrations") }
        return name
      })
  }

  /// The first that `db` does not have; nil: it has them all, or none, being new.
  static func next(_ db: Database) throws -> String? {
    let applied = try migrator.appliedIdentifiers(db)
    return applied.isEmpty ? nil : migrator.migrations.first { !applied.contains($0) }
  }

  /// Whether the list of tables says what the steps that were applied make of it: a bit that is flipped in there has a table or
  /// an index called otherwise, or makes it take other values, and no check of SQLite's sees that.
  static func isAsMade(_ db: Database) throws -> Bool {
    let applied = try appliedNames(db)
    guard let last = migrator.migrations.last(where: applied.contains) else { return try objects(db).isEmpty }
    return try objects(db) == made(upTo: last)
  }

  private static let known = Mutex<[String: [String: String]]>([:])

  private static func made(upTo last: String) throws -> [String: String] {
    if let known = known.withLock({ $0[last] }) { return known }
    let queue = try DatabaseQueue()
    try migrator.migrate(queue, upTo: last)
    let made = try queue.read(objects)
    known.withLock { $0[last] = made }
    return made
  }

  /// The statement that made each table, index and trigger, without its comments, and without what SQLite may write otherwise
  /// where it changes a table.
  private static func objects(_ db: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT type || ' ' || name || ' of ' || tbl_name, sql FROM sqlite_master
        WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> 'grdb_migrations'
        """)
    return Dictionary(
      rows.map { row in
        let lines = (String.fromDatabaseValue(row[1]) ?? "").split(separator: "\n").map { line in
          line.range(of: "--").map { line[..<$0.lowerBound] } ?? line
        }
        let words = lines.joined().filter { !$0.isWhitespace && $0 != "\"" }
        return (String.fromDatabaseValue(row[0]) ?? "", words)
      }, uniquingKeysWith: { $0 + $1 })
  }

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1-first-reading") { db in
      try db.execute(
        sql: """
          CREATE TABLE settings (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

          CREATE TABLE patients (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL UNIQUE,
            added_at REAL NOT NULL
          ) STRICT, WITHOUT ROWID;

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
          ) STRICT, WITHOUT ROWID;

          -- slot -1 stands for every user number that has no row, and for none.
          CREATE TABLE device_users (
            device TEXT NOT NULL REFERENCES devices(id),
            slot INTEGER NOT NULL,
            patient TEXT NOT NULL REFERENCES patients(id),
            PRIMARY KEY (device, slot)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE long_term_keys (
            address TEXT NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (address, kind)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE identity_resolving_keys (
            address TEXT NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (address, kind)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE consents (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            patient TEXT NOT NULL REFERENCES patients(id),
            destination TEXT NOT NULL,
            grantee TEXT NOT NULL,
            relationship TEXT NOT NULL,
            granted_at REAL NOT NULL,
            withdrawn_at REAL
          ) STRICT;
          CREATE UNIQUE INDEX consents_active ON consents (patient, destination, grantee) WHERE withdrawn_at IS NULL;
          CREATE INDEX consents_destination ON consents (destination, patient) WHERE withdrawn_at IS NULL;

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
          ) STRICT;
          CREATE INDEX observations_untimed ON observations (untimed_identity, seq) WHERE untimed_identity IS NOT NULL;
          CREATE INDEX observations_device_time ON observations (device, kind, device_time)
            WHERE device_time IS NOT NULL;
          CREATE INDEX observations_time ON observations (effective_end);
          CREATE INDEX observations_patient ON observations (patient, effective_end);
          CREATE INDEX observations_device ON observations (device, effective_end);

          CREATE TABLE alert_states (
            rule TEXT NOT NULL,
            subject TEXT NOT NULL,
            simulated INTEGER NOT NULL,
            content TEXT NOT NULL, -- AlertState
            PRIMARY KEY (rule, subject, simulated)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE alert_events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            episode TEXT NOT NULL,
            phase TEXT NOT NULL,
            patient TEXT,
            at REAL NOT NULL,
            content TEXT NOT NULL, -- AlertTransition
            UNIQUE (episode, phase)
          ) STRICT;
          CREATE INDEX alert_events_time ON alert_events (at);
          CREATE INDEX alert_events_patient ON alert_events (patient, at);
          CREATE TRIGGER alert_events_stay_as_they_are BEFORE UPDATE ON alert_events
            BEGIN SELECT RAISE(ABORT, 'alert events are append-only'); END;
          CREATE TRIGGER alert_events_stay BEFORE DELETE ON alert_events
            BEGIN SELECT RAISE(ABORT, 'alert events are append-only'); END;

          CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            destination TEXT NOT NULL,
            patient TEXT NOT NULL REFERENCES patients(id),
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
            UNIQUE (destination, idempotency_key),
            CHECK ((observation IS NULL) <> (alert IS NULL))
          ) STRICT;
          CREATE INDEX outbox_observations ON outbox (destination, patient, id)
            WHERE state = 'waiting' AND observation IS NOT NULL;
          CREATE INDEX outbox_held ON outbox (destination, patient, due_at)
            WHERE state = 'waiting' AND observation IS NOT NULL;
          CREATE INDEX outbox_alerts ON outbox (destination, due_at, id) WHERE state = 'waiting' AND alert IS NOT NULL;
          CREATE INDEX outbox_states ON outbox (destination, state, id);
          """)
    }
    migrator.registerMigration("2-corrections") { db in
      try db.execute(
        sql: """
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
          CREATE INDEX outbox_observation ON outbox (observation) WHERE observation IS NOT NULL;
          """)
    }
    migrator.registerMigration("3-whose-reading") { db in
      try db.execute(
        sql: """
          -- shared: nobody's reading is known by default. numbered: some number of it was once said to be somebody's,
          -- so no other is taken for the default person's.
          ALTER TABLE devices ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE devices ADD COLUMN numbered INTEGER NOT NULL DEFAULT 0;
          -- bound: taken for the default person's with the first numbered reading; nobody said so.
          ALTER TABLE device_users ADD COLUMN bound INTEGER NOT NULL DEFAULT 0;

          CREATE INDEX observations_unassigned ON observations (device, effective_end) WHERE patient IS NULL;

          CREATE TABLE ownership_events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            observation TEXT NOT NULL REFERENCES observations(id),
            action TEXT NOT NULL CHECK (action IN ('claimed', 'disowned')),
            patient TEXT NOT NULL REFERENCES patients(id), -- whose it became, or was
            uid INTEGER, -- of whoever asked, by the kernel
            at REAL NOT NULL
          ) STRICT;
          CREATE INDEX ownership_events_observation ON ownership_events (observation, seq);
          CREATE TRIGGER ownership_events_stay_as_they_are BEFORE UPDATE ON ownership_events
            BEGIN SELECT RAISE(ABORT, 'ownership events are append-only'); END;
          CREATE TRIGGER ownership_events_stay BEFORE DELETE ON ownership_events
            BEGIN SELECT RAISE(ABORT, 'ownership events are append-only'); END;

          -- As before, but an alert may be of nobody known, and a row can need a correction.
          CREATE TABLE outbox_whose (
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
            needs_correction INTEGER NOT NULL DEFAULT 0,
            UNIQUE (destination, idempotency_key),
            CHECK ((observation IS NULL) <> (alert IS NULL)),
            CHECK (observation IS NULL OR patient IS NOT NULL)
          ) STRICT;
          INSERT INTO outbox_whose (
            id, destination, patient, observation, alert, idempotency_key, state, attempts, created_at,
            first_attempt_at, due_at, finished_at, reason)
          SELECT id, destination, patient, observation, alert, idempotency_key, state, attempts, created_at,
            first_attempt_at, due_at, finished_at, reason FROM outbox;
          DROP TABLE outbox;
          ALTER TABLE outbox_whose RENAME TO outbox;
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

          -- What the new rule would have done: the first number a device with one person ever gave is that person's.
          INSERT INTO device_users (device, slot, patient, bound)
          SELECT users.device, json_extract(first.content, '$.userSlot'), users.patient, 1
          FROM device_users AS users
          JOIN observations AS first ON first.seq = (
            SELECT MIN(seq) FROM observations
            WHERE device = users.device AND json_extract(content, '$.userSlot') BETWEEN 0 AND 254)
          WHERE users.slot = -1
            AND NOT EXISTS (SELECT 1 FROM device_users AS other WHERE other.device = users.device AND other.slot >= 0);
          UPDATE devices SET numbered = 1 WHERE id IN (SELECT device FROM device_users WHERE slot >= 0);
          """)
    }
    migrator.registerMigration("4-withdrawals") { db in
      try db.execute(
        sql: """
          -- withdraws: the row that this one takes back. restates: the destination was told otherwise meanwhile, so what
          -- it has is overwritten. names_patient: the reading was somebody else's before, and the record's own
          -- identifier for it names the person too.
          ALTER TABLE outbox ADD COLUMN withdraws INTEGER REFERENCES outbox(id);
          ALTER TABLE outbox ADD COLUMN restates INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE outbox ADD COLUMN names_patient INTEGER NOT NULL DEFAULT 0;
          CREATE INDEX outbox_withdrawals ON outbox (destination, due_at, id)
            WHERE state = 'waiting' AND withdraws IS NOT NULL;
          CREATE INDEX outbox_withdrawn ON outbox (withdraws) WHERE withdraws IS NOT NULL;

          -- What was only noted so far is told.
          INSERT INTO outbox (destination, patient, observation, alert, idempotency_key, created_at, withdraws)
          SELECT told.destination, told.patient, told.observation, told.alert, 'withdrawn-' || told.idempotency_key,
            COALESCE(told.finished_at, told.created_at), told.id
          FROM outbox AS told LEFT JOIN alert_events AS event ON event.seq = told.alert
          WHERE told.needs_correction AND (
            told.observation IS NOT NULL OR event.phase = 'firing' OR NOT EXISTS (
              SELECT 1 FROM outbox AS opening JOIN alert_events ON alert_events.seq = opening.alert
              WHERE opening.disowned_reading = told.disowned_reading AND opening.destination = told.destination
                AND opening.needs_correction AND alert_events.phase = 'firing'
                AND alert_events.episode = event.episode))
          ORDER BY told.id;
          """)
    }
    migrator.registerMigration("5-box-clock") { db in
      try db.execute(
        sql: """
          -- Readings that arrived while the box's own clock was not known to be right: UncertainTime. The row stays when
          -- their times have been worked out, since it is what the clock said then.
          CREATE TABLE uncertain_times (
            observation TEXT PRIMARY KEY NOT NULL REFERENCES observations(id),
            boot TEXT NOT NULL,
            uptime REAL NOT NULL,
            received_at REAL NOT NULL, -- as our clock said it
            compared REAL,
            known_until REAL,
            settled_at REAL
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX uncertain_times_open ON uncertain_times (boot) WHERE settled_at IS NULL;
          """)
    }
    migrator.registerMigration("6-episodes") { db in
      try db.execute(
        sql: """
          -- The telling of each alert that fires, until it ends: AlertEpisode. What fired before this step has no row;
          -- everybody was told of it, and everybody is told of its end.
          CREATE TABLE alert_episodes (episode TEXT PRIMARY KEY NOT NULL, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
          -- Silence. Those that have ended stay: they are the answer to why nobody was told.
          CREATE TABLE silences (
            id TEXT PRIMARY KEY NOT NULL,
            until REAL NOT NULL,
            uid INTEGER, -- of whoever asked, by the kernel
            content TEXT NOT NULL
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("7-outside-answers") { db in
      try db.execute(
        sql: """
          -- Answers from outside that were taken: each counts once. They stay, since a clock that is set back must not
          -- make one new again.
          CREATE TABLE outside_answers (
            answer TEXT PRIMARY KEY NOT NULL, -- OutsideAnswer.name
            episode TEXT NOT NULL,
            contact TEXT NOT NULL,
            way TEXT NOT NULL,
            at REAL NOT NULL
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("8-one-message") { db in
      try db.execute(
        sql: """
          -- told_with: the changes of one number are one message. wait: why it was not told at once (AlertWait); it stays.
          -- on_the_way: it left, or may have, and nothing is known of what became of it.
          ALTER TABLE outbox ADD COLUMN told_with INTEGER;
          ALTER TABLE outbox ADD COLUMN wait TEXT CHECK (wait IN ('quiet', 'flood'));
          ALTER TABLE outbox ADD COLUMN on_the_way INTEGER NOT NULL DEFAULT 0;
          CREATE INDEX outbox_alerts_made ON outbox (destination, created_at)
            WHERE alert IS NOT NULL AND withdraws IS NULL;
          CREATE INDEX outbox_told_with ON outbox (told_with) WHERE told_with IS NOT NULL;
          -- Nothing else made an alert wait that was never tried.
          UPDATE outbox SET wait = 'quiet'
          WHERE state = 'waiting' AND alert IS NOT NULL AND withdraws IS NULL AND attempts = 0 AND due_at > 0;
          """)
    }
    migrator.registerMigration("9-record-resources") { db in
      try db.execute(
        sql: """
          -- What a destination's server is known to have, and the id and version that it gave it: RecordResource. Parties
          -- are then referred to and not sent again; a correction names the version that it corrects.
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
          CREATE INDEX record_resources_patient ON record_resources (patient) WHERE patient IS NOT NULL;

          -- What the server said when it refused a delivery, whole. It may hold what the delivery held.
          CREATE TABLE delivery_answers (
            delivery INTEGER PRIMARY KEY NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
            content TEXT NOT NULL,
            at REAL NOT NULL
          ) STRICT;
          """)
    }
    migrator.registerMigration("10-consent-codes") { db in
      try db.execute(
        sql: """
          -- StoredKey, by KeyTable.consent: the kind is the device's number of the user.
          CREATE TABLE consent_codes (
            address TEXT NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (address, kind)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("11-erasures-and-accesses") { db in
      try db.execute(
        sql: """
          -- Who was erased: what is left of a person. is_removing: in this transaction, and what else may never be deleted
          -- may be then. cleaned_at: when the file was written anew; NULL: it waits for that.
          CREATE TABLE erasures (
            patient TEXT PRIMARY KEY NOT NULL,
            at REAL NOT NULL,
            uid INTEGER, -- of whoever asked, by the kernel
            readings INTEGER NOT NULL,
            destinations TEXT NOT NULL, -- [DestinationID]
            is_removing INTEGER NOT NULL DEFAULT 0,
            cleaned_at REAL
          ) STRICT, WITHOUT ROWID;
          -- Keyed hashes of the identities of readings that were erased: ErasedReadings.
          CREATE TABLE erased_readings (
            digest BLOB PRIMARY KEY NOT NULL, is_untimed INTEGER NOT NULL
          ) STRICT, WITHOUT ROWID;
          DROP TRIGGER alert_events_stay;
          CREATE TRIGGER alert_events_stay BEFORE DELETE ON alert_events
            WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE is_removing)
            BEGIN SELECT RAISE(ABORT, 'alert events are append-only'); END;
          DROP TRIGGER ownership_events_stay;
          CREATE TRIGGER ownership_events_stay BEFORE DELETE ON ownership_events
            WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE is_removing)
            BEGIN SELECT RAISE(ABORT, 'ownership events are append-only'); END;

          -- Who read, exported and erased what: Access.
          CREATE TABLE accesses (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            action TEXT NOT NULL,
            way TEXT NOT NULL,
            uid INTEGER,
            patient TEXT,
            begun_at REAL NOT NULL,
            until REAL NOT NULL,
            count INTEGER NOT NULL
          ) STRICT;
          CREATE INDEX accesses_time ON accesses (begun_at);
          """)
    }
    migrator.registerMigration("12-groups") { db in
      try db.execute(
        sql: """
          -- PatientGroup: whose limits hold for them.
          ALTER TABLE patients ADD COLUMN limits TEXT NOT NULL DEFAULT 'adult'
            CHECK (limits IN ('adult', 'child', 'pregnancy'));
          """)
    }
    migrator.registerMigration("14-changes-and-refusals") { db in
      try db.execute(
        sql: """
          -- Who changed what, and who was refused: Access. subject: a device, a silence, a destination.
          ALTER TABLE accesses ADD COLUMN subject TEXT;
          ALTER TABLE accesses ADD COLUMN refused INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1));
          """)
    }
    migrator.registerMigration("15-averages") { db in
      try db.execute(
        sql: """
          -- Of a home average: a reading that it rests on was taken back from its person. It stays, for what was told of it
          -- is taken back too.
          ALTER TABLE observations ADD COLUMN withdrawn_at REAL;
          CREATE INDEX observations_averages ON observations (patient, effective_end) WHERE kind = 'home-average';
          """)
    }
    migrator.registerMigration("16-identifiers") { db in
      try db.execute(
        sql: """
          -- StoredIdentifier: national numbers of people, as somebody typed them.
          CREATE TABLE patient_identifiers (
            patient TEXT NOT NULL REFERENCES patients(id),
            kind TEXT NOT NULL,
            value TEXT NOT NULL,
            set_at REAL NOT NULL,
            PRIMARY KEY (patient, kind)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("17-disk-budget") { db in
      try db.execute(
        sql: """
          -- One row: what was taken away so that the store keeps its budget. PrunedTotals. is_removing: in this
          -- transaction, and what else may never be deleted may be then.
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
          INSERT INTO pruned (id) VALUES (1);
          -- Destinations that have copies of what was taken away here, for an erasure to name.
          CREATE TABLE pruned_tellings (
            patient TEXT NOT NULL REFERENCES patients(id), destination TEXT NOT NULL, PRIMARY KEY (patient, destination)
          ) STRICT, WITHOUT ROWID;
          DROP TRIGGER alert_events_stay;
          CREATE TRIGGER alert_events_stay BEFORE DELETE ON alert_events
            WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE is_removing)
              AND NOT EXISTS (SELECT 1 FROM pruned WHERE is_removing)
            BEGIN SELECT RAISE(ABORT, 'alert events are append-only'); END;
          DROP TRIGGER ownership_events_stay;
          CREATE TRIGGER ownership_events_stay BEFORE DELETE ON ownership_events
            WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE is_removing)
              AND NOT EXISTS (SELECT 1 FROM pruned WHERE is_removing)
            BEGIN SELECT RAISE(ABORT, 'ownership events are append-only'); END;
          """)
    }
    migrator.registerMigration("18-refusals") { db in
      try db.execute(
        sql: """
          -- What was said of this one message, apart from attempts that failed with the destination.
          ALTER TABLE outbox ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE outbox ADD COLUMN first_refused_at REAL;
          """)
    }
    return migrator
  }
}
