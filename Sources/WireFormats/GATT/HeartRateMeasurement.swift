/// Heart Rate Measurement (0x2A37), notified about once a second (Heart Rate Service 1.0 §3.1).
package struct HeartRateMeasurement: GATTCharacteristic {
  package static let uuid = "2A37"
  package static let name = "Heart Rate Measurement"

  /// Whether the sensor touches skin. Without contact the rate is no heart rate, whatever number it holds.
  package enum SensorContact: String, Hashable, Sendable {
    /// Flags bit 2 clear: the sensor cannot tell (bit 1 has no meaning then).
    case notSupported = "not-supported"
    case notDetected = "not-detected"
    case detected
  }

  /// As sent. Bit 0 rate of 16 bits, 1 contact, 2 contact supported, 3 energy, 4 RR-intervals; see ``reservedFlags``.
  package let flags: UInt8
  /// Beats per minute.
  package let heartRate: UInt16
  /// Kilojoules since the last reset, 65,535 meaning *at least*; nil when not sent.
  package let energyExpended: UInt16?
  /// Times between beats in 1/1024 s, oldest first; nil when not sent, never empty.
  package let rrIntervals: [UInt16]?
  /// Octets after the last field when no RR-intervals are announced; to be ignored.
  package let trailing: [UInt8]

  /// RR-intervals fill the value to its end: at least one, and each of two octets. Where the flag is set and none follows,
  /// or half of one is left, the value was cut off and ``DecodingFailure`` names `RR-Interval`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    flags = try reader.uint8("Flags")
    heartRate =
      flags & 0x01 == 0
      ? UInt16(try reader.uint8("Heart Rate Measurement Value")) : try reader.uint16("Heart Rate Measurement Value")
    energyExpended = flags & 0x08 != 0 ? try reader.uint16("Energy Expended") : nil
    if flags & 0x10 != 0 {
      var intervals: [UInt16] = []
      repeat { intervals.append(try reader.uint16("RR-Interval")) } while reader.remaining > 0
      rrIntervals = intervals
    } else {
      rrIntervals = nil
    }
    trailing = reader.rest()
  }

  /// Flags bits 1 and 2.
  package var sensorContact: SensorContact {
    if flags & 0x04 == 0 { .notSupported } else if flags & 0x02 == 0 { .notDetected } else { .detected }
  }

  /// Flags bits 5–7, reserved for future use: ignored in decoding.
  package var reservedFlags: UInt8 { flags & 0xE0 }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("flags", .integer(Int(flags))),
      .init("heartRate", .integer(Int(heartRate))),
      .init("sensorContact", .string(sensorContact.rawValue)),
    ]
    if let energyExpended { members.append(.init("energyExpended", .integer(Int(energyExpended)))) }
    if let rrIntervals { members.append(.init("rrIntervals", .array(rrIntervals.map { .integer(Int($0)) }))) }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
