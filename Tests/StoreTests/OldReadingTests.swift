import AlertRules
import Foundation
import Observations
@testable import Store
import Testing

/// The first pairing of a full cuff, as the store tells it.
@Suite struct OldReadingTests {
  /// Four days later.
  private static let arrival = 5000.0

  @Test func aBatchIsOneAlertAndSurvivesACrash() async throws {
    var house = try await House.open()
    try await house.addOwner()
    for (index, value) in [190, 130, 185, 120, 199, 188, 125, 181].enumerated() {
      let outcome = try await house.keep(
        reading(value, clock: index * 60, received: Self.arrival), at: minute(Self.arrival))
      #expect(outcome.transitions == [])
      if index == 4 { house = try await house.afterCrash() }
    }
    #expect(house.store.nextTick(policy: policy) == minute(Self.arrival + 1))
    house = try await house.afterCrash()
    let told = try await house.store.tick(policy: policy, now: minute(Self.arrival + 1))
    #expect(told.map(\.step) == ["firing-summary"])
    #expect(told.first?.value == 5)
    #expect(told.first?.values?[.systolic] == 199)
    let events = try await house.store.alertEvents()
    #expect(events.map(\.transition) == told)
    for destination in [record, pager] {
      let due = try await house.store.dueDeliveries(for: destination, at: minute(Self.arrival + 1), limit: 100)
      #expect(due.compactMap(\.content.alert) == told)
    }
    #expect(try await house.store.openAlerts().isEmpty)
    house = try await house.afterCrash()
    #expect(try await house.store.tick(policy: policy, now: minute(Self.arrival + 100)) == [])
  }

  @Test func whatCouldNotBeStoredIsCountedWhenItComesAgain() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let old = reading(190, clock: 0, received: Self.arrival)
    #expect(house.store.evaluateUnstored(old, policy: policy, now: minute(Self.arrival)) == [])
    try await house.keep(old, at: minute(Self.arrival))
    let told = try await house.store.tick(policy: policy, now: minute(Self.arrival + 2))
    #expect(told.map(\.value) == [1])
  }
}
