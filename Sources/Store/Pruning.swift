package import Foundation
import GRDB
import Observations

/// What is taken away so that the store keeps within its budget.
package enum PrunedKind: String, Hashable, Sendable, CaseIterable {
  /// What servers said when they refused a delivery that is finished meanwhile.
  case answers
  /// Who looked at readings.
  case accesses
  /// Alerts that have ended, with the messages that told of them.
  case alerts
  /// Readings that another record has, with the rows that brought them there.
  case readings
}

/// What the store takes, in bytes.
package struct StoreSize: Hashable, Sendable {
  /// Of the file, what is in use: what was taken away is used again before the file grows.
  package var used: Int64
  /// The file and the log beside it, as they lie on the disk.
  package var onDisk: Int64
}

/// What was taken away to keep the budget, ever.
package struct PrunedTotals: Hashable, Sendable {
  package var counts: [PrunedKind: Int]
  /// When the newest reading arrived that was taken away; nil: none was.
  package var readingsUntil: Date?
  /// When something was last taken away; nil: never.
  package var last: Date?
}

/// One small step of it.
package struct PruningStep: Hashable, Sendable {
  package var count: Int
  /// Where the next step of this kind goes on; nil: there is nothing more.
  package var next: Int64?
}

/// Takes away what is old and not needed here any more.
///
/// Where nothing is to be found, a whole table is read for it. So what may go is looked for by a reader, beside whom readings
/// are kept on; the writer looks at those rows only once more.
struct Pruner {
  /// Each with the numbers of the rows to look at: `> :after` or `IN (…)`.
  enum SQL {
    static func answers(_ numbers: String) -> String {
      """
      SELECT delivery_answers.delivery FROM delivery_answers JOIN outbox ON outbox.id = delivery_answers.delivery
      WHERE delivery_answers.delivery \(numbers) AND delivery_answers.at < :before
        AND outbox.state IN ('delivered', 'cancelled')
      ORDER BY delivery_answers.delivery LIMIT :limit
      """
    }
    static func accesses(_ numbers: String) -> String {
      "SELECT seq FROM accesses WHERE seq \(numbers) AND until < :before ORDER BY seq LIMIT :limit"
    }
    /// Only of an alert that has ended, and of which nothing waits or was refused.
    static func alerts(_ numbers: String) -> String {
      """
      SELECT event.seq FROM alert_events AS event
      WHERE event.seq \(numbers) AND event.at < :before
        AND NOT EXISTS (SELECT 1 FROM alert_episodes WHERE alert_episodes.episode = event.episode)
        AND EXISTS (
          SELECT 1 FROM alert_events AS last
          WHERE last.episode = event.episode AND last.phase LIKE 'resolved%' AND last.at < :before)
        AND NOT EXISTS (
          SELECT 1 FROM outbox
          WHERE outbox.alert = event.seq
            AND (outbox.state NOT IN ('delivered', 'cancelled') OR outbox.needs_correction))
      ORDER BY event.seq LIMIT :limit
      """
    }
    /// Only what another record has, and of which nothing waits, was refused or is to be corrected. A reading that nothing
    /// but its bytes tells from another stays: the later ones are numbered by it.
    static func readings(_ numbers: String) -> String {
      """
      SELECT seq FROM observations AS reading
      WHERE reading.seq \(numbers) AND reading.received_at < :before AND reading.effective_end < :before
        AND reading.untimed_identity IS NULL
        AND EXISTS (
          SELECT 1 FROM outbox
          WHERE outbox.observation = reading.id AND outbox.state = 'delivered' AND outbox.withdraws IS NULL)
        AND NOT EXISTS (
          SELECT 1 FROM outbox
          WHERE outbox.observation = reading.id
            AND (outbox.state NOT IN ('delivered', 'cancelled') OR outbox.needs_correction))
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.disowned_reading = reading.id)
        AND NOT EXISTS (
          SELECT 1 FROM uncertain_times
          WHERE uncertain_times.observation = reading.id AND uncertain_times.settled_at IS NULL)
      ORDER BY reading.seq LIMIT :limit
      """
    }
  }

  let db: Database
  init(_ db: Database) { self.db = db }

  /// The numbers of at most `limit` rows of a kind that may go, in their order.
  func find(_ kind: PrunedKind, before: Date, after: Int64, limit: Int) throws -> [Int64] {
    try Int64.fetchAll(
      db.cachedStatement(sql: Self.selection(of: kind, "> :after")),
      arguments: ["after": after, "before": before.timeIntervalSince1970, "limit": limit])
  }

  /// Those of `numbers` that may go still, in the caller's transaction; how many they were.
  func prune(_ kind: PrunedKind, _ numbers: [Int64], before: Date, now: Date) throws -> Int {
    let list = numbers.map { String($0) }.joined(separator: ", ")
    let found = try Int64.fetchAll(
      db, sql: Self.selection(of: kind, "IN (\(list))"),
      arguments: ["before": before.timeIntervalSince1970, "limit": numbers.count])
    guard !found.isEmpty else { return 0 }
    // Rows refer to each other in both directions; it has to be right at the end only.
    try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
    try db.execute(sql: "UPDATE pruned SET is_removing = 1")
    for number in found { try remove(kind, number) }
    try db.execute(
      sql: """
        UPDATE pruned SET is_removing = 0, \(kind.rawValue) = \(kind.rawValue) + ?, last_at = ?
        """, arguments: [found.count, now.timeIntervalSince1970])
    return found.count
  }

  private static func selection(of kind: PrunedKind, _ numbers: String) -> String {
    switch kind {
    case .answers: SQL.answers(numbers)
    case .accesses: SQL.accesses(numbers)
    case .alerts: SQL.alerts(numbers)
    case .readings: SQL.readings(numbers)
    }
  }

  private func remove(_ kind: PrunedKind, _ number: Int64) throws {
    switch kind {
    case .answers: try execute("DELETE FROM delivery_answers WHERE delivery = ?", number)
    case .accesses: try execute("DELETE FROM accesses WHERE seq = ?", number)
    case .alerts:
      try removeRows("alert", number)
      try execute("DELETE FROM alert_events WHERE seq = ?", number)
    case .readings: try removeReading(number)
    }
  }

  private func removeReading(_ number: Int64) throws {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT id, identity, received_at FROM observations WHERE seq = ?"), arguments: [number]
      )
    else { return }
    let id: String = row["id"]
    // A device that sends its memory again must not bring it back.
    try ErasedReadings(db).add(ReadingIdentity(rawValue: row["identity"]), isUntimed: false)
    try removeRows("observation", id)
    try execute("DELETE FROM uncertain_times WHERE observation = ?", id)
    try execute("DELETE FROM ownership_events WHERE observation = ?", id)
    try execute("DELETE FROM observations WHERE seq = ?", number)
    try db.cachedStatement(sql: "UPDATE pruned SET readings_until = MAX(COALESCE(readings_until, 0), ?)")
      .execute(arguments: [row["received_at"] as Double])
  }

  /// The rows that told of an alert or a reading, and those that took them back. Who has copies stays known.
  private func removeRows(_ column: String, _ argument: some DatabaseValueConvertible) throws {
    try execute(
      """
      INSERT INTO pruned_tellings (patient, destination)
      SELECT patient, destination FROM outbox
      WHERE \(column) = ? AND patient IS NOT NULL AND (state = 'delivered' OR attempts > 0) ON CONFLICT DO NOTHING
      """, argument)
    try execute("DELETE FROM outbox WHERE withdraws IN (SELECT id FROM outbox WHERE \(column) = ?)", argument)
    try execute("DELETE FROM outbox WHERE \(column) = ?", argument)
  }

  private func execute(_ sql: String, _ argument: some DatabaseValueConvertible) throws {
    try db.cachedStatement(sql: sql).execute(arguments: [argument])
  }
}

extension Store {
  /// What the store takes of its disk now.
  package func size() async throws(StoreFailure) -> StoreSize {
    let pages = try await read { db in
      let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
      let all = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
      return (all - free) * size
    }
    let path = pool.path
    let onDisk = ["", "-wal"].reduce(into: Int64(0)) { sum, suffix in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
      sum += (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }
    return StoreSize(used: pages, onDisk: onDisk)
  }

  /// Takes away at most `limit` of a kind, the oldest first, in one transaction. Of a reading stays a keyed hash of its
  /// identity (``ErasedReadings``), so that a device that sends its memory again brings nothing back. Never taken: what waits,
  /// what was refused, what is only here, what is nobody's, and an alert that has not ended.
  ///
  /// - Parameters:
  ///   - before: only what is older than this, by our clock and by the device's.
  ///   - after: ``PruningStep/next`` of the step before; 0 at first.
  package func prune(
    _ kind: PrunedKind, before: Date, after: Int64 = 0, limit: Int = 25, now: Date
  ) async throws(StoreFailure) -> PruningStep {
    let found = try await read { db in
      try Pruner(db).find(kind, before: before, after: after, limit: limit)
    }
    guard let last = found.last else { return PruningStep(count: 0, next: nil) }
    let count = try await write { db in try Pruner(db).prune(kind, found, before: before, now: now) }
    if count > 0, kind == .readings { decoded.removeAll() }
    return PruningStep(count: count, next: found.count < limit ? nil : last)
  }

  /// What was taken away so far.
  package func pruned() async throws(StoreFailure) -> PrunedTotals {
    try await read { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT * FROM pruned") else {
        throw StoreFailure.corrupt(detail: "pruned")
      }
      func date(_ column: String) -> Date? {
        (row[column] as Double?).map { Date(timeIntervalSince1970: $0) }
      }
      return PrunedTotals(
        counts: Dictionary(uniqueKeysWithValues: PrunedKind.allCases.map { ($0, row[$0.rawValue]) }),
        readingsUntil: date("readings_until"), last: date("last_at"))
    }
  }
}
