package import AlertRules
package import Foundation
import GRDB
package import Observations

/// What was closed since the configuration that it stood by is another.
package struct PolicyClosing: Hashable, Sendable {
  /// What is told of alerts whose rule is another or no more.
  package var alerts: [AlertTransition] = []
  /// How many waited for destinations that are no more.
  package var deliveries: [DestinationID: Int] = [:]

  package init(alerts: [AlertTransition] = [], deliveries: [DestinationID: Int] = [:]) {
    self.alerts = alerts
    self.deliveries = deliveries
  }

  package mutating func merge(_ other: PolicyClosing) {
    alerts += other.alerts
    deliveries.merge(other.deliveries, uniquingKeysWith: +)
  }
}

extension Store {
  /// The setting that remembers by which rules alerts stand, as a JSON array.
  private static let rulesSetting = "rules"

  /// Begins to go by `policy`: in one transaction, what stood by a rule that is another or no more is closed and told
  /// (``AlertStage/ruleChanged``), and what waits for a destination that is no more is closed. To be called at start and
  /// when the configuration was read anew.
  ///
  /// What was closed stays closed when a destination of that name comes back. A rule whose words changed
  /// (``AlertRule/source``, ``AlertRule/hiddenBy``) is the same.
  package func adopt(_ policy: IngestPolicy, now: Date) async throws(StoreFailure) -> PolicyClosing {
    let rules = policy.rules.map(\.decisive)
    return try await decide(policy, now) { db, draft in
      let settings = Settings(db)
      // What another version of the program wrote and this one cannot read says nothing.
      let before = try settings.value(Self.rulesSetting).flatMap { try? JSONText.decode([AlertRule].self, $0) } ?? []
      let known = Dictionary(before.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      let current = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      let told = draft.told.count
      draft.close(now: now) { id in
        guard let rule = current[id] else { return true }
        return known[id].map { $0 != rule } ?? false
      }
      if before != rules { try settings.set(Self.rulesSetting, try JSONText.encode(rules)) }
      let deliveries = try Outbox(db).close(allBut: policy.destinations.map(\.id), now: now)
      if !deliveries.isEmpty { draft.changed(.outbox) }
      return PolicyClosing(alerts: Array(draft.told[told...]), deliveries: deliveries)
    }
  }

  /// How many deliveries were closed since a moment because their destination was removed, and when the last one was.
  package func closedDeliveries(
    since: Date
  ) async throws(StoreFailure) -> [DestinationID: (count: Int, last: Date)] {
    try await read { db in try Outbox(db).closed(since: since) }
  }
}

extension AlertRule {
  /// Without what decides nothing.
  fileprivate var decisive: AlertRule {
    var rule = self
    rule.source = ""
    rule.hiddenBy = []
    return rule
  }
}

extension Outbox {
  /// Why a delivery was closed whose destination is not configured any more.
  private static let destinationRemoved = "the destination was removed"

  /// Nothing waits any more for a destination that is none of these.
  ///
  /// - Returns: how many waited.
  func close(allBut destinations: [DestinationID], now: Date) throws -> [DestinationID: Int] {
    let known = Set(destinations)
    let waiting = try Row.fetchAll(
      db, sql: "SELECT destination, COUNT(*) FROM outbox WHERE state = 'waiting' GROUP BY destination")
    var closed: [DestinationID: Int] = [:]
    for row in waiting {
      let destination = DestinationID(rawValue: row[0])
      guard !known.contains(destination) else { continue }
      try db.execute(
        sql: """
          UPDATE outbox SET state = 'cancelled', finished_at = ?, reason = ?
          WHERE destination = ? AND state = 'waiting'
          """,
        arguments: [now.timeIntervalSince1970, Self.destinationRemoved, destination.rawValue])
      let count: Int = row[1]
      closed[destination] = count
    }
    return closed
  }

  func closed(since: Date) throws -> [DestinationID: (count: Int, last: Date)] {
    var closed: [DestinationID: (count: Int, last: Date)] = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT destination, COUNT(*), MAX(finished_at) FROM outbox
        WHERE state = 'cancelled' AND reason = ? AND finished_at >= ? GROUP BY destination
        """, arguments: [Self.destinationRemoved, since.timeIntervalSince1970])
    {
      let (count, last): (Int, Double) = (row[1], row[2])
      closed[DestinationID(rawValue: row[0])] = (count, Date(timeIntervalSince1970: last))
    }
    return closed
  }
}
