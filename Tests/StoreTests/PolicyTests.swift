import AlertRules
import Foundation
import Observations
import Testing

@testable import Store

/// What becomes of alerts and deliveries when the configuration that they stood by is another.
@Suite struct PolicyTests {
  private func firing() async throws -> House {
    let house = try await House.open()
    try await house.addOwner()
    _ = try await house.store.adopt(policy, now: minute(99))
    try await house.keep(reading(190, clock: 100))
    #expect(house.store.episodes().map(\.key.rule) == [crisis.id])
    return house
  }

  private func waiting(_ house: House) async throws -> [DestinationID: Int] {
    try await house.store.outboxCounts().mapValues(\.waiting)
  }

  @Test func anAlertWhoseRuleIsRemovedIsClosedAndToldSo() async throws {
    let house = try await firing()
    let closed = try await house.store.adopt(
      IngestPolicy(rules: [racing], destinations: destinations), now: minute(101))
    let told = try #require(closed.alerts.first)
    #expect(closed.alerts.count == 1 && told.to == .resolved && told.stage == .ruleChanged && told.rule == crisis.id)
    #expect(told.observation == nil && told.at == minute(101))
    #expect(house.store.episodes().isEmpty)
    // The pager has both: that it began, and that it was closed.
    #expect(try await waiting(house)[pager] == 2)
    #expect(try await house.store.adopt(policy, now: minute(102)) == PolicyClosing(), "once")
    try await house.store.close()
  }

  @Test func anAlertWhoseRuleIsAnotherIsClosedAndTheNextReadingIsJudgedAnew() async throws {
    let house = try await firing()
    var same = crisis
    same.source = "the doctor says so, too"
    same.hiddenBy = [racing.id]
    #expect(
      try await house.store.adopt(IngestPolicy(rules: [same, racing], destinations: destinations), now: minute(101))
        == PolicyClosing(), "what decides is as it was")
    var other = crisis
    other.severity = .warning
    let next = IngestPolicy(rules: [other, racing], destinations: destinations)
    #expect(try await house.store.adopt(next, now: minute(102)).alerts.map(\.rule) == [crisis.id])
    guard
      case .stored(_, let transitions) = try await house.store.commit(
        reading(195, clock: 103, received: 103), policy: next, now: minute(103), live: true)
    else { throw StoreFailure.cancelled }
    #expect(transitions.map(\.to) == [.firing] && transitions.first?.severity == .warning)
    try await house.store.close()
  }

  @Test func itIsTheSameWhenTheRuleWentWhileTheBoxWasOff() async throws {
    let house = try await (try await firing()).afterCrash()
    let closed = try await house.store.adopt(
      IngestPolicy(rules: [racing], destinations: destinations), now: minute(200))
    #expect(closed.alerts.map(\.stage) == [.ruleChanged])
    try await house.store.close()
  }

  @Test func aTickTellsOfARuleThatIsNoMore() async throws {
    let house = try await firing()
    let told = try await house.store.tick(
      policy: IngestPolicy(rules: [racing], destinations: destinations), now: minute(101))
    #expect(told.map(\.stage) == [.ruleChanged])
    try await house.store.close()
  }

  @Test func whatWaitsForARemovedDestinationIsClosedAndDoesNotComeBack() async throws {
    let house = try await firing()
    #expect(try await waiting(house) == [record: 2, pager: 1])
    let without = IngestPolicy(rules: policy.rules, destinations: [destinations[0]])
    let closed = try await house.store.adopt(without, now: minute(101))
    #expect(closed.deliveries == [pager: 1] && closed.alerts.isEmpty)
    let rows = try await house.store.deliveries(DeliveryFilter(destination: pager))
    #expect(rows.map(\.state) == [.cancelled] && rows.first?.reason == "the destination was removed")
    let said = try await house.store.closedDeliveries(since: minute(100))
    #expect(said[pager]?.count == 1 && said[pager]?.last == minute(101) && said[record] == nil)
    #expect(try await house.store.closedDeliveries(since: minute(102)).isEmpty)
    // It comes back, and gets what comes from then on.
    _ = try await house.store.adopt(policy, now: minute(103))
    #expect(try await house.store.dueDeliveries(for: pager, at: minute(104), limit: 10).isEmpty)
    _ = try await house.store.retryDeliveries(to: pager, id: nil)
    #expect(try await house.store.dueDeliveries(for: pager, at: minute(104), limit: 10).isEmpty)
    #expect(try await waiting(house)[record] == 2)
    try await house.store.close()
  }
}
