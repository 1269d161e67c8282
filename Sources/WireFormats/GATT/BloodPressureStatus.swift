/// Measurement Status of a blood pressure (16 bits). What the device thinks of its own measurement.
///
/// The trap of this field: the pulse range takes two bits (3 and 4), so the position is bit 5.
package struct BloodPressureStatus: RawRepresentable, Hashable, Sendable {
  /// Bits 3–4.
  package enum PulseRateRange: String, Hashable, Sendable {
    case within
    /// The pulse exceeds the upper limit.
    case above
    /// The pulse is less than the lower limit.
    case below
    /// Both bits set: reserved for future use.
    case reserved
  }

  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Bit 0: the body moved during the measurement.
  package var bodyMovement: Bool { rawValue & 1 << 0 != 0 }
  /// Bit 1.
  package var cuffTooLoose: Bool { rawValue & 1 << 1 != 0 }
  /// Bit 2.
  package var irregularPulse: Bool { rawValue & 1 << 2 != 0 }
  /// Bits 3–4.
  package var pulseRateRange: PulseRateRange {
    switch rawValue >> 3 & 3 {
    case 0: .within
    case 1: .above
    case 2: .below
    default: .reserved
    }
  }
  /// Bit 5: the measurement was taken in an improper position.
  package var improperPosition: Bool { rawValue & 1 << 5 != 0 }
  /// Bits 6–15, reserved for future use: to be ignored, and kept for diagnosis.
  package var reservedBits: UInt16 { rawValue & ~0x3F }

  package var json: JSON {
    .object([
      .init("raw", .integer(Int(rawValue))),
      .init("bodyMovement", .boolean(bodyMovement)),
      .init("cuffTooLoose", .boolean(cuffTooLoose)),
      .init("irregularPulse", .boolean(irregularPulse)),
      .init("pulseRateRange", .string(pulseRateRange.rawValue)),
      .init("improperPosition", .boolean(improperPosition)),
    ])
  }
}
