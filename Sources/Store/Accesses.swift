package import Foundation
import GRDB
package import Observations

/// What somebody did with kept readings, for the household to look up.
package struct Access: Hashable, Sendable {
  package enum Action: String, Hashable, Sendable, Codable, CaseIterable {
    /// A list of readings, of alerts, of what became of them or of people, or a search.
    case read
    /// All of it, to a file.
    case export
    /// A person was erased.
    case erase
  }

  /// By which way they came.
  package enum Way: String, Hashable, Sendable, Codable, CaseIterable {
    /// The Unix socket: the kernel says who.
    case socket
    /// The loopback port: whoever has the token.
    case port
  }

  package var action: Action
  package var way: Way
  /// The user of this machine, as the kernel says; nil: it does not.
  package var uid: UInt32?
  /// Whose readings; nil: anybody's.
  package var patient: PatientID?
  /// The first and the last time of this stretch.
  package var from: Date
  package var until: Date
  /// How many requests.
  package var count: Int

  package init(
    action: Action, way: Way, uid: UInt32?, patient: PatientID?, from: Date, until: Date, count: Int = 1
  ) {
    self.action = action
    self.way = way
    self.uid = uid
    self.patient = patient
    self.from = from
    self.until = until
    self.count = count
  }
}

extension Store {
  /// Requests of one kind within an hour are one row: a client that turns pages is not a thousand readers.
  private static let stretch: TimeInterval = 3600

  /// Writes down that somebody read, exported or erased.
  package func recordAccess(
    _ action: Access.Action, _ way: Access.Way, uid: UInt32?, patient: PatientID?, at now: Date
  ) async throws(StoreFailure) {
    try await write { db in
      try db.execute(
        sql: """
          UPDATE accesses SET until = ?, count = count + 1 WHERE seq = (
            SELECT MAX(seq) FROM accesses
            WHERE action = ? AND way = ? AND uid IS ? AND patient IS ? AND begun_at > ? AND begun_at <= ?)
          """,
        arguments: [
          now.timeIntervalSince1970, action.rawValue, way.rawValue, uid.map { Int64($0) }, patient?.rawValue,
          now.timeIntervalSince1970 - Self.stretch, now.timeIntervalSince1970,
        ])
      guard db.changesCount == 0 else { return }
      try db.execute(
        sql: "INSERT INTO accesses (action, way, uid, patient, begun_at, until, count) VALUES (?, ?, ?, ?, ?, ?, 1)",
        arguments: [
          action.rawValue, way.rawValue, uid.map { Int64($0) }, patient?.rawValue, now.timeIntervalSince1970,
          now.timeIntervalSince1970,
        ])
    }
  }

  /// The newest last.
  package func accesses(limit: Int = 1000) async throws(StoreFailure) -> [Access] {
    try await read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM accesses ORDER BY seq DESC LIMIT ?", arguments: [limit]).map { row in
        guard let action = Access.Action(rawValue: row["action"]), let way = Access.Way(rawValue: row["way"]) else {
          throw StoreFailure.corrupt(detail: "accesses")
        }
        return Access(
          action: action, way: way, uid: (row["uid"] as Int64?).flatMap { UInt32(exactly: $0) },
          patient: (row["patient"] as String?).map { PatientID(rawValue: $0) },
          from: Date(timeIntervalSince1970: row["begun_at"]), until: Date(timeIntervalSince1970: row["until"]),
          count: row["count"])
      }.reversed()
    }
  }
}
