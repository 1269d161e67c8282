package import Foundation
import GRDB
import Observations

/// How a reading that arrived while our own clock was not known to be right is timed once it is: by a clock of the kernel
/// that only counts (CLOCK_BOOTTIME, clock_gettime(2)).
package struct UncertainTime: Hashable, Sendable {
  /// The boot in which it arrived (`/proc/sys/kernel/random/boot_id`): no other one's uptime can be compared with its own.
  package var boot: String
  /// Seconds from that boot to the arrival, suspended time included.
  package var uptime: TimeInterval
  /// Our clock minus the uptime, in seconds, when the device's clock was compared with it; nil: that was done when ours was
  /// right, or not at all.
  package var compared: TimeInterval?
  /// The last moment, on a clock known to be right, before it arrived; nil: there was none.
  package var knownUntil: Date?

  package init(boot: String, uptime: TimeInterval, compared: TimeInterval? = nil, knownUntil: Date? = nil) {
    self.boot = boot
    self.uptime = uptime
    self.compared = compared
    self.knownUntil = knownUntil
  }
}

/// How many readings wait for our own clock.
package struct WaitingForClock: Hashable, Sendable {
  /// Whose times are not certain.
  package var readings: Int
  /// How many deliveries of them wait.
  package var deliveries: Int

  package init(readings: Int, deliveries: Int) {
    self.readings = readings
    self.deliveries = deliveries
  }
}

/// The table of readings that arrived while our own clock was not known to be right.
struct UncertainTimes {
  enum SQL {
    static let isOpen = "SELECT 1 FROM uncertain_times WHERE observation = ? AND settled_at IS NULL"
    static let open = """
      SELECT uncertain_times.*, content FROM uncertain_times INDEXED BY uncertain_times_open
      JOIN observations ON observations.id = uncertain_times.observation
      WHERE settled_at IS NULL ORDER BY observations.seq
      """
    static let count = "SELECT COUNT(*) FROM uncertain_times INDEXED BY uncertain_times_open WHERE settled_at IS NULL"
    static let deliveries = """
      SELECT COUNT(*) FROM uncertain_times INDEXED BY uncertain_times_open
      JOIN outbox ON outbox.observation = uncertain_times.observation
      WHERE settled_at IS NULL AND state = 'waiting' AND withdraws IS NULL
      """
    static let release = """
      UPDATE outbox SET due_at = ? WHERE observation = ? AND state = 'waiting' AND withdraws IS NULL AND due_at >= ?
      """
  }

  let db: Database
  init(_ db: Database) { self.db = db }

  func add(_ observation: Observation, _ uncertain: UncertainTime) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO uncertain_times (observation, boot, uptime, received_at, compared, known_until)
        VALUES (?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      observation.id.rawValue, uncertain.boot, uncertain.uptime,
      observation.provenance.receivedAt.timeIntervalSince1970, uncertain.compared,
      uncertain.knownUntil?.timeIntervalSince1970,
    ])
  }

  func isOpen(_ id: ObservationID) throws -> Bool {
    try Int.fetchOne(db.cachedStatement(sql: SQL.isOpen), arguments: [id.rawValue]) != nil
  }

  /// The reading is placed by another offset of its device's clock; nothing happens where it does not wait.
  func revise(_ id: ObservationID, compared: TimeInterval?) throws {
    try db.cachedStatement(sql: "UPDATE uncertain_times SET compared = ? WHERE observation = ?")
      .execute(arguments: [compared, id.rawValue])
  }

  /// The readings whose times are not certain, in the order they arrived.
  func open() throws -> [(reading: Observation, time: UncertainTime)] {
    try Row.fetchAll(db.cachedStatement(sql: SQL.open)).map { row in
      // What comes of them is written into the reading.
      guard [row["uptime"], row["compared"] ?? 0].allSatisfy(StoredSeconds.areSound) else {
        throw StoreFailure.corrupt(detail: "uncertain_times")
      }
      return (
        try JSONText.decode(Observation.self, row["content"]),
        UncertainTime(
          boot: row["boot"], uptime: row["uptime"], compared: row["compared"],
          knownUntil: (row["known_until"] as Double?).map { Date(timeIntervalSince1970: $0) })
      )
    }
  }

  /// Keeps the reading with its times as they are now, and lets its record go.
  ///
  /// - Parameter due: when at the earliest; nil: at once.
  func settle(_ reading: Observation, due: Date?, at now: Date) throws {
    try db.cachedStatement(
      sql: "UPDATE observations SET content = ?, effective_end = ?, received_at = ? WHERE id = ?"
    ).execute(arguments: [
      try JSONText.encode(reading), reading.effective.end.timeIntervalSince1970,
      reading.provenance.receivedAt.timeIntervalSince1970, reading.id.rawValue,
    ])
    try db.cachedStatement(sql: "UPDATE uncertain_times SET settled_at = ? WHERE observation = ?")
      .execute(arguments: [now.timeIntervalSince1970, reading.id.rawValue])
    try db.cachedStatement(sql: SQL.release).execute(arguments: [
      due?.timeIntervalSince1970 ?? 0, reading.id.rawValue, Outbox.waitsForClock,
    ])
  }
}
