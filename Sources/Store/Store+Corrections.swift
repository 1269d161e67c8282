package import Foundation
import GRDB
package import Observations

/// A value that no driver could decode, as it was kept.
package struct KeptUndecodableValue: Hashable, Sendable, Identifiable {
  package var id: Int64
  package var device: DeviceID
  /// What the bytes are, for example `2A35`.
  package var format: String
  package var bytes: [UInt8]
  package var profile: String
  package var driver: String
  package var reason: String
  package var firstReceivedAt: Date
  package var lastReceivedAt: Date
  /// How often exactly these bytes came.
  package var times: Int
}

extension Store {
  /// Says better when a stored reading was taken, once more is known: its time and its clock offset change, nothing
  /// else. What the rules made of it stays.
  ///
  /// - Parameter compared: as of ``UncertainTime/compared``, for `clockOffset`.
  /// - Returns: false when a destination has it, or may have it, with the earlier time (see ``IngestPolicy/settling``),
  ///   when there is no such observation, and when its times were worked out by a clock that is right since: who revises
  ///   it knew only the one of before.
  @discardableResult
  package func revise(
    _ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?, compared: TimeInterval? = nil
  ) async throws(StoreFailure) -> Bool {
    try await write { db in
      guard
        let text = try String.fetchOne(
          db.cachedStatement(sql: "SELECT content FROM observations WHERE id = ?"), arguments: [id.rawValue])
      else { return false }
      var observation = try JSONText.decode(Observation.self, text)
      guard !observation.marks.contains(.timeCorrected) else { return false }
      try UncertainTimes(db).revise(id, compared: compared)
      observation.effective = effective
      observation.provenance.clockOffset = clockOffset
      try db.cachedStatement(sql: "UPDATE observations SET content = ?, effective_end = ? WHERE id = ?").execute(
        arguments: [try JSONText.encode(observation), effective.end.timeIntervalSince1970, id.rawValue])
      return try Int.fetchOne(
        db.cachedStatement(sql: Outbox.SQL.tried), arguments: [id.rawValue]) == nil
    }
  }

  /// Keeps the bytes of a value that cannot be decoded: on disk when this returns, so that it may be confirmed. The
  /// same bytes of the same device are kept once and counted, and of each device the newest 1,000: more than any memory of
  /// a device holds, and an end for one that sends something else without end.
  ///
  /// - Parameter reason: the field that failed; no value of a measurement.
  package func keepUndecodable(
    device: DeviceID, profile: String, driver: String, format: String, bytes: [UInt8], receivedAt: Date, reason: String
  ) async throws(StoreFailure) {
    try await write { db in
      try db.cachedStatement(
        sql: """
          INSERT INTO undecodable_values
            (device, format, bytes, profile, driver, reason, first_received_at, last_received_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (device, format, bytes) DO UPDATE SET
            profile = excluded.profile, driver = excluded.driver, reason = excluded.reason,
            last_received_at = excluded.last_received_at, times = times + 1
          """
      ).execute(arguments: [
        device.rawValue, format, Data(bytes), profile, driver, reason, receivedAt.timeIntervalSince1970,
        receivedAt.timeIntervalSince1970,
      ])
      try db.cachedStatement(
        sql: """
          DELETE FROM undecodable_values WHERE device = ?1 AND id <= (
            SELECT id FROM undecodable_values WHERE device = ?1 ORDER BY id DESC LIMIT 1 OFFSET 1000)
          """
      ).execute(arguments: [device.rawValue])
    }
  }

  /// Values that could not be decoded, the newest last, at most `limit`.
  package func undecodableValues(limit: Int = 100) async throws(StoreFailure) -> [KeptUndecodableValue] {
    try await read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM undecodable_values ORDER BY id DESC LIMIT ?", arguments: [max(0, limit)]
      ).reversed().map { row in
        KeptUndecodableValue(
          id: row["id"], device: DeviceID(rawValue: row["device"]), format: row["format"],
          bytes: [UInt8](row["bytes"] as Data), profile: row["profile"], driver: row["driver"], reason: row["reason"],
          firstReceivedAt: Date(timeIntervalSince1970: row["first_received_at"]),
          lastReceivedAt: Date(timeIntervalSince1970: row["last_received_at"]), times: row["times"])
      }
    }
  }
}
