import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// A strap's stream.
@Suite struct LiveTests {
  /// How often the file's content was changed by this connection.
  private func writes(_ house: House) async throws -> Int {
    try await house.store.pool.writeWithoutTransaction { db in db.totalChangesCount }
  }

  @Test func nothingIsWrittenUnlessSomebodyIsTold() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    let before = try await writes(house)
    for second in 0..<300 {
      let told = try await house.store.evaluateLive(
        beat(Decimal(60 + second % 60), at: Double(second) / 60, patient: patient.id), policy: policy, now: minute(9))
      #expect(told == [])
    }
    #expect(try await writes(house) == before)

    let firing = try await house.store.evaluateLive(
      beat(140, at: 6, patient: patient.id), policy: policy, now: minute(9))
    #expect(firing.map(\.to) == [.firing])
    #expect(firing.map(\.notStored) == [false])
    let fired = try await writes(house)
    #expect(fired > before)
    #expect(
      try await house.store.evaluateLive(beat(125, at: 7, patient: patient.id), policy: policy, now: minute(9)) == [])
    #expect(try await writes(house) == fired)
    let resolved = try await house.store.evaluateLive(
      beat(120, at: 8, patient: patient.id), policy: policy, now: minute(9))
    #expect(resolved.map(\.to) == [.resolved])
    #expect(try await house.store.alertEvents().map(\.transition) == firing + resolved)
    #expect(
      try await house.store.dueDeliveries(for: pager, at: minute(10), limit: 10).map(\.content.alert) == firing
        + resolved)
  }

  @Test func theStrapsOwnerIsKnown() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    var strap = pairedCuff
    strap.description.id = DeviceID(rawValue: "ble:C0:00:00:00:00:01")
    try await house.store.saveDevice(strap)
    try await house.store.assign(strap.id, slot: nil, to: patient.id)
    let told = try await house.store.evaluateLive(beat(140, at: 1), policy: policy, now: minute(1))
    #expect(told.map(\.patient) == [patient.id])
  }

  @Test func whatCannotBeWrittenIsToldAndWrittenLater() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    try await house.store.write { db in
      try db.execute(
        sql: "CREATE TRIGGER broken BEFORE INSERT ON alert_events BEGIN SELECT RAISE(ABORT, 'broken'); END")
    }
    let told = try await house.store.evaluateLive(beat(140, at: 1, patient: patient.id), policy: policy, now: minute(1))
    #expect(told.map(\.notStored) == [true])
    #expect(
      try await house.store.evaluateLive(beat(141, at: 2, patient: patient.id), policy: policy, now: minute(2)) == [])
    #expect(try await house.store.tick(policy: policy, now: minute(3)) == [])
    #expect(try await house.store.alertEvents() == [])
    try await house.store.write { db in try db.execute(sql: "DROP TRIGGER broken") }
    #expect(try await house.store.tick(policy: policy, now: minute(4)) == [])
    #expect(try await house.store.alertEvents().map(\.transition.idempotencyKey) == told.map(\.idempotencyKey))
    #expect(try await house.store.dueDeliveries(for: pager, at: minute(5), limit: 10).count == 1)
    let after = try await house.afterCrash()
    #expect(try await after.store.openAlerts().count == 1)
  }

  @Test func aHoldThatRunsOutIsToldByTheClock() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    var rule = crisis
    rule.kind = .threshold(
      ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180, holdFor: .seconds(900)))
    let policy = IngestPolicy(rules: [rule], destinations: destinations)
    let outcome = try await house.store.commit(reading(185, clock: 1), policy: policy, now: minute(1), live: true)
    #expect(outcome.transitions == [])
    #expect(try await house.store.openAlerts().map(\.state.phase) == [.pending])
    #expect(house.store.nextTick(policy: policy, now: minute(2)) == minute(16))
    let after = try await house.afterCrash()
    #expect(try await after.store.tick(policy: policy, now: minute(15)) == [])
    let told = try await after.store.tick(policy: policy, now: minute(17))
    #expect(told.map(\.to) == [.firing])
    #expect(
      try await after.store.dueDeliveries(for: pager, at: minute(17), limit: 9).map(\.content) == [
        .alert(told[0], patient)
      ])
    #expect(after.store.nextTick(policy: policy, now: minute(2)) == nil)
  }
}
