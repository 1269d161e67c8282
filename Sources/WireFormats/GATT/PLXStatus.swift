/// Measurement Status of an oximeter (Pulse Oximeter Service 1.0.1 §3.1.1.4). 16 bits, of which 0–4 are reserved. In
/// ``PLXFeatures`` the same bits say which of them the device can set.
package struct PLXMeasurementStatus: RawRepresentable, Hashable, Sendable {
  /// The bits by their number; the names are those of the JSON form.
  package enum Bit: UInt16, Hashable, Sendable, CaseIterable {
    case measurementOngoing = 5
    case earlyEstimatedData
    case validatedData
    case fullyQualifiedData
    case dataFromMeasurementStorage
    case dataForDemonstration
    case dataForTesting
    case calibrationOngoing
    case measurementUnavailable
    case questionableMeasurementDetected
    case invalidMeasurementDetected
  }

  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  init(from reader: inout ByteReader, _ field: String = "Measurement Status") throws(DecodingFailure) {
    rawValue = try reader.uint16(field)
  }

  package func contains(_ bit: Bit) -> Bool { rawValue & 1 << bit.rawValue != 0 }

  /// Bits 0–4, reserved for future use: to be ignored.
  package var reservedBits: UInt16 { rawValue & 0x1F }

  package var json: JSON {
    .object(
      [.init("raw", .integer(Int(rawValue)))] + Bit.allCases.map { .init("\($0)", .boolean(contains($0))) })
  }
}

/// Device and Sensor Status of an oximeter (Pulse Oximeter Service 1.0.1 §3.1.1.5). 24 bits, of which 16–23 are reserved. In
/// ``PLXFeatures`` the same bits say which of them the device can set.
package struct PLXDeviceAndSensorStatus: RawRepresentable, Hashable, Sendable {
  /// The bits by their number; the names are those of the JSON form.
  package enum Bit: UInt32, Hashable, Sendable, CaseIterable {
    case extendedDisplayUpdateOngoing
    case equipmentMalfunctionDetected
    case signalProcessingIrregularityDetected
    case inadequateSignalDetected
    case poorSignalDetected
    case lowPerfusionDetected
    case erraticSignalDetected
    case nonPulsatileSignalDetected
    case questionablePulseDetected
    case signalAnalysisOngoing
    case sensorInterferenceDetected
    case sensorUnconnectedToUser
    case unknownSensorConnected
    case sensorDisplaced
    case sensorMalfunctioning
    case sensorDisconnected
  }

  /// 24 bits.
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  init(from reader: inout ByteReader, _ field: String = "Device and Sensor Status") throws(DecodingFailure) {
    rawValue = UInt32(truncatingIfNeeded: try reader.unsigned(3, field))
  }

  package func contains(_ bit: Bit) -> Bool { rawValue & 1 << bit.rawValue != 0 }

  /// Bits 16–23, reserved for future use: to be ignored.
  package var reservedBits: UInt32 { rawValue & 0xFF_0000 }

  package var json: JSON {
    .object(
      [.init("raw", .integer(Int(rawValue)))] + Bit.allCases.map { .init("\($0)", .boolean(contains($0))) })
  }
}
