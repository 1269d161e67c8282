import AlertRules
import Foundation
import GRDB
import Observations

/// The readings that rules look back at, as the transaction sees them.
enum StoredHistory {
  enum SQL {
    static let ofPatient = """
      SELECT content FROM observations INDEXED BY observations_patient
      WHERE patient = ? AND effective_end >= ? AND kind = 'blood-pressure' ORDER BY effective_end DESC LIMIT ?
      """
    static let ofNobody = """
      SELECT content FROM observations INDEXED BY observations_unassigned
      WHERE patient IS NULL AND device = ? AND effective_end >= ? AND kind = 'blood-pressure'
      ORDER BY effective_end DESC LIMIT ?
      """
  }

  /// Runs `body` with the history.
  ///
  /// - Throws: what went wrong when it was asked: the rules then have not seen everything, and nothing may be committed.
  static func with<Value>(_ db: Database, _ body: (RuleHistory) -> Value) throws -> Value {
    var failure: (any Error)?
    let value = body(
      RuleHistory { query in
        do {
          return try samples(query, db)
        } catch let error {
          failure = failure ?? error
          return nil
        }
      })
    if let failure { throw failure }
    return value
  }

  private static func samples(_ query: RuleHistory.Query, _ db: Database) throws -> [RuleSample] {
    let (sql, owner) =
      switch query.subject {
      case .patient(let patient): (SQL.ofPatient, patient.rawValue)
      case .device(let device, _): (SQL.ofNobody, device.rawValue)
      }
    return try String.fetchAll(
      db.cachedStatement(sql: sql), arguments: [owner, query.since.timeIntervalSince1970, query.limit]
    ).map { RuleSample(try JSONText.decode(Observation.self, $0), live: false) }.filter { sample in
      sample.subject == query.subject && sample.isSimulated == query.isSimulated && sample.instant <= query.until
    }
  }
}
