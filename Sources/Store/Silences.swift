package import AlertRules
package import Foundation
import GRDB
import Observations

/// The table of silences.
struct Silences {
  let db: Database
  init(_ db: Database) { self.db = db }

  /// Those that hold at `now`, the first to end first.
  func holding(at now: Date) throws -> [Silence] {
    try String.fetchAll(
      db, sql: "SELECT content FROM silences WHERE until > ? ORDER BY until, id", arguments: [now.timeIntervalSince1970]
    ).map { try JSONText.decode(Silence.self, $0) }
  }

  func save(_ silence: Silence, uid: UInt32?) throws {
    try db.execute(
      sql: """
        INSERT INTO silences (id, until, uid, content) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET until = excluded.until, content = excluded.content
        """,
      arguments: [
        silence.id.rawValue, silence.until.timeIntervalSince1970, uid.map { Int64($0) }, try JSONText.encode(silence),
      ])
  }
}

extension Store {
  /// Holds alerts back from now on, until the silence ends or is lifted.
  package func silence(
    _ silence: Silence, by uid: UInt32?, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) {
    try await decide(policy, now) { db, draft in
      if let patient = silence.patient, try People(db).patient(patient) == nil { throw StoreFailure.unknownPatient }
      try Silences(db).save(silence, uid: uid)
      draft.hold(try Silences(db).holding(at: now))
    }
  }

  /// Ends a silence now; what it held and still fires is told.
  ///
  /// - Returns: whether one of this name held.
  package func liftSilence(
    _ id: SilenceID, by uid: UInt32?, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> Bool {
    try await decide(policy, now) { db, draft in
      guard var silence = try Silences(db).holding(at: now).first(where: { $0.id == id }) else { return false }
      silence.until = now
      try Silences(db).save(silence, uid: uid)
      draft.hold(try Silences(db).holding(at: now))
      return true
    }
  }

  /// Those that hold at `now`, the first to end first.
  package func silences(at now: Date) async throws(StoreFailure) -> [Silence] {
    try await read { db in try Silences(db).holding(at: now) }
  }
}
