package import Foundation

/// The 11073 SFLOAT-Type: a signed 4-bit exponent of ten above a signed 12-bit mantissa, in two octets.
///
/// The five special values are five whole 16-bit words, those with exponent 0. The same mantissas with another exponent are
/// numbers: 0xF7FF is 204.7, and not NaN as many decoders have it.
package struct SFLOAT: Hashable, Sendable {
  /// The word as it was sent.
  package let raw: UInt16

  package init(raw: UInt16) { self.raw = raw }

  /// −2048–2047, without meaning when ``special`` is not nil.
  package var mantissa: Int { Int(Int16(bitPattern: raw << 4) >> 4) }

  /// −8–7, a power of ten. A mantissa of 600 with −1 says 60.0: the device counts tenths.
  package var exponent: Int { Int(Int16(bitPattern: raw) >> 12) }

  /// What stands here instead of a number; nil for a number.
  package var special: SpecialValue? {
    switch raw {
    case 0x07FF: .notANumber
    case 0x0800: .notAtThisResolution
    case 0x07FE: .positiveInfinity
    case 0x0802: .negativeInfinity
    case 0x0801: .reserved
    default: nil
    }
  }

  /// The number, exact; nil for a special value.
  package var value: Decimal? {
    special == nil ? Decimal(mantissa: mantissa, exponent: exponent) : nil
  }

  /// The number, or `{"special": …}`.
  package var json: JSON { JSON(value, special) }
}

extension Decimal {
  /// mantissa × 10^exponent, exact. NaN where the exponent goes above Decimal's 127 when the zeros at the mantissa's end
  /// move into it, which `Decimal` does by itself.
  init(mantissa: Int, exponent: Int) {
    self.init(
      sign: mantissa < 0 ? .minus : .plus, exponent: mantissa == 0 ? 0 : exponent, significand: Decimal(abs(mantissa)))
  }
}
