import AlertRules
import Foundation
import GRDB
import Observations

/// Brings what can be read of a damaged database into one that was restored from a copy, or is new.
///
/// The damaged one is newer than every copy of it: where both have a row, its row holds. A table of it that is whole is taken
/// as it is, so that what was ended or removed since the copy stays so; of one that is not, the rows that can be read are
/// laid over those of the copy. Readings, alerts and people are always laid over: only an erasure takes them away, and it takes
/// the copies with it.
struct Salvage {
  let files: StoreFiles
  let target: DatabaseQueue
  let copy: VerifiedCopy?

  private static let neverTaken: Set<String> = ["grdb_migrations", "sqlite_sequence"]
  private static let laidOver: Set<String> = ["observations", "alert_events", "patients"]
  /// By how much row numbers are moved on where some may have been given that nobody can read: none is given twice.
  private static let numbersLeftOut: Int64 = 100_000

  /// - Returns: what was found; its time, reason and name are the caller's to say.
  func run() throws -> DatabaseRepair {
    // Where the list of tables cannot be read, or is another one, its pages are replaced in a scratch file: they are what leads to
    // all others.
    let patched = files.damaged + "/patched.sqlite"
    defer { for suffix in StoreFiles.suffixes { StoreFiles.remove(patched + suffix) } }
    let own = open(files.database)
    var other: DatabaseQueue?
    if let copy, own == nil || !isAsMade(own) {
      do {
        if try patch(copy, to: patched) { other = open(patched) }
      } catch {
        // What can be read as it lies there is better than nothing.
        if own == nil { throw error }
      }
    }
    defer {
      try? own?.close()
      try? other?.close()
    }
    guard let source = isAsMade(other) ? other : own ?? other else {
      try Migrations.migrator.migrate(target)
      try target.write { db in
        try withoutTriggers(db) {
          let older = OlderCopies(files, than: copy)
          for table in try tables(of: db) { _ = try UnsoundRows(db, table, older).remove(except: []) }
          try mend(db)
        }
      }
      return try report(incomplete: ["everything"], lost: nil, before: try count())
    }
    // Where nobody can tell which schema it has, it is taken for the newest: no table of it is left out.
    let applied = (try? source.unsafeRead(Migrations.appliedNames)) ?? []
    let known = Migrations.migrator.migrations
    let reached = try target.read { db in try Migrations.migrator.appliedIdentifiers(db) }
    if let last = known.last(where: applied.contains), !reached.contains(last) {
      try Migrations.migrator.migrate(target, upTo: last)
    } else if reached.isEmpty || applied.isEmpty {
      try Migrations.migrator.migrate(target)
    }
    let before = try count()
    let (incomplete, lost, removed) = try source.unsafeRead { source in
      try target.write { target in try withoutTriggers(target) { try merge(source, target) } }
    }
    // What is taken out is taken out of every table that there is today.
    try Migrations.migrator.migrate(target)
    try target.write { db in
      try withoutTriggers(db) {
        try removeErased(db)
        try removePruned(db)
        try mend(db)
      }
    }
    return try report(incomplete: incomplete, lost: lost, before: before - removed)
  }

  private func count() throws -> Int {
    try target.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM observations") ?? 0 }
  }

  private func report(incomplete: [String], lost: Int?, before: Int) throws -> DatabaseRepair {
    DatabaseRepair(
      at: .distantPast, reason: "", copyMadeAt: copy?.madeAt, restored: before, salvaged: max(0, try count() - before),
      missing: lost, incomplete: incomplete, setAside: "")
  }

  // MARK: The damaged file

  private func isAsMade(_ queue: DatabaseQueue?) -> Bool {
    (try? queue?.unsafeRead(Migrations.isAsMade)) == true
  }

  /// Nil: not even the list of its tables can be read.
  private func open(_ path: String) -> DatabaseQueue? {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(25)
    configuration.prepareDatabase { db in
      // A file that is shorter than it says, and a list of tables with a line that is wrong, are read all the same; cells
      // that reach out of their page are not.
      try db.execute(sql: "PRAGMA writable_schema = ON")
      try db.execute(sql: "PRAGMA cell_size_check = ON")
    }
    guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return nil }
    // Not all of the list: the end of it may be gone.
    let first = try? queue.unsafeRead { db in try Int.fetchOne(db, sql: "SELECT 1 FROM sqlite_master LIMIT 1") }
    guard first == 1 else {
      try? queue.close()
      return nil
    }
    return queue
  }

  /// The damaged files, with the pages of the copy's list of tables, the first page among them: pages are copied where they
  /// were, so they lead to the same places as long as the file was not written anew since, and copies are made anew when it was.
  private func patch(_ copy: VerifiedCopy, to path: String) throws -> Bool {
    guard let size = StoreFiles.size(files.database), size > Self.pageSize, let pages = listPages(of: copy.path) else {
      return false
    }
    try StoreFiles.duplicate(files.database, to: path)
    if StoreFiles.size(files.database + "-wal") ?? 0 > 0 {
      try StoreFiles.duplicate(files.database + "-wal", to: path + "-wal")
    }
    guard let file = FileHandle(forWritingAtPath: path) else { return false }
    defer { try? file.close() }
    for (number, page) in pages where number * Self.pageSize <= size {
      try file.seek(toOffset: UInt64((number - 1) * Self.pageSize))
      try file.write(contentsOf: page)
    }
    return true
  }

  private static let pageSize: Int64 = 4096

  /// The pages of the tree that the list of tables is, by their numbers from 1 (SQLite's file format, 1.6).
  private func listPages(of path: String) -> [Int64: [UInt8]]? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    var pages: [Int64: [UInt8]] = [:]
    var left: [Int64] = [1]
    while let number = left.popLast() {
      guard number > 0, pages[number] == nil, (try? file.seek(toOffset: UInt64((number - 1) * Self.pageSize))) != nil,
        let data = try? file.read(upToCount: Int(Self.pageSize)), data.count == Self.pageSize
      else { return nil }
      let page = [UInt8](data)
      func big(_ place: Int, _ count: Int) -> Int64? {
        guard place + count <= page.count else { return nil }
        return page[place..<place + count].reduce(0) { $0 << 8 | Int64($1) }
      }
      pages[number] = page
      // Behind the header of the file, of the first page.
      let start = number == 1 ? 100 : 0
      guard page[start] == 0x05 else { continue }
      let (cells, right) = (big(start + 3, 2) ?? 0, big(start + 8, 4))
      let children = (0..<Int(cells)).map { big(start + 12 + 2 * $0, 2).flatMap { big(Int($0), 4) } }
      for child in children + [right] {
        guard let child else { return nil }
        left.append(child)
      }
    }
    // The database header: page size at 16 (big-endian); 1 for 65536.
    guard var first = pages[1], first[16] == 0x10, first[17] == 0 else { return nil }
    // In WAL mode, as the file was (18, 19); and where "version valid for" (92) is not the change counter (24), the size is
    // taken from the file.
    (first[18], first[19]) = (2, 2)
    first[92] = ~first[24]
    pages[1] = first
    return pages
  }

  // MARK: Taking over

  /// History refuses to be changed.
  private func withoutTriggers<Value>(_ db: Database, _ body: () throws -> Value) throws -> Value {
    let triggers = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    for trigger in triggers { try db.execute(sql: "DROP TRIGGER \"\(trigger["name"] as String)\"") }
    let value = try body()
    for trigger in triggers { try db.execute(sql: trigger["sql"]) }
    return value
  }

  private func tables(of db: Database) throws -> [String] {
    try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).filter { !Self.neverTaken.contains($0) }
  }

  private func merge(
    _ source: Database, _ target: Database
  ) throws -> (incomplete: [String], lost: Int?, removed: Int) {
    let given = try? Dictionary(
      Row.fetchAll(source, sql: "SELECT name, seq FROM sqlite_sequence").compactMap { row in
        String.fromDatabaseValue(row[0]).flatMap { name in Int64.fromDatabaseValue(row[1]).map { (name, $0) } }
      }, uniquingKeysWith: max)

    let ended = try Row.fetchAll(
      target, sql: "SELECT id, withdrawn_at FROM consents WHERE abs(withdrawn_at) <= \(StoredSeconds.most)")
    var incomplete: [String] = []
    var lost: Int? = 0
    var removed = 0
    let older = OlderCopies(files, than: copy)
    for table in try tables(of: target) {
      let taken = try TableMerge(source, target, table, given: given?[table]).run(
        mayReplace: !Self.laidOver.contains(table))
      if !taken.isWhole { incomplete.append(table) }
      let unsound = try UnsoundRows(target, table, older).remove(except: taken.numbers)
      if table == "observations" { removed = unsound }
      guard table == "observations", !taken.isWhole else { continue }
      let top = given?[table]
      lost = try taken.isUnreadable ? nil : top.map { try missing(taken.lost, taken.refused, upTo: $0, target) }
    }
    // What the copy knows to have ended has ended, though the log that says so in the damaged one is gone.
    for one in ended {
      try target.execute(
        sql: "UPDATE consents SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL",
        arguments: [one["withdrawn_at"] as Double, one["id"] as Int64])
    }
    try mend(target)
    if !incomplete.isEmpty {
      for (name, number) in given ?? [:] {
        try target.execute(
          sql: "UPDATE sqlite_sequence SET seq = MAX(seq, ?) WHERE name = ?", arguments: [number, name])
      }
      try target.execute(sql: "UPDATE sqlite_sequence SET seq = seq + ?", arguments: [Self.numbersLeftOut])
    }
    return (incomplete, lost, removed)
  }

  /// How many readings stood in what could not be read, and are in no copy: as many as the gaps have room for, and no fewer
  /// than there were numbers given that no reading has and that nobody took away. A wrong number in an inner page leads past
  /// rows without a word, so the gaps alone may be too few.
  ///
  /// - Parameter top: the last number that was given.
  private func missing(
    _ lost: [ClosedRange<Int64>], _ refused: Set<Int64>, upTo top: Int64, _ target: Database
  ) throws -> Int {
    var missing = 0
    for range in lost + refused.map({ $0...$0 }) {
      let held =
        try Int.fetchOne(
          target, sql: "SELECT COUNT(*) FROM observations WHERE seq BETWEEN ? AND ?",
          arguments: [range.lowerBound, range.upperBound]) ?? 0
      missing += max(0, range.count - held)
    }
    let held = try Int.fetchOne(target, sql: "SELECT COUNT(*) FROM observations") ?? 0
    var taken = 0
    for (table, column) in [("erasures", "readings"), ("pruned", "readings")] where try target.tableExists(table) {
      taken += try Int.fetchOne(target, sql: "SELECT SUM(\(column)) FROM \(table)") ?? 0
    }
    // A last number that is itself damaged must not make a million of it.
    let highest = try Int64.fetchOne(target, sql: "SELECT MAX(seq) FROM observations") ?? 0
    return max(missing, Int(min(max(top, 0), highest + 5000)) - held - taken)
  }

  /// Takes out whoever the damaged file says was erased and stands in the copy: in any table of it, since what is laid over
  /// the copy's rows keeps those that are the erased one's, though the list of people has them no longer.
  private func removeErased(_ db: Database) throws {
    let standing = try String.fetchSet(
      db,
      sql: """
        SELECT id FROM patients
        UNION SELECT patient FROM observations WHERE patient IS NOT NULL
        UNION SELECT patient FROM alert_events WHERE patient IS NOT NULL
        UNION SELECT patient FROM outbox WHERE patient IS NOT NULL
        UNION SELECT patient FROM record_resources WHERE patient IS NOT NULL
        UNION SELECT patient FROM device_users
        UNION SELECT patient FROM consents
        UNION SELECT patient FROM ownership_events
        UNION SELECT patient FROM patient_identifiers
        UNION SELECT patient FROM pruned_tellings
        UNION SELECT value FROM record_resources WHERE type = 'Patient'
        """)
    for row in try Row.fetchAll(db, sql: "SELECT patient, at, uid, readings, destinations FROM erasures") {
      let patient = PatientID(rawValue: row["patient"])
      let states = (try? Array(AlertRecords(db).states().values)) ?? []
      guard standing.contains(patient.rawValue) || states.contains(where: { $0.key.subject.patient == patient })
      else { continue }
      try db.execute(sql: "DELETE FROM erasures WHERE patient = ?", arguments: [patient.rawValue])
      let eraser = Eraser(db, patient)
      _ = try eraser.erase(
        by: (row["uid"] as Int64?).map { UInt32(truncatingIfNeeded: $0) }, states: try eraser.states(of: states),
        now: Date(timeIntervalSince1970: row["at"]))
      // What was true when they were erased; of the copy's outbox nothing may be left that says who was told.
      try db.execute(
        sql: "UPDATE erasures SET readings = ?, destinations = ? WHERE patient = ?",
        arguments: [row["readings"] as Int64, row["destinations"] as String, patient.rawValue])
    }
  }

  /// Takes out what stood in the copy only, since it was taken away later (``Pruner``): nothing says any more that a record
  /// has it, so it could never be taken away again. One without a time of its own is never taken away.
  private func removePruned(_ db: Database) throws {
    let erased = ErasedReadings(db)
    var taken: [(number: Int64, id: String)] = []
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT seq, id, identity FROM observations
        WHERE untimed_identity IS NULL
          AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.observation = observations.id)
          AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.disowned_reading = observations.id)
        """)
    while let row = try rows.next() {
      // Where the key of the hashes cannot be read, nobody can tell.
      let isTaken = (try? erased.holds(ReadingIdentity(rawValue: row["identity"]))) ?? false
      if isTaken { taken.append((number: row["seq"] as Int64, id: row["id"] as String)) }
    }
    for (number, id) in taken {
      try db.execute(sql: "DELETE FROM uncertain_times WHERE observation = ?", arguments: [id])
      try db.execute(sql: "DELETE FROM ownership_events WHERE observation = ?", arguments: [id])
      try db.execute(sql: "DELETE FROM observations WHERE seq = ?", arguments: [number])
    }
  }

  /// What refers to a row that is not there: a person is put in by their pseudonym, so that their readings stay theirs; any
  /// other such row goes.
  private func mend(_ db: Database) throws {
    // The one row that there is always.
    if try db.tableExists("pruned") { try db.execute(sql: "INSERT INTO pruned (id) VALUES (1) ON CONFLICT DO NOTHING") }
    try db.execute(
      sql: """
        INSERT INTO patients (id, name, folded_name, added_at)
        SELECT DISTINCT patient, patient, patient, 0 FROM observations
        WHERE patient IS NOT NULL AND patient NOT IN (SELECT id FROM patients)
        """)
    // Taking one away may leave another with nothing to refer to.
    for _ in 0..<20 {
      let broken = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
        (table: row[0] as String, parent: row[2] as String, key: row[3] as Int)
      }
      guard !broken.isEmpty else { return }
      var done: Set<String> = []
      for one in broken where done.insert("\(one.table) \(one.key)").inserted {
        guard
          let key = try Row.fetchAll(db, sql: "PRAGMA foreign_key_list(\"\(one.table)\")")
            .first(where: { $0["id"] as Int == one.key })
        else { continue }
        let (from, to) = (key["from"] as String, key["to"] as String)
        try db.execute(
          sql: """
            DELETE FROM "\(one.table)" WHERE "\(from)" IS NOT NULL
              AND "\(from)" NOT IN (SELECT "\(to)" FROM "\(one.parent)")
            """)
      }
    }
  }
}

/// One table of the damaged database into the new one.
struct TableMerge {
  struct Outcome {
    var isWhole = false
    /// Nothing at all could be read, not even that there is such a table.
    var isUnreadable = false
    var lost: [ClosedRange<Int64>] = []
    /// Row numbers of rows that were read and say nothing that can be kept.
    var refused: Set<Int64> = []
    /// Row numbers of rows that were taken.
    var numbers: Set<Int64> = []
  }

  private let source: Database
  private let target: Database
  private let table: String
  private let given: Int64?
  private let columns: [String]
  private let key: [String]
  private let hasRowNumbers: Bool

  /// - Parameter given: the last row number that was given; nil: not known.
  init(_ source: Database, _ target: Database, _ table: String, given: Int64?) throws {
    self.source = source
    self.target = target
    self.table = table
    self.given = given
    let there = (try? Row.fetchAll(source, sql: "PRAGMA table_info(\"\(table)\")")) ?? []
    let names = Set(there.compactMap { String.fromDatabaseValue($0["name"]) })
    let here = try target.columns(in: table)
    columns = here.map(\.name).filter(names.contains)
    key = here.filter { $0.primaryKeyIndex > 0 }.sorted { $0.primaryKeyIndex < $1.primaryKeyIndex }.map(\.name)
    hasRowNumbers = try Self.hasRowNumbers(target, table)
  }

  static func hasRowNumbers(_ db: Database, _ table: String) throws -> Bool {
    let sql = try String.fetchOne(
      db, sql: "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", arguments: [table])
    return sql?.contains("WITHOUT ROWID") != true
  }

  /// - Parameter mayReplace: rows that the damaged table has not are taken away when it is whole.
  func run(mayReplace: Bool) throws -> Outcome {
    guard !columns.isEmpty, key.allSatisfy(columns.contains) else {
      let held = try Int.fetchOne(target, sql: "SELECT COUNT(*) FROM \"\(table)\"") ?? 0
      return Outcome(isWhole: held == 0 && table != "observations", isUnreadable: true)
    }
    let found = try? String.fetchOne(source, sql: "PRAGMA quick_check(\"\(table)\")")
    var outcome = Outcome()
    if found == "ok" {
      try target.inSavepoint {
        if mayReplace { try target.execute(sql: "DELETE FROM \"\(table)\"") }
        outcome = try take(leadsPast: false)
        return outcome.isWhole || !mayReplace ? .commit : .rollback
      }
      if outcome.isWhole || !mayReplace { return outcome }
    }
    outcome = try take(leadsPast: found != "ok")
    if found != "ok" { outcome.isWhole = false }
    return outcome
  }

  private func take(leadsPast: Bool) throws -> Outcome {
    let names = columns.map { "\"\($0)\"" }
    let rest = columns.filter { !key.contains($0) }
    var clause =
      rest.isEmpty
      ? "NOTHING" : "UPDATE SET " + rest.map { "\"\($0)\" = excluded.\"\($0)\"" }.joined(separator: ", ")
    // The number of a reading is never given to another one: a row that says so stands in the wrong place.
    if table == "observations" { clause += " WHERE observations.id = excluded.id" }
    let statement = try target.makeStatement(
      sql: """
        INSERT INTO "\(table)" (\(names.joined(separator: ", ")))
        VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (\(key.map { "\"\($0)\"" }.joined(separator: ", "))) DO \(clause)
        """)
    let held =
      hasRowNumbers ? try Int64.fetchOne(target, sql: "SELECT MAX(rowid) FROM \"\(table)\"") ?? 0 : 0
    var reader = TableSalvage(
      source, table, columns: columns, key: hasRowNumbers ? nil : key, highest: given ?? held + 5000,
      ceiling: given ?? held + 10_000_000, leadsPast: leadsPast)
    var refused: Set<Int64> = []
    do {
      try reader.read { row in
        let number = Int64.fromDatabaseValue(row["salvaged_row"] ?? .null)
        func refuse() -> Bool {
          if let number { refused.insert(number) }
          return false
        }
        guard let corrections = SoundRow.corrections(row, of: table), try !isContentWrong(row, corrections) else {
          return refuse
        }
        let agreed = try byIndex(corrections, row, number)
        let arguments = StatementArguments(columns.map { agreed[$0] ?? row[$0] as DatabaseValue })
        return {
          do {
            try statement.execute(arguments: arguments)
            return hasRowNumbers && target.changesCount == 0 ? refuse() : true
          } catch let error as DatabaseError where Self.refuses(error) {
            return refuse()
          }
        }
      }
    } catch let failure as TableSalvage.TakerFailure {
      throw failure.error
    }
    return Outcome(
      isWhole: reader.isWhole, lost: reader.lost, refused: refused, numbers: reader.met.subtracting(refused))
  }

  /// Whether the copy says in one of these columns what the row itself does: then its content is what is damaged.
  private func isContentWrong(_ row: Row, _ corrections: [String: DatabaseValue]) throws -> Bool {
    guard !corrections.isEmpty else { return false }
    let condition = key.map { "\"\($0)\" = ?" }.joined(separator: " AND ")
    let held = try Row.fetchOne(
      target, sql: "SELECT * FROM \"\(table)\" WHERE \(condition)",
      arguments: StatementArguments(key.map { row[$0] as DatabaseValue }))
    guard let held else { return false }
    // That both say what no clock says makes it no truer.
    return corrections.keys.contains { column in
      let said = row[column] as DatabaseValue
      return held[column] as DatabaseValue == said && StoredSeconds.areSound(said)
    }
  }

  /// Where a reading says one name in its columns and another in its content, the index, which lies in other pages, says which
  /// is right.
  private func byIndex(
    _ corrections: [String: DatabaseValue], _ row: Row, _ number: Int64?
  ) throws -> [String: DatabaseValue] {
    guard table == "observations", let number else { return corrections }
    let right = ["id", "identity"].filter { column in
      guard corrections[column] != nil else { return false }
      let found = try? Int64.fetchOne(
        source, sql: "SELECT rowid FROM observations WHERE \(column) = ?", arguments: [row[column] as DatabaseValue])
      return found == number
    }
    guard !right.isEmpty, let content = try SoundRow.content(of: row, by: right) else { return corrections }
    return corrections.filter { !right.contains($0.key) }.merging(["content": content]) { $1 }
  }

  /// A row that the table does not take, as against a file that takes none.
  static func refuses(_ error: DatabaseError) -> Bool {
    [.SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE].contains(error.resultCode)
  }
}
