/// PLX Continuous Measurement (0x2A5F), notified every 1–4 seconds, never stored (Pulse Oximeter Service 1.0.1 §3.2).
///
/// The trap: its flags are not those of the spot check. Bit 0 there is the time stamp, which this value does not have.
package struct PLXContinuousMeasurement: GATTCharacteristic {
  package static let uuid = "2A5F"
  package static let name = "PLX Continuous Measurement"

  /// As sent. Bit 0 fast, 1 slow, 2 measurement status, 3 device and sensor status, 4 pulse amplitude index; see
  /// ``reservedFlags``.
  package let flags: UInt8
  /// SpO2PR-Normal, always sent.
  package let oxygenSaturation: OxygenSaturation
  /// SpO2PR-Fast: follows quick changes; nil when not sent.
  package let fast: OxygenSaturation?
  /// SpO2PR-Slow: smooths movement away; nil when not sent.
  package let slow: OxygenSaturation?
  /// Nil when not sent.
  package let measurementStatus: PLXMeasurementStatus?
  /// Nil when not sent.
  package let deviceAndSensorStatus: PLXDeviceAndSensorStatus?
  /// How much blood reaches the finger, in percent; nil when not sent.
  package let pulseAmplitudeIndex: SFLOAT?
  /// Octets after the last field that the flags announce; to be ignored.
  package let trailing: [UInt8]

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    flags = try reader.uint8("Flags")
    oxygenSaturation = try OxygenSaturation(from: &reader, in: "SpO2PR-Normal")
    fast = flags & 0x01 != 0 ? try OxygenSaturation(from: &reader, in: "SpO2PR-Fast") : nil
    slow = flags & 0x02 != 0 ? try OxygenSaturation(from: &reader, in: "SpO2PR-Slow") : nil
    measurementStatus = flags & 0x04 != 0 ? try PLXMeasurementStatus(from: &reader) : nil
    deviceAndSensorStatus = flags & 0x08 != 0 ? try PLXDeviceAndSensorStatus(from: &reader) : nil
    pulseAmplitudeIndex = flags & 0x10 != 0 ? try reader.sfloat("Pulse Amplitude Index") : nil
    trailing = reader.rest()
  }

  /// Flags bits 5–7, reserved for future use: ignored in decoding.
  package var reservedFlags: UInt8 { flags & 0xE0 }

  package var json: JSON {
    var members: [JSON.Member] = [.init("flags", .integer(Int(flags)))]
    members += oxygenSaturation.members
    if let fast { members.append(.init("fast", .object(fast.members))) }
    if let slow { members.append(.init("slow", .object(slow.members))) }
    if let measurementStatus { members.append(.init("measurementStatus", measurementStatus.json)) }
    if let deviceAndSensorStatus { members.append(.init("deviceAndSensorStatus", deviceAndSensorStatus.json)) }
    if let pulseAmplitudeIndex { members.append(.init("pulseAmplitudeIndex", pulseAmplitudeIndex.json)) }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
