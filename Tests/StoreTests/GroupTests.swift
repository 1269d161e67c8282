import AlertRules
import Foundation
import Observations
import Testing

@testable import Store

@Suite struct GroupTests {
  private static func policy(_ house: House) -> IngestPolicy {
    var rule = crisis
    rule.groups = [.adult]
    return IngestPolicy(rules: [rule.among(house.store.groups)], destinations: destinations)
  }

  /// What was told for an adult is put to rest when somebody says that it is a child; nothing more fires.
  @Test func aChildGetsNoLimitOfAdults() async throws {
    var house = try await House.open()
    let patient = try await house.addOwner()
    #expect(patient.group == .adult && house.store.groups.isEmpty)
    let first = try await house.store.commit(
      reading(190, clock: 10, received: 10), policy: Self.policy(house), now: minute(10), live: true)
    #expect(first.transitions.map(\.to) == [.firing])
    #expect(try await house.store.setGroup(.child, of: patient.id).group == .child)
    #expect(house.store.groups == [patient.id: .child])
    #expect(try await house.store.tick(policy: Self.policy(house), now: minute(11)) == [])
    #expect(try await house.store.openAlerts().isEmpty)
    house = try await house.afterCrash()
    #expect(house.store.groups == [patient.id: .child])
    let second = try await house.store.commit(
      reading(200, clock: 20, received: 20), policy: Self.policy(house), now: minute(20), live: true)
    #expect(second.kept != nil && second.transitions.isEmpty)
    _ = try await house.store.setGroup(.adult, of: patient.id)
    let third = try await house.store.commit(
      reading(201, clock: 30, received: 30), policy: Self.policy(house), now: minute(30), live: true)
    #expect(third.transitions.map(\.to) == [.firing])
  }

  @Test func nobodyIsNobody() async throws {
    let house = try await House.open()
    await #expect(throws: StoreFailure.unknownPatient) {
      try await house.store.setGroup(.pregnancy, of: PatientID(rawValue: "p-none"))
    }
    #expect(try await house.store.addPatient(name: "Mai", group: .pregnancy, at: minute(0)).group == .pregnancy)
    #expect(try await house.store.patients().map(\.group) == [.pregnancy])
  }
}
