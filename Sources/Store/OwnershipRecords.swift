package import Foundation
import GRDB
package import Observations

/// That a reading was given to a person, or taken back from them, by somebody.
package struct OwnershipEvent: Hashable, Sendable {
  package enum Action: String, Hashable, Sendable, Codable, CaseIterable { case claimed, disowned }

  package var observation: ObservationID
  package var action: Action
  /// Whose it became, or was.
  package var patient: PatientID
  /// The user of this machine who asked, by the kernel; nil when not known.
  package var uid: UInt32?
  package var at: Date
}

/// What is not settled about whose readings are.
package struct OwnershipCounts: Hashable, Sendable {
  /// How many measured readings are nobody's.
  package var unassigned: Int
  /// The destinations that have, or may have, what was told of a reading that was taken back since, and how many
  /// deliveries.
  package var corrections: [DestinationID: Int]
  /// When the oldest of the unassigned was measured.
  package var oldestUnassigned: Date?
  /// When the oldest of what needs a correction left, or was kept back.
  package var oldestCorrection: Date?
}

/// The owners of kept readings, and the log of their changes.
struct OwnershipRecords {
  enum SQL {
    static let bloodPressureSince = """
      SELECT content FROM observations
      WHERE patient = ? AND kind = 'blood-pressure' AND effective_end >= ? ORDER BY effective_end
      """
    static let bloodPressureBefore = """
      SELECT content FROM observations
      WHERE patient = ? AND kind = 'blood-pressure' AND effective_end < ? ORDER BY effective_end DESC LIMIT 1
      """
    static let unassignedSince = """
      SELECT content FROM observations
      WHERE device = ? AND patient IS NULL AND effective_end >= ? ORDER BY effective_end
      """
    static let unassignedBefore = """
      SELECT content FROM observations
      WHERE device = ? AND patient IS NULL AND effective_end < ? ORDER BY effective_end DESC
      """
    /// A device that is played is nobody's problem.
    static let countUnassigned = """
      SELECT COUNT(*), MIN(effective_end) FROM observations INDEXED BY observations_unassigned
      WHERE patient IS NULL AND device NOT GLOB 'sim:*' AND \(OwedCorrections.isNone)
      """
    static let corrections = """
      SELECT destination, COUNT(*), MIN(finished_at) FROM outbox WHERE needs_correction GROUP BY destination
      """
    /// Everything that tells of a reading to do with `patient`: itself, what the rules made of it, and all of the
    /// episodes that it opened.
    static let tellings = """
      SELECT id FROM outbox WHERE observation = :reading AND patient = :patient AND withdraws IS NULL
      UNION
      SELECT outbox.id FROM alert_events
      JOIN outbox ON outbox.alert = alert_events.seq
      WHERE alert_events.patient = :patient AND withdraws IS NULL AND (
        json_extract(alert_events.content, '$.observation') = :reading
        OR episode IN (
          SELECT episode FROM alert_events
          WHERE patient = :patient AND phase LIKE 'firing%' AND json_extract(content, '$.observation') = :reading))
      """
    static let told = """
      SELECT DISTINCT disowned_reading, destination FROM outbox
      WHERE disowned_reading = ? AND needs_correction ORDER BY destination
      """
  }

  let db: Database
  init(_ db: Database) { self.db = db }

  func observation(_ id: ObservationID) throws -> Observation {
    guard let found = try kept(id) else { throw StoreFailure.unknownReading(id) }
    return found
  }

  /// Nil: there is no such reading, or not any more.
  func kept(_ id: ObservationID) throws -> Observation? {
    try String.fetchOne(
      db.cachedStatement(sql: "SELECT content FROM observations WHERE id = ?"), arguments: [id.rawValue]
    ).map { try JSONText.decode(Observation.self, $0) }
  }

  func save(_ observation: Observation) throws {
    try db.cachedStatement(sql: "UPDATE observations SET patient = ?, content = ? WHERE id = ?").execute(
      arguments: [observation.patient?.rawValue, try JSONText.encode(observation), observation.id.rawValue])
  }

  func log(_ event: OwnershipEvent) throws {
    try db.cachedStatement(
      sql: "INSERT INTO ownership_events (observation, action, patient, uid, at) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      event.observation.rawValue, event.action.rawValue, event.patient.rawValue, event.uid.map { Int64($0) },
      event.at.timeIntervalSince1970,
    ])
  }

  func events(of id: ObservationID) throws -> [OwnershipEvent] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM ownership_events WHERE observation = ? ORDER BY seq"),
      arguments: [id.rawValue]
    ).map { row in
      guard let action = OwnershipEvent.Action(rawValue: row["action"]) else {
        throw StoreFailure.corrupt(detail: "ownership_events.action")
      }
      return OwnershipEvent(
        observation: id, action: action, patient: PatientID(rawValue: row["patient"]),
        uid: (row["uid"] as Int64?).flatMap { UInt32(exactly: $0) },
        at: Date(timeIntervalSince1970: row["at"]))
    }
  }

  /// What waits of a reading never leaves; what left, or may have, is noted as in need of a correction, which waits then.
  func takeBack(_ id: ObservationID, from patient: PatientID, at now: Date) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE outbox SET disowned_reading = ?,
          needs_correction = (state = 'delivered' OR attempts > 0 OR on_the_way),
          finished_at = CASE state WHEN 'waiting' THEN ? ELSE finished_at END,
          reason = CASE state WHEN 'waiting' THEN 'disowned' ELSE reason END,
          state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END
        WHERE id = ? AND (state <> 'cancelled' OR attempts > 0 OR on_the_way)
        """)
    for row in try tellings(of: id, to: patient) {
      try statement.execute(arguments: [id.rawValue, now.timeIntervalSince1970, row])
    }
    try Withdrawals(db).add(for: id, now: now)
  }

  /// A reading is a person's again: what was told of it was right, and the alerts that were kept back for it may go.
  func standBy(_ id: ObservationID, of patient: PatientID, at now: Date) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE outbox SET disowned_reading = NULL, needs_correction = 0,
          state = CASE WHEN state = 'cancelled' AND alert IS NOT NULL AND reason = 'disowned' THEN 'waiting'
            ELSE state END
        WHERE id = ?
        """)
    for row in try tellings(of: id, to: patient) {
      try statement.execute(arguments: [row])
      try Withdrawals(db).callOff(of: row, now: now)
    }
  }

  private func tellings(of id: ObservationID, to patient: PatientID) throws -> [Int64] {
    try Int64.fetchAll(
      db.cachedStatement(sql: SQL.tellings), arguments: ["reading": id.rawValue, "patient": patient.rawValue])
  }

  /// Where a reading was told that was taken back since, and nobody said so yet.
  func uncorrected(_ id: ObservationID) throws -> [DestinationID] {
    try Row.fetchAll(db.cachedStatement(sql: SQL.told), arguments: [id.rawValue]).map {
      DestinationID(rawValue: $0["destination"])
    }
  }

  /// The readings that a subject of alerts has from `start` on, and the one before.
  func history(of reading: Observation, since start: Date) throws -> [Observation] {
    let instant = start.timeIntervalSince1970
    func decoded(_ sql: String, _ owner: String) throws -> [Observation] {
      try String.fetchAll(db.cachedStatement(sql: sql), arguments: [owner, instant]).map {
        try JSONText.decode(Observation.self, $0)
      }
    }
    let isSimulated = reading.provenance.isSimulated
    if let patient = reading.patient?.rawValue {
      return try (decoded(SQL.bloodPressureBefore, patient) + decoded(SQL.bloodPressureSince, patient)).filter {
        $0.provenance.isSimulated == isSimulated
      }
    }
    func isSame(_ other: Observation) -> Bool {
      other.kind == .bloodPressure && other.userSlot == reading.userSlot && other.provenance.isSimulated == isSimulated
    }
    let device = reading.device.rawValue
    var before: [Observation] = []
    let earlier = try String.fetchCursor(
      db.cachedStatement(sql: SQL.unassignedBefore), arguments: [device, instant])
    while before.isEmpty, let text = try earlier.next() {
      before = [try JSONText.decode(Observation.self, text)].filter(isSame)
    }
    return try before + decoded(SQL.unassignedSince, device).filter(isSame)
  }
}
