package import Foundation
import GRDB
package import Observations

extension Store {
  /// Keeps what a server said when it refused a delivery, as it said it.
  package func keepAnswer(_ content: String, to delivery: DeliveryID, at now: Date) async throws(StoreFailure) {
    try await write { db in
      // A delivery told from memory has no row.
      try db.cachedStatement(
        sql: """
          INSERT INTO delivery_answers (delivery, content, at) SELECT id, ?, ? FROM outbox WHERE id = ?
          ON CONFLICT (delivery) DO UPDATE SET content = excluded.content, at = excluded.at
          """
      ).execute(arguments: [content, now.timeIntervalSince1970, delivery.rawValue])
    }
  }

  /// What the server said when it refused it; nil: nothing is kept.
  package func answer(to delivery: DeliveryID) async throws(StoreFailure) -> String? {
    try await read { db in
      try String.fetchOne(
        db.cachedStatement(sql: "SELECT content FROM delivery_answers WHERE delivery = ?"),
        arguments: [delivery.rawValue])
    }
  }

  /// One outbox row without its content; nil: there is none.
  package func deliveryRecord(_ id: DeliveryID) async throws(StoreFailure) -> DeliveryRecord? {
    try await deliveries(DeliveryFilter(after: DeliveryID(rawValue: id.rawValue - 1), limit: 1)).first { $0.id == id }
  }

  /// What was refused waits again, and what waits for another attempt is due at once. Only what may still leave: a person
  /// who has withdrawn the consent since, or whose reading was taken back, stays as it is. Rows that wait for their
  /// reading's time, or for the end of somebody's quiet hours, wait on.
  ///
  /// - Parameters:
  ///   - destination: only its rows; nil: of every destination.
  ///   - id: only this one; nil: every one.
  /// - Returns: the destinations that have something to try, and how many rows.
  package func retryDeliveries(
    to destination: DestinationID?, id: DeliveryID? = nil
  ) async throws(StoreFailure) -> [DestinationID: Int] {
    let tried = try await write { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          UPDATE outbox SET state = 'waiting', due_at = 0, finished_at = NULL,
            refusals = CASE state WHEN 'rejected' THEN 0 ELSE refusals END,
            first_refused_at = CASE state WHEN 'rejected' THEN NULL ELSE first_refused_at END
          WHERE (destination = :destination OR :destination IS NULL) AND (id = :id OR :id IS NULL)
            AND (state = 'rejected' OR (state = 'waiting' AND attempts > 0 AND due_at < :never))
            AND (withdraws IS NOT NULL OR (disowned_reading IS NULL AND EXISTS (
              SELECT 1 FROM consents
              WHERE (consents.patient = outbox.patient OR outbox.patient IS NULL)
                AND consents.destination = outbox.destination AND withdrawn_at IS NULL)))
          RETURNING destination
          """,
        arguments: [
          "destination": destination?.rawValue, "id": id?.rawValue, "never": Outbox.waitsForClock,
        ])
      return Dictionary(grouping: rows.map { DestinationID(rawValue: $0[0]) }, by: \.self).mapValues(\.count)
    }
    if !tried.isEmpty { changed([.outbox]) }
    return tried
  }
}
