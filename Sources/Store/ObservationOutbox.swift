import Foundation
import GRDB
import Observations

/// The outbox rows of one transaction's new readings. To whom their people have consented is looked up once.
final class ObservationOutbox {
  private let db: Database
  private lazy var inserting = Result { try DirectStatement(db, sql: Outbox.SQL.insertObservation) }
  private var consents: [PatientID: Set<String>] = [:]

  init(_ db: Database) { self.db = db }

  /// A row for each destination that takes it and that its person has consented to.
  ///
  /// - Parameter waitsForClock: its time is not certain yet.
  /// - Returns: whether any row was made.
  func add(_ observation: Observation, policy: IngestPolicy, now: Date, waitsForClock: Bool = false) throws -> Bool {
    guard let patient = observation.patient else { return false }
    let takers = try takers(of: observation, patient, policy)
    guard !takers.isEmpty else { return false }
    let key = "obs-\(observation.id)"
    let due =
      waitsForClock
      ? Outbox.waitsForClock
      : policy.settling > 0 ? now.addingTimeInterval(policy.settling).timeIntervalSince1970 : 0
    let statement = try inserting.get()
    for taker in takers {
      try statement.run { row in
        try row.add(taker.id.rawValue)
        try row.add(patient.rawValue)
        try row.add(observation.id.rawValue)
        try row.add(key)
        try row.add(now.timeIntervalSince1970)
        try row.add(due)
      }
    }
    return true
  }

  private func takers(
    of observation: Observation, _ patient: PatientID, _ policy: IngestPolicy
  ) throws -> [DestinationPolicy] {
    // What a mean's consent has to be older than is the mean's own.
    guard observation.kind != .homeAverage else {
      return try Outbox(db).takers(of: observation, patient, policy)
    }
    let takers = policy.destinations.filter { $0.takes(observation, of: patient) }
    guard !takers.isEmpty else { return [] }
    let consents = try consents(of: patient)
    return takers.filter { consents.contains($0.id.rawValue) }
  }

  private func consents(of patient: PatientID) throws -> Set<String> {
    if let known = consents[patient] { return known }
    let found = try Outbox(db).consents(of: patient)
    consents[patient] = found
    return found
  }
}
