import AlertRules
import Foundation
import GRDB
import Observations

/// The outbox rows that take back what other rows told: made when a reading is disowned after a destination had it, or
/// may have had it.
///
/// Such a row stands on the row that it takes back (`withdraws`), so it is made only once that one is done with: a
/// destination is brought one batch after the other, and the correction can't overtake what it corrects. It asks for no
/// consent: it says nothing new of the person, and without it the destination would keep what is wrong.
struct Withdrawals {
  enum SQL {
    static let due = """
      SELECT outbox.*, COALESCE(observations.content, alert_events.content) AS content
      FROM outbox INDEXED BY outbox_withdrawals
      LEFT JOIN observations ON observations.id = outbox.observation
      LEFT JOIN alert_events ON alert_events.seq = outbox.alert
      WHERE destination = ? AND state = 'waiting' AND withdraws IS NOT NULL AND due_at <= ?
      ORDER BY due_at, outbox.id LIMIT ?
      """
    static let first = """
      SELECT due_at FROM outbox INDEXED BY outbox_withdrawals
      WHERE destination = ? AND state = 'waiting' AND withdraws IS NOT NULL ORDER BY due_at LIMIT 1
      """
    /// What of a reading's tellings needs a correction. Where an episode's beginning is taken back, nothing that came
    /// after it in the episode needs words of its own.
    static let needed = """
      SELECT told.* FROM outbox AS told LEFT JOIN alert_events AS event ON event.seq = told.alert
      WHERE told.disowned_reading = ? AND told.needs_correction AND (
        told.observation IS NOT NULL OR event.phase LIKE 'firing%' OR NOT EXISTS (
          SELECT 1 FROM outbox AS opening JOIN alert_events ON alert_events.seq = opening.alert
          WHERE opening.disowned_reading = told.disowned_reading AND opening.destination = told.destination
            AND opening.needs_correction AND alert_events.phase LIKE 'firing%'
            AND alert_events.episode = event.episode))
      """
    static let of = "SELECT * FROM outbox WHERE withdraws = ? ORDER BY id DESC LIMIT 1"
    /// The row that was taken back, and the rest of its episode that rested on the same reading.
    static let settle = """
      UPDATE outbox SET needs_correction = 0
      WHERE disowned_reading = (SELECT disowned_reading FROM outbox WHERE id = :told)
        AND destination = (SELECT destination FROM outbox WHERE id = :told)
        AND (id = :told OR (SELECT episode FROM alert_events WHERE seq = outbox.alert)
          = (SELECT episode FROM outbox AS told JOIN alert_events ON alert_events.seq = told.alert
             WHERE told.id = :told AND phase LIKE 'firing%'))
      """
    static let cancel = """
      UPDATE outbox SET state = 'cancelled', finished_at = ?, reason = ?
      WHERE state = 'waiting' AND withdraws IN (SELECT id FROM outbox WHERE disowned_reading = ?)
      """
  }

  let db: Database
  init(_ db: Database) { self.db = db }

  /// Makes the rows that a disowned reading needs and has not.
  func add(for reading: ObservationID, now: Date) throws {
    for told in try Row.fetchAll(db.cachedStatement(sql: SQL.needed), arguments: [reading.rawValue]) {
      try db.cachedStatement(
        sql: """
          INSERT INTO outbox (
            destination, patient, observation, alert, idempotency_key, created_at, withdraws, names_patient)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          -- One that was called off before it left goes after all.
          ON CONFLICT (destination, idempotency_key) DO UPDATE SET
            state = 'waiting', due_at = 0, finished_at = NULL, reason = NULL
          WHERE state = 'cancelled'
          """
      ).execute(arguments: [
        told["destination"] as String, told["patient"] as String?, told["observation"] as String?,
        told["alert"] as Int64?, "withdrawn-\(told["idempotency_key"] as String)", now.timeIntervalSince1970,
        told["id"] as Int64, told["names_patient"] as Bool,
      ])
    }
  }

  /// Makes the rows that became needed since these ones ended: what was on its way when its reading was disowned.
  func addBelated(_ ids: [DeliveryID], now: Date) throws {
    for id in ids {
      let reading = try String.fetchOne(
        db.cachedStatement(sql: "SELECT disowned_reading FROM outbox WHERE id = ? AND needs_correction"),
        arguments: [id.rawValue])
      if let reading { try add(for: ObservationID(rawValue: reading), now: now) }
    }
  }

  /// The destination knows of these withdrawals; what they took back needs no correction any more.
  func settle(_ ids: [DeliveryID]) throws {
    for id in ids {
      guard let told = try withdrawn(by: id) else { continue }
      try db.cachedStatement(sql: SQL.settle).execute(arguments: ["told": told])
    }
  }

  /// These went out, or may have, though they were called off meanwhile, since the reading was claimed again: what they
  /// took back is said once more.
  func restateCalledOff(_ ids: [DeliveryID]) throws {
    for id in ids {
      guard let told = try withdrawn(by: id),
        try Int.fetchOne(
          db.cachedStatement(sql: "SELECT 1 FROM outbox WHERE id = ? AND disowned_reading IS NULL"), arguments: [told])
          != nil
      else { continue }
      try restate(told, after: id.rawValue)
    }
  }

  /// What this row told is right after all: its withdrawal does not leave, and where it has left, or may have, it is said
  /// once more. Without a consent nothing is said any more.
  func callOff(of told: Int64, now: Date) throws {
    guard let withdrawal = try Row.fetchOne(db.cachedStatement(sql: SQL.of), arguments: [told]) else { return }
    let (id, state, attempts): (Int64, String, Int) = (withdrawal["id"], withdrawal["state"], withdrawal["attempts"])
    // One that was refused, too: somebody may have it tried again.
    if [DeliveryState.waiting, .rejected].map(\.rawValue).contains(state) {
      try db.cachedStatement(
        sql: "UPDATE outbox SET state = 'cancelled', finished_at = ?, reason = 'claimed again' WHERE id = ?"
      ).execute(arguments: [now.timeIntervalSince1970, id])
    }
    let mayHaveLeft =
      state == DeliveryState.delivered.rawValue || (state != DeliveryState.rejected.rawValue && attempts > 0)
    if mayHaveLeft { try restate(told, after: id) }
  }

  /// Somebody told the destinations by other means.
  func cancel(of reading: ObservationID, now: Date) throws {
    try db.cachedStatement(sql: SQL.cancel).execute(arguments: [
      now.timeIntervalSince1970, "told by other means", reading.rawValue,
    ])
  }

  func due(for destination: DestinationID, at now: Date, limit: Int) throws -> [Row] {
    try Row.fetchAll(
      db.cachedStatement(sql: SQL.due), arguments: [destination.rawValue, now.timeIntervalSince1970, limit])
  }

  /// Under another key, since the destination refuses the first one twice. The attempts stay: it has, or may have, the
  /// first telling.
  private func restate(_ told: Int64, after withdrawal: Int64) throws {
    try db.cachedStatement(
      sql: """
        UPDATE outbox SET state = 'waiting', due_at = 0, finished_at = NULL, reason = NULL, restates = 1,
          idempotency_key = idempotency_key || '+' || ?
        WHERE id = ? AND state IN ('delivered', 'cancelled') AND EXISTS (
          SELECT 1 FROM consents
          WHERE (consents.patient = outbox.patient OR outbox.patient IS NULL)
            AND consents.destination = outbox.destination AND withdrawn_at IS NULL)
        """
    ).execute(arguments: [withdrawal, told])
  }

  private func withdrawn(by id: DeliveryID) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT withdraws FROM outbox WHERE id = ? AND withdraws IS NOT NULL"),
      arguments: [id.rawValue])
  }
}
