import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// One reading, one transaction.
@Suite struct CommitTests {
  @Test func aCrisisIsStoredToldAndOnItsWayTogether() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    let outcome = try await house.keep(reading(185, clock: 1))
    let kept = try #require(outcome.kept)
    #expect(outcome.transitions.map(\.to) == [.firing])
    #expect(outcome.transitions.first?.observation == kept.id)
    // A crash right after the commit returned loses nothing.
    let after = try await house.afterCrash()
    #expect(try await after.store.observation(kept.id) == kept)
    #expect(try await after.store.alertEvents().map(\.transition) == outcome.transitions)
    #expect(try await after.store.openAlerts().map(\.firing) == outcome.transitions)
    let due = try await after.store.dueDeliveries(for: record, at: minute(101), limit: 10)
    #expect(due.map(\.idempotencyKey) == [outcome.transitions[0].idempotencyKey, "obs-\(kept.id)"])
    #expect(due.last?.content == .observation(kept, patient, pairedCuff.description))
    #expect(try await after.store.dueDeliveries(for: pager, at: minute(101), limit: 10).count == 1)
    #expect(try await after.keep(reading(185, clock: 1)).duplicateOf == kept.id)
    #expect(try await after.store.deliveries().count == 3)
  }

  @Test(arguments: ["observations", "alert_states", "alert_events", "outbox"])
  func whateverFailsNothingIsThere(table: String) async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await house.store.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER broken BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'broken'); END
          """)
    }
    await #expect(throws: StoreFailure.self) { try await house.keep(reading(185, clock: 1)) }
    #expect(try await house.store.observations() == [])
    #expect(try await house.store.alertEvents() == [])
    #expect(try await house.store.openAlerts() == [])
    #expect(try await house.store.deliveries() == [])
    try await house.store.write { db in try db.execute(sql: "DROP TRIGGER broken") }
    #expect(try await house.keep(reading(185, clock: 1)).transitions.map(\.to) == [.firing])
    #expect(try await house.store.deliveries().count == 3)
  }

  @Test func aFullDiskIsSaidAndTheCrisisToldOnceFromMemory() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    try await house.store.pool.writeWithoutTransaction { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
    }
    let big = reading(185, clock: 1, padding: 50_000)
    await #expect(throws: StoreFailure.fullDisk) { try await house.keep(big) }
    let told = house.store.evaluateUnstored(big, policy: policy, now: minute(100))
    #expect(told.map(\.to) == [.firing])
    #expect(told.map(\.notStored) == [true])
    #expect(told.map(\.patient) == [patient.id])
    #expect(told.map(\.observation) == [nil])
    let direct = house.store.unstoredDeliveries(of: told, policy: policy, now: minute(100))
    #expect(direct.map(\.destination) == [record, pager])
    #expect(Set(direct.map(\.content)) == [.alert(told[0], patient)])
    #expect(direct.allSatisfy { $0.id.rawValue < 0 })
    #expect(house.store.nextTick(policy: policy, now: minute(100)) == minute(100).addingTimeInterval(5))

    // The cuff was not confirmed and sends it again, still in vain.
    await #expect(throws: StoreFailure.fullDisk) { try await house.keep(big) }
    #expect(house.store.evaluateUnstored(big, policy: policy, now: minute(101)) == [])
    #expect(try await house.store.openAlerts().map(\.firing) == told)

    try await house.store.pool.writeWithoutTransaction { db in
      _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = 1000000")
    }
    let outcome = try await house.keep(big)
    #expect(outcome.kept != nil)
    #expect(outcome.transitions == [])
    let events = try await house.store.alertEvents().map(\.transition)
    #expect(events.map(\.idempotencyKey) == told.map(\.idempotencyKey))
    #expect(events.map(\.notStored) == [false])
    let rows = try await house.store.deliveries()
    #expect(rows.map(\.idempotencyKey).filter { $0 == told[0].idempotencyKey }.count == 2)
    #expect(house.store.nextTick(policy: policy, now: minute(102)) == nil)
  }

  @Test func withoutConsentNothingIsToldFromMemoryEither() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner(consents: [record])
    _ = try await house.store.withdrawConsent(patient: patient.id, destination: record, at: minute(1))
    let told = house.store.evaluateUnstored(reading(185, clock: 1), policy: policy, now: minute(100))
    #expect(told.count == 1)
    #expect(house.store.unstoredDeliveries(of: told, policy: policy, now: minute(100)) == [])
  }

  @Test func aHeldCommitWaitsAndNothingIsSeenBefore() async throws {
    let house = try await House.open()
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: house.path, configuration: configuration)
    try await other.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
    let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
    let commit = Task {
      beginning.yield()
      beginning.finish()
      return try await house.keep(reading(120, clock: 1))
    }
    for await _ in begun { break }
    #expect(try await house.store.observations() == [])
    try await other.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
    let kept = try #require(try await commit.value.kept)
    #expect(try await house.store.observations() == [kept])
  }

  @Test func anAlertOfNobodyLeavesForNowhere() async throws {
    let house = try await House.open()
    let outcome = try await house.keep(reading(185, clock: 1))
    #expect(outcome.transitions.map(\.to) == [.firing])
    #expect(try await house.store.openAlerts().count == 1)
    #expect(try await house.store.deliveries() == [])
    // Once it has an owner, the device's own alert is put to rest, and the owner's begins with the next reading.
    let patient = try await house.addOwner()
    #expect(try await house.store.openAlerts() == [])
    #expect(try await house.keep(reading(186, clock: 2)).transitions.map(\.patient) == [patient.id])
  }

  @Test func eventsStayAsTheyAre() async throws {
    let house = try await House.open()
    try await house.keep(reading(185, clock: 1))
    await #expect(throws: StoreFailure.self) {
      try await house.store.write { db in try db.execute(sql: "UPDATE alert_events SET phase = 'resolved'") }
    }
    await #expect(throws: StoreFailure.self) {
      try await house.store.write { db in try db.execute(sql: "DELETE FROM alert_events") }
    }
  }

  @Test func alertsAfterRestartGoOnFromWhereTheyStood() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let firing = try await house.keep(reading(185, clock: 1)).transitions
    let after = try await house.afterCrash()
    #expect(try await after.keep(reading(190, clock: 2)).transitions == [])
    let resolved = try await after.keep(reading(120, clock: 3)).transitions
    #expect(resolved.map(\.to) == [.resolved])
    #expect(resolved.map(\.episode) == firing.map(\.episode))
    #expect(try await after.store.openAlerts() == [])
  }
}
