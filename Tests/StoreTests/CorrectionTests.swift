import AlertRules
import Foundation
import Observations
import Store
import Testing

@Suite struct CorrectionTests {
  private let better = EffectiveTime(span: .instant(minute(50)), basis: .deviceClockCorrected)

  @Test func aBetterTimeComesBeforeTheReadingLeaves() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [record])
    let settling = IngestPolicy(rules: [crisis], destinations: destinations, settling: 60)
    var expected = try #require(
      try await house.store.commit(reading(185, clock: 1), policy: settling, now: minute(100), live: true).kept)
    // The alert does not wait.
    #expect(
      try await house.store.dueDeliveries(for: record, at: minute(100.5), limit: 9).map(\.content.alert?.to) == [
        .firing
      ])
    #expect(try await house.store.revise(expected.id, effective: better, clockOffset: -2940))
    expected.effective = better
    expected.provenance.clockOffset = -2940
    #expect(try await house.store.observation(expected.id) == expected)
    #expect(try await house.store.observations(ObservationFilter(since: minute(50))) == [expected])
    let due = try await house.store.dueDeliveries(for: record, at: minute(101), limit: 9)
    #expect(due.compactMap(\.content.observation) == [expected])
  }

  @Test func aTimeThatComesTooLateIsSaid() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [record])
    let kept = try #require(try await house.keep(reading(120, clock: 1)).kept)
    let due = try await house.store.dueDeliveries(for: record, at: minute(100), limit: 9)
    try await house.store.recordDelivered(due.map(\.id), at: minute(100))
    #expect(try await !house.store.revise(kept.id, effective: better, clockOffset: nil))
    #expect(try await house.store.observation(kept.id)?.effective == better)
    #expect(try await !house.store.revise(ObservationID(rawValue: "no"), effective: better, clockOffset: nil))
  }

  @Test func theIdentityStaysSoARepeatIsStillOne() async throws {
    let house = try await House.open()
    let kept = try #require(try await house.keep(reading(120, clock: 1)).kept)
    try await house.store.revise(kept.id, effective: better, clockOffset: nil)
    #expect(try await house.keep(reading(120, clock: 1)).duplicateOf == kept.id)
  }

  @Test func bytesThatCannotBeDecodedAreKeptOnceAndCounted() async throws {
    let house = try await House.open()
    func keep(_ bytes: [UInt8], at minutes: Double) async throws {
      try await house.store.keepUndecodable(
        device: cuff, profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", format: "2A35", bytes: bytes,
        receivedAt: minute(minutes), reason: "truncated")
    }
    try await keep([0x1e, 0x00], at: 1)
    try await keep([], at: 2)
    try await keep([0x1e, 0x00], at: 3)
    let values = try await house.afterCrash().store.undecodableValues()
    #expect(values.map(\.bytes) == [[0x1e, 0x00], []])
    #expect(values.map(\.times) == [2, 1])
    #expect(values.first?.firstReceivedAt == minute(1))
    #expect(values.first?.lastReceivedAt == minute(3))
    #expect(try await house.store.undecodableValues(limit: 1).map(\.bytes) == [[]])
  }

  /// A device that sends something else each time fills no card, and takes nothing of another's.
  @Test func ofOneDeviceTheNewestAreKept() async throws {
    let house = try await House.open()
    func keep(_ number: Int, of device: DeviceID) async throws {
      try await house.store.keepUndecodable(
        device: device, profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", format: "2A35",
        bytes: [UInt8(number >> 8), UInt8(number & 255)], receivedAt: minute(1), reason: "truncated")
    }
    try await keep(0, of: DeviceID(rawValue: "ble:C0:00:00:00:00:02"))
    for number in 0..<1003 { try await keep(number, of: cuff) }
    let values = try await house.store.undecodableValues(limit: 2000)
    #expect(values.count == 1001)
    #expect(values.last?.bytes == [3, 234])
    #expect(values.filter { $0.device == cuff }.first?.bytes == [0, 3])
  }
}
