package import Foundation

/// The 11073 FLOAT-Type: a signed 8-bit exponent of ten above a signed 24-bit mantissa, in four octets.
package struct FLOAT: Hashable, Sendable {
  /// The word as it was sent.
  package let raw: UInt32

  package init(raw: UInt32) { self.raw = raw }

  /// −8,388,608–8,388,607, without meaning when ``special`` is not nil.
  package var mantissa: Int { Int(Int32(bitPattern: raw << 8) >> 8) }

  /// −128–127, a power of ten.
  package var exponent: Int { Int(Int32(bitPattern: raw) >> 24) }

  /// What stands here instead of a number; nil for a number. As in ``SFLOAT``, only with exponent 0.
  package var special: SpecialValue? {
    switch raw {
    case 0x007F_FFFF: .notANumber
    case 0x0080_0000: .notAtThisResolution
    case 0x007F_FFFE: .positiveInfinity
    case 0x0080_0002: .negativeInfinity
    case 0x0080_0001: .reserved
    default: nil
    }
  }

  /// The number, exact; nil for a special value, and for one that `Decimal` cannot hold: its exponent, without the zeros at
  /// the mantissa's end, would be above 127 (9000 × 10¹²⁷). No quantity is of that size.
  package var value: Decimal? {
    guard special == nil else { return nil }
    let number = Decimal(mantissa: mantissa, exponent: exponent)
    return number.isNaN ? nil : number
  }

  /// The number, or `{"special": …}`.
  package var json: JSON { JSON(value, special) }
}
