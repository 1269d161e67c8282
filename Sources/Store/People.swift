package import Foundation
import GRDB
package import Observations

/// One person's word that one destination may have their readings and alerts.
package struct Consent: Hashable, Sendable, Identifiable {
  package var id: Int64
  package var patient: PatientID
  package var destination: DestinationID
  /// Who reads there, in the person's words (“Dr Lan”, “my daughter”).
  package var grantee: String
  /// What they are to the person.
  package var relationship: String
  package var grantedAt: Date
  /// Nil while it holds.
  package var withdrawnAt: Date?
}

/// The tables of people and their consents.
struct People {
  let db: Database
  init(_ db: Database) { self.db = db }

  /// Two names are one when they differ in capitals, in how accents are composed, or in spaces about them.
  static func folded(_ name: String) -> String {
    name.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping.lowercased()
  }

  func patients() throws -> [Patient] {
    try Row.fetchAll(db, sql: "SELECT id, name, added_at, limits FROM patients ORDER BY added_at, id").map(patient)
  }

  func patient(_ id: PatientID) throws -> Patient? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT id, name, added_at, limits FROM patients WHERE id = ?"), arguments: [id.rawValue]
    ).map(patient)
  }

  func patient(named name: String) throws -> Patient? {
    try Row.fetchOne(
      db, sql: "SELECT id, name, added_at, limits FROM patients WHERE folded_name = ?", arguments: [Self.folded(name)]
    ).map(patient)
  }

  private func patient(_ row: Row) -> Patient {
    Patient(
      id: PatientID(rawValue: row["id"]), name: row["name"], addedAt: Date(timeIntervalSince1970: row["added_at"]),
      group: PatientGroup(rawValue: row["limits"]) ?? .adult)
  }

  func consents(of patient: PatientID?) throws -> [Consent] {
    let condition = patient == nil ? "" : "WHERE patient = ?"
    let arguments: StatementArguments = patient.map { [$0.rawValue] } ?? []
    return try Row.fetchAll(db, sql: "SELECT * FROM consents \(condition) ORDER BY id", arguments: arguments).map {
      row in
      Consent(
        id: row["id"], patient: PatientID(rawValue: row["patient"]),
        destination: DestinationID(rawValue: row["destination"]), grantee: row["grantee"],
        relationship: row["relationship"], grantedAt: Date(timeIntervalSince1970: row["granted_at"]),
        withdrawnAt: (row["withdrawn_at"] as Double?).map { Date(timeIntervalSince1970: $0) })
    }
  }

  /// Ends what holds; whether something did.
  ///
  /// - Parameter grantee: nil: everybody at that destination.
  func withdraw(patient: PatientID, destination: DestinationID, grantee: String?, at now: Date) throws -> Bool {
    try db.execute(
      sql: """
        UPDATE consents SET withdrawn_at = ?
        WHERE patient = ? AND destination = ? AND withdrawn_at IS NULL AND grantee = COALESCE(?, grantee)
        """,
      arguments: [now.timeIntervalSince1970, patient.rawValue, destination.rawValue, grantee])
    return db.changesCount > 0
  }

  /// - Parameter patient: nil: of anybody.
  func hasConsent(_ patient: PatientID?, _ destination: DestinationID) throws -> Bool {
    try Int.fetchOne(
      db,
      sql: """
        SELECT 1 FROM consents WHERE destination = ? AND patient = COALESCE(?, patient) AND withdrawn_at IS NULL LIMIT 1
        """,
      arguments: [destination.rawValue, patient?.rawValue]) != nil
  }
}

extension Store {
  /// A new person with a random pseudonymous identifier.
  ///
  /// - Throws: ``StoreFailure/nameTaken`` (capitals and composition of accents do not count),
  ///   ``StoreFailure/emptyName``.
  package func addPatient(
    name: String, group: PatientGroup = .adult, at now: Date = Date()
  ) async throws(StoreFailure) -> Patient {
    try await writeHousehold { db in
      let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
      guard !name.isEmpty else { throw StoreFailure.emptyName }
      guard try People(db).patient(named: name) == nil else { throw StoreFailure.nameTaken }
      let patient = Patient(id: .random(prefix: "p-"), name: name, addedAt: now, group: group)
      try db.execute(
        sql: "INSERT INTO patients (id, name, folded_name, added_at, limits) VALUES (?, ?, ?, ?, ?)",
        arguments: [patient.id.rawValue, name, People.folded(name), now.timeIntervalSince1970, group.rawValue])
      return patient
    }
  }

  /// From now on the limits of another group hold for the person. What fires by a rule that is not for them any more is put
  /// to rest without a word at the next tick.
  ///
  /// - Throws: ``StoreFailure/unknownPatient``.
  package func setGroup(_ group: PatientGroup, of patient: PatientID) async throws(StoreFailure) -> Patient {
    try await writeHousehold { db in
      try db.execute(
        sql: "UPDATE patients SET limits = ? WHERE id = ?", arguments: [group.rawValue, patient.rawValue])
      guard let patient = try People(db).patient(patient) else { throw StoreFailure.unknownPatient }
      return patient
    }
  }

  /// Those who are no adults, by memory.
  package var groups: [PatientID: PatientGroup] {
    memory.withContents { $0.household.patients.values.filter { $0.group != .adult } }
      .reduce(into: [:]) { $0[$1.id] = $1.group }
  }

  /// Everybody, in the order they were added.
  package func patients() async throws(StoreFailure) -> [Patient] {
    try await read { db in try People(db).patients() }
  }

  package func patient(_ id: PatientID) async throws(StoreFailure) -> Patient? {
    try await read { db in try People(db).patient(id) }
  }

  /// By name, whatever its capitals.
  package func patient(named name: String) async throws(StoreFailure) -> Patient? {
    try await read { db in try People(db).patient(named: name) }
  }

  /// Records that `patient` lets `destination` have their readings and alerts from now on. Readings and alerts from
  /// before are not sent: the consent is to what comes. A consent to the same grantee that already holds stays as it
  /// is.
  ///
  /// - Throws: ``StoreFailure/unknownPatient``.
  package func grantConsent(
    patient: PatientID, destination: DestinationID, grantee: String, relationship: String, at now: Date
  ) async throws(StoreFailure) {
    try await writeHousehold { db in
      guard try People(db).patient(patient) != nil else { throw StoreFailure.unknownPatient }
      try db.execute(
        sql: """
          INSERT INTO consents (patient, destination, grantee, relationship, granted_at) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT DO NOTHING
          """,
        arguments: [
          patient.rawValue, destination.rawValue, grantee, relationship, now.timeIntervalSince1970,
        ])
    }
    changed([.outbox])
  }

  /// Ends the consent; the record of it stays. When no other of the person's for this destination holds, what waits in
  /// the outbox is cancelled in the same transaction and never sent, not even when the consent is given again. That waits
  /// for nothing; the copies follow once none is being made.
  ///
  /// - Parameter grantee: nil: everybody at that destination.
  /// - Returns: whether one held.
  package func withdrawConsent(
    patient: PatientID, destination: DestinationID, grantee: String? = nil, at now: Date
  ) async throws(StoreFailure) -> Bool {
    // Not cancelled with whoever asked: the database and its copies would say different things.
    let both = Task { () async throws -> Bool in
      let hasEnded = try await self.writeHousehold { db in
        let hasEnded = try People(db).withdraw(patient: patient, destination: destination, grantee: grantee, at: now)
        if try !People(db).hasConsent(patient, destination) {
          try Outbox(db).cancel(patient: patient, destination: destination, at: now)
        }
        if try !People(db).hasConsent(nil, destination) {
          try Outbox(db).cancel(patient: nil, destination: destination, at: now)
        }
        return hasEnded
      }
      self.changed([.outbox])
      let copies = VerifiedCopies(self.files)
      try? await self.onCopies {
        copies.withdraw(patient: patient, destination: destination, grantee: grantee, at: now)
      }
      return hasEnded
    }
    do { return try await both.value } catch { throw StoreFailure(error) }
  }

  /// The whole history, oldest first; nil: everybody's.
  package func consents(of patient: PatientID? = nil) async throws(StoreFailure) -> [Consent] {
    try await read { db in try People(db).consents(of: patient) }
  }

  package func hasConsent(patient: PatientID, destination: DestinationID) async throws(StoreFailure) -> Bool {
    try await read { db in try People(db).hasConsent(patient, destination) }
  }

  /// The people whose alerts reach nobody: no destination that takes alerts has their consent.
  package func unreachablePatients(_ destinations: [DestinationPolicy]) async throws(StoreFailure) -> [Patient] {
    try await read { db in
      let people = People(db)
      return try people.patients().filter { patient in
        try !destinations.contains {
          try $0.takesAlerts && $0.only.passes(patient.id) && people.hasConsent(patient.id, $0.id)
        }
      }
    }
  }

  /// One transaction that may change who is who or who may be told; memory follows on the writer's thread.
  func writeHousehold<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreFailure) -> Value {
    try await write(
      { db in (try body(db), try Household(db)) }, remembering: { $0.household = $1.1 }
    ).0
  }
}
