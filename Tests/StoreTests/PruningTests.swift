import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// What is taken away to keep the budget, and what never is.
@Suite struct PruningTests {
  private static let year = 365.0 * 1_440

  /// Everything that waits for the record and the pager arrives there.
  private func deliverAll(_ store: Store, at now: Date) async throws {
    for destination in [record, pager] {
      while case let due = try await store.dueDeliveries(for: destination, at: now, limit: 100), !due.isEmpty {
        try await store.recordDelivered(due.map(\.id), at: now)
      }
    }
  }

  @Test func whatOthersHaveGoesAndComesNotBack() async throws {
    let house = try await House.open()
    let store = house.store
    let lan = try await house.addOwner()
    let old = (1...20).map { reading(110 + $0, clock: $0) }
    for one in old { try await house.keep(one) }
    try await deliverAll(store, at: minute(200))
    // Is nobody's, has no time of its own, waits, was refused.
    let stranger = try #require(
      try await house.keep(reading(131, clock: 31, device: DeviceID(rawValue: "ble:C0:00:00:00:00:09"))).kept)
    let untimed = try #require(try await house.keep(reading(132, clock: nil)).kept)
    try await deliverAll(store, at: minute(210))
    let refused = try #require(try await house.keep(reading(133, clock: 33)).kept)
    let due = try await store.dueDeliveries(for: record, at: minute(220), limit: 10)
    try await store.write { db in
      for one in due {
        try db.execute(sql: "UPDATE outbox SET state = 'rejected' WHERE id = ?", arguments: [one.id.rawValue])
      }
    }
    let waiting = try #require(try await house.keep(reading(134, clock: 34)).kept)

    let now = minute(2 * Self.year)
    #expect(try await store.prune(.readings, before: minute(0), now: now).count == 0)
    var step = try await store.prune(.readings, before: minute(Self.year), limit: 8, now: now)
    #expect(step.count == 8)
    var count = step.count
    while let next = step.next {
      step = try await store.prune(.readings, before: minute(Self.year), after: next, limit: 8, now: now)
      count += step.count
    }
    #expect(count == 20)
    let left = Set(try await store.observations().map(\.id))
    #expect(left == [stranger.id, untimed.id, refused.id, waiting.id])
    let pruned = try await store.pruned()
    #expect(pruned.counts[.readings] == 20)
    #expect(pruned.readingsUntil == minute(100))
    #expect(pruned.last == now)

    // The cuff sends all of it again.
    for one in old {
      #expect(try await house.keep(one, at: now).duplicateOf == .erased)
      #expect(try await store.holds(one.identity))
    }
    #expect(try await store.observations().count == 4)
    #expect(try await store.dueDeliveries(for: record, at: now, limit: 100).count == 1)
    #expect(try await store.read { db in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count } == 0)
    // Who has copies is known still.
    try await store.write { db in try db.execute(sql: "DELETE FROM outbox") }
    #expect(try await store.erasurePreview(lan.id).destinations == [record])
  }

  /// A copy from before has what was taken away.
  @Test func whatWentDoesNotComeBackFromACopy() async throws {
    let house = try await House.open()
    let store = house.store
    try await house.addOwner()
    for clock in 1...10 { try await house.keep(reading(120, clock: clock)) }
    try await deliverAll(store, at: minute(200))
    _ = try await store.makeCopy(now: minute(300))
    let waiting = try #require(try await house.keep(reading(121, clock: 20)).kept)
    let now = minute(2 * Self.year)
    #expect(try await store.prune(.readings, before: minute(Self.year), now: now).count == 10)
    try await store.rest()
    try StoreFiles.make(file: StoreFiles(house.directory).suspect)
    let again = try await Store.open(directory: house.directory)
    #expect(again.wasRepaired)
    #expect(try await again.observations().map(\.id) == [waiting.id])
    try await again.close()
  }

  @Test func anAlertGoesOnlyWhenItHasEndedAndNothingOfItWaits() async throws {
    let house = try await House.open()
    let store = house.store
    try await house.addOwner()
    // One that has ended, and one that fires still.
    for (index, systolic) in [190, 120, 195].enumerated() {
      try await house.keep(
        reading(systolic, clock: index + 1, received: Double(100 + index)), at: minute(Double(100 + index)))
    }
    func events() async throws -> [String] {
      try await store.read { db in try String.fetchAll(db, sql: "SELECT phase FROM alert_events ORDER BY seq") }
    }
    #expect(try await events() == ["firing", "resolved", "firing"])
    let now = minute(2 * Self.year)
    #expect(try await store.prune(.alerts, before: minute(Self.year), now: now).count == 0, "it waits")
    try await deliverAll(store, at: minute(300))
    #expect(try await store.prune(.alerts, before: minute(Self.year), now: now).count == 2)
    #expect(try await events() == ["firing"])
    #expect(store.episodes().count == 1)
    // Nothing else may delete history, now as before.
    await #expect(throws: StoreFailure.self) {
      try await store.write { db in try db.execute(sql: "DELETE FROM alert_events") }
    }
    // After a restart it fires still, and its end is told.
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(again.episodes().count == 1)
    let end = try await again.commit(
      reading(118, clock: 90, received: 400), policy: policy, now: minute(400), live: true)
    #expect(end.transitions.count == 1)
    try await again.close()
  }

  @Test func whatServersSaidAndWhoLookedGoesWhenOld() async throws {
    let house = try await House.open()
    let store = house.store
    try await house.addOwner()
    try await house.keep(reading(120, clock: 1))
    let first = try #require(try await store.dueDeliveries(for: record, at: minute(200), limit: 1).first)
    try await store.keepAnswer("no", to: first.id, at: minute(200))
    try await store.recordAccess(.read, .socket, uid: 1000, patient: nil, at: minute(200))
    let now = minute(Self.year)
    #expect(try await store.prune(.answers, before: minute(300), now: now).count == 0, "its delivery waits")
    try await store.recordDelivered([first.id], at: minute(210))
    #expect(try await store.prune(.answers, before: minute(300), now: now).count == 1)
    #expect(try await store.prune(.accesses, before: minute(100), now: now).count == 0)
    #expect(try await store.prune(.accesses, before: minute(300), now: now).count == 1)
    let counts = try await store.pruned().counts
    #expect(counts == [.answers: 1, .accesses: 1, .alerts: 0, .readings: 0])
  }

  /// What was freed is used again: the file does not grow.
  @Test func whatIsFreedIsUsedAgain() async throws {
    let house = try await House.open()
    let store = house.store
    try await house.addOwner()
    func fill(_ times: Range<Int>) async throws {
      for clock in times { try await house.keep(reading(120, clock: clock, padding: 1_000)) }
      try await deliverAll(store, at: minute(2_000))
    }
    func pages() async throws -> Int? {
      try await store.read { db in try Int.fetchOne(db, sql: "PRAGMA page_count") }
    }
    try await fill(0..<150)
    let (full, before) = (try #require(try await pages()), try await store.size())
    #expect(
      try await store.prune(.readings, before: minute(Self.year), limit: 1_000, now: minute(Self.year)).count == 150)
    #expect(try await store.size().used < before.used * 2 / 3)
    try await fill(150..<280)
    #expect(try #require(try await pages()) <= full + full / 20)
  }
}
