import AlertRules
import Foundation
import GRDB
import Observations

/// The readings that rules look back at, as the transaction sees them. However many rules ask, and however far back each
/// looks, a row is read and decoded once.
struct StoredHistory {
  enum SQL {
    static let ofPatient = """
      SELECT effective_end, content FROM observations INDEXED BY observations_patient
      WHERE patient = ? AND effective_end >= ? AND effective_end < ? AND kind = 'blood-pressure'
      ORDER BY effective_end DESC LIMIT ?
      """
    static let ofNobody = """
      SELECT effective_end, content FROM observations INDEXED BY observations_unassigned
      WHERE patient IS NULL AND device = ? AND effective_end >= ? AND effective_end < ? AND kind = 'blood-pressure'
      ORDER BY effective_end DESC LIMIT ?
      """
  }

  /// Runs `body` with the history.
  ///
  /// - Parameter decoded: what is known of the texts from earlier transactions.
  /// - Throws: what went wrong when it was asked: the rules then have not seen everything, and nothing may be committed.
  static func with<Value>(
    _ db: Database, decoded: DecodedReadings = DecodedReadings(), _ body: (RuleHistory) -> Value
  ) throws -> Value {
    var failure: (any Error)?
    var stored = StoredHistory(db, decoded)
    let value = body(
      RuleHistory { query in
        do {
          return try stored.samples(query)
        } catch let error {
          failure = failure ?? error
          return nil
        }
      })
    if let failure { throw failure }
    return value
  }

  private struct Owner: Hashable {
    var sql: String
    var id: String
  }

  /// The newest rows of one owner.
  private struct Rows {
    /// The newest first.
    var rows: [(end: Double, sample: RuleSample?)] = []
    /// Of this `effective_end` and later there is nothing more, unless ``limit`` was reached.
    var since = Double.infinity
    var limit: Int
  }

  private let db: Database
  private let decoded: DecodedReadings
  private var read: [Owner: Rows] = [:]

  private init(_ db: Database, _ decoded: DecodedReadings) {
    self.db = db
    self.decoded = decoded
  }

  private mutating func samples(_ query: RuleHistory.Query) throws -> [RuleSample] {
    let owner: Owner
    switch query.subject {
    case .patient(let patient): owner = Owner(sql: SQL.ofPatient, id: patient.rawValue)
    case .device(let device, _): owner = Owner(sql: SQL.ofNobody, id: device.rawValue)
    // Nothing is measured of a thing.
    case .equipment, .destination, .box: return []
    }
    let since = query.since.timeIntervalSince1970
    var known = read[owner].flatMap { $0.limit >= query.limit ? $0 : nil } ?? Rows(limit: query.limit)
    if since < known.since {
      known.rows += try Row.fetchAll(
        db.cachedStatement(sql: owner.sql),
        arguments: [owner.id, since, known.since, known.limit - known.rows.count]
      ).map { row in
        (row["effective_end"], try decoded.sample(row["content"]))
      }
      known.since = since
      read[owner] = known
    }
    return known.rows.prefix(query.limit).prefix { $0.end >= since }.compactMap(\.sample).filter { sample in
      sample.subject == query.subject && sample.isSimulated == query.isSimulated && sample.instant <= query.until
    }.reversed()
  }
}
