import AlertRules
package import Foundation
import GRDB
package import Observations

/// What erasing a person takes away, or took away.
package struct Erasure: Hashable, Sendable {
  package var patient: PatientID
  package var readings: Int
  package var alerts: Int
  /// Destinations that have, or may have, copies: what they were sent cannot be called back from here.
  package var destinations: [DestinationID]
  /// Files in the data directory that are not the store's own: they were not looked at.
  package var otherFiles: [String]
  /// Whether the file was written anew, so that nothing erased stands in it. False: it could not be; it is tried again when
  /// the store is next opened.
  package var isClean: Bool
}

/// Takes a person out of every table.
struct Eraser {
  /// The tables that hold something of a person, and what is done about it. A table that is added and is not named here
  /// fails a test.
  static let tables: Set<String> = [
    "patients", "device_users", "consents", "observations", "alert_states", "alert_events", "alert_episodes",
    "silences", "outside_answers", "outbox", "undecodable_values", "ownership_events", "uncertain_times",
    "record_resources", "delivery_answers", "patient_identifiers", "pruned_tellings",
  ]
  /// The tables that hold nothing that a person measured or is called by.
  static let others: Set<String> = [
    "settings", "devices", "long_term_keys", "identity_resolving_keys", "consent_codes", "erased_readings", "erasures",
    "accesses", "pruned",
    "grdb_migrations", "sqlite_sequence",
  ]

  let db: Database
  let patient: PatientID
  init(_ db: Database, _ patient: PatientID) {
    self.db = db
    self.patient = patient
  }

  private static let readings = "SELECT id FROM observations WHERE patient = :patient"
  private static let events = """
    SELECT seq FROM alert_events
    WHERE patient = :patient OR json_extract(content, '$.observation') IN (\(readings))
    """
  private static let rows = """
    patient = :patient OR observation IN (\(readings)) OR disowned_reading IN (\(readings)) OR alert IN (\(events))
    """

  private var arguments: StatementArguments { ["patient": patient.rawValue] }

  /// What there is to erase.
  func preview() throws -> Erasure {
    func count(_ selection: String) throws -> Int {
      try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM (\(selection))", arguments: arguments) ?? 0
    }
    let destinations = try String.fetchAll(
      db,
      sql: """
        SELECT destination FROM outbox WHERE (\(Self.rows)) AND (state = 'delivered' OR attempts > 0)
        UNION SELECT destination FROM pruned_tellings WHERE patient = :patient
        ORDER BY destination
        """, arguments: arguments)
    return Erasure(
      patient: patient, readings: try count("\(Self.readings) AND kind <> 'home-average'"),
      alerts: try count(Self.events),
      destinations: destinations.map { DestinationID(rawValue: $0) }, otherFiles: [], isClean: false)
  }

  /// The episodes of the person's alerts; to be asked before ``erase(by:now:)``.
  func episodes() throws -> Set<EpisodeID> {
    Set(
      try String.fetchAll(
        db, sql: "SELECT DISTINCT episode FROM alert_events WHERE seq IN (\(Self.events))", arguments: arguments
      ).map { EpisodeID(rawValue: $0) })
  }

  /// The devices that the person's readings came from, or are to come from.
  private func devices() throws -> Set<DeviceID> {
    Set(
      try String.fetchAll(
        db,
        sql: """
          SELECT device FROM observations WHERE patient = :patient UNION
          SELECT device FROM device_users WHERE patient = :patient
          """, arguments: arguments
      ).map { DeviceID(rawValue: $0) })
  }

  /// The alert states to forget: the person's, those at rest of their devices' nameless users, whose readings may have been
  /// claimed for this person since, and those at rest of somebody who had one of this person's readings before.
  func states(of all: some Collection<AlertState>) throws -> Set<AlertKey> {
    let devices = try devices()
    let readings = try String.fetchSet(db, sql: Self.readings, arguments: arguments)
    return Set(
      all.filter { state in
        if state.key.subject.patient == patient { return true }
        guard !state.isOpen else { return false }
        if let device = state.key.subject.device { return devices.contains(device) }
        return state.lastObservation.map { readings.contains($0.rawValue) } ?? false
      }.map(\.key))
  }

  /// Everything, in the caller's transaction. What another table still says of the person makes the commit fail.
  func erase(by uid: UInt32?, states: Set<AlertKey>, now: Date) throws -> Erasure {
    let found = try preview()
    // Rows refer to each other in both directions; it has to be right at the end only.
    try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
    try db.execute(
      sql: """
        INSERT INTO erasures (patient, at, uid, readings, destinations, is_removing) VALUES (?, ?, ?, ?, ?, 1)
        """,
      arguments: [
        patient.rawValue, now.timeIntervalSince1970, uid.map { Int64($0) }, found.readings,
        try JSONText.encode(found.destinations),
      ])
    try keepHashes()
    let owed = try OwedCorrections(db, ofReadingsOf: patient)
    let kept = OwedCorrections.list(owed.rows)
    for device in try devices() {
      // Bytes that nobody could read may be this person's, and nobody can tell.
      try db.execute(sql: "DELETE FROM undecodable_values WHERE device = ?", arguments: [device.rawValue])
    }
    for statement in [
      "DELETE FROM outside_answers WHERE episode IN (SELECT episode FROM alert_events WHERE seq IN (\(Self.events)))",
      """
      DELETE FROM delivery_answers WHERE delivery IN (
        SELECT id FROM outbox WHERE \(Self.rows) OR withdraws IN (SELECT id FROM outbox WHERE \(Self.rows)))
      """,
      "DELETE FROM record_resources WHERE patient = :patient OR (type = 'Patient' AND value = :patient)",
      "DELETE FROM outbox WHERE withdraws IN (SELECT id FROM outbox WHERE \(Self.rows)) AND id NOT IN (\(kept))",
      "DELETE FROM outbox WHERE (\(Self.rows)) AND id NOT IN (\(kept))",
      """
      DELETE FROM alert_episodes WHERE episode IN (
        SELECT episode FROM alert_events WHERE seq IN (\(Self.events)))
      """,
      "DELETE FROM alert_events WHERE seq IN (\(Self.events))",
      "DELETE FROM silences WHERE json_extract(content, '$.patient') = :patient",
      "DELETE FROM uncertain_times WHERE observation IN (\(Self.readings))",
      "DELETE FROM ownership_events WHERE patient = :patient OR observation IN (\(Self.readings))",
      "DELETE FROM pruned_tellings WHERE patient = :patient",
      "DELETE FROM device_users WHERE patient = :patient",
      "DELETE FROM patient_identifiers WHERE patient = :patient",
      "DELETE FROM consents WHERE patient = :patient",
    ] { try db.execute(sql: statement, arguments: arguments) }
    try owed.keepAlerts()
    try owed.strip()
    for statement in ["DELETE FROM observations WHERE patient = :patient", "DELETE FROM patients WHERE id = :patient"] {
      try db.execute(sql: statement, arguments: arguments)
    }
    // What was kept for this person's own corrections.
    try OwedCorrections(db).dropSettled()
    for key in states {
      try db.execute(
        sql: "DELETE FROM alert_states WHERE rule = ? AND subject = ? AND simulated = ?",
        arguments: [key.rule.rawValue, key.subject.description, key.isSimulated])
    }
    try db.execute(sql: "UPDATE erasures SET is_removing = 0 WHERE patient = ?", arguments: [patient.rawValue])
    return found
  }

  private func keepHashes() throws {
    let erased = ErasedReadings(db)
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT identity, untimed_identity, confirmation,
          EXISTS (
            SELECT 1 FROM observations AS later
            WHERE later.untimed_identity = observations.untimed_identity AND later.seq > observations.seq) AS went_on
        FROM observations WHERE patient = ?
        """, arguments: [patient.rawValue])
    while let row = try rows.next() {
      if let untimed: String = row["untimed_identity"] {
        // One whose confirmation arrived is gone from the device, and so is one after which it gave the same bytes once more:
        // the same again are a new reading, or the last of them.
        guard row["confirmation"] != "arrived", !row["went_on"] else { continue }
        try erased.add(ReadingIdentity(rawValue: untimed), isUntimed: true)
      } else {
        try erased.add(ReadingIdentity(rawValue: row["identity"]), isUntimed: false)
      }
    }
  }
}

extension Store {
  /// What ``erase(_:by:now:)`` would take away.
  ///
  /// - Throws: ``StoreFailure/unknownPatient``.
  package func erasurePreview(_ patient: PatientID) async throws(StoreFailure) -> Erasure {
    var found = try await read { db in
      guard try People(db).patient(patient) != nil else { throw StoreFailure.unknownPatient }
      return try Eraser(db, patient).preview()
    }
    found.otherFiles = otherFiles
    return found
  }

  /// Erases a person: readings, alerts, consents, what waits to leave, and the name, in one transaction; then the file is
  /// written anew and the log beside it emptied, so that nothing of it stands in any of the store's files. What stays is the
  /// pseudonym in the list of erasures and keyed hashes of the readings' identities (``ErasedReadings``). The copies and the
  /// damaged databases that were set aside are removed, and a copy is made of what is left. Devices stay, and
  /// what they send next is nobody's.
  ///
  /// - Throws: ``StoreFailure/unknownPatient``. An error of the second step is none: ``Erasure/isClean`` says it.
  package func erase(_ patient: PatientID, by uid: UInt32?, now: Date) async throws(StoreFailure) -> Erasure {
    let (memory, decoded, commits) = (memory, decoded, commits)
    var erasure: Erasure
    do {
      erasure = try await pool.writeWithoutTransaction { db in
        let all = memory.withContents { Array($0.states.values) }
        let (erasure, states, episodes, household) = try db.transaction {
          guard try People(db).patient(patient) != nil else { throw StoreFailure.unknownPatient }
          let eraser = Eraser(db, patient)
          let (states, episodes) = (try eraser.states(of: all), try eraser.episodes())
          return (try eraser.erase(by: uid, states: states, now: now), states, episodes, try Household(db))
        }
        memory.withContents { contents in
          contents.household = household
          contents.states = contents.states.filter { !states.contains($0.key) }
          contents.unwritten.subtract(states)
          contents.episodes = contents.episodes.filter {
            !episodes.contains($0.key) && $0.value.firing.patient != patient
          }
          contents.untold.removeAll { $0.patient == patient }
          contents.silences.removeAll { $0.patient == patient }
        }
        decoded.removeAll()
        try commits.confirm()
        return erasure
      }
    } catch { throw await failure(error) }
    changed([.outbox])
    erasure.isClean = await clean(now: now)
    // The old ones went with the person; where this fails the next day's is the first.
    _ = try? await makeCopy(now: now)
    erasure.otherFiles = otherFiles
    return erasure
  }

  /// Whether there is such a person no longer, because they were erased.
  package func isErased(_ patient: PatientID) async throws(StoreFailure) -> Bool {
    try await read { db in
      try Int.fetchOne(db, sql: "SELECT 1 FROM erasures WHERE patient = ?", arguments: [patient.rawValue]) != nil
    }
  }

  /// Writes the file anew where an erasure waits for it.
  ///
  /// - Returns: whether nothing waits now.
  private func clean(now: Date) async -> Bool {
    let (pool, files, maintenance) = (pool, files, maintenance)
    do {
      // With no reader about: one that looks at an older state would keep the log from being emptied.
      try await onCopies {
        try pool.barrierWriteWithoutTransaction { db in
          maintenance.begin()
          defer { maintenance.end() }
          try Self.clean(db, files, now: now)
        }
      }
      return true
    } catch {
      return false
    }
  }

  static func clean(_ db: Database, _ files: StoreFiles, now: Date) throws {
    guard try Int.fetchOne(db, sql: "SELECT 1 FROM erasures WHERE cleaned_at IS NULL LIMIT 1") != nil else { return }
    // First, since it needs no room: what was written anew once must not come back from a copy.
    try VerifiedCopies(files).removeEverything()
    // Pages that are made for the new file hold nothing of what their memory held before.
    try db.execute(sql: "PRAGMA secure_delete = ON")
    try db.execute(sql: "VACUUM")
    try db.checkpoint(.truncate)
    try db.execute(
      sql: "UPDATE erasures SET cleaned_at = ? WHERE cleaned_at IS NULL", arguments: [now.timeIntervalSince1970])
  }

  /// Where the gateway keeps the configuration that last held: what its own files say, and nothing that was measured.
  package static let configurationFile = "last-good-configuration.json"

  /// Nothing is kept in a socket, such as the service's own.
  private func isSocket(beside file: URL, _ name: String) -> Bool {
    let path = file.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    return (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeSocket
  }

  /// The configuration is not among them: that it may name the person is said to whoever erases, wherever it lies.
  private var otherFiles: [String] {
    let file = URL(filePath: pool.path)
    let own = StoreFiles.suffixes.map { file.lastPathComponent + $0 } + StoreFiles.own + [Self.configurationFile]
    let found = try? FileManager.default.contentsOfDirectory(
      atPath: file.deletingLastPathComponent().path(percentEncoded: false))
    return (found ?? []).filter { !own.contains($0) && $0 != "vitalsd.yaml" && !isSocket(beside: file, $0) }.sorted()
  }
}
