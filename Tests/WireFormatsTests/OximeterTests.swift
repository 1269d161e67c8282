import Foundation
import Testing
import WireFormats

/// By hand, from the tables of the Pulse Oximeter Service 1.0.1.
@Suite struct OximeterTests {
  @Test func spotCheckWithEveryField() throws {
    let spot = try PLXSpotCheckMeasurement(
      Hexadecimal.bytes("1f cff3 20f3 ea0702100b251a 4001 040080 e6f0"))
    #expect(spot.oxygenSaturation.spO2.value == Decimal(string: "97.5"))
    #expect(spot.oxygenSaturation.pulseRate.value == 80)
    #expect(spot.timeStamp?.year == 2026 && spot.timeStamp?.seconds == 26)
    let status = try #require(spot.measurementStatus)
    #expect(PLXMeasurementStatus.Bit.allCases.filter(status.contains) == [.earlyEstimatedData, .fullyQualifiedData])
    let device = try #require(spot.deviceAndSensorStatus)
    #expect(
      PLXDeviceAndSensorStatus.Bit.allCases.filter(device.contains) == [.signalProcessingIrregularityDetected])
    #expect(device.reservedBits == 0x80_0000)
    #expect(spot.pulseAmplitudeIndex?.value == 23)
    #expect(spot.deviceClockIsNotSet)
    #expect(spot.trailing.isEmpty)
  }

  @Test func spotCheckWithoutValidNumbersIsKept() throws {
    let spot = try PLXSpotCheckMeasurement(Hexadecimal.bytes("e0 ff07 fe07 aa"))
    #expect(spot.oxygenSaturation.spO2.special == .notANumber)
    #expect(spot.oxygenSaturation.pulseRate.special == .positiveInfinity)
    #expect(spot.timeStamp == nil && spot.measurementStatus == nil && spot.deviceAndSensorStatus == nil)
    #expect(spot.pulseAmplitudeIndex == nil && !spot.deviceClockIsNotSet)
    #expect(spot.reservedFlags == 0xE0 && spot.trailing == [0xAA])
  }

  /// The lowest and the highest bit of each table, so that none is shifted.
  @Test func bitsAreWhereTheTablesHaveThem() {
    #expect(PLXMeasurementStatus(rawValue: 1 << 5).contains(.measurementOngoing))
    #expect(PLXMeasurementStatus(rawValue: 1 << 9).contains(.dataFromMeasurementStorage))
    #expect(PLXMeasurementStatus(rawValue: 1 << 15).contains(.invalidMeasurementDetected))
    #expect(PLXMeasurementStatus(rawValue: 0x1F).reservedBits == 0x1F)
    #expect(PLXDeviceAndSensorStatus(rawValue: 1 << 0).contains(.extendedDisplayUpdateOngoing))
    #expect(PLXDeviceAndSensorStatus(rawValue: 1 << 5).contains(.lowPerfusionDetected))
    #expect(PLXDeviceAndSensorStatus(rawValue: 1 << 15).contains(.sensorDisconnected))
  }

  /// The flags of the continuous measurement are not those of the spot check.
  @Test func continuous() throws {
    let continuous = try PLXContinuousMeasurement(Hexadecimal.bytes("13 6100 4800 5f00 4a00 6200 4700 0f00"))
    #expect(continuous.oxygenSaturation.spO2.value == 97)
    #expect(continuous.fast?.spO2.value == 95 && continuous.fast?.pulseRate.value == 74)
    #expect(continuous.slow?.spO2.value == 98 && continuous.slow?.pulseRate.value == 71)
    #expect(continuous.measurementStatus == nil && continuous.deviceAndSensorStatus == nil)
    #expect(continuous.pulseAmplitudeIndex?.value == 15)
  }

  @Test func features() throws {
    let all = try PLXFeatures(Hexadecimal.bytes("ff00 e0ff ffff00"))
    #expect(all.storesMeasurements && all.supportsTimeStamp && all.supportsFast && all.supportsSlow)
    #expect(all.supportsPulseAmplitudeIndex && all.supportsMultipleBonds)
    #expect(all.measurementStatusSupport?.rawValue == 0xFFE0)
    #expect(all.deviceAndSensorStatusSupport?.rawValue == 0xFFFF)
    let one = try PLXFeatures(Hexadecimal.bytes("0200 200000 07"))
    #expect(one.measurementStatusSupport == nil)
    #expect(one.deviceAndSensorStatusSupport?.contains(.lowPerfusionDetected) == true)
    #expect(one.trailing == [7])
    #expect(throws: DecodingFailure.truncated(field: "Device and Sensor Status Support", offset: 2, need: 3, have: 2)) {
      try PLXFeatures(Hexadecimal.bytes("0200 2000"))
    }
  }

  @Test func everyPrefixOfTheSpotCheckNamesItsField() throws {
    let whole = try Hexadecimal.bytes("0f 6100 4800 ea0702100b251a 4001 040000 e6f0")
    let fields: [(String, Int)] = [
      ("Flags", 1), ("SpO2PR-Spot-Check: SpO2", 2), ("SpO2PR-Spot-Check: PR", 2), ("Timestamp: Year", 2),
      ("Timestamp: Month", 1), ("Timestamp: Day", 1), ("Timestamp: Hours", 1), ("Timestamp: Minutes", 1),
      ("Timestamp: Seconds", 1), ("Measurement Status", 2), ("Device and Sensor Status", 3),
      ("Pulse Amplitude Index", 2),
    ]
    var start = 0
    for (field, size) in fields {
      for have in 0..<size {
        #expect(throws: DecodingFailure.truncated(field: field, offset: start, need: size, have: have)) {
          try PLXSpotCheckMeasurement(Array(whole.prefix(start + have)))
        }
      }
      start += size
    }
    #expect(start == whole.count)
  }
}
