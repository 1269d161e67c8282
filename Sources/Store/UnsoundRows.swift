import GRDB

/// Rows of a restored copy that cannot be read: the bit was flipped before the copy was made, which is whole by all that SQLite
/// can tell. In the rebuilt database they would have it found damaged again.
struct UnsoundRows {
  private let db: Database
  private let table: String
  private let key: [String]
  private let hasRowNumbers: Bool
  private let older: OlderCopies

  init(_ db: Database, _ table: String, _ older: OlderCopies) throws {
    self.db = db
    self.table = table
    self.older = older
    key = try db.primaryKey(table).columns
    hasRowNumbers = try TableMerge.hasRowNumbers(db, table)
  }

  /// Takes them out, and puts in what an older copy says.
  ///
  /// - Parameter sound: row numbers of rows that are known to be sound.
  /// - Returns: how many of them no copy has as it was.
  func remove(except sound: Set<Int64>) throws -> Int {
    var found: [[DatabaseValue]] = []
    var contradictory: [(key: [DatabaseValue], corrections: [String: DatabaseValue])] = []
    let rows = try Row.fetchCursor(db, sql: "SELECT \(hasRowNumbers ? "rowid" : "0") AS number, * FROM \"\(table)\"")
    while let row = try rows.next() {
      if hasRowNumbers, sound.contains(row[0]) { continue }
      let values = key.map { row[$0] as DatabaseValue }
      guard let corrections = SoundRow.corrections(row, of: table) else {
        found.append(values)
        continue
      }
      guard !corrections.isEmpty else { continue }
      // The copy's indices were found to agree with its columns.
      let agreed = ["id", "identity", "device", "patient"].filter { corrections[$0] != nil }
      var changes = corrections
      if table == "observations", let content = try SoundRow.content(of: row, by: agreed) {
        changes = changes.filter { !agreed.contains($0.key) }
        changes["content"] = content
      }
      contradictory.append((values, changes))
    }
    let condition = key.map { "\"\($0)\" = ?" }.joined(separator: " AND ")
    for (values, corrections) in contradictory {
      let names = corrections.keys.sorted()
      // Where there is such a row already, that one stays.
      try db.execute(
        sql: """
          UPDATE OR IGNORE "\(table)" SET \(names.map { "\"\($0)\" = ?" }.joined(separator: ", ")) WHERE \(condition)
          """, arguments: StatementArguments(names.map { corrections[$0] } + values))
    }
    var lost = 0
    for values in found {
      try db.execute(sql: "DELETE FROM \"\(table)\" WHERE \(condition)", arguments: StatementArguments(values))
      if try !putBack(older.row(of: table, where: condition, values)) { lost += 1 }
    }
    return lost
  }

  private func putBack(_ row: Row?) throws -> Bool {
    guard let row else { return false }
    let columns = try db.columns(in: table).map(\.name).filter(row.hasColumn)
    do {
      try db.execute(
        sql: """
          INSERT INTO "\(table)" (\(columns.map { "\"\($0)\"" }.joined(separator: ", ")))
          VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
          """, arguments: StatementArguments(columns.map { row[$0] as DatabaseValue }))
      return true
    } catch let error as DatabaseError where TableMerge.refuses(error) {
      return false
    }
  }
}

/// The copies that are older than the one that was restored. Of what is only ever added, readings and alerts, a row that cannot
/// be read in the newer one is taken as they have it; what changes is not theirs to say.
final class OlderCopies {
  private static let tables: Set<String> = ["observations", "alert_events"]

  private let paths: [String]
  private lazy var queues: [DatabaseQueue] = paths.compactMap { path in
    var configuration = Configuration()
    configuration.readonly = true
    return try? DatabaseQueue(path: path, configuration: configuration)
  }

  init(_ files: StoreFiles, than copy: VerifiedCopy?) {
    paths = copy.map { copy in VerifiedCopies(files).all().filter { $0.stamp < copy.stamp }.map(\.path) } ?? []
  }

  deinit { for queue in queues { try? queue.close() } }

  /// The row of the newest that has it and in which it can be read.
  func row(of table: String, where condition: String, _ values: [DatabaseValue]) -> Row? {
    guard Self.tables.contains(table) else { return nil }
    for queue in queues {
      let found = try? queue.read { db -> Row? in
        let sql = "SELECT * FROM \"\(table)\" WHERE \(condition)"
        let rows = try Row.fetchCursor(db, sql: sql, arguments: StatementArguments(values))
        return try withExtendedLifetime(rows) {
          guard let row = try rows.next(), SoundRow.corrections(row, of: table) == [:] else { return nil }
          return row.copy()
        }
      }
      if let row = found ?? nil { return row }
    }
    return nil
  }
}
