import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// Whose reading it is.
@Suite struct OwnershipTests {
  /// Rules for urgent and for less than that.
  private let both = IngestPolicy(
    rules: [
      crisis,
      AlertRule(
        id: RuleID(rawValue: "high"),
        kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 140)), severity: .warning,
        source: "test"),
    ], destinations: destinations)

  private func due(_ house: House, _ destination: DestinationID = record) async throws -> [Delivery] {
    try await house.store.dueDeliveries(for: destination, at: minute(1000), limit: 100)
  }

  private func add(_ name: String, to house: House, consents: [DestinationID] = [record, pager]) async throws -> Patient
  {
    let patient = try await house.store.addPatient(name: name, at: minute(0))
    for destination in consents {
      try await house.store.grantConsent(
        patient: patient.id, destination: destination, grantee: "Hoa", relationship: "daughter", at: minute(0))
    }
    return patient
  }

  // MARK: By number

  @Test func theFirstNumberIsThePairersAndNoOther() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    #expect(try await house.keep(reading(120, clock: 1, slot: 1)).kept?.patient == lan.id)
    #expect(try await house.keep(reading(121, clock: 2, slot: 2)).kept?.patient == nil)
    #expect(try await house.keep(reading(122, clock: 3, slot: 1)).kept?.patient == lan.id)
    #expect(try await house.keep(reading(123, clock: 4)).kept?.patient == lan.id)
    #expect(
      try await house.store.device(cuff)?.users
        == [DeviceUser(slot: 1, patient: lan.id), DeviceUser(slot: nil, patient: lan.id)])
    // A restart knows it too, and the live path goes by the same.
    let after = try await house.afterCrash()
    #expect(try await after.keep(reading(124, clock: 5, slot: 2)).kept?.patient == nil)
    #expect(try await after.keep(reading(125, clock: 6, slot: 1)).kept?.patient == lan.id)
    #expect(try await after.store.ownershipCounts().unassigned == 2)
  }

  @Test func twoPeopleOnOneCuff() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.keep(reading(120, clock: 1, slot: 1))
    try await house.store.assign(cuff, slot: 2, to: son.id)
    let crisis = try await house.keep(reading(190, clock: 2, slot: 2))
    #expect(crisis.kept?.patient == son.id)
    #expect(crisis.transitions.map(\.patient) == [son.id])
    // One's calm reading ends nothing of the other's.
    #expect(try await house.keep(reading(121, clock: 3, slot: 1)).transitions == [])
    let people = try await due(house).map { delivery in
      switch delivery.content {
      case .observation(_, let patient, _), .observationWithdrawn(_, let patient, _): patient.id
      case .alert(_, let patient), .alertWithdrawn(_, let patient): patient?.id
      }
    }
    #expect(people == [son.id, lan.id, son.id, lan.id])
  }

  @Test func anUnknownNumberIsNoNumber() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let kept = try #require(try await house.keep(reading(120, clock: 1, slot: 255)).kept)
    #expect(kept.patient == lan.id)
    #expect(kept.userSlot == nil)
    // It has bound nothing.
    #expect(try await house.keep(reading(120, clock: 2, slot: 3)).kept?.patient == lan.id)
  }

  @Test func aNumberThatIsNobodysStaysSo() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    try await house.store.assign(cuff, slot: 1, to: nil)
    #expect(try await house.keep(reading(120, clock: 1, slot: 1)).kept?.patient == nil)
    #expect(try await house.keep(reading(120, clock: 2, slot: 2)).kept?.patient == nil)
    #expect(try await house.keep(reading(120, clock: 3)).kept?.patient == lan.id)
  }

  @Test func aNumberNobodySpokeOfGoesWithTheDefaultPerson() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.keep(reading(120, clock: 1, slot: 1))
    try await house.store.assign(cuff, slot: nil, to: son.id)
    #expect(try await house.keep(reading(121, clock: 2, slot: 1)).kept?.patient == nil)
    #expect(try await house.keep(reading(122, clock: 3)).kept?.patient == son.id)
    // Paired again for somebody else, the next to measure is that person.
    let ba = try await add("Ba", to: house)
    try await house.store.keepPaired(pairedCuff, keys: [], user: ba.id)
    #expect(try await house.keep(reading(123, clock: 4, slot: 2)).kept?.patient == ba.id)
    #expect(try await house.keep(reading(124, clock: 5, slot: 1)).kept?.patient == nil)
    // Paired again for the same person nothing changes.
    try await house.store.keepPaired(pairedCuff, keys: [], user: ba.id)
    #expect(try await house.keep(reading(125, clock: 6, slot: 2)).kept?.patient == ba.id)
    #expect(try await house.keep(reading(126, clock: 7, slot: 1)).kept?.patient == nil)
  }

  @Test func aNumberThatWasSpokenOfOutlivesThePairing() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.store.assign(cuff, slot: 2, to: son.id)
    let ba = try await add("Ba", to: house)
    try await house.store.keepPaired(pairedCuff, keys: [], user: ba.id)
    #expect(try await house.keep(reading(120, clock: 1, slot: 2)).kept?.patient == son.id)
    #expect(try await house.keep(reading(121, clock: 2, slot: 1)).kept?.patient == nil)
  }

  @Test func aSharedCuffIsNobodysUntilSomebodySaysOtherwise() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.store.assign(cuff, slot: 2, to: son.id)
    try await house.store.share(cuff)
    #expect(try await house.store.device(cuff)?.isShared == true)
    #expect(try await house.keep(reading(120, clock: 1)).kept?.patient == nil)
    #expect(try await house.keep(reading(121, clock: 2, slot: 1)).kept?.patient == nil)
    #expect(try await house.keep(reading(122, clock: 3, slot: 2)).kept?.patient == son.id)
    #expect(try await due(house).count == 1)
    // A pairing again is no word about that.
    try await house.store.keepPaired(pairedCuff, keys: [], user: lan.id)
    #expect(try await house.keep(reading(123, clock: 4)).kept?.patient == nil)
    try await house.store.assign(cuff, slot: nil, to: lan.id)
    #expect(try await house.store.device(cuff)?.isShared == false)
    #expect(try await house.keep(reading(124, clock: 5)).kept?.patient == lan.id)
    await #expect(throws: StoreFailure.unknownDevice) { try await house.store.share(DeviceID(rawValue: "ble:no")) }
  }

  @Test func aSharedStrapsStreamIsNobodys() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    var strap = pairedCuff
    strap.description.id = DeviceID(rawValue: "ble:C0:00:00:00:00:01")
    try await house.store.saveDevice(strap)
    try await house.store.assign(strap.id, slot: nil, to: lan.id)
    try await house.store.share(strap.id)
    let told = try await house.store.evaluateLive(beat(140, at: 1), policy: policy, now: minute(1))
    #expect(told.map(\.patient) == [nil])
  }

  /// The number and the reading that brought it are one transaction.
  @Test func aReadingThatFailsBindsNothing() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    try await house.store.write { db in
      try db.execute(sql: "CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'broken'); END")
    }
    await #expect(throws: StoreFailure.self) { try await house.keep(reading(120, clock: 1, slot: 1)) }
    try await house.store.write { db in try db.execute(sql: "DROP TRIGGER broken") }
    #expect(try await house.store.device(cuff)?.users == [DeviceUser(slot: nil, patient: lan.id)])
    #expect(try await house.keep(reading(121, clock: 2, slot: 2)).kept?.patient == lan.id)
    // What cannot be stored is told of the person it would have been stored for, and of nobody else.
    let told = house.store.evaluateUnstored(reading(190, clock: 3, slot: 1), policy: policy, now: minute(3))
    #expect(told.map(\.patient) == [nil])
  }

  // MARK: Claims

  @Test func anUnassignedReadingStaysAndLeavesOnceClaimedWithItsOwnTime() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.keep(reading(120, clock: 1, slot: 1))
    let kept = try #require(try await house.keep(reading(130, clock: 2, slot: 2)).kept)
    #expect(try await due(house).compactMap(\.content.observation?.id).contains(kept.id) == false)

    let change = try await house.store.claim([kept.id], for: son.id, by: 1000, policy: policy, now: minute(200))
    var expected = kept
    expected.patient = son.id
    #expect(change.readings == [expected])
    #expect(change.changed == [kept.id])
    #expect(change.transitions == [])
    // All of it is on disk.
    let after = try await house.afterCrash()
    #expect(try await after.store.observation(kept.id) == expected)
    let delivery = try #require(
      try await due(after).first { $0.content.observation?.id == kept.id })
    #expect(delivery.content == .observation(expected, son, pairedCuff.description))
    #expect(delivery.idempotencyKey == "obs-\(kept.id)")
    #expect(expected.effective.end == minute(2))
    #expect(
      try await after.store.ownershipEvents(of: kept.id)
        == [OwnershipEvent(observation: kept.id, action: .claimed, patient: son.id, uid: 1000, at: minute(200))])

    let again = try await house.store.claim(
      [kept.id, kept.id], for: son.id, by: 1000, policy: policy, now: minute(201))
    #expect(again.readings == [expected])
    #expect(again.changed == [])
    #expect(try await house.store.ownershipEvents(of: kept.id).count == 1)
    #expect(try await house.store.deliveries().filter { $0.observation == kept.id }.count == 1)
    #expect(try await house.keep(reading(130, clock: 2, slot: 2)).duplicateOf == kept.id)
  }

  @Test func withoutConsentAClaimedReadingStaysAtHome() async throws {
    let house = try await House.open()
    try await house.store.saveDevice(pairedCuff)
    let son = try await add("Sơn", to: house, consents: [pager])
    let kept = try #require(try await house.keep(reading(190, clock: 2, slot: 2)).kept)
    _ = try await house.store.claim([kept.id], for: son.id, by: nil, policy: policy, now: minute(200))
    #expect(try await house.store.deliveries(DeliveryFilter(destination: record)) == [])
  }

  @Test func whatIsSomebodyElsesIsNotClaimed() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let son = try await add("Sơn", to: house)
    let hers = try #require(try await house.keep(reading(120, clock: 1, slot: 1)).kept)
    let nobodys = try #require(try await house.keep(reading(130, clock: 2, slot: 2)).kept)
    await #expect(throws: StoreFailure.readingTaken(hers.id)) {
      try await house.store.claim([nobodys.id, hers.id], for: son.id, by: nil, policy: policy, now: minute(200))
    }
    let unknown = ObservationID(rawValue: "o-no")
    await #expect(throws: StoreFailure.unknownReading(unknown)) {
      try await house.store.claim([nobodys.id, unknown], for: son.id, by: nil, policy: policy, now: minute(200))
    }
    await #expect(throws: StoreFailure.unknownPatient) {
      try await house.store.claim(
        [nobodys.id], for: PatientID(rawValue: "p-x"), by: nil, policy: policy, now: minute(200))
    }
    #expect(try await house.store.observation(nobodys.id)?.patient == nil)
    #expect(try await house.store.observation(hers.id)?.patient == lan.id)
  }

  @Test func allOfANumberSinceThenAreClaimed() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.keep(reading(120, clock: 1, slot: 1))
    for clock in 2...5 { try await house.keep(reading(120 + clock, clock: clock, slot: clock == 4 ? 3 : 2)) }
    let change = try await house.store.claim(
      UnassignedReadings(device: cuff, number: 2, since: minute(3)), for: son.id, by: nil, policy: policy,
      now: minute(200))
    #expect(change.readings.map(\.effective.end) == [minute(3), minute(5)])
    #expect(change.changed.count == 2)
    #expect(try await house.store.observations(ObservationFilter(unassigned: true)).map(\.userSlot) == [2, 3])
    let rest = try await house.store.claim(
      UnassignedReadings(device: cuff, number: 2, since: nil), for: son.id, by: nil, policy: policy, now: minute(201))
    #expect(rest.readings.map(\.effective.end) == [minute(2)])
    let none = try await house.store.claim(
      UnassignedReadings(device: cuff, number: nil, since: nil), for: son.id, by: nil, policy: policy, now: minute(201))
    #expect(none.readings == [])
  }

  @Test func aSevereOneIsToldAsLateAndEndsNothingNewer() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.keep(reading(120, clock: 1, slot: 1))
    let severe = try #require(try await house.keep(reading(190, clock: 2, slot: 2)).kept)
    let calm = try #require(try await house.keep(reading(120, clock: 3, slot: 2)).kept)
    // His newest fires; what is claimed is older.
    try await house.store.assign(cuff, slot: 2, to: son.id)
    let firing = try await house.keep(reading(185, clock: 10, slot: 2)).transitions
    #expect(firing.map(\.to) == [.firing])
    let older = try await house.store.claim([calm.id], for: son.id, by: nil, policy: policy, now: minute(200))
    #expect(older.transitions == [])
    #expect(try await house.store.openAlerts().map(\.state.episode) == firing.map(\.episode))
    #expect(try await house.keep(reading(120, clock: 20, slot: 2)).transitions.map(\.to) == [.resolved])
    let late = try await house.store.claim([severe.id], for: son.id, by: nil, policy: policy, now: minute(201))
    #expect(late.transitions.map(\.to) == [.firing, .resolved])
    #expect(late.transitions.first?.at == minute(2))
    #expect(late.transitions.first?.patient == son.id)
    #expect(try await house.store.openAlerts() == [])
  }

  @Test(arguments: ["outbox", "ownership_events", "alert_events", "alert_states"])
  func whateverFailsNothingIsClaimed(table: String) async throws {
    let house = try await House.open()
    try await house.store.saveDevice(pairedCuff)
    let quiet = IngestPolicy(destinations: destinations)
    let kept = try #require(
      try await house.store.commit(reading(190, clock: 2, slot: 2), policy: quiet, now: minute(100), live: true).kept)
    let son = try await add("Sơn", to: house)
    try await house.store.write { db in
      try db.execute(
        sql: "CREATE TRIGGER broken BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'broken'); END")
    }
    await #expect(throws: StoreFailure.self) {
      try await house.store.claim([kept.id], for: son.id, by: nil, policy: policy, now: minute(200))
    }
    #expect(try await house.store.observation(kept.id) == kept)
    #expect(try await house.store.deliveries() == [])
    #expect(try await house.store.ownershipEvents(of: kept.id) == [])
    #expect(try await house.store.openAlerts() == [])
    try await house.store.write { db in try db.execute(sql: "DROP TRIGGER broken") }
    let change = try await house.store.claim([kept.id], for: son.id, by: nil, policy: policy, now: minute(200))
    #expect(change.transitions.map(\.to) == [.firing])
    #expect(try await house.store.deliveries().count == 3)
  }

  // MARK: Disowning

  @Test func aDisownedReadingNeverLeavesAndItsEpisodeIsPutToRest() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let guest = try #require(try await house.keep(reading(190, clock: 2)).kept)
    #expect(try await due(house).count == 2)
    let change = try await house.store.disown([guest.id], by: 7, policy: policy, now: minute(200))
    var expected = guest
    expected.patient = nil
    #expect(change == OwnershipChange(readings: [expected], changed: [guest.id], transitions: []))
    let after = try await house.afterCrash()
    for store in [house.store, after.store] {
      #expect(try await store.observation(guest.id) == expected)
      #expect(try await store.openAlerts() == [])
      #expect(try await store.deliveries().map(\.state) == [.cancelled, .cancelled, .cancelled])
      #expect(try await store.uncorrected([guest.id]) == [:])
      #expect(
        try await store.ownershipEvents(of: guest.id)
          == [OwnershipEvent(observation: guest.id, action: .disowned, patient: lan.id, uid: 7, at: minute(200))])
    }
    #expect(try await house.store.disown([guest.id], by: 7, policy: policy, now: minute(201)).changed == [])
    // Her own next crisis is one.
    #expect(try await house.keep(reading(185, clock: 3)).transitions.map(\.to) == [.firing])
    await #expect(throws: StoreFailure.unknownReading(ObservationID(rawValue: "o-x"))) {
      try await house.store.disown(
        [guest.id, ObservationID(rawValue: "o-x")], by: 7, policy: policy, now: minute(202))
    }
  }

  @Test func whoWasToldIsKnownUntilSomebodySaysOtherwise() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let guest = try #require(try await house.keep(reading(190, clock: 2)).kept)
    let told = try await due(house, pager).map(\.id)
    try await house.store.recordDelivered(told, at: minute(101))
    let inFlight = try await due(house)
    #expect(inFlight.count == 2)
    _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    #expect(try await house.store.uncorrected([guest.id]) == [guest.id: [pager]])
    // It was on its way meanwhile.
    try await house.store.recordDelivered(inFlight.map(\.id), at: minute(201))
    #expect(try await house.store.uncorrected([guest.id]) == [guest.id: [pager, record]])
    #expect(try await house.store.ownershipCounts().corrections == [pager: 1, record: 2])
    #expect(try await house.store.deliveries().filter { $0.withdraws == nil }.allSatisfy(\.needsCorrection))

    // It was hers after all: what was told was right, and nothing is told twice.
    _ = try await house.store.claim([guest.id], for: lan.id, by: nil, policy: policy, now: minute(202))
    #expect(try await house.store.uncorrected([guest.id]) == [:])
    #expect(try await due(house) == [])
    #expect(try await house.store.openAlerts().map(\.state.key.subject) == [.patient(lan.id)])

    _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(203))
    _ = try await house.store.recordCorrected([guest.id])
    #expect(try await house.store.ownershipCounts().corrections == [:])
    #expect(try await house.store.ownershipCounts().unassigned == 1)
  }

  /// - Parameter before: whether it failed before the reading was disowned, or meanwhile.
  @Test(arguments: [true, false]) func aFailedAttemptMayHaveArrived(before: Bool) async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [record])
    let guest = try #require(try await house.keep(reading(120, clock: 2)).kept)
    let taken = try await due(house).map(\.id)
    func fail() async throws {
      try await house.store.recordRetry(taken, next: minute(300), reason: "no answer", at: minute(101))
    }
    if before { try await fail() }
    _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    if !before {
      #expect(try await house.store.uncorrected([guest.id]) == [:])
      try await fail()
    }
    #expect(try await house.store.uncorrected([guest.id]) == [guest.id: [record]])
    #expect(try await house.store.deliveries().map(\.state) == [.cancelled, .waiting])
    #expect(try await due(house).map(\.idempotencyKey) == ["withdrawn-obs-\(guest.id)"])
  }

  @Test func anotherPersonsClaimLeavesUnderAnotherKey() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [record])
    let son = try await add("Sơn", to: house)
    let guest = try #require(try await house.keep(reading(120, clock: 2)).kept)
    try await house.store.recordDelivered(due(house).map(\.id), at: minute(101))
    _ = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    _ = try await house.store.claim([guest.id], for: son.id, by: nil, policy: policy, now: minute(201))
    let (withdrawal, delivery) = try #require(try await due(house).pair)
    #expect(withdrawal.idempotencyKey == "withdrawn-obs-\(guest.id)")
    #expect(delivery.idempotencyKey == "obs-\(guest.id)-\(son.id)")
    #expect(delivery.namesPatient && !withdrawal.namesPatient)
    #expect(delivery.content.observation?.patient == son.id)
    // She was told of it all the same.
    #expect(try await house.store.uncorrected([guest.id]) == [guest.id: [record]])
  }

  @Test func whatWasCancelledByDisowningGoesOnceClaimedAgain() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let hers = try #require(try await house.keep(reading(190, clock: 2)).kept)
    let keys = try await due(house).map(\.idempotencyKey)
    _ = try await house.store.disown([hers.id], by: nil, policy: policy, now: minute(200))
    #expect(try await due(house) == [])
    _ = try await house.store.claim([hers.id], for: lan.id, by: nil, policy: policy, now: minute(201))
    #expect(try await due(house).map(\.idempotencyKey) == keys)
    #expect(try await due(house, pager).count == 1)
  }

  @Test func anEpisodeOfSeveralGoesOn() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let guest = try #require(try await house.keep(reading(190, clock: 2)).kept)
    let own = try #require(try await house.keep(reading(185, clock: 3)).kept)
    let change = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    // Nobody was told of hers: the guest's had opened the episode.
    #expect(change.transitions.map(\.observation) == [own.id])
    #expect(change.transitions.map(\.to) == [.firing])
    #expect(try await due(house, pager).map(\.content.alert) == change.transitions)
    #expect(try await house.store.openAlerts().map(\.state.key.subject) == [.patient(lan.id)])
    #expect(try await house.keep(reading(120, clock: 4)).transitions.map(\.to) == [.resolved])
  }

  @Test func aGuestsCalmReadingEndedNothing() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let firing = try await house.keep(reading(190, clock: 2)).transitions
    let guest = try await house.keep(reading(120, clock: 3))
    #expect(guest.transitions.map(\.to) == [.resolved])
    let id = try #require(guest.kept?.id)
    let change = try await house.store.disown([id], by: nil, policy: policy, now: minute(200))
    #expect(change.transitions.map(\.to) == [.firing])
    #expect(change.transitions.map(\.value) == [190])
    #expect(change.transitions.map(\.episode) != firing.map(\.episode))
    #expect(try await house.keep(reading(121, clock: 4)).transitions.map(\.to) == [.resolved])
    #expect(try await house.store.alertEvents().count == 4)
  }

  @Test func aReadingInTheMiddleChangesNothing() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let firing = try await house.keep(reading(190, clock: 2)).transitions
    let guest = try #require(try await house.keep(reading(186, clock: 3)).kept)
    try await house.keep(reading(185, clock: 4))
    let change = try await house.store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    #expect(change.transitions == [])
    #expect(try await house.store.openAlerts().map(\.state.episode) == firing.map(\.episode))
  }

  // MARK: Alerts of nobody known

  @Test func aSevereReadingOfNobodyTellsTheHouseholdsContactsWithoutAName() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [pager])
    let stranger = try await house.store.commit(
      reading(190, clock: 2, slot: 2), policy: both, now: minute(100), live: true)
    // The first number was the owner's: this is another cuff's story.
    #expect(stranger.kept?.patient != nil)
    let outcome = try await house.store.commit(
      reading(191, clock: 3, slot: 3), policy: both, now: minute(100), live: true)
    #expect(outcome.kept?.patient == nil)
    #expect(Set(outcome.transitions.map(\.severity)) == [.urgent, .warning])
    let unnamed = try await house.store.deliveries().filter { $0.patient == nil }
    // The record has nobody's consent, and less than urgent can wait for a name.
    #expect(unnamed.map(\.destination) == [pager])
    let told = try #require(try await due(house, pager).first { $0.id == unnamed.first?.id })
    guard case .alert(let alert, nil) = told.content else {
      Issue.record("\(told.content)")
      return
    }
    #expect(alert.severity == .urgent)
    #expect(alert.patient == nil)
    #expect(try await house.store.nextDue(for: pager) != nil)
    #expect(try await due(house, record) == [])
  }

  @Test func strangersOfOneCuffAreKeptApart() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await house.keep(reading(120, clock: 1, slot: 1))
    let first = try await house.keep(reading(190, clock: 2, slot: 2)).transitions
    let second = try await house.keep(reading(190, clock: 3, slot: 3)).transitions
    #expect(first.map(\.to) == [.firing] && second.map(\.to) == [.firing])
    // So they are after a restart.
    let after = try await house.afterCrash()
    for one in [after, house] {
      #expect(try await one.keep(reading(120, clock: 4, slot: 3)).transitions.map(\.episode) == second.map(\.episode))
      #expect(try await one.store.openAlerts().map(\.firing) == first)
    }
    // Once it is known whose the number is, no reading would end it.
    let son = try await add("Sơn", to: house)
    try await house.store.assign(cuff, slot: 2, to: son.id)
    #expect(try await house.store.openAlerts() == [])
  }

  @Test func aNumberThatWillBeTheDefaultPersonsIsPutToRest() async throws {
    let house = try await House.open()
    try await house.store.saveDevice(pairedCuff)
    #expect(try await house.keep(reading(190, clock: 1, slot: 1)).transitions.map(\.patient) == [nil])
    let lan = try await house.addOwner()
    #expect(try await house.store.openAlerts() == [])
    #expect(try await house.keep(reading(191, clock: 2, slot: 1)).transitions.map(\.patient) == [lan.id])
  }

  @Test func aClaimPutsTheNamelessAlertToRest() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let son = try await add("Sơn", to: house)
    try await house.keep(reading(120, clock: 1, slot: 1))
    let kept = try #require(try await house.keep(reading(190, clock: 2, slot: 2)).kept)
    let change = try await house.store.claim([kept.id], for: son.id, by: nil, policy: policy, now: minute(200))
    #expect(change.transitions.map(\.patient) == [son.id])
    #expect(try await house.store.openAlerts().map(\.state.key.subject) == [.patient(son.id)])
  }

  @Test func theLastConsentOfADestinationStopsTheNamelessToo() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner(consents: [pager])
    try await house.keep(reading(120, clock: 1, slot: 1))
    try await house.keep(reading(190, clock: 2, slot: 2))
    #expect(try await due(house, pager).count == 1)
    _ = try await house.store.withdrawConsent(patient: lan.id, destination: pager, at: minute(150))
    #expect(try await due(house, pager) == [])
    #expect(try await house.store.deliveries(DeliveryFilter(destination: pager)).map(\.state) == [.cancelled])
  }

  @Test func whatCouldNotBeStoredIsToldWithoutANameToo() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner(consents: [pager])
    try await house.keep(reading(120, clock: 1, slot: 1))
    let told = house.store.evaluateUnstored(reading(190, clock: 2, slot: 2), policy: both, now: minute(100))
    let direct = house.store.unstoredDeliveries(of: told, policy: both, now: minute(100))
    #expect(direct.map(\.destination) == [pager])
    #expect(direct.allSatisfy { house.store.mayTell($0) })
    _ = try await house.store.withdrawConsent(patient: lan.id, destination: pager, at: minute(150))
    #expect(direct.allSatisfy { !house.store.mayTell($0) })
  }

  // MARK: Lists and the file

  @Test func aHintNeedsOnePersonNearby() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let son = try await add("Sơn", to: house)
    for clock in 1...3 {
      try await house.keep(reading(120 + clock, clock: clock, patient: lan.id))
      try await house.keep(reading(150 + clock, clock: clock + 10, patient: son.id))
    }
    func hint(_ systolic: Int, _ clock: Int) async throws -> PatientID? {
      let kept = try #require(try await house.keep(reading(systolic, clock: clock, slot: 9)).kept)
      #expect(kept.patient == nil)
      return try await house.store.likelyOwners(of: [kept])[kept.id]
    }
    try await house.store.assign(cuff, slot: 9, to: nil)
    #expect(try await hint(125, 20) == lan.id)
    #expect(try await hint(160, 21) == son.id)
    // Either could be, and neither.
    #expect(try await hint(137, 22) == nil)
    #expect(try await hint(190, 23) == nil)
  }

  @Test func theLogStaysAsItIs() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let kept = try #require(try await house.keep(reading(120, clock: 1)).kept)
    _ = try await house.store.disown([kept.id], by: nil, policy: policy, now: minute(200))
    for sql in ["UPDATE ownership_events SET uid = 1", "DELETE FROM ownership_events"] {
      await #expect(throws: StoreFailure.self) { try await house.store.write { db in try db.execute(sql: sql) } }
    }
  }

  /// A file of the version before, with a cuff that two people used and one person was asked about.
  @Test func anOldFileIsTakenOver() async throws {
    let house = try await House.open()
    try await house.store.close()
    for file in try FileManager.default.contentsOfDirectory(atPath: house.directory) {
      try FileManager.default.removeItem(atPath: "\(house.directory)/\(file)")
    }
    let queue = try DatabaseQueue(path: house.path)
    try Migrations.migrator.migrate(queue, upTo: "2-corrections")
    let first = reading(120, clock: 1, slot: 1, patient: PatientID(rawValue: "p-lan"))
    let second = reading(121, clock: 2, slot: 2, patient: PatientID(rawValue: "p-lan"))
    try await queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO patients (id, name, folded_name, added_at) VALUES ('p-lan', 'Lan', 'lan', 0);
          INSERT INTO devices (id, profile, authentication, information, paired_at)
            VALUES ('\(cuff)', 'sig/blood-pressure', 'bonded', '{}', 0);
          INSERT INTO device_users (device, slot, patient) VALUES ('\(cuff)', -1, 'p-lan');
          INSERT INTO consents (patient, destination, grantee, relationship, granted_at)
            VALUES ('p-lan', 'record', 'Dr Minh', 'doctor', 0);
          """)
      for one in [first, second] {
        try db.execute(
          sql: """
            INSERT INTO observations (id, identity, kind, device, patient, effective_end, received_at, content)
            VALUES (?, ?, 'blood-pressure', ?, 'p-lan', ?, 0, ?)
            """,
          arguments: [
            one.id.rawValue, one.identity.rawValue, cuff.rawValue, one.effective.end.timeIntervalSince1970,
            try JSONText.encode(one),
          ])
        try db.execute(
          sql: """
            INSERT INTO outbox (id, destination, patient, observation, idempotency_key, created_at)
            VALUES (?, 'record', 'p-lan', ?, ?, 0)
            """, arguments: [one.id == first.id ? 7 : 40, one.id.rawValue, "obs-\(one.id)"])
      }
      // As that version wrote it.
      try db.execute(
        sql: "INSERT INTO alert_states (rule, subject, simulated, content) VALUES ('crisis', 'device:\(cuff)', 0, ?)",
        arguments: [
          #"{"key":{"isSimulated":false,"rule":"crisis","subject":{"device":{"_0":"\#(cuff)"}}},"lastDevice":"\#(cuff)","#
            + #""lastInstant":0,"lastValue":120,"lateWasMet":false,"phase":"resolved"}"#
        ])
    }
    try queue.close()
    let store = try await Store.open(directory: house.directory)
    let lan = PatientID(rawValue: "p-lan")
    #expect(
      try await store.device(cuff)?.users
        == [DeviceUser(slot: 1, patient: lan), DeviceUser(slot: nil, patient: lan)])
    #expect(try await store.device(cuff)?.isShared == false)
    let rows = try await store.deliveries()
    #expect(rows.map(\.id.rawValue) == [7, 40])
    #expect(rows.map(\.patient) == [lan, lan])
    #expect(rows.allSatisfy { $0.state == .waiting && !$0.needsCorrection })
    #expect(try await store.dueDeliveries(for: record, at: minute(1), limit: 9).count == 2)
    let next = try await store.commit(reading(122, clock: 3, slot: 2), policy: policy, now: minute(4), live: true)
    #expect(next.kept?.patient == nil)
    let hers = try await store.commit(reading(123, clock: 4, slot: 1), policy: policy, now: minute(5), live: true)
    #expect(hers.kept?.patient == lan)
    #expect(try await store.deliveries().map(\.id.rawValue) == [7, 40, 41])
    try await store.close()
  }
}
