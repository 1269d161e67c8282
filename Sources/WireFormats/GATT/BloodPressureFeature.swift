/// Blood Pressure Feature (0x2A49): what the device can find out (Blood Pressure Service 1.1.1 §3.3). 16 bits, those above
/// bit 8 reserved for future use.
package struct BloodPressureFeature: GATTCharacteristic {
  package static let uuid = "2A49"
  package static let name = "Blood Pressure Feature"

  /// As sent, the reserved bits too.
  package let rawValue: UInt16
  /// Octets after the 16 bits; to be ignored.
  package let trailing: [UInt8]

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    rawValue = try reader.uint16("Blood Pressure Feature")
    trailing = reader.rest()
  }

  /// Bit 0.
  package var detectsBodyMovement: Bool { rawValue & 1 << 0 != 0 }
  /// Bit 1.
  package var detectsCuffFit: Bool { rawValue & 1 << 1 != 0 }
  /// Bit 2.
  package var detectsIrregularPulse: Bool { rawValue & 1 << 2 != 0 }
  /// Bit 3.
  package var detectsPulseRateRange: Bool { rawValue & 1 << 3 != 0 }
  /// Bit 4.
  package var detectsMeasurementPosition: Bool { rawValue & 1 << 4 != 0 }
  /// Bit 5: the device keeps more than one bond.
  package var supportsMultipleBonds: Bool { rawValue & 1 << 5 != 0 }
  /// Bit 6.
  package var supportsE2ECRC: Bool { rawValue & 1 << 6 != 0 }
  /// Bit 7.
  package var supportsUserDataService: Bool { rawValue & 1 << 7 != 0 }
  /// Bit 8.
  package var supportsUserFacingTime: Bool { rawValue & 1 << 8 != 0 }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("raw", .integer(Int(rawValue))),
      .init("bodyMovementDetection", .boolean(detectsBodyMovement)),
      .init("cuffFitDetection", .boolean(detectsCuffFit)),
      .init("irregularPulseDetection", .boolean(detectsIrregularPulse)),
      .init("pulseRateRangeDetection", .boolean(detectsPulseRateRange)),
      .init("measurementPositionDetection", .boolean(detectsMeasurementPosition)),
      .init("multipleBonds", .boolean(supportsMultipleBonds)),
      .init("e2eCRC", .boolean(supportsE2ECRC)),
      .init("userDataService", .boolean(supportsUserDataService)),
      .init("userFacingTime", .boolean(supportsUserFacingTime)),
    ]
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
