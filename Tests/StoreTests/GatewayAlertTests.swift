import AlertRules
import Foundation
import Observations
import Testing

@testable import Store

/// Alerts about the gateway and its devices over a real database: who has them, what a crash leaves, what is called off.
@Suite struct GatewayAlertTests {
  static let down = AlertRule(
    id: RuleID(rawValue: "down"),
    kind: .gateway(ConditionRule(.destinationDown, after: .seconds(1800), escalateAfter: .seconds(7200))),
    severity: .warning, source: "test")
  static let weak = AlertRule(
    id: RuleID(rawValue: "weak"),
    kind: .device(ConditionRule(.batteryLow, comparison: .atMost, limit: 20, clearLimit: 30)), severity: .notice,
    source: "test")
  static let policy = IngestPolicy(rules: [crisis, down, weak], destinations: destinations)

  static func facts(_ isDown: Bool?, battery: Decimal = 90) -> GatewayFacts {
    var facts = GatewayFacts(
      [GatewayFact(GatewayCondition(.batteryLow, device: cuff), value: battery, label: "Acme 1")],
      subjects: [.destination(pager), .destination(record)])
    if let isDown { facts.note(GatewayFact(GatewayCondition(.destinationDown, destination: pager), holds: isDown)) }
    return facts
  }

  private func tick(
    _ house: House, _ facts: GatewayFacts?, at minutes: Double, _ policy: IngestPolicy = Self.policy
  ) async throws -> [String] {
    try await house.store.tick(policy: policy, now: minute(minutes), facts: facts).map { "\($0.rule) \($0.step)" }
  }

  private func rows(_ house: House) async throws -> [String] {
    try await house.store.deliveries(DeliveryFilter(limit: 100)).map { row in
      "\(row.destination) \(row.idempotencyKey.split(separator: "-").dropFirst(2).joined(separator: "-")) \(row.state.rawValue)"
    }
  }

  @Test func itIsTheSameEpisodeAfterACrashAndAStartIsNoNews() async throws {
    var house = try await House.open()
    try await house.addOwner()
    #expect(try await tick(house, Self.facts(true), at: 0) == [])
    // It waits, and the gateway crashes: nothing is known of the destination after the start, and nothing fires.
    house = try await house.afterCrash()
    #expect(try await tick(house, Self.facts(nil), at: 40) == [])
    #expect(try await tick(house, nil, at: 41) == [])
    #expect(try await tick(house, Self.facts(true), at: 42) == ["down firing"])
    let episode = try #require(house.store.episodes().first)
    #expect(episode.firing.fact?.since == minute(0))
    #expect(episode.key.subject == .destination(pager))
    // It fires, and the gateway crashes: told once, and ended by what is known later.
    house = try await house.afterCrash()
    #expect(try await tick(house, Self.facts(nil), at: 50) == [])
    #expect(try await tick(house, Self.facts(true), at: 51) == [])
    #expect(house.store.episodes().map(\.id) == [episode.id])
    // Told again after a while, once, and over.
    #expect(try await tick(house, Self.facts(true), at: 42 + 90) == ["down firing-still"])
    house = try await house.afterCrash()
    #expect(try await tick(house, Self.facts(true), at: 200) == [])
    #expect(try await tick(house, Self.facts(false), at: 201) == ["down resolved"])
    #expect(house.store.episodes().isEmpty)
    #expect(try await tick(house, Self.facts(false), at: 202) == [])
  }

  @Test func aClockThatIsSetFiresNothingEarlyAndPutsNothingOff() async throws {
    for jump in [366 * 86_400.0, -86_400] {
      let house = try await House.open()
      try await house.addOwner()
      #expect(try await tick(house, Self.facts(true), at: 0) == [])
      try await house.store.shiftWaits(by: jump, now: minute(jump / 60))
      #expect(try await tick(house, Self.facts(true), at: jump / 60 + 29) == [])
      #expect(try await tick(house, Self.facts(true), at: jump / 60 + 31) == ["down firing"])
      try await house.store.shiftWaits(by: jump, now: minute(2 * jump / 60 + 31))
      #expect(try await tick(house, Self.facts(true), at: 2 * jump / 60 + 119) == [])
      #expect(try await tick(house, Self.facts(true), at: 2 * jump / 60 + 122) == ["down firing-still"])
    }
  }

  @Test func aHoldThatABoxWithoutAClockBeganIsNotOver() async throws {
    var house = try await House.open()
    try await house.addOwner()
    // By a clock that starts in the past at each boot; then the box is started with the right one.
    #expect(try await tick(house, Self.facts(true), at: -20 * 365 * 1440) == [])
    house = try await house.afterCrash()
    #expect(try await tick(house, Self.facts(true), at: 0) == [])
    #expect(try await tick(house, Self.facts(true), at: 29) == [])
    #expect(try await tick(house, Self.facts(true), at: 30) == ["down firing"])
    #expect(house.store.episodes().first?.firing.fact?.since == minute(0))
  }

  @Test func whoIsToldOfAnybodyIsToldOfTheGateway() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [pager])
    #expect(try await tick(house, Self.facts(nil, battery: 20), at: 0) == ["weak firing"])
    // The record has nobody's consent.
    #expect(try await rows(house) == ["\(pager) firing waiting"])
    let delivery = try #require(try await house.store.dueDeliveries(for: pager, at: minute(1), limit: 10).first)
    guard case .alert(let alert, let patient) = delivery.content else { return #expect(Bool(false)) }
    #expect(patient == nil && alert.patient == nil)
    #expect(alert.device == cuff && alert.about == "Acme 1" && alert.component == nil && alert.values == nil)
    try await house.store.recordDelivered([delivery.id], at: minute(1))
    #expect(try await tick(house, Self.facts(nil, battery: 30), at: 2) == [])
    #expect(try await tick(house, Self.facts(nil, battery: 31), at: 3) == ["weak resolved"])
    #expect(try await rows(house) == ["\(pager) firing delivered", "\(pager) resolved waiting"])
  }

  @Test func aDestinationThatComesBackIsToldOnlyWhatIsStillSo() async throws {
    let house = try await House.open()
    try await house.addOwner()
    _ = try await tick(house, Self.facts(true), at: 0)
    #expect(try await tick(house, Self.facts(true), at: 30) == ["down firing"])
    let (first, second) = (
      try #require(try await house.store.dueDeliveries(for: pager, at: minute(31), limit: 10).first),
      try #require(try await house.store.dueDeliveries(for: record, at: minute(31), limit: 10).first)
    )
    try await house.store.recordDelivered([second.id], at: minute(31))
    try await house.store.recordRetry([first.id], next: minute(60), reason: "down", at: minute(31))
    #expect(try await house.store.undeliveredAlerts(of: [pager, record]) == [], "what is said of itself is no news")
    #expect(try await tick(house, Self.facts(false), at: 40) == ["down resolved"])
    #expect(
      try await rows(house) == [
        "\(record) firing delivered", "\(pager) firing cancelled", "\(record) resolved waiting",
        "\(pager) resolved waiting",
      ])
  }

  @Test func whatQuietHoursHeldAndIsOverIsNotToldAtAll() async throws {
    var policy = EscalationTests.policy([Self.weak])
    policy.escalation.steps = []
    let house = try await House.open()
    try await house.addOwner(consents: ["to-mai", "to-lan"].map { DestinationID(rawValue: $0) })
    // 23:00 in Saigon.
    #expect(try await tick(house, Self.facts(nil, battery: 9), at: 16 * 60, policy) == ["weak firing"])
    let doctor = try await house.store.dueDeliveries(
      for: DestinationID(rawValue: "to-lan"), at: minute(16 * 60), limit: 9)
    try await house.store.recordDelivered(doctor.map(\.id), at: minute(16 * 60))
    #expect(try await tick(house, Self.facts(nil, battery: 99), at: 17 * 60, policy) == ["weak resolved"])
    #expect(
      try await rows(house).sorted() == [
        "to-lan firing delivered", "to-lan resolved waiting", "to-mai firing cancelled",
      ])
  }

  @Test func anAlertThatWasTriedAndNotTakenIsUndelivered() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await house.keep(reading(190, clock: 1))
    #expect(try await house.store.undeliveredAlerts(of: [pager, record]) == [], "it has not been tried")
    let delivery = try #require(try await house.store.dueDeliveries(for: pager, at: minute(101), limit: 9).first)
    try await house.store.recordRetry([delivery.id], next: minute(110), reason: "500", at: minute(101))
    #expect(try await house.store.undeliveredAlerts(of: [pager, record]) == [pager])
    try await house.store.recordDelivered([delivery.id], at: minute(110))
    #expect(try await house.store.undeliveredAlerts(of: [pager, record]) == [])
  }

  @Test func whatThereIsNoMoreIsPutToRestWithoutAWord() async throws {
    let house = try await House.open()
    try await house.addOwner()
    _ = try await tick(house, Self.facts(true, battery: 10), at: 0)
    #expect(try await tick(house, Self.facts(true, battery: 10), at: 30) == ["down firing"])
    #expect(house.store.episodes().count == 2)
    // Naming who uses the cuff is no news of its battery.
    let other = try await house.store.addPatient(name: "Minh", at: minute(31))
    try await house.store.assign(cuff, slot: nil, to: other.id)
    #expect(house.store.episodes().count == 2)
    #expect(try await tick(house, GatewayFacts([], subjects: [.destination(record)]), at: 32) == [])
    #expect(house.store.episodes().isEmpty)
  }
}
