import Foundation
import Testing
import WireFormats

@Suite struct BloodPressureTests {
  /// Unit test of Nordic's library.
  @Test func everyFieldInMillimetresOfMercury() throws {
    let measurement = try BloodPressureMeasurement(Hexadecimal.bytes("1e8a00580078000000041114293b3c00012700"))
    #expect(measurement.unit == .millimetreOfMercury)
    #expect(measurement.systolic.value == 138)
    #expect(measurement.diastolic.value == 88)
    #expect(measurement.meanArterialPressure.value == 120)
    let time = try #require(measurement.timeStamp)
    #expect(time.year == 0 && time.month == 4 && time.day == 17)
    #expect(time.hours == 20 && time.minutes == 41 && time.seconds == 59)
    #expect(time.isPlausible)
    #expect(!time.isComplete)
    #expect(measurement.pulseRate?.value == 60)
    #expect(measurement.userID == .number(1))
    let status = try #require(measurement.status)
    #expect(status.rawValue == 0x27)
    #expect(status.bodyMovement && status.cuffTooLoose && status.irregularPulse && status.improperPosition)
    #expect(status.pulseRateRange == .within)
    #expect(measurement.trailing.isEmpty)
  }

  /// Unit test of Nordic's library.
  @Test func kilopascalWithoutTimeAndUser() throws {
    let measurement = try BloodPressureMeasurement(Hexadecimal.bytes("15bdf00b009ff03c001200"))
    #expect(measurement.unit == .kilopascal)
    #expect(measurement.systolic.value == Decimal(string: "18.9"))
    #expect(measurement.diastolic.value == 11)
    #expect(measurement.meanArterialPressure.value == Decimal(string: "15.9"))
    #expect(measurement.timeStamp == nil)
    #expect(measurement.pulseRate?.value == 60)
    #expect(measurement.userID == nil)
    let status = try #require(measurement.status)
    #expect(status.cuffTooLoose)
    #expect(status.pulseRateRange == .below)
    #expect(!status.bodyMovement && !status.irregularPulse && !status.improperPosition)
  }

  @Test(arguments: [
    (UInt16(0x00), BloodPressureStatus.PulseRateRange.within), (0x08, .above), (0x10, .below), (0x18, .reserved),
  ])
  func pulseRangeIsBits3And4(raw: UInt16, range: BloodPressureStatus.PulseRateRange) throws {
    let bytes = try Hexadecimal.bytes("167b0052006000e80702100b251a4800") + [UInt8(raw), 0]
    let status = try #require(try BloodPressureMeasurement(bytes).status)
    #expect(status.pulseRateRange == range)
    #expect(!status.improperPosition)
    #expect(BloodPressureStatus(rawValue: 0x20).improperPosition)
    #expect(BloodPressureStatus(rawValue: 0x20).pulseRateRange == .within)
    #expect(BloodPressureStatus(rawValue: 0xFFFF).reservedBits == 0xFFC0)
  }

  @Test func userIDKnownUnknownAbsent() throws {
    #expect(try BloodPressureMeasurement([0x08, 1, 0, 1, 0, 1, 0, 0]).userID == .number(0))
    #expect(try BloodPressureMeasurement([0x08, 1, 0, 1, 0, 1, 0, 254]).userID == .number(254))
    #expect(try BloodPressureMeasurement([0x08, 1, 0, 1, 0, 1, 0, 255]).userID == .unknown)
    #expect(try BloodPressureMeasurement([0x00, 1, 0, 1, 0, 1, 0]).userID == nil)
    #expect(UserID.unknown.number == nil)
    #expect(try BloodPressureMeasurement([0x08, 1, 0, 1, 0, 1, 0, 255]).json.text.hasSuffix(#""userID":null}"#))
  }

  /// A bad part does not spoil the whole: the pressures stand, and the fields that are wrong are named.
  @Test func impossibleTimeStampKeepsTheMeasurement() throws {
    let measurement = try BloodPressureMeasurement(Hexadecimal.bytes("02 7800 5000 5d00 ea07 0d 20 18 3c 3c"))
    #expect(measurement.systolic.value == 120)
    let time = try #require(measurement.timeStamp)
    #expect(time.month == 13 && time.day == 32 && time.hours == 24 && time.minutes == 60 && time.seconds == 60)
    #expect(time.implausibleFields == ["Month", "Day", "Hours", "Minutes", "Seconds"])
    #expect(!time.isPlausible)
  }

  @Test func specialValuesKeepTheMeasurement() throws {
    let measurement = try BloodPressureMeasurement(Hexadecimal.bytes("04 7800 fe07 ff07 0208"))
    #expect(measurement.systolic.value == 120)
    #expect(measurement.diastolic.special == .positiveInfinity)
    #expect(measurement.meanArterialPressure.special == .notANumber)
    #expect(measurement.pulseRate?.special == .negativeInfinity)
  }

  @Test func reservedFlagsAndFurtherOctetsAreKeptNotRefused() throws {
    let measurement = try BloodPressureMeasurement(Hexadecimal.bytes("e0 7800 5000 5d00 aabb"))
    #expect(measurement.systolic.value == 120)
    #expect(measurement.flags == 0xE0)
    #expect(measurement.reservedFlags == 0xE0)
    #expect(measurement.trailing == [0xAA, 0xBB])
    #expect(measurement.timeStamp == nil && measurement.pulseRate == nil && measurement.status == nil)
  }

  /// The structure of a cuff that sends a user its flags don't announce, pulse and status big endian: one octet is left.
  @Test func valueThatItsFlagsDoNotDescribeShowsInTrailing() throws {
    let measurement = try BloodPressureMeasurement(
      Hexadecimal.bytes("56 7300 4b00 0000 ea07 03 05 08 0f 00 0041 00 0000"))
    #expect(measurement.systolic.value == 115)
    #expect(measurement.trailing.count == 1)
  }

  /// Each field of the longest layout, with the lengths at which it is missing.
  @Test func everyPrefixNamesItsField() throws {
    let whole = try Hexadecimal.bytes("1e8a00580078000000041114293b3c00012700")
    let fields: [(String, Int)] = [
      ("Flags", 1), ("Systolic", 2), ("Diastolic", 2), ("Mean Arterial Pressure", 2), ("Time Stamp: Year", 2),
      ("Time Stamp: Month", 1), ("Time Stamp: Day", 1), ("Time Stamp: Hours", 1), ("Time Stamp: Minutes", 1),
      ("Time Stamp: Seconds", 1), ("Pulse Rate", 2), ("User ID", 1), ("Measurement Status", 2),
    ]
    var start = 0
    for (field, size) in fields {
      for have in 0..<size {
        #expect(throws: DecodingFailure.truncated(field: field, offset: start, need: size, have: have)) {
          try BloodPressureMeasurement(Array(whole.prefix(start + have)))
        }
      }
      start += size
    }
    #expect(start == whole.count)
    #expect(try BloodPressureMeasurement(whole).systolic.value == 138)
  }

  /// Unit tests of Nordic's library.
  @Test func intermediateCuffPressure() throws {
    let first = try IntermediateCuffPressure(Hexadecimal.bytes("1e0400000000000000041114293b3c00012700"))
    #expect(first.currentCuffPressure.value == 4)
    #expect(first.unit == .millimetreOfMercury)
    #expect(first.timeStamp?.day == 17)
    #expect(first.pulseRate?.value == 60)
    #expect(first.userID == .number(1))
    #expect(first.status?.rawValue == 0x27)
    let second = try IntermediateCuffPressure(Hexadecimal.bytes("156ff0000000003c001200"))
    #expect(second.currentCuffPressure.value == Decimal(string: "11.1"))
    #expect(second.unit == .kilopascal)
    let third = try IntermediateCuffPressure(Hexadecimal.bytes("00d7f000000000"))
    #expect(third.currentCuffPressure.value == Decimal(string: "21.5"))
    #expect(third.json.text == #"{"flags":0,"unit":"mmHg","currentCuffPressure":21.5}"#)
    #expect(throws: DecodingFailure.truncated(field: "Current Cuff Pressure", offset: 1, need: 2, have: 1)) {
      try IntermediateCuffPressure([0, 0xD7])
    }
  }

  @Test func features() throws {
    let feature = try BloodPressureFeature([0x25, 0x01])
    #expect(feature.detectsBodyMovement && feature.detectsIrregularPulse && feature.supportsMultipleBonds)
    #expect(feature.supportsUserFacingTime)
    #expect(!feature.detectsCuffFit && !feature.detectsPulseRateRange && !feature.detectsMeasurementPosition)
    #expect(!feature.supportsE2ECRC && !feature.supportsUserDataService)
    #expect(try BloodPressureFeature([0xC0, 0x00, 0x07]).trailing == [7])
    #expect(throws: DecodingFailure.truncated(field: "Blood Pressure Feature", offset: 0, need: 2, have: 1)) {
      try BloodPressureFeature([0x25])
    }
  }
}
