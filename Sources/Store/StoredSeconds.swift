import Foundation
import GRDB

/// Instants and spans as columns say them: REAL, in seconds.
///
/// A bit that is flipped in one of its octets makes of an instant of today a number with a hundred digits, and SQLite finds
/// nothing wrong with it. No clock says it, a delivery would wait for it for ever, and it cannot be converted to a whole number.
enum StoredSeconds {
  /// The largest that is ever written: ``Outbox/waitsForClock``.
  static let most = Outbox.waitsForClock

  static func areSound(_ seconds: Double) -> Bool { abs(seconds) <= most }

  /// The same of what any column may say.
  static func areSound(_ value: DatabaseValue) -> Bool {
    if case .double(let seconds) = value.storage { areSound(seconds) } else { true }
  }

  /// Whether each row says in each such column what was ever written there.
  static func areSound(_ db: Database) throws -> Bool {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT tables.name AS name, columns.name AS "column"
        FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
        WHERE tables.type = 'table' AND columns.type = 'REAL'
        """)
    for (table, columns) in Dictionary(grouping: rows, by: { $0["name"] as String }) {
      let wrong = columns.map { "abs(\"\($0["column"] as String)\") > \(most)" }.joined(separator: " OR ")
      if try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \"\(table)\" WHERE \(wrong))") ?? false {
        return false
      }
    }
    return true
  }

  /// What a row says instead in the columns that say what was never written.
  ///
  /// - Parameter known: by the row's content, where it says the same as a column. What must say something and is nowhere else
  ///   says now.
  static func corrections(_ row: Row, known: [String: Double]) -> [String: DatabaseValue] {
    var corrections: [String: DatabaseValue] = [:]
    for (column, value) in row {
      guard !areSound(value) else { continue }
      corrections[column] =
        switch column {
        // At once: nothing that waits may wait for ever.
        case "due_at": 0.0.databaseValue
        case _ where known[column] != nil: known[column].databaseValue
        case _ where required.contains(column) || ends.contains(column): Date().timeIntervalSince1970.databaseValue
        default: .null
        }
    }
    return corrections
  }

  /// Those whose absence says that something holds still: what has ended has ended, whenever that was.
  private static let ends: Set<String> = ["removed_at", "settled_at", "withdrawn_at"]

  /// Those that may not be without a value in some table; `UnreadableRowTests` holds it against the schema.
  static let required: Set<String> = [
    "added_at", "at", "begun_at", "created_at", "effective_end", "first_received_at", "granted_at", "last_received_at",
    "noted_at", "paired_at", "received_at", "set_at", "until", "uptime",
  ]
}
