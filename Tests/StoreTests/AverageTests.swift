import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// The mean of a finished week of home readings in the record.
@Suite struct AverageTests {
  /// Far from the rule's limits: the record gets the numbers whether they alert or not.
  private static let rule = AlertRule(
    id: RuleID(rawValue: "home"),
    kind: .average(
      AverageRule(conditions: [RuleCondition(component: .systolic, comparison: .atLeast, limit: 250)])),
    severity: .notice, source: "ESH 2021")
  private static let server = DestinationPolicy(
    id: record, takesObservations: true, takesAlerts: false, takesSimulated: false, takesAverages: true)
  private static let policy = IngestPolicy(rules: [rule], destinations: [server])
  private static let day = 1440.0
  /// The eighth day, long after the last reading arrived.
  private static let over = minute(8 * day)

  /// `days` days of two readings in the morning and two in the evening, 200 on the first day, then 120 to 123.
  @discardableResult
  private func measure(
    _ house: House, days: Int = 7, isSimulated: Bool = false, _ policy: IngestPolicy = Self.policy
  ) async throws -> [Observation] {
    var kept: [Observation] = []
    for day in 0..<days {
      for (number, time) in [420.0, 422, 1200, 1202].enumerated() {
        let at = Double(day) * Self.day + time
        var one = reading(
          day == 0 ? 200 : 120 + number, clock: nil, received: at, isSimulated: isSimulated,
          padding: 1 + day * 4 + number)
        one.identity = ReadingIdentity(rawValue: "\(isSimulated)-\(at)")
        if let new = try await house.store.commit(one, policy: policy, now: minute(at), live: false).kept {
          kept.append(new)
        }
      }
    }
    return kept
  }

  private func told(_ house: House) async throws -> [Delivery] {
    try await house.store.dueDeliveries(for: record, at: Self.over, limit: 100).filter {
      $0.content.observation?.kind == .homeAverage || $0.idempotencyKey.hasPrefix("withdrawn-obs-a-")
    }
  }

  private func averages(_ house: House) async throws -> [Observation] {
    try await house.store.recordRows(RecordQuery(includesAverages: true), limit: 100).map(\.observation).filter {
      $0.kind == .homeAverage
    }
  }

  @Test func aFinishedWeekIsTheMeanWithoutItsFirstDay() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let kept = try await measure(house)
    #expect(try await house.store.completeAverages(policy: Self.policy, now: minute(7 * Self.day - 1)) == 0)
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 1)
    let average = try #require(try await averages(house).first)
    #expect(average.quantity(MDC.pressBldNoninvSys, .mean)?.value == 121.5)
    #expect(average.quantity(MDC.pressBldNoninvDia, .mean)?.value == Decimal(string: "80.3"))
    #expect(average.quantity(MDC.pressBldNoninv, .count)?.value == 24)
    #expect(average.effective.span == .period(minute(Self.day + 420), minute(6 * Self.day + 1202)))
    #expect(average.derivedFrom == kept.dropFirst(4).map(\.id))
    let delivery = try #require(try await told(house).first)
    #expect(delivery.content.observation == average)
    #expect(delivery.sources.map(\.observation.id) == average.derivedFrom)
    #expect(delivery.sources.allSatisfy { $0.device.id == cuff })
  }

  @Test func itIsMadeOnce() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await measure(house)
    _ = try await house.store.completeAverages(policy: Self.policy, now: Self.over)
    for later in [8.5, 9, 20, 30] {
      #expect(try await house.store.completeAverages(policy: Self.policy, now: minute(later * Self.day)) == 0)
    }
    #expect(try await told(house).count == 1)
  }

  @Test func tooFewReadingsAreNone() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await measure(house, days: 3)
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 0)
  }

  /// What comes from a cuff's memory comes one after the other: half of it is no week.
  @Test func aWeekThatIsStillArrivingWaits() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await measure(house)
    #expect(
      try await house.store.completeAverages(policy: Self.policy, now: minute(7 * Self.day)) == 1,
      "the last reading of the week is hours old")
    let other = try await House.open()
    try await other.addOwner()
    for day in 0..<7 {
      for number in 0..<4 {
        var one = reading(
          120, clock: nil, received: 8 * Self.day - 30, padding: 1 + day * 4 + number)
        let at = minute(Double(day) * Self.day + (number < 2 ? 420 : 1200) + Double(number))
        one.effective = EffectiveTime(span: .instant(at), basis: .deviceClock)
        one.identity = ReadingIdentity(rawValue: "late-\(day)-\(number)")
        _ = try await other.store.commit(one, policy: Self.policy, now: Self.over, live: false)
      }
    }
    #expect(try await other.store.completeAverages(policy: Self.policy, now: Self.over) == 0)
    #expect(try await other.store.completeAverages(policy: Self.policy, now: minute(8 * Self.day + 60)) == 1)
  }

  @Test func nothingLeavesWithoutAConsentThatIsOlderThanTheReadings() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner(consents: [])
    try await measure(house)
    try await house.store.grantConsent(
      patient: lan.id, destination: record, grantee: "Dr Minh", relationship: "doctor", at: minute(2 * Self.day))
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 1)
    #expect(try await told(house) == [])
    #expect(try await averages(house).count == 1)
  }

  @Test func aWithdrawnConsentCancelsIt() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    try await measure(house)
    _ = try await house.store.completeAverages(policy: Self.policy, now: Self.over)
    _ = try await house.store.withdrawConsent(patient: lan.id, destination: record, at: Self.over)
    #expect(try await told(house) == [])
  }

  @Test(arguments: [
    DestinationFilter(kinds: [.bloodPressure]), DestinationFilter(since: minute(2 * 1440)),
    DestinationFilter(patients: [PatientID(rawValue: "p-other")]),
  ]) func aFilterHolds(only: DestinationFilter) async throws {
    let house = try await House.open()
    try await house.addOwner()
    var policy = Self.policy
    policy.destinations[0].only = only
    try await measure(house, policy)
    _ = try await house.store.completeAverages(policy: policy, now: Self.over)
    #expect(try await told(house) == [])
  }

  @Test func aDestinationThatHasNoWordForItIsNotSentIt() async throws {
    let house = try await House.open()
    try await house.addOwner()
    var policy = Self.policy
    policy.destinations[0].takesAverages = false
    try await measure(house, policy)
    _ = try await house.store.completeAverages(policy: policy, now: Self.over)
    #expect(try await told(house) == [])
  }

  @Test func aReadingThatIsTakenBackTakesItBack() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let kept = try await measure(house)
    _ = try await house.store.completeAverages(policy: Self.policy, now: Self.over)
    let average = try #require(try await told(house).first)
    let due = try await house.store.dueDeliveries(for: record, at: Self.over, limit: 100)
    try await house.store.recordDelivered(due.map(\.id), at: Self.over)
    _ = try await house.store.disown([kept[9].id], by: nil, policy: Self.policy, now: Self.over)
    #expect(try await averages(house) == [])
    let withdrawal = try #require(try await told(house).first)
    guard case .observationWithdrawn(let taken, let patient, _) = withdrawal.content else {
      Issue.record("\(withdrawal.content)")
      return
    }
    #expect(taken == average.content.observation && patient == lan)
    try await house.store.recordDelivered(
      house.store.dueDeliveries(for: record, at: Self.over, limit: 100).map(\.id), at: Self.over)
    // Without it the week is another one.
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 1)
    #expect(try await averages(house).map { $0.quantity(MDC.pressBldNoninv, .count)?.value } == [23])
  }

  @Test func aReadingThatIsGivenBackBringsItBack() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let kept = try await measure(house)
    _ = try await house.store.completeAverages(policy: Self.policy, now: Self.over)
    let before = try await averages(house)
    _ = try await house.store.disown([kept[9].id], by: nil, policy: Self.policy, now: Self.over)
    #expect(try await told(house) == [])
    _ = try await house.store.claim([kept[9].id], for: lan.id, by: nil, policy: Self.policy, now: Self.over)
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 1)
    #expect(try await averages(house) == before)
    #expect(try await told(house).map(\.content.observation) == before)
  }

  @Test func erasingLeavesNothing() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let kept = try await measure(house)
    _ = try await house.store.completeAverages(policy: Self.policy, now: Self.over)
    _ = try await house.store.disown([kept[9].id], by: nil, policy: Self.policy, now: Self.over)
    _ = try await house.store.completeAverages(policy: Self.policy, now: Self.over)
    #expect(try await house.store.erasurePreview(lan.id).readings == 27)
    _ = try await house.store.erase(lan.id, by: nil, now: Self.over)
    let left = try await house.store.read { db in
      try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM observations WHERE kind = 'home-average'")
    }
    #expect(left == 0)
  }

  @Test func aListOfReadingsHasOnlyReadings() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await measure(house)
    _ = try await house.store.completeAverages(policy: Self.policy, now: Self.over)
    #expect(try await house.store.observations().count == 28)
    #expect(try await house.store.recordCount(RecordQuery()) == 28)
    #expect(try await house.store.recordCount(RecordQuery(includesAverages: true)) == 29)
    #expect(try await house.store.recordDevices().map(\.device.id) == [cuff])
  }

  /// One bit in the first digit of its start, and it begins after its end.
  @Test func aMeanWhosePeriodIsTheWrongWayRoundEndsNothing() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await measure(house)
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 1)
    try await house.store.write { db in
      try db.execute(
        sql: """
          UPDATE observations SET content = replace(content, '"period":{"_0":8', '"period":{"_0":9')
          WHERE kind = 'home-average'
          """)
    }
    let mean = try #require(try await averages(house).first)
    #expect(mean.effective.start > mean.effective.end)
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 0)
  }

  @Test func playedReadingsMakeAPlayedMean() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await measure(house, isSimulated: true)
    #expect(try await house.store.completeAverages(policy: Self.policy, now: Self.over) == 1)
    #expect(try await averages(house).map(\.provenance.isSimulated) == [true])
    #expect(try await told(house) == [])
  }
}
