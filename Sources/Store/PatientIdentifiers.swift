package import Foundation
import GRDB
package import Observations

/// A number that somebody's country gave them, as it was typed.
package struct StoredIdentifier: Hashable, Sendable, Codable {
  /// What it is: `cccd`, `health-id`, `bhyt-15`, `bhyt-10`.
  package var kind: String
  package var value: String

  package init(kind: String, value: String) {
    self.kind = kind
    self.value = value
  }
}

extension Store {
  /// Keeps a number of a person in place of an earlier one of its kind, in the copies too: one that was wrong must not come
  /// back. It leaves for no destination that does not ask for it.
  ///
  /// - Parameter value: checked by the caller; nil: there is none any more.
  /// - Throws: ``StoreFailure/unknownPatient``.
  package func setIdentifier(
    _ kind: String, _ value: String?, of patient: PatientID, at now: Date = Date()
  ) async throws(StoreFailure) {
    // Not cancelled with whoever asked: the database and its copies would say different things.
    let both = Task { () async throws -> Void in
      try await self.write { db in
        guard try People(db).patient(patient) != nil else { throw StoreFailure.unknownPatient }
        try Self.setIdentifier(db, kind, value, of: patient, at: now)
      }
      let copies = VerifiedCopies(self.files)
      try? await self.onCopies {
        copies.change { db in
          // One from before a migration, or from before the person came, has nothing to change.
          guard try db.tableExists("patient_identifiers"),
            try Int.fetchOne(db, sql: "SELECT 1 FROM patients WHERE id = ?", arguments: [patient.rawValue]) != nil
          else { return }
          try Self.setIdentifier(db, kind, value, of: patient, at: now)
        }
      }
    }
    do { try await both.value } catch { throw StoreFailure(error) }
  }

  private static func setIdentifier(
    _ db: Database, _ kind: String, _ value: String?, of patient: PatientID, at now: Date
  ) throws {
    guard let value else {
      try db.execute(
        sql: "DELETE FROM patient_identifiers WHERE patient = ? AND kind = ?", arguments: [patient.rawValue, kind])
      return
    }
    try db.execute(
      sql: """
        INSERT INTO patient_identifiers (patient, kind, value, set_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (patient, kind) DO UPDATE SET value = excluded.value, set_at = excluded.set_at
        """, arguments: [patient.rawValue, kind, value, now.timeIntervalSince1970])
  }

  /// The numbers that are kept of a person, by kind.
  package func identifiers(of patient: PatientID) async throws(StoreFailure) -> [StoredIdentifier] {
    try await read { db in
      try Row.fetchAll(
        db.cachedStatement(sql: "SELECT kind, value FROM patient_identifiers WHERE patient = ? ORDER BY kind"),
        arguments: [patient.rawValue]
      ).map { StoredIdentifier(kind: $0[0], value: $0[1]) }
    }
  }
}
