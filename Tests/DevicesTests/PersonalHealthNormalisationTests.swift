import Devices
import Foundation
import Observations
import Testing
import WireFormats

@Suite struct PersonalHealthNormalisationTests {
  private let received = Date(timeIntervalSince1970: 1_772_612_160)  // 2026-03-04T08:16:00Z

  private func normalisation(
    clockOffset: TimeInterval? = 0, relativeStart: Date? = nil
  ) throws -> PersonalHealthNormalisation {
    PersonalHealthNormalisation(
      device: DeviceID(rawValue: "usb:test"), profile: "test/test", driver: "11073/1", isSimulated: false,
      clockOffset: clockOffset, relativeStart: relativeStart, timeZone: try #require(TimeZone(secondsFromGMT: 0)))
  }

  private func read(_ hex: String, _ form: ScanReport.Form) throws -> [ObjectMeasurement] {
    let standard = try #require(AgentConfiguration.standard(0x02BC))
    return standard.read(try ScanReport(try Hexadecimal.bytes(hex), form: form)).measurements
  }

  @Test func aCompoundAndItsPulseAreOneReading() throws {
    let measurements = try read(
      "F0000001 0001 002A 0042 0002 0024 0001 0012 000300060075004C005A2026030408153500"
        + "0002 000A 00442026030408153500", .multiPersonFixed)
    let found = try normalisation().observations(measurements, receivedAt: received)
    #expect(found.count == 1)
    let observation = try #require(found.first?.observation)
    #expect(found.first?.isLive == true)
    #expect(observation.kind == .bloodPressure)
    #expect(observation.userSlot == 66)
    #expect(observation.quantity(MDC.pressBldNoninvSys) == Quantity(117, .millimetreOfMercury))
    #expect(observation.quantity(MDC.pressBldNoninvDia) == Quantity(76, .millimetreOfMercury))
    #expect(observation.quantity(MDC.pressBldNoninvMean) == Quantity(90, .millimetreOfMercury))
    #expect(observation.quantity(MDC.pulsRateNonInv) == Quantity(68, .perMinute))
    #expect(observation.provenance.deviceTime?.verbatim == "2026-03-04T08:15:35")
    #expect(observation.effective.basis == .deviceClock)
    #expect(observation.provenance.authentication == .wired)
    #expect(observation.marks.isEmpty && observation.flags.isEmpty)
  }

  /// The same numbers by an event and out of a segment are one reading.
  @Test func theIdentityIsWhatWasSaidAndNotHowItWasLaidOut() throws {
    let event = try read(
      "F0000001 0002 0024 0001 0012 000300060075004C005A2026030408153500 0002 000A 00442026030408153500", .fixed)
    let variable = try read(
      "F0000001 0002 0038 0001 0002 001A 0A75 000A 000300060075004C005A 0990 0008 2026030408153500"
        + "0002 0002 0012 0A4C 0002 0044 0990 0008 2026030408153500", .variable)
    let one = try normalisation().observations(event, receivedAt: received).first?.observation
    let other = try normalisation().observations(variable, receivedAt: received).first?.observation
    #expect(one != nil && one?.identity == other?.identity)
    #expect(one?.provenance.bytes != other?.provenance.bytes)
  }

  @Test func aDemonstrationAndADoubtAreSaid() throws {
    func one(_ status: String) throws -> Observation? {
      let measurements = try read(
        "F0000001 0001 0026 0001 0003 0020 0A75 000A 000300060075004C005A 0947 0002 \(status) 0990 0008 2026030408153500",
        .variable)
      return try normalisation().observations(measurements, receivedAt: received).first?.observation
    }
    let demonstration = try #require(try one("0400"))
    #expect(demonstration.marks == [.notMeasured])
    #expect(demonstration.quantity(MDC.pressBldNoninvSys) == nil)
    let doubted = try #require(try one("4000"))
    #expect(doubted.flags == [.questionable] && doubted.marks.isEmpty)
    #expect(doubted.quantity(MDC.pressBldNoninvSys) != nil)
  }

  @Test func aRelativeTimeIsPlacedByTheMeasuredStart() throws {
    // 90 s after the start, which was read 100 s after it.
    let measurements = try read(
      "F0000001 0001 001C 0001 0002 0016 0A75 000A 000300060075004C005A 0991 0004 000AFC80", .variable)
    let start = PersonalHealthNormalisation.relativeStart(800_000, at: received)
    let observation = try #require(
      try normalisation(relativeStart: start).observations(measurements, receivedAt: received).first?.observation)
    #expect(observation.effective.basis == .deviceClockCorrected)
    #expect(observation.effective.start == received.addingTimeInterval(-10))
    let unknown = try #require(
      try normalisation().observations(measurements, receivedAt: received).first?.observation)
    #expect(unknown.effective.basis == .received)
  }

  @Test func aBadClockStillGivesAReading() throws {
    let measurements = try read("F0000001 0001 0016 0001 0012 000300060075004C005A20260A0408153500", .fixed)
    let observation = try #require(
      try normalisation().observations(measurements, receivedAt: received).first?.observation)
    #expect(observation.marks == [.clockUnusable])
    #expect(observation.effective.basis == .received)
    #expect(observation.quantity(MDC.pressBldNoninvSys)?.value == 117)
  }

  @Test func saturationAndHeartRateAndNothingElse() throws {
    func object(_ handle: UInt16, _ partition: UInt8, _ code: UInt16, _ unit: [UInt8]) -> ConfigurationObject {
      ConfigurationObject(
        objectClass: ObjectTerm.numeric, handle: handle,
        attributes: AttributeList([
          Attribute(id: AttributeID.type, value: [0, partition, UInt8(code >> 8), UInt8(code & 0xFF)]),
          Attribute(id: AttributeID.unitCode, value: unit),
          Attribute(id: AttributeID.attributeValueMap, value: [0, 1, 0, 4, 0x0A, 0x4C, 0, 2]),
        ]))
    }
    let configuration = AgentConfiguration(
      key: .init(systemID: [], id: 0x4000),
      objects: [
        object(1, 2, 19_384, [0x02, 0x20]), object(10, 2, 18_458, [0x0A, 0xA0]), object(20, 129, 114, [0x0A, 0xA0]),
        object(30, 2, 57_664, [0x06, 0xC3]),
      ])
    let report = try ScanReport(
      try Hexadecimal.bytes("F0000000 0004 0018 0001 0002 0061 000A 0002 0041 0014 0002 0048 001E 0002 0050"),
      form: .fixed)
    let reading = configuration.read(report)
    #expect(reading.problems.isEmpty && reading.measurements.count == 4)
    let found = try normalisation().observations(reading.measurements, receivedAt: received).map(\.observation)
    #expect(found.map(\.kind) == [.oxygenSaturation, .heartRate])
    #expect(found.first?.quantity(MDC.pulsOximSatO2) == Quantity(97, .percent))
    #expect(found.first?.quantity(MDC.pulsOximPulsRate) == Quantity(65, .perMinute))
    #expect(found.last?.quantity(MDCCode(8_454_258)) == Quantity(72, .perMinute))
  }
}
