import Testing
import WireFormats

/// The bytes: unit tests of Nordic's library, except where said.
@Suite struct HeartRateTests {
  @Test func rateOfOneOctet() throws {
    let measurement = try HeartRateMeasurement([0x00, 0x55])
    #expect(measurement.heartRate == 85)
    #expect(measurement.sensorContact == .notSupported)
    #expect(measurement.energyExpended == nil)
    #expect(measurement.rrIntervals == nil)
  }

  @Test func noContact() throws {
    let measurement = try HeartRateMeasurement([0x04, 0xFF])
    #expect(measurement.heartRate == 255)
    #expect(measurement.sensorContact == .notDetected)
  }

  @Test func energyAndOneInterval() throws {
    let measurement = try HeartRateMeasurement(Hexadecimal.bytes("1e5532002100"))
    #expect(measurement.heartRate == 85)
    #expect(measurement.sensorContact == .detected)
    #expect(measurement.energyExpended == 50)
    #expect(measurement.rrIntervals == [33])
  }

  @Test func rateOfTwoOctetsAndThreeIntervals() throws {
    let measurement = try HeartRateMeasurement(Hexadecimal.bytes("1f0101320101000201ffff"))
    #expect(measurement.heartRate == 257)
    #expect(measurement.energyExpended == 306)
    #expect(measurement.rrIntervals == [1, 258, 65535])
  }

  @Test func announcedIntervalsThatAreNotThere() throws {
    #expect(throws: DecodingFailure.truncated(field: "RR-Interval", offset: 3, need: 2, have: 0)) {
      try HeartRateMeasurement([0x17, 0x01, 0x01])
    }
  }

  @Test func halfAnIntervalAtTheEnd() throws {
    #expect(throws: DecodingFailure.truncated(field: "RR-Interval", offset: 6, need: 2, have: 1)) {
      try HeartRateMeasurement(Hexadecimal.bytes("1e553200210007"))
    }
  }

  /// By hand: flags bits 1 and 2, all four.
  @Test(arguments: [
    (UInt8(0), HeartRateMeasurement.SensorContact.notSupported), (2, .notSupported), (4, .notDetected), (6, .detected),
  ])
  func contact(flags: UInt8, contact: HeartRateMeasurement.SensorContact) throws {
    #expect(try HeartRateMeasurement([flags, 60]).sensorContact == contact)
  }

  /// By hand.
  @Test func reservedFlagsAndFurtherOctetsAreKeptNotRefused() throws {
    let measurement = try HeartRateMeasurement([0xE6, 60, 1, 2, 3])
    #expect(measurement.heartRate == 60)
    #expect(measurement.reservedFlags == 0xE0)
    #expect(measurement.trailing == [1, 2, 3])
  }

  /// By hand.
  @Test(arguments: [
    ("", "Flags", 0), ("00", "Heart Rate Measurement Value", 1), ("0155", "Heart Rate Measurement Value", 1),
    ("085532", "Energy Expended", 2), ("09553200", "Energy Expended", 3),
  ])
  func cutOff(hex: String, field: String, offset: Int) throws {
    let bytes = try Hexadecimal.bytes(hex)
    let failure = #expect(throws: DecodingFailure.self) { try HeartRateMeasurement(bytes) }
    #expect(failure?.field == field)
    #expect(failure?.offset == offset)
  }

  /// By hand, from the table of the specification.
  @Test(arguments: [
    (UInt8(0), BodySensorLocation.Place.other), (1, .chest), (2, .wrist), (3, .finger), (4, .hand), (5, .earLobe),
    (6, .foot), (7, nil), (255, nil),
  ])
  func bodySensorLocation(raw: UInt8, place: BodySensorLocation.Place?) throws {
    #expect(try BodySensorLocation([raw]).place == place)
    #expect(try BodySensorLocation([raw]).rawValue == raw)
    #expect(throws: DecodingFailure.trailing(field: "Body Sensor Location", offset: 1, count: 1)) {
      try BodySensorLocation([raw, 0])
    }
  }
}
