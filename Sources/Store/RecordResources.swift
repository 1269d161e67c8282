package import Foundation
import GRDB
package import Observations

/// A resource that a destination's server is known to have.
package struct RecordResource: Hashable, Sendable {
  /// `Patient`, `Device`, `Observation`.
  package var type: String
  /// The system and the value of the identifier that it was sent under.
  package var system: String
  package var value: String
  /// The logical id that the server gave it.
  package var id: String
  /// The version that the server gave it last; nil: it says none.
  package var version: String?
  /// Whom it is of; nil: of nobody, as a device.
  package var patient: PatientID?

  package init(type: String, system: String, value: String, id: String, version: String?, patient: PatientID?) {
    self.type = type
    self.system = system
    self.value = value
    self.id = id
    self.version = version
    self.patient = patient
  }
}

extension Store {
  /// Keeps what a server has, over what was known of it before.
  package func keep(
    _ resources: [RecordResource], of destination: DestinationID, at now: Date
  ) async throws(StoreFailure) {
    guard !resources.isEmpty else { return }
    try await write { db in
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO record_resources (destination, type, system, value, id, version, patient, noted_at)
          SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
          -- Who was erased while the answer was on its way stays erased.
          WHERE (?7 IS NULL OR EXISTS (SELECT 1 FROM patients WHERE id = ?7))
            AND NOT EXISTS (SELECT 1 FROM erasures WHERE ?2 = 'Patient' AND erasures.patient = ?4)
          ON CONFLICT (destination, type, system, value)
          DO UPDATE SET id = excluded.id, version = excluded.version, noted_at = excluded.noted_at
          """)
      for resource in resources {
        try statement.execute(arguments: [
          destination.rawValue, resource.type, resource.system, resource.value, resource.id, resource.version,
          resource.patient?.rawValue, now.timeIntervalSince1970,
        ])
      }
    }
  }

  /// The one that was sent under an identifier; nil: none is known.
  package func recordResource(
    of destination: DestinationID, type: String, system: String, value: String
  ) async throws(StoreFailure) -> RecordResource? {
    try await read { db in
      try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT id, version, patient FROM record_resources
            WHERE destination = ? AND type = ? AND system = ? AND value = ?
            """), arguments: [destination.rawValue, type, system, value]
      ).map { row in
        RecordResource(
          type: type, system: system, value: value, id: row["id"], version: row["version"],
          patient: (row["patient"] as String?).map { PatientID(rawValue: $0) })
      }
    }
  }

  /// Forgets what servers have of readings since before an instant, at most `limit` of them: a correction of such a one asks
  /// the server for it first.
  ///
  /// - Returns: how many.
  package func forgetToldReadings(before: Date, limit: Int = 200) async throws(StoreFailure) -> Int {
    // The whole table is read, which no commit is to wait for.
    let found = try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT destination, system, value FROM record_resources WHERE type = 'Observation' AND noted_at < ?
          ORDER BY noted_at LIMIT ?
          """, arguments: [before.timeIntervalSince1970, limit]
      ).map { [$0["destination"] as String, $0["system"], $0["value"]] }
    }
    guard !found.isEmpty else { return 0 }
    return try await write { db in
      let statement = try db.cachedStatement(
        sql: """
          DELETE FROM record_resources
          WHERE destination = ? AND type = 'Observation' AND system = ? AND value = ? AND noted_at < ?
          """)
      var count = 0
      for name in found {
        try statement.execute(arguments: StatementArguments(name) + [before.timeIntervalSince1970])
        count += db.changesCount
      }
      return count
    }
  }

  /// What is known of a server is no longer so: it is another one, or somebody mended something there.
  ///
  /// - Parameter type: only of this type; nil: all.
  package func forgetRecordResources(
    of destination: DestinationID, type: String? = nil
  ) async throws(StoreFailure) {
    try await write { db in
      try db.cachedStatement(
        sql: "DELETE FROM record_resources WHERE destination = ? AND (type = ? OR ? IS NULL)"
      ).execute(arguments: [destination.rawValue, type, type])
    }
  }
}
