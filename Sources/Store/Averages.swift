import AlertRules
package import Foundation
import GRDB
import Observations

/// The means of finished series of home readings, kept as observations of the kind ``ObservationKind/homeAverage``: so
/// consent, filters, the outbox, withdrawal and erasing hold for them as for readings.
struct Averages {
  enum SQL {
    static let readings = """
      SELECT content FROM observations INDEXED BY observations_patient
      WHERE patient = ? AND effective_end >= ? AND kind = 'blood-pressure'
        AND NOT EXISTS (SELECT 1 FROM uncertain_times WHERE observation = observations.id AND settled_at IS NULL)
      ORDER BY effective_end
      """
    static let standing = """
      SELECT content FROM observations INDEXED BY observations_averages
      WHERE patient = ? AND effective_end >= ? AND kind = 'home-average' AND withdrawn_at IS NULL
      """
    static let restingOn = """
      SELECT id FROM observations INDEXED BY observations_averages
      WHERE patient = ? AND kind = 'home-average'
        AND EXISTS (SELECT 1 FROM json_each(content, '$.derivedFrom') WHERE value = ?)
      """
    static let withdraw = "UPDATE observations SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL"
    static let standAgain = "UPDATE observations SET withdrawn_at = NULL WHERE id = ? AND withdrawn_at IS NOT NULL"
  }

  /// Series that began before this are not looked for: whoever turns a rule on today did not ask for means of years.
  private static let lookBack: TimeInterval = 31 * 86400
  /// For so long nothing of a series came any more before it counts as whole.
  private static let settling: TimeInterval = 3600

  let db: Database
  init(_ db: Database) { self.db = db }

  /// The averages of finished series that are not kept yet.
  func missing(_ policy: IngestPolicy, now: Date) throws -> [Observation] {
    // By a clock that is not known to be right no day is over.
    guard !policy.timeIsUncertain else { return [] }
    var found: [Observation] = []
    for patient in try People(db).patients() {
      let protocols = Set(
        policy.rules.compactMap { rule -> AverageProtocol? in
          guard case .average(let average) = rule.kind, rule.applies(to: patient.id) else { return nil }
          return AverageProtocol(average)
        })
      if protocols.isEmpty { continue }
      let since = now.addingTimeInterval(-Self.lookBack).timeIntervalSince1970
      func decoded(_ sql: String) throws -> [Observation] {
        try String.fetchAll(db.cachedStatement(sql: sql), arguments: [patient.id.rawValue, since]).map {
          try JSONText.decode(Observation.self, $0)
        }
      }
      let readings = try decoded(SQL.readings)
      if readings.isEmpty { continue }
      let standing = try decoded(SQL.standing)
      for plan in protocols {
        for isSimulated in [false, true] {
          let of = readings.filter { $0.provenance.isSimulated == isSimulated }
          let beside = standing.filter {
            $0.provenance.isSimulated == isSimulated && $0.provenance.format == "\(plan)"
          }
          found += plan.averages(
            of: of.map { RuleSample($0, live: false) }, beside: beside.map { $0.effective.range },
            calendar: policy.calendar, now: now, settled: now.addingTimeInterval(-Self.settling)
          ).map { Observation($0, by: plan, of: patient.id, isSimulated: isSimulated, at: now) }
        }
      }
    }
    return found
  }

  /// Keeps one, with a row for each destination that takes it. One that was withdrawn and is right again stands again.
  func add(_ average: Observation, policy: IngestPolicy, now: Date) throws {
    switch try Intake(db).insert(average) {
    case .new(let kept, _):
      _ = try ObservationOutbox(db).add(kept, policy: policy, now: now)
    case .duplicate(let id):
      try db.cachedStatement(sql: SQL.standAgain).execute(arguments: [id.rawValue])
      guard db.changesCount > 0, let patient = average.patient else { return }
      try OwnershipRecords(db).standBy(id, of: patient, at: now)
      let kept = try OwnershipRecords(db).observation(id)
      _ = try Outbox(db).addClaimed(kept, of: patient, policy: policy, now: now)
    }
  }

  /// Takes back what rests on a reading that is not this person's any more. Whether something stands without it is seen at
  /// the next look.
  func withdraw(restingOn reading: ObservationID, of patient: PatientID, now: Date) throws {
    for id in try restingOn(reading, of: patient) {
      try db.cachedStatement(sql: SQL.withdraw).execute(arguments: [now.timeIntervalSince1970, id.rawValue])
      if db.changesCount > 0 { try OwnershipRecords(db).takeBack(id, from: patient, at: now) }
    }
  }

  private func restingOn(_ reading: ObservationID, of patient: PatientID) throws -> [ObservationID] {
    try String.fetchAll(
      db.cachedStatement(sql: SQL.restingOn), arguments: [patient.rawValue, reading.rawValue]
    ).map { ObservationID(rawValue: $0) }
  }
}

extension IngestPolicy {
  /// The household's.
  fileprivate var calendar: Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    return calendar
  }
}

extension Observation {
  /// The mean of a series as the record is to have it, made by the gateway itself.
  fileprivate init(
    _ average: HomeAverage, by plan: AverageProtocol, of patient: PatientID, isSimulated: Bool, at now: Date
  ) {
    let times = average.readings.map(\.instant)
    // The same readings by the same protocol are the same average, however often it is made.
    let basis = ([patient.rawValue, "\(plan)"] + average.readings.compactMap { $0.identity?.rawValue })
      .joined(separator: "\n")
    func mean(_ code: MDCCode, _ value: Decimal) -> ObservationComponent {
      ObservationComponent(code, statistic: .mean, .quantity(Quantity(value, .millimetreOfMercury)))
    }
    self.init(
      id: .random(prefix: "a-"), identity: ReadingIdentity(rawValue: "home-average|\(basis)"), kind: .homeAverage,
      device: .gateway, patient: patient, userSlot: nil,
      effective: EffectiveTime(span: .period(times.min() ?? now, times.max() ?? now), basis: .window),
      components: [
        mean(MDC.pressBldNoninvSys, average.systolic), mean(MDC.pressBldNoninvDia, average.diastolic),
        ObservationComponent(
          MDC.pressBldNoninv, statistic: .count, .quantity(Quantity(Decimal(average.readings.count), .count))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "\(plan)", bytes: [], deviceTime: nil, clockOffset: nil, receivedAt: now, profile: "home-average",
        driver: "home-average/1", authentication: .wired, isSimulated: isSimulated),
      derivedFrom: average.readings.compactMap(\.observation))
  }
}

extension Store {
  /// Keeps the averages of home readings whose series are over, and makes what tells of them leave; how many were new.
  package func completeAverages(policy: IngestPolicy, now: Date) async throws(StoreFailure) -> Int {
    // Nearly always there is none, and then nothing has to be written.
    guard try await !read({ db in try Averages(db).missing(policy, now: now) }).isEmpty else { return 0 }
    let count = try await write { db in
      let missing = try Averages(db).missing(policy, now: now)
      for average in missing { try Averages(db).add(average, policy: policy, now: now) }
      return missing.count
    }
    changed([.outbox])
    return count
  }
}
