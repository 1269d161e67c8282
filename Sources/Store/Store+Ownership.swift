package import AlertRules
package import Foundation
import GRDB
package import Observations

/// Unassigned readings of one device, as one number of it.
package struct UnassignedReadings: Hashable, Sendable {
  package var device: DeviceID
  /// Nil: those without a number.
  package var number: Int?
  /// Only those whose effective time ends at or after this.
  package var since: Date?

  package init(device: DeviceID, number: Int?, since: Date?) {
    self.device = device
    self.number = number
    self.since = since
  }
}

/// What became of readings that were to change hands.
package struct OwnershipChange: Hashable, Sendable {
  /// All that were meant, as they are now, in the order they were measured.
  package var readings: [Observation]
  /// Those of them that changed hands: the others were where they should be.
  package var changed: [ObservationID]
  package var transitions: [AlertTransition]
}

extension Store {
  /// Gives unassigned readings to a person, in one transaction: the readings keep their time, leave for the destinations
  /// that the person has consented to by now, and are shown to the rules as readings that come late. A reading that is
  /// the person's already stays as it is.
  ///
  /// - Parameter uid: who asked, for the log.
  /// - Throws: ``StoreFailure/unknownPatient``, ``StoreFailure/unknownReading(_:)``,
  ///   ``StoreFailure/readingTaken(_:)`` when one is another person's; then none has changed hands.
  package func claim(
    _ ids: [ObservationID], for patient: PatientID, by uid: UInt32?, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> OwnershipChange {
    try await claim(for: patient, by: uid, policy: policy, now: now) { db in
      try ids.map { try OwnershipRecords(db).observation($0) }
    }
  }

  /// Gives a person all unassigned readings of one user number, or of none, as those that are claimed by their ids.
  package func claim(
    _ unassigned: UnassignedReadings, for patient: PatientID, by uid: UInt32?, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> OwnershipChange {
    try await claim(for: patient, by: uid, policy: policy, now: now) { db in
      try String.fetchAll(
        db.cachedStatement(sql: OwnershipRecords.SQL.unassignedSince),
        arguments: [unassigned.device.rawValue, unassigned.since?.timeIntervalSince1970 ?? 0]
      ).map { try JSONText.decode(Observation.self, $0) }.filter { $0.userSlot == unassigned.number }
    }
  }

  private func claim(
    for patient: PatientID, by uid: UInt32?, policy: IngestPolicy, now: Date,
    _ find: @escaping @Sendable (Database) throws -> [Observation]
  ) async throws(StoreFailure) -> OwnershipChange {
    let salt = salt
    return try await decide(policy, now) { db, draft in
      guard try People(db).patient(patient) != nil else { throw StoreFailure.unknownPatient }
      let records = OwnershipRecords(db)
      let unassigned = try Self.once(find(db)).filter { reading in
        guard let owner = reading.patient else { return true }
        guard owner == patient else { throw StoreFailure.readingTaken(reading.id) }
        return false
      }
      for reading in unassigned {
        var claimed = reading
        claimed.patient = patient
        try records.save(claimed)
        try records.standBy(reading.id, of: patient, at: now)
        try records.log(
          OwnershipEvent(observation: reading.id, action: .claimed, patient: patient, uid: uid, at: now))
        _ = try Outbox(db).addClaimed(claimed, of: patient, policy: policy, now: now)
        // What was taken back stands again, too.
        draft.changed(.outbox)
        draft.changed(.observation(reading.id))
      }
      let before = draft.told.count
      for reading in unassigned { try Self.withdraw(reading, db, &draft, policy, now, salt) }
      for reading in unassigned {
        var claimed = reading
        claimed.patient = patient
        let step = try StoredHistory.with(db) { history in
          RuleEngine.evaluate(
            rules: policy.rules, states: draft.states, sample: RuleSample(claimed, live: false), now: now, salt: salt,
            timeZone: policy.timeZone, history: history)
        }
        draft.apply(step.told(by: policy))
      }
      return OwnershipChange(
        readings: try Self.once(find(db) + unassigned.map { try records.observation($0.id) }),
        changed: unassigned.map(\.id), transitions: Array(draft.told[before...]))
    }
  }

  /// Takes readings back from whoever has them, in one transaction: they are unassigned then, what waits of them never
  /// leaves, and the person's alerts stand as their other readings say. What has left, or may have, is noted as in need
  /// of a correction, which waits in the outbox then: see ``uncorrected(_:)``. A reading that is nobody's stays as it is.
  ///
  /// An unassigned reading that is severe alerts nobody here: whoever takes it back knows of it.
  ///
  /// - Throws: ``StoreFailure/unknownReading(_:)``; then none has changed hands.
  package func disown(
    _ ids: [ObservationID], by uid: UInt32?, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> OwnershipChange {
    let salt = salt
    return try await decide(policy, now) { db, draft in
      let records = OwnershipRecords(db)
      let readings = try Self.once(ids.map { try records.observation($0) })
      let before = draft.told.count
      var changed: [Observation] = []
      for reading in readings {
        guard let patient = reading.patient else { continue }
        var unassigned = reading
        unassigned.patient = nil
        try records.save(unassigned)
        try records.takeBack(reading.id, from: patient, at: now)
        try Averages(db).withdraw(restingOn: reading.id, of: patient, now: now)
        try records.log(
          OwnershipEvent(observation: reading.id, action: .disowned, patient: patient, uid: uid, at: now))
        draft.changed(.observation(reading.id))
        draft.changed(.outbox)
        changed.append(reading)
      }
      for reading in changed { try Self.withdraw(reading, db, &draft, policy, now, salt) }
      return OwnershipChange(
        readings: try readings.map { try records.observation($0.id) }, changed: changed.map(\.id),
        transitions: Array(draft.told[before...]))
    }
  }

  /// Each one time, in the order they were measured.
  private static func once(_ readings: [Observation]) -> [Observation] {
    var seen: Set<ObservationID> = []
    return readings.filter { seen.insert($0.id).inserted }.sorted {
      ($0.effective.end, $0.id.rawValue) < ($1.effective.end, $1.id.rawValue)
    }
  }

  /// - Parameter reading: as it was before it changed hands; the file has it as it is now.
  private static func withdraw(
    _ reading: Observation, _ db: Database, _ draft: inout AlertDraft, _ policy: IngestPolicy, _ now: Date,
    _ salt: String
  ) throws {
    let lost = RuleSample(reading, live: false)
    guard let start = RuleEngine.withdrawalStart(lost, states: draft.states) else { return }
    let history = try OwnershipRecords(db).history(of: reading, since: start).map { RuleSample($0, live: false) }
    let step = try StoredHistory.with(db) { stored in
      RuleEngine.withdraw(
        lost, rules: policy.rules, states: draft.states, history: history, now: now, salt: salt,
        timeZone: policy.timeZone, stored: stored)
    }
    draft.apply(step.told(by: policy))
  }

  /// Somebody said at the destinations that these readings were not that person's: no reminder is needed any more.
  ///
  /// - Returns: as changed those that were told to somebody.
  /// - Throws: ``StoreFailure/unknownReading(_:)``.
  package func recordCorrected(
    _ ids: [ObservationID], at now: Date = Date()
  ) async throws(StoreFailure) -> OwnershipChange {
    try await write { db in
      let readings = try Self.once(ids.map { try OwnershipRecords(db).observation($0) })
      let told = try readings.map(\.id).filter { try !OwnershipRecords(db).uncorrected($0).isEmpty }
      for reading in readings {
        try Withdrawals(db).cancel(of: reading.id, now: now)
        try db.execute(
          sql: "UPDATE outbox SET needs_correction = 0 WHERE disowned_reading = ?", arguments: [reading.id.rawValue])
      }
      try OwedCorrections(db).dropSettled()
      return OwnershipChange(readings: readings, changed: told, transitions: [])
    }
  }

  /// Where readings were told, or may have been, that were taken back since, by reading.
  package func uncorrected(_ ids: [ObservationID]) async throws(StoreFailure) -> [ObservationID: [DestinationID]] {
    try await read { db in
      var all: [ObservationID: [DestinationID]] = [:]
      for id in ids {
        let destinations = try OwnershipRecords(db).uncorrected(id)
        if !destinations.isEmpty { all[id] = destinations }
      }
      return all
    }
  }

  /// How readings came to be whose they are, oldest first; nothing of those of which the device alone said so.
  package func ownershipEvents(
    of ids: [ObservationID]
  ) async throws(StoreFailure) -> [ObservationID: [OwnershipEvent]] {
    try await read { db in
      var all: [ObservationID: [OwnershipEvent]] = [:]
      // Few readings ever change hands: a long list is not asked one by one.
      let touched = try String.fetchSet(db, sql: "SELECT DISTINCT observation FROM ownership_events")
      for id in ids where touched.contains(id.rawValue) { all[id] = try OwnershipRecords(db).events(of: id) }
      return all
    }
  }

  /// How one reading came to be whose it is, oldest first; empty when the device alone said so.
  package func ownershipEvents(of id: ObservationID) async throws(StoreFailure) -> [OwnershipEvent] {
    try await ownershipEvents(of: [id])[id] ?? []
  }

  package func ownershipCounts() async throws(StoreFailure) -> OwnershipCounts {
    try await read { db in
      func date(_ instant: Double?) -> Date? { instant.map { Date(timeIntervalSince1970: $0) } }
      var counts = OwnershipCounts(unassigned: 0, corrections: [:])
      if let row = try Row.fetchOne(db, sql: OwnershipRecords.SQL.countUnassigned) {
        counts.unassigned = row[0]
        counts.oldestUnassigned = date(row[1])
      }
      for row in try Row.fetchAll(db, sql: OwnershipRecords.SQL.corrections) {
        counts.corrections[DestinationID(rawValue: row[0])] = row[1]
        counts.oldestCorrection = [counts.oldestCorrection, date(row[2])].compactMap { $0 }.min()
      }
      return counts
    }
  }
}
