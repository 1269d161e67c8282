import Devices
import Foundation
import Observations
import Testing
import WireFormats

@Suite struct ReadingTimeTests {
  /// 2026-11-22T00:30:00Z
  let received = Date(timeIntervalSince1970: 1_795_307_400)
  let stamp = DeviceTime(year: 2026, month: 11, day: 22, hour: 0, minute: 29, second: 0)

  private func time(_ stamp: DeviceTime?, plausible: Bool = true, offset: TimeInterval?) -> ReadingTime {
    ReadingTime(stamp: stamp, stampIsPlausible: plausible, clockOffset: offset, receivedAt: received, timeZone: .gmt)
  }

  @Test func theReferenceIsWhatItSays() {
    #expect(received.formatted(.iso8601) == "2026-11-22T00:30:00Z")
  }

  @Test(arguments: [
    (TimeInterval?.some(1.5), EffectiveTime.Basis.deviceClock, -60.0),
    (-2, .deviceClock, -60),
    (30, .deviceClockCorrected, -90),
    (-45, .deviceClockCorrected, -15),
    (nil, .deviceClockUnchecked, -60),
  ])
  func aStampIsPlacedByTheOffset(offset: TimeInterval?, basis: EffectiveTime.Basis, seconds: Double) {
    let found = time(stamp, offset: offset)
    #expect(found.effective == EffectiveTime(span: .instant(received.addingTimeInterval(seconds)), basis: basis))
    #expect(found.isLive)
    #expect(!found.stampIsUnusable)
  }

  @Test func anOldStampIsFromMemory() {
    let old = DeviceTime(year: 2026, month: 11, day: 22, hour: 0, minute: 24, second: 59)
    #expect(!time(old, offset: 0).isLive)
    #expect(time(DeviceTime(year: 2026, month: 11, day: 22, hour: 0, minute: 25, second: 0), offset: 0).isLive)
    // By a clock that is six minutes slow it was made just now.
    #expect(time(old, offset: -360).isLive == true)
  }

  /// A factory clock with a measured offset is as good as any: 2010-01-01 00:10 where it shows 00:11 now.
  @Test func aFactoryClockIsCorrected() throws {
    let shown = DeviceTime(year: 2010, month: 1, day: 1, hour: 0, minute: 10, second: 0)
    let now = try #require(DeviceTime(year: 2010, month: 1, day: 1, hour: 0, minute: 11, second: 0).date(in: .gmt))
    let found = time(shown, offset: now.timeIntervalSince(received))
    #expect(found.effective.span == .instant(received.addingTimeInterval(-60)))
    #expect(found.isLive)
  }

  @Test(arguments: [
    DeviceTime(year: nil, month: nil, day: nil, hour: 0, minute: 0, second: 0),
    DeviceTime(year: 2026, month: 11, day: nil, hour: 0, minute: 29, second: 0),
    DeviceTime(year: 2026, month: 2, day: 31, hour: 0, minute: 29, second: 0),
    // Three minutes ahead of its own arrival.
    DeviceTime(year: 2026, month: 11, day: 22, hour: 0, minute: 33, second: 0),
  ])
  func anUnusableStampTakesTheReceiveTimeAndIsMarked(stamp: DeviceTime) {
    let found = time(stamp, offset: 0)
    #expect(found.effective == EffectiveTime(span: .instant(received), basis: .received))
    #expect(found.stampIsUnusable)
    #expect(found.isLive)
  }

  @Test func noStampTakesTheReceiveTimeUnmarked() {
    let found = time(nil, offset: 0)
    #expect(found.effective.basis == .received)
    #expect(!found.stampIsUnusable)
  }

  @Test func memoryLiesBetweenTheVisits() {
    let visit = received.addingTimeInterval(-86_400)
    #expect(ReadingTime.fromMemory(receivedAt: received, previousVisit: visit).span == .period(visit, received))
    #expect(
      ReadingTime.fromMemory(receivedAt: received, previousVisit: nil).span
        == .period(received.addingTimeInterval(-366 * 86_400), received))
    // Our clock was set back between the visits.
    #expect(
      ReadingTime.fromMemory(receivedAt: received, previousVisit: received.addingTimeInterval(5)).span
        == .period(received, received))
  }
}

@Suite struct BloodPressureNormalisationTests {
  private func observation(_ bytes: [UInt8]) throws -> Observation {
    let normalisation = BloodPressureNormalisation(
      device: DeviceID(rawValue: "sim:F0:F1:F2:F3:F4:F5"), profile: "sig/blood-pressure",
      driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: true, clockOffset: 0, timeZone: .gmt)
    let received = Date(timeIntervalSince1970: 1_795_307_400)
    return normalisation.observation(try BloodPressureMeasurement(bytes), bytes: bytes, receivedAt: received)
      .observation
  }

  @Test(arguments: [
    (UInt16(0x07FF), DataAbsentReason.notANumber), (0x07FE, .positiveInfinity), (0x0802, .negativeInfinity),
    (0x0800, .error), (0x0801, .error),
  ])
  func specialValuesAreReasons(raw: UInt16, reason: DataAbsentReason) throws {
    let found = try observation([0x00, UInt8(raw & 0xFF), UInt8(raw >> 8), 80, 0, 93, 0])
    #expect(found.components.first == ObservationComponent(MDC.pressBldNoninvSys, .absent(reason)))
    #expect(found.quantity(MDC.pressBldNoninvDia)?.value == 80)
    #expect(found.quantity(MDC.pressBldNoninvMean)?.value == 93)
  }

  @Test func aMeanOfZeroIsNone() throws {
    let found = try observation([0x00, 120, 0, 80, 0, 0, 0])
    #expect(found.components[2] == ObservationComponent(MDC.pressBldNoninvMean, .absent(.notANumber)))
  }

  /// A factory-test record: kept as it was said, and told apart from a reading.
  @Test func aReadingWithoutPressuresIsMarked() throws {
    let nothing: [UInt8] = [0xFF, 0x07]
    let test = try observation([0x04] + nothing + nothing + nothing + [60, 0])
    #expect(test.marks == [.notMeasured])
    #expect(test.components.count == 4)
    #expect(test.quantity(MDC.pulsRateNonInv)?.value == 60)
    #expect(try observation([0x04, 120, 0] + nothing + nothing + nothing).marks == [])
  }

  static let flagsOfStatus: [(UInt16, Set<MeasurementFlag>)] = [
    (0x00, []), (0x01, [.bodyMovement]), (0x02, [.cuffTooLoose]), (0x04, [.irregularPulse]),
    (0x08, [.pulseAboveRange]), (0x10, [.pulseBelowRange]), (0x18, []), (0x20, [.improperPosition]), (0xFFC0, []),
    (0x2F, [.bodyMovement, .cuffTooLoose, .irregularPulse, .pulseAboveRange, .improperPosition]),
  ]

  /// Bits 0–2, 5, and the two bits of the pulse range.
  @Test(arguments: flagsOfStatus)
  func statusBitsAreFlags(status: UInt16, flags: Set<MeasurementFlag>) throws {
    let found = try observation([0x10, 120, 0, 80, 0, 93, 0, UInt8(status & 0xFF), UInt8(status >> 8)])
    #expect(found.flags == flags)
  }

  @Test func theUserIsKeptUnlessUnknown() throws {
    #expect(try observation([0x08, 120, 0, 80, 0, 93, 0, 2]).userSlot == 2)
    #expect(try observation([0x08, 120, 0, 80, 0, 93, 0, 255]).userSlot == nil)
  }

  @Test func theIdentityIsWhatTheDeviceSaid() throws {
    let bytes: [UInt8] = [0x02, 120, 0, 80, 0, 93, 0, 0xEA, 0x07, 13, 40, 25, 61, 99]
    let found = try observation(bytes)
    // No calendar has this date; it is kept digit by digit all the same.
    #expect(
      found.identity.rawValue
        == "sim:F0:F1:F2:F3:F4:F5|2026-13-40T25:61:99|2A35:02780050005d00ea070d28193d63")
    #expect(found.marks == [.clockUnusable])
    #expect(found.provenance.bytes == bytes)
  }
}
