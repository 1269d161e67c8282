package import AlertRules
package import Foundation
import GRDB
package import Observations

extension Store {
  /// What may be brought to `destination` now, alerts before observations, each in the order they were made.
  ///
  /// An observation that waits for another attempt holds back the later ones of the same person; alerts hold back
  /// nothing and are held back by nothing. The consent is asked again here: rows of a person who has none are not
  /// given. At most `limit` rows are read, however many wait.
  package func dueDeliveries(
    for destination: DestinationID, at now: Date, limit: Int
  ) async throws(StoreFailure) -> [Delivery] {
    let (deliveries, unreadable) = try await read { db in
      try Outbox(db).due(for: destination, at: now, limit: limit)
    }
    if !unreadable.isEmpty {
      let reason = "the stored content cannot be read"
      if signal.note(.corrupt(detail: "what is to be delivered")) {
        // The rebuilt database may have it from a copy.
        try await recordRetry(unreadable, next: now.addingTimeInterval(15), reason: reason, at: now)
      } else {
        try await recordRejected(unreadable, reason: reason, at: now)
      }
    }
    return deliveries
  }

  /// When ``dueDeliveries(for:at:limit:)`` will next have something, by what is stored now; it may lie in the past,
  /// which means at once. Nil: nothing waits.
  package func nextDue(for destination: DestinationID) async throws(StoreFailure) -> Date? {
    try await read { db in try Outbox(db).nextDue(for: destination) }
  }

  /// The destination has them. A row that was cancelled meanwhile counts as delivered too: it did leave.
  package func recordDelivered(_ ids: [DeliveryID], at now: Date) async throws(StoreFailure) {
    try await write { db in try Outbox(db).finish(ids, as: .delivered, reason: nil, at: now) }
    // A withdrawal may wait since.
    changed([.outbox])
  }

  /// They failed for now.
  ///
  /// - Parameters:
  ///   - next: when to try again.
  ///   - reason: what the destination or the network said; no patient data.
  ///   - now: when the attempt was made.
  ///   - isRefusal: they were answered, and not taken; else the destination failed.
  ///   - mayHaveArrived: of an attempt before, nothing is known: whatever comes goes as it was, under the same name.
  package func recordRetry(
    _ ids: [DeliveryID], next: Date, reason: String, at now: Date = Date(), isRefusal: Bool = false,
    mayHaveArrived: Bool = false
  ) async throws(StoreFailure) {
    try await write { db in
      try Outbox(db).retry(
        ids, next: next, reason: reason, at: now, isRefusal: isRefusal, mayHaveArrived: mayHaveArrived)
    }
  }

  /// Writes down what messages are made of, before they leave: should the process end before their outcome is recorded,
  /// they go once more as they were.
  package func seal(_ messages: [AlertMessage]) async throws(StoreFailure) {
    try await write { db in
      for message in messages { try Outbox(db).seal(message) }
    }
  }

  /// The number of the newest row that there ever was; nil: there was none.
  package func newestDelivery() async throws(StoreFailure) -> DeliveryID? {
    try await read { db in
      try Int64.fetchOne(db, sql: "SELECT MAX(id) FROM outbox").map { DeliveryID(rawValue: $0) }
    }
  }

  /// They will never be taken; later ones go on.
  package func recordRejected(_ ids: [DeliveryID], reason: String, at now: Date) async throws(StoreFailure) {
    let memory = memory
    _ = try await write { db in
      try Outbox(db).finish(ids, as: .rejected, reason: reason, at: now)
      // Whoever wants no more messages does not answer: nobody waits for that.
      var book = EpisodeBook(memory.withContents { $0.episodes })
      for id in ids {
        let row = try Row.fetchOne(
          db.cachedStatement(
            sql: """
              SELECT episode, destination FROM outbox JOIN alert_events ON alert_events.seq = outbox.alert
              WHERE outbox.id = ? AND withdraws IS NULL
              """), arguments: [id.rawValue])
        guard let row else { continue }
        book.refused(EpisodeID(rawValue: row[0]), by: DestinationID(rawValue: row[1]), now: now)
      }
      let changed = book.touched.compactMap { book.episodes[$0] }
      for episode in changed { try AlertRecords(db).save(episode) }
      return changed
    } remembering: { contents, changed in
      for episode in changed { contents.episodes[episode.id] = episode }
    }
    changed([.outbox])
  }

  /// Outbox rows without their content, oldest first.
  package func deliveries(_ filter: DeliveryFilter = DeliveryFilter()) async throws(StoreFailure) -> [DeliveryRecord] {
    try await read { db in try Outbox(db).list(filter) }
  }

  /// Those of `destinations` with an alert about somebody that was tried and not taken, and waits.
  package func undeliveredAlerts(
    of destinations: [DestinationID]
  ) async throws(StoreFailure) -> Set<DestinationID> {
    try await read { db in Set(try destinations.filter { try Outbox(db).isUndelivered($0) }) }
  }

  /// How each destination stands that ever had a row.
  package func outboxCounts() async throws(StoreFailure) -> [DestinationID: OutboxCounts] {
    try await read { db in try Outbox(db).counts() }
  }

  /// One row with its content, whatever its state, for telling it once more on somebody's word; nil where there is none,
  /// it was cancelled or its reading taken back, or the consent no longer holds.
  package func delivery(_ id: DeliveryID) async throws(StoreFailure) -> Delivery? {
    try await read { db in try Outbox(db).delivery(id) }
  }

  /// It was told once more and arrived: a row that waited, or was refused for good before, is done with.
  package func recordRedelivered(_ id: DeliveryID, at now: Date) async throws(StoreFailure) {
    try await write { db in try Outbox(db).redelivered(id, at: now) }
    changed([.outbox])
  }

  /// When the destination last took something; nil: never.
  package func lastDelivered(to destination: DestinationID) async throws(StoreFailure) -> Date? {
    try await read { db in try Outbox(db).lastDelivered(to: destination) }
  }
}
