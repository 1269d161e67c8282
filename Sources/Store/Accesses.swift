package import Foundation
import GRDB
package import Observations

/// What somebody did, or was refused, for the household to look up. Nothing of a person but the id.
package struct Access: Hashable, Sendable {
  package enum Action: String, Hashable, Sendable, Codable, CaseIterable {
    /// A list of readings, of alerts, of what became of them or of people, or a search.
    case read
    /// All of it, to a file.
    case export
    /// A person was erased.
    case erase
    /// A device was, or was to be, paired.
    case pair
    case unpair
    /// Whose readings of a device are was said.
    case assign
    case claim
    case disown
    /// A person was added, or other limits hold for them.
    case patient
    case acknowledge
    /// A silence was set or lifted.
    case silence
    case consent
    /// A consent was taken back.
    case withdraw
    /// Something was sent on somebody's word: again, or to try.
    case deliver
    case scan
    /// The configuration was read anew.
    case reload
    /// All of the household, to a file that another box can take.
    case backup
    /// This is what a backup held, on the box where somebody restored it.
    case restore

    /// Nothing is changed by it.
    package var looks: Bool { self == .read || self == .export || self == .backup }
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
  /// Which device, silence or destination; nil: none.
  package var subject: String?
  /// It was not done: whoever asked may not.
  package var refused: Bool

  package init(
    action: Action, way: Way, uid: UInt32?, patient: PatientID?, from: Date, until: Date, count: Int = 1,
    subject: String? = nil, refused: Bool = false
  ) {
    self.action = action
    self.way = way
    self.uid = uid
    self.patient = patient
    self.from = from
    self.until = until
    self.count = count
    self.subject = subject
    self.refused = refused
  }
}

extension Store {
  /// Requests of one kind within an hour are one row: a client that turns pages is not a thousand readers.
  private static let stretch: TimeInterval = 3600

  /// How many rows are kept of what was done, and how many of what was refused: whoever is refused again and again pushes
  /// nothing out of what was done. Of each, the oldest goes of the user who has the most: one program that asks for everything
  /// pushes out nobody's rows but its own. A row is about a hundred octets.
  package static let keptAccesses = (done: 20_000, refused: 2_000)

  /// Writes down that somebody did something, or was refused, so many times by now.
  ///
  /// - Parameter kept: as of ``keptAccesses``.
  package func recordAccess(
    _ action: Access.Action, _ way: Access.Way, uid: UInt32?, patient: PatientID?, subject: String? = nil,
    refused: Bool = false, count: Int = 1, at now: Date, kept: (done: Int, refused: Int) = Store.keptAccesses
  ) async throws(StoreFailure) {
    let most = refused ? kept.refused : kept.done
    try await write { db in
      let time = now.timeIntervalSince1970
      try db.execute(
        sql: """
          UPDATE accesses SET until = ?, count = count + ? WHERE seq = (
            SELECT MAX(seq) FROM accesses
            WHERE action = ? AND way = ? AND uid IS ? AND patient IS ? AND subject IS ? AND refused = ?
              AND begun_at > ? AND begun_at <= ?)
          """,
        arguments: [
          time, count, action.rawValue, way.rawValue, uid.map { Int64($0) }, patient?.rawValue, subject, refused,
          time - Self.stretch, time,
        ])
      guard db.changesCount == 0 else { return }
      try db.execute(
        sql: """
          INSERT INTO accesses (action, way, uid, patient, subject, refused, begun_at, until, count)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          action.rawValue, way.rawValue, uid.map { Int64($0) }, patient?.rawValue, subject, refused, time, time,
          count,
        ])
      let rows = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM accesses WHERE refused = ?", arguments: [refused]) ?? 0
      guard rows > most else { return }
      try db.execute(
        sql: """
          DELETE FROM accesses WHERE seq = (
            SELECT MIN(seq) FROM accesses WHERE refused = ? GROUP BY uid ORDER BY COUNT(*) DESC, MIN(seq) LIMIT 1)
          """, arguments: [refused])
    }
  }

  /// The newest last. Where there are more than `limit`, as many of each user's newest, of what was done and of what was
  /// refused, as there is room for: one who asks all day hides nobody else.
  ///
  /// - Parameter patients: those about these people, and whoever looked at everybody, who looked at them; nil: all.
  package func accesses(
    within patients: Set<PatientID>? = nil, limit: Int = 1000
  ) async throws(StoreFailure) -> [Access] {
    let names = (patients ?? []).map(\.rawValue).sorted()
    var condition = ""
    if patients != nil {
      let marks = names.map { _ in "?" }.joined(separator: ", ")
      let looks = Access.Action.allCases.filter(\.looks).map { "'\($0.rawValue)'" }.joined(separator: ", ")
      condition = "WHERE patient IN (\(marks)) OR (patient IS NULL AND NOT refused AND action IN (\(looks)))"
    }
    let sql = """
      SELECT * FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY uid, refused ORDER BY seq DESC) AS place FROM accesses \(condition)
        ORDER BY place, seq DESC LIMIT ?) ORDER BY seq
      """
    return try await read { db in
      try Row.fetchAll(db, sql: sql, arguments: StatementArguments(names) + [limit]).map { row in
        guard let action = Access.Action(rawValue: row["action"]), let way = Access.Way(rawValue: row["way"]) else {
          throw StoreFailure.corrupt(detail: "accesses")
        }
        return Access(
          action: action, way: way, uid: (row["uid"] as Int64?).flatMap { UInt32(exactly: $0) },
          patient: (row["patient"] as String?).map { PatientID(rawValue: $0) },
          from: Date(timeIntervalSince1970: row["begun_at"]), until: Date(timeIntervalSince1970: row["until"]),
          count: row["count"], subject: row["subject"], refused: row["refused"])
      }
    }
  }
}
