import Foundation
import Observations
import Store
import Testing

/// Which readings are one.
@Suite struct IntakeTests {
  @Test func aReadingIsKeptWhole() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    var expected = reading(120, clock: 7 * 60)
    expected.patient = patient.id
    let kept = try #require(try await house.keep(reading(120, clock: 7 * 60)).kept)
    expected.id = kept.id
    #expect(kept == expected)
    #expect(try await house.store.observation(kept.id) == expected)
    #expect(try await house.store.observations() == [expected])
  }

  @Test func theMemorySentAgainMakesNoSecondObservation() async throws {
    let house = try await House.open()
    let first = try #require(try await house.keep(reading(120, clock: 1)).kept)
    #expect(try await house.keep(reading(120, clock: 1, received: 500)).duplicateOf == first.id)
    try await house.store.confirmationSent(first.id, at: minute(100))
    try await house.store.confirmationArrived(first.id)
    #expect(try await house.keep(reading(120, clock: 1)).duplicateOf == first.id)
    #expect(try await house.store.observations().count == 1)
  }

  @Test func twoDifferentReadingsInOneMinuteAreTwo() async throws {
    let house = try await House.open()
    let first = try #require(try await house.keep(reading(120, clock: 1)).kept)
    let second = try #require(try await house.keep(reading(121, clock: 1)).kept)
    #expect(first.marks == [])
    #expect(second.marks == [.sharesDeviceTime])
    #expect(try await house.store.observations() == [first, second])
  }

  @Test func anotherDevicesTimeIsNotShared() async throws {
    let house = try await House.open()
    try await house.keep(reading(120, clock: 1))
    let other = try await house.keep(reading(121, clock: 1, device: DeviceID(rawValue: "ble:C0:00:00:00:00:02")))
    #expect(other.kept?.marks == [])
  }

  @Test func withoutTimeARepeatOfWhatWasNotConfirmedIsTheSame() async throws {
    let house = try await House.open()
    let first = try #require(try await house.keep(reading(120, clock: nil)).kept)
    #expect(try await house.keep(reading(120, clock: nil, received: 101)).duplicateOf == first.id)
    #expect(try await house.keep(reading(121, clock: nil)).kept != nil)
  }

  @Test func withoutTimeAfterASentConfirmationBothAreKeptAndMarked() async throws {
    let house = try await House.open()
    let first = try #require(try await house.keep(reading(120, clock: nil)).kept)
    try await house.store.confirmationSent(first.id, at: minute(100))
    let second = try #require(try await house.keep(reading(120, clock: nil, received: 101)).kept)
    #expect(second.marks == [.possibleRepeat])
    #expect(second.identity != first.identity)
    #expect(try await house.store.observation(first.id)?.marks == [])
    // The latest counts, and it is not known to be confirmed.
    #expect(try await house.keep(reading(120, clock: nil, received: 102)).duplicateOf == second.id)
    try await house.store.confirmationSent(second.id, at: minute(102))
    let third = try #require(try await house.keep(reading(120, clock: nil, received: 103)).kept)
    #expect(Set([first.identity, second.identity, third.identity]).count == 3)
  }

  @Test func withoutTimeAfterAnArrivedConfirmationItIsANewReading() async throws {
    let house = try await House.open()
    let first = try #require(try await house.keep(reading(120, clock: nil)).kept)
    try await house.store.confirmationSent(first.id, at: minute(100))
    try await house.store.confirmationArrived(first.id)
    // A late word that it was sent takes nothing back.
    try await house.store.confirmationSent(first.id, at: minute(101))
    let second = try #require(try await house.keep(reading(120, clock: nil, received: 102)).kept)
    #expect(second.marks == [])
    #expect(try await house.store.observations().count == 2)
  }

  @Test func whatWasSentIsKnownAfterACrash() async throws {
    let house = try await House.open()
    let first = try #require(try await house.keep(reading(120, clock: nil)).kept)
    let unsent = try await house.afterCrash()
    #expect(try await unsent.keep(reading(120, clock: nil, received: 101)).duplicateOf == first.id)
    try await house.store.confirmationSent(first.id, at: minute(100))
    let sent = try await house.afterCrash()
    #expect(try await sent.keep(reading(120, clock: nil, received: 101)).kept?.marks == [.possibleRepeat])
  }

  @Test func aSequenceNumberIsAnIdentityWithoutATime() async throws {
    let house = try await House.open()
    func numbered(_ number: Int) -> Observation {
      var observation = reading(120, clock: nil)
      observation.identity = ReadingIdentity(
        device: cuff, time: "sequence \(number)", format: "2A35", bytes: observation.provenance.bytes)
      return observation
    }
    let first = try #require(try await house.keep(numbered(1)).kept)
    try await house.store.confirmationSent(first.id, at: minute(100))
    #expect(try await house.keep(numbered(1)).duplicateOf == first.id)
    #expect(try await house.keep(numbered(2)).kept?.marks == [])
  }

  @Test func windowsOfAStreamAreToldApartByTheirIdentity() async throws {
    let house = try await House.open()
    func window(_ start: Double) -> Observation {
      var observation = reading(120, clock: nil)
      observation.kind = .heartRate
      observation.effective = EffectiveTime(span: .period(minute(start), minute(start + 1)), basis: .window)
      observation.provenance.bytes = []
      observation.identity = ReadingIdentity(device: cuff, time: "\(start)", format: "2A37", bytes: [])
      return observation
    }
    #expect(try await house.keep(window(1)).kept != nil)
    #expect(try await house.keep(window(2)).kept?.marks == [])
    #expect(try await house.keep(window(1)).duplicateOf != nil)
  }

  @Test func theUserNumberSaysWhose() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let son = try await house.store.addPatient(name: "Sơn", at: minute(0))
    try await house.store.assign(cuff, slot: 2, to: son.id)
    #expect(try await house.keep(reading(120, clock: 1)).kept?.patient == lan.id)
    #expect(try await house.keep(reading(120, clock: 2, slot: 2)).kept?.patient == son.id)
    #expect(try await house.keep(reading(120, clock: 3, slot: 1)).kept?.patient == nil)
    #expect(try await house.keep(reading(120, clock: 4, slot: 2, patient: lan.id)).kept?.patient == lan.id)
    try await house.store.assign(cuff, slot: nil, to: nil)
    #expect(try await house.keep(reading(120, clock: 5)).kept?.patient == nil)
    #expect(try await house.keep(reading(120, clock: 6, slot: 2)).kept?.patient == son.id)
  }

  @Test func anUnknownPersonIsNoReasonToLoseAReading() async throws {
    let house = try await House.open()
    let outcome = try await house.keep(reading(120, clock: 1, patient: PatientID(rawValue: "p-nobody")))
    #expect(outcome.kept != nil)
    #expect(outcome.kept?.patient == nil)
  }
}
