import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// What was told of a reading that was not the person's is taken back where it was told.
@Suite struct WithdrawalTests {
  private func due(_ house: House, _ destination: DestinationID = record) async throws -> [Delivery] {
    try await house.store.dueDeliveries(for: destination, at: minute(1000), limit: 100)
  }

  /// A reading that the record has, and the alert of it that record and pager have; then it is disowned.
  private func disowned(_ house: House, systolic: Int = 190) async throws -> (Patient, Observation) {
    let lan = try await house.addOwner()
    let guest = try #require(try await house.keep(reading(systolic, clock: 2)).kept)
    for destination in [record, pager] {
      let told = try await due(house, destination).map(\.id)
      try await house.store.recordDelivered(told, at: minute(101))
    }
    _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    return (lan, guest)
  }

  @Test func whoeverWasToldIsToldOnce() async throws {
    let house = try await House.open()
    let (lan, guest) = try await disowned(house)
    let (alert, observation) = try #require(try await due(house).pair)
    guard case .alertWithdrawn(let withdrawn, let told) = alert.content,
      case .observationWithdrawn(let taken, let patient, let device) = observation.content
    else {
      Issue.record("\(alert.content), \(observation.content)")
      return
    }
    #expect(withdrawn.observation == guest.id && withdrawn.to == .firing && told == lan)
    #expect(taken.id == guest.id && patient == lan && device.id == cuff)
    #expect(observation.idempotencyKey == "withdrawn-obs-\(guest.id)")
    #expect(try await house.store.nextDue(for: record) == Date(timeIntervalSince1970: 0))
    try await house.store.recordDelivered([alert.id, observation.id], at: minute(201))
    #expect(try await due(house) == [])
    #expect(try await house.store.uncorrected([guest.id]) == [guest.id: [pager]])
    try await house.store.recordDelivered(due(house, pager).map(\.id), at: minute(202))
    #expect(try await house.store.uncorrected([guest.id]) == [:])
    #expect(try await house.store.ownershipCounts().corrections == [:])
    let after = try await house.afterCrash()
    #expect(try await due(after) == [])
    #expect(try await due(after, pager) == [])
  }

  /// An episode that is taken back from its beginning is one message, however much of it was told.
  @Test func anEpisodeIsTakenBackWhole() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [pager])
    let guest = try #require(try await house.keep(reading(190, clock: 2)).kept)
    #expect(try await house.keep(reading(120, clock: 9)).transitions.map(\.to) == [.resolved])
    try await house.store.recordDelivered(due(house, pager).map(\.id), at: minute(101))
    _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    #expect(try await house.store.ownershipCounts().corrections == [pager: 2])
    let waiting = try await due(house, pager)
    #expect(waiting.count == 1)
    try await house.store.recordDelivered(waiting.map(\.id), at: minute(201))
    #expect(try await house.store.ownershipCounts().corrections == [:])
  }

  @Test func aRefusedOneStaysAReminderAndAFailedOneIsTriedAgain() async throws {
    let house = try await House.open()
    let (_, guest) = try await disowned(house, systolic: 120)
    let first = try #require(try await due(house).first)
    try await house.store.recordRetry([first.id], next: minute(300), reason: "no answer", at: minute(201))
    #expect(try await house.store.dueDeliveries(for: record, at: minute(299), limit: 9) == [])
    // It holds nothing of hers back.
    try await house.keep(reading(121, clock: 9))
    #expect(try await house.store.dueDeliveries(for: record, at: minute(299), limit: 9).count == 1)
    #expect(try await due(house).first?.attempts == 1)
    try await house.store.recordRejected([first.id], reason: "422", at: minute(301))
    #expect(try await house.store.uncorrected([guest.id]) == [guest.id: [record]])
    _ = try await house.store.recordCorrected([guest.id])
    #expect(try await house.store.uncorrected([guest.id]) == [:])
  }

  /// What was refused is tried again on somebody's word, but not after the reading turned out to be hers all the same.
  @Test func aRefusedOneIsNotTriedAgainOnceTheReadingIsClaimed() async throws {
    let house = try await House.open()
    let (lan, guest) = try await disowned(house, systolic: 120)
    let first = try #require(try await due(house).first)
    try await house.store.recordRejected([first.id], reason: "422", at: minute(201))
    #expect(try await house.store.retryDeliveries(to: record) == [record: 1])
    try await house.store.recordRejected([first.id], reason: "422", at: minute(202))
    _ = try await house.store.claim([guest.id], for: lan.id, by: nil, policy: policy, now: minute(203))
    #expect(try await house.store.retryDeliveries(to: record) == [:])
    #expect(try await due(house).filter { $0.id == first.id } == [])
  }

  @Test func toldByOtherMeansItDoesNotLeave() async throws {
    let house = try await House.open()
    let (_, guest) = try await disowned(house)
    _ = try await house.store.recordCorrected([guest.id], at: minute(201))
    #expect(try await due(house) == [])
    #expect(try await due(house, pager) == [])
  }

  /// Whoever agreed to nothing more still must not keep what is wrong about them.
  @Test func itAsksForNoConsent() async throws {
    let house = try await House.open()
    let (lan, guest) = try await disowned(house, systolic: 120)
    #expect(try await house.store.withdrawConsent(patient: lan.id, destination: record, at: minute(201)))
    #expect(try await due(house).map(\.idempotencyKey) == ["withdrawn-obs-\(guest.id)"])
  }

  /// - Parameter left: whether the withdrawal got there before the reading was claimed again, or meanwhile.
  @Test(arguments: [true, false]) func claimedAgainItIsSaidOnceMore(left: Bool) async throws {
    let house = try await House.open()
    let (lan, guest) = try await disowned(house, systolic: 120)
    let withdrawal = try await due(house).map(\.id)
    func leave() async throws { try await house.store.recordDelivered(withdrawal, at: minute(201)) }
    if left { try await leave() }
    _ = try await house.store.claim([guest.id], for: lan.id, by: nil, policy: policy, now: minute(202))
    if !left {
      #expect(try await due(house) == [])
      try await leave()
    }
    let again = try #require(try await due(house).first)
    #expect(again.restates && again.content.observation?.id == guest.id)
    #expect(again.idempotencyKey == "obs-\(guest.id)+\(withdrawal[0].rawValue)")
    try await house.store.recordDelivered([again.id], at: minute(203))
    #expect(try await due(house) == [])

    // And back: a second withdrawal, under a key of its own.
    _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(204))
    #expect(try await due(house).map(\.idempotencyKey) == ["withdrawn-\(again.idempotencyKey)"])
  }

  @Test func oneThatNeverLeftIsCalledOffAndComesBack() async throws {
    let house = try await House.open()
    let (lan, guest) = try await disowned(house)
    for round in 0..<3 {
      let now = minute(300 + Double(round))
      #expect(try await due(house).map(\.restates) == [false, false])
      _ = try await house.store.claim([guest.id], for: lan.id, by: nil, policy: policy, now: now)
      #expect(try await due(house) == [])
      _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: now)
    }
  }

  /// A file of the version before: what was only noted there waits for its destination.
  @Test func anOldFilesNotesAreTold() async throws {
    let house = try await House.open()
    try await house.store.close()
    for file in try FileManager.default.contentsOfDirectory(atPath: house.directory) {
      try FileManager.default.removeItem(atPath: "\(house.directory)/\(file)")
    }
    let queue = try DatabaseQueue(path: house.path)
    try Migrations.migrator.migrate(queue, upTo: "3-whose-reading")
    let guest = reading(120, clock: 2)
    try await queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO patients (id, name, folded_name, added_at) VALUES ('p-lan', 'Lan', 'lan', 0);
          INSERT INTO observations (id, identity, kind, device, patient, effective_end, received_at, content)
            VALUES (?, ?, 'blood-pressure', ?, NULL, 0, 0, ?);
          """,
        arguments: [guest.id.rawValue, guest.identity.rawValue, cuff.rawValue, try JSONText.encode(guest)])
      for (id, destination, needs) in [(3, "record", 1), (4, "pager", 0)] {
        try db.execute(
          sql: """
            INSERT INTO outbox (id, destination, patient, observation, idempotency_key, state, attempts, created_at,
              finished_at, disowned_reading, needs_correction)
            VALUES (?, ?, 'p-lan', ?, ?, 'delivered', 1, 0, 5, ?, ?)
            """,
          arguments: [id, destination, guest.id.rawValue, "obs-\(guest.id)", guest.id.rawValue, needs])
      }
    }
    try queue.close()
    let store = try await Store.open(directory: house.directory)
    let waiting = try await store.dueDeliveries(for: record, at: minute(1), limit: 9)
    #expect(waiting.map(\.idempotencyKey) == ["withdrawn-obs-\(guest.id)"])
    #expect(try await store.dueDeliveries(for: pager, at: minute(1), limit: 9) == [])
    #expect(try await store.deliveries().map(\.withdraws?.rawValue) == [nil, nil, 3])
    try await store.recordDelivered(waiting.map(\.id), at: minute(2))
    #expect(try await store.uncorrected([guest.id]) == [:])
    try await store.close()
  }
}

extension Array {
  /// The two elements of an array of two.
  var pair: (Element, Element)? { count == 2 ? (self[0], self[1]) : nil }
}
