package import AlertRules
import Foundation
import GRDB
package import Observations

/// The rows of alerts that one transaction makes, and what it holds back of them.
struct NewAlerts {
  private struct Place: Hashable {
    var destination: DestinationID
    var isSimulated: Bool
  }

  private(set) var rows: [DestinationID: [WaitingAlert]] = [:]
  /// One transaction is one message, so it is decided once.
  private var floods: [Place: Date?] = [:]

  enum SQL {
    static let flooded = """
      SELECT MAX(due_at) FROM outbox INDEXED BY outbox_alerts
      JOIN alert_events ON alert_events.seq = outbox.alert
      WHERE destination = ? AND state = 'waiting' AND alert IS NOT NULL AND due_at > ? AND wait = 'flood'
        AND attempts = 0 AND withdraws IS NULL AND json_extract(content, '$.isSimulated') = ?
      """
    static let made = """
      SELECT COALESCE(told_with, outbox.id) AS message, created_at, json_extract(content, '$.severity') AS severity
      FROM outbox INDEXED BY outbox_alerts_made JOIN alert_events ON alert_events.seq = outbox.alert
      WHERE destination = ? AND created_at > ? AND alert IS NOT NULL AND withdraws IS NULL AND wait IS NULL
        AND json_extract(content, '$.isSimulated') = ?
      """
    static let waiting = """
      SELECT outbox.*, alert_events.content FROM outbox INDEXED BY outbox_alerts
      JOIN alert_events ON alert_events.seq = outbox.alert
      WHERE destination = ? AND state = 'waiting' AND alert IS NOT NULL AND due_at > ? AND wait IS NOT NULL
        AND attempts = 0 AND withdraws IS NULL
      """
  }

  mutating func add(_ row: WaitingAlert, to destination: DestinationID) {
    rows[destination, default: []].append(row)
  }

  /// When a change may be told, and what it waits for; nil: nothing.
  ///
  /// - Parameters:
  ///   - quiet: the end of quiet hours.
  ///   - limit: nil: none.
  mutating func wait(
    _ alert: AlertTransition, _ destination: DestinationID, quiet: Date?, limit: FloodLimit?, now: Date, _ db: Database
  ) throws -> (until: Date?, AlertWait?) {
    if let quiet { return (quiet, .quiet) }
    guard let limit, alert.severity < .urgent else { return (nil, nil) }
    let place = Place(destination: destination, isSimulated: alert.isSimulated)
    let until: Date?
    if let decided = floods[place] {
      until = decided
    } else {
      let held = try Double?.fetchOne(
        db.cachedStatement(sql: SQL.flooded),
        arguments: [destination.rawValue, now.timeIntervalSince1970, alert.isSimulated])
      var told: [Int64: Date] = [:]
      var urgent: Set<Int64> = []
      for row in try Row.fetchAll(
        db.cachedStatement(sql: SQL.made),
        arguments: [
          destination.rawValue, now.timeIntervalSince1970 - FloodLimit.window, alert.isSimulated,
        ])
      {
        let message: Int64 = row["message"]
        told[message] = Date(timeIntervalSince1970: row["created_at"])
        if row["severity"] as String? == AlertSeverity.urgent.rawValue { urgent.insert(message) }
      }
      // What this transaction adds is the one message that is asked about.
      let mine = Set((rows[destination] ?? []).map(\.id))
      until = limit.wait(
        told: told.filter { !urgent.contains($0.key) && !mine.contains($0.key) }.map(\.value),
        heldUntil: held.flatMap { $0 }.map { Date(timeIntervalSince1970: $0) }, now: now)
      floods[place] = .some(until)
    }
    return (until, until == nil ? nil : .flood)
  }
}

/// Which rows are one message.
extension Outbox {
  /// Puts together what one transaction made; see ``Gathering/born(_:beside:)``.
  func gather(_ letters: NewAlerts, now: Date) throws {
    for (destination, new) in letters.rows {
      for one in new where one.wait != nil || one.isOnTheWay { try save(one) }
      let held = try Row.fetchAll(
        db.cachedStatement(sql: NewAlerts.SQL.waiting),
        arguments: [destination.rawValue, now.timeIntervalSince1970]
      ).compactMap(waiting).filter { one in !new.contains { $0.id == one.id } }
      for one in Gathering.born(new, beside: held) { try save(one) }
    }
  }

  /// Before it leaves.
  func seal(_ message: AlertMessage) throws {
    for alert in message.alerts {
      try db.cachedStatement(sql: "UPDATE outbox SET told_with = ?, on_the_way = 1 WHERE id = ? AND state = 'waiting'")
        .execute(arguments: [message.group, alert.id])
    }
  }

  private func save(_ alert: WaitingAlert) throws {
    try db.cachedStatement(sql: "UPDATE outbox SET told_with = ?, wait = ?, on_the_way = ?, due_at = ? WHERE id = ?")
      .execute(arguments: [
        alert.group, alert.wait?.rawValue, alert.isOnTheWay, alert.dueAt?.timeIntervalSince1970 ?? 0, alert.id,
      ])
  }

  private func waiting(_ row: Row) -> WaitingAlert? {
    guard let transition = try? JSONText.decode(AlertTransition.self, row["content"]) else { return nil }
    let due: Double = row["due_at"]
    return WaitingAlert(
      id: row["id"], transition: transition, key: row["idempotency_key"], attempts: row["attempts"],
      dueAt: due > 0 ? Date(timeIntervalSince1970: due) : nil,
      wait: (row["wait"] as String?).flatMap(AlertWait.init), group: row["told_with"], isOnTheWay: row["on_the_way"],
      isAlone: row["restates"])
  }

  /// The message that a row is part of, for telling it once more.
  func together(_ delivery: Delivery, _ patient: Patient?) throws -> Delivery {
    guard let group = delivery.group else { return delivery }
    let alerts = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT outbox.*, alert_events.content FROM outbox INDEXED BY outbox_told_with
          JOIN alert_events ON alert_events.seq = outbox.alert
          WHERE told_with = ? AND withdraws IS NULL AND state != 'cancelled' ORDER BY outbox.id
          """), arguments: [group]
    ).compactMap(waiting)
    return delivery.telling(AlertMessage(alerts), patient)
  }

  /// The other rows of the message that tells this one.
  func others(with id: DeliveryID) throws -> [DeliveryID] {
    try Int64.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT other.id FROM outbox AS other JOIN outbox AS own ON other.told_with = own.told_with
          WHERE own.id = ? AND other.id != own.id AND other.state != 'cancelled' ORDER BY other.id
          """), arguments: [id.rawValue]
    ).map { DeliveryID(rawValue: $0) }
  }

  func messageKey(_ row: Row) throws -> String {
    guard let group = row["told_with"] as Int64?, row["state"] != DeliveryState.cancelled.rawValue else {
      return row["idempotency_key"]
    }
    let keys = try String.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT idempotency_key FROM outbox INDEXED BY outbox_told_with
          WHERE told_with = ? AND withdraws IS NULL AND state != 'cancelled' ORDER BY id
          """), arguments: [group])
    return AlertMessage.key(keys)
  }
}

extension Delivery {
  /// The same as one message of all of `message`.
  package func telling(_ message: AlertMessage, _ patient: Patient?) -> Delivery {
    guard message.alerts.count > 1 else { return self }
    var one = self
    one.content = .alert(message.digest.lead, patient)
    one.idempotencyKey = message.key
    one.together = message.alerts
    one.attempts = message.alerts.map(\.attempts).min() ?? attempts
    return one
  }

  /// The rows that are done with when this is.
  package var rows: [DeliveryID] { together.isEmpty ? [id] : together.map { DeliveryID(rawValue: $0.id) } }
}
