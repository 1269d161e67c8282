/// PLX Spot-Check Measurement (0x2A5E), indicated once a session, and for each stored record (Pulse Oximeter Service 1.0.1
/// §3.1).
///
/// Refused as ``BloodPressureMeasurement`` is: only when it ends too soon.
package struct PLXSpotCheckMeasurement: GATTCharacteristic {
  package static let uuid = "2A5E"
  package static let name = "PLX Spot-Check Measurement"

  /// As sent. Bit 0 time stamp, 1 measurement status, 2 device and sensor status, 3 pulse amplitude index, 4 clock not set;
  /// see ``reservedFlags``.
  package let flags: UInt8
  package let oxygenSaturation: OxygenSaturation
  /// On the device's clock; nil when not sent. It may be implausible: see ``DateTime/implausibleFields``. It says nothing
  /// when ``deviceClockIsNotSet``.
  package let timeStamp: DateTime?
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
    oxygenSaturation = try OxygenSaturation(from: &reader, in: "SpO2PR-Spot-Check")
    timeStamp = flags & 0x01 != 0 ? try DateTime(from: &reader, in: "Timestamp: ") : nil
    measurementStatus = flags & 0x02 != 0 ? try PLXMeasurementStatus(from: &reader) : nil
    deviceAndSensorStatus = flags & 0x04 != 0 ? try PLXDeviceAndSensorStatus(from: &reader) : nil
    pulseAmplitudeIndex = flags & 0x08 != 0 ? try reader.sfloat("Pulse Amplitude Index") : nil
    trailing = reader.rest()
  }

  /// Flags bit 4: the device had no time when it measured.
  package var deviceClockIsNotSet: Bool { flags & 0x10 != 0 }
  /// Flags bits 5–7, reserved for future use: ignored in decoding.
  package var reservedFlags: UInt8 { flags & 0xE0 }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("flags", .integer(Int(flags))), .init("deviceClockNotSet", .boolean(deviceClockIsNotSet)),
    ]
    members += oxygenSaturation.members
    if let timeStamp { members.append(.init("timeStamp", timeStamp.json)) }
    if let measurementStatus { members.append(.init("measurementStatus", measurementStatus.json)) }
    if let deviceAndSensorStatus { members.append(.init("deviceAndSensorStatus", deviceAndSensorStatus.json)) }
    if let pulseAmplitudeIndex { members.append(.init("pulseAmplitudeIndex", pulseAmplitudeIndex.json)) }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
