/// PLX Features (0x2A60): what an oximeter can do (Pulse Oximeter Service 1.0.1 §3.3). 16 bits, those above bit 7 reserved;
/// the first two of them announce the two support fields that may follow.
package struct PLXFeatures: GATTCharacteristic {
  package static let uuid = "2A60"
  package static let name = "PLX Features"

  /// Supported Features as sent, the reserved bits too.
  package let rawValue: UInt16
  /// Which bits of the measurement status the device can set; nil when it has no such status (bit 0 clear).
  package let measurementStatusSupport: PLXMeasurementStatus?
  /// Which bits of the device and sensor status the device can set; nil when it has no such status (bit 1 clear).
  package let deviceAndSensorStatusSupport: PLXDeviceAndSensorStatus?
  /// Octets after the last field that the bits announce; to be ignored.
  package let trailing: [UInt8]

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    rawValue = try reader.uint16("Supported Features")
    measurementStatusSupport =
      rawValue & 0x01 != 0 ? try PLXMeasurementStatus(from: &reader, "Measurement Status Support") : nil
    deviceAndSensorStatusSupport =
      rawValue & 0x02 != 0 ? try PLXDeviceAndSensorStatus(from: &reader, "Device and Sensor Status Support") : nil
    trailing = reader.rest()
  }

  /// Bit 2: spot checks are kept, and fetched through ``RecordAccessControlPoint``.
  package var storesMeasurements: Bool { rawValue & 1 << 2 != 0 }
  /// Bit 3: spot checks have a time stamp.
  package var supportsTimeStamp: Bool { rawValue & 1 << 3 != 0 }
  /// Bit 4.
  package var supportsFast: Bool { rawValue & 1 << 4 != 0 }
  /// Bit 5.
  package var supportsSlow: Bool { rawValue & 1 << 5 != 0 }
  /// Bit 6.
  package var supportsPulseAmplitudeIndex: Bool { rawValue & 1 << 6 != 0 }
  /// Bit 7: the device keeps more than one bond.
  package var supportsMultipleBonds: Bool { rawValue & 1 << 7 != 0 }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("raw", .integer(Int(rawValue))),
      .init("measurementStorage", .boolean(storesMeasurements)),
      .init("timeStamp", .boolean(supportsTimeStamp)),
      .init("fast", .boolean(supportsFast)),
      .init("slow", .boolean(supportsSlow)),
      .init("pulseAmplitudeIndex", .boolean(supportsPulseAmplitudeIndex)),
      .init("multipleBonds", .boolean(supportsMultipleBonds)),
    ]
    if let measurementStatusSupport {
      members.append(.init("measurementStatusSupport", measurementStatusSupport.json))
    }
    if let deviceAndSensorStatusSupport {
      members.append(.init("deviceAndSensorStatusSupport", deviceAndSensorStatusSupport.json))
    }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
