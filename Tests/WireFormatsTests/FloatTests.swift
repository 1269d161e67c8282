import Foundation
import Testing
import WireFormats

@Suite struct FloatTests {
  /// The first six: unit tests of Nordic's library and of antidote. The rest: by hand from ISO/IEEE 11073-20601.
  @Test(arguments: [
    (UInt16(0x0072), "114"), (0xFF5E, "-16.2"), (0x2024, "3600"), (0xF258, "60"), (0xF3CF, "97.5"), (0xF321, "80.1"),
    (0x0000, "0"), (0x8000, "0"), (0x7000, "0"), (0x0FFF, "-1"), (0x8001, "0.00000001"), (0x8FFF, "-0.00000001"),
    (0x77FF, "20470000000"), (0x7800, "-20480000000"), (0x87FF, "0.00002047"), (0x07FD, "2045"), (0x0803, "-2045"),
  ])
  func sfloatIsExact(raw: UInt16, expected: String) throws {
    let number = SFLOAT(raw: raw)
    #expect(number.special == nil)
    #expect(number.value == Decimal(string: expected))
    #expect(number.json.text == expected)
  }

  @Test(arguments: [
    (UInt16(0x07FF), SpecialValue.notANumber, "nan"), (0x0800, .notAtThisResolution, "nres"),
    (0x07FE, .positiveInfinity, "+inf"), (0x0802, .negativeInfinity, "-inf"), (0x0801, .reserved, "reserved"),
  ])
  func sfloatSpecialValues(raw: UInt16, special: SpecialValue, word: String) {
    #expect(SFLOAT(raw: raw).special == special)
    #expect(SFLOAT(raw: raw).value == nil)
    #expect(SFLOAT(raw: raw).json.text == #"{"special":"\#(word)"}"#)
  }

  /// A special value is a whole word: its mantissa with another exponent is a number.
  @Test func sfloatMantissaOfASpecialValueWithAnExponentIsANumber() {
    #expect(SFLOAT(raw: 0xF7FF).value == Decimal(string: "204.7"))
    #expect(SFLOAT(raw: 0xF7FE).value == Decimal(string: "204.6"))
    #expect(SFLOAT(raw: 0x1800).value == -20480)
    #expect(SFLOAT(raw: 0xF801).value == Decimal(string: "-204.7"))
    #expect(SFLOAT(raw: 0xF802).value == Decimal(string: "-204.6"))
  }

  @Test func sfloatKeepsMantissaAndExponent() {
    #expect(SFLOAT(raw: 0xF258).mantissa == 600)
    #expect(SFLOAT(raw: 0xF258).exponent == -1)
    #expect(SFLOAT(raw: 0x8800).mantissa == -2048)
    #expect(SFLOAT(raw: 0x8800).exponent == -8)
    #expect(SFLOAT(raw: 0x77FF).exponent == 7)
  }

  /// By hand from ISO/IEEE 11073-20601; 36.4 and 98.6 are the usual thermometer examples.
  @Test(arguments: [
    (UInt32(0xFF00_016C), "36.4"), (0xFF00_03DA, "98.6"), (0x0000_0000, "0"), (0x8000_0000, "0"), (0x00FF_FFFF, "-1"),
    (0x007F_FFFD, "8388605"), (0x0080_0003, "-8388605"), (0x017F_FFFF, "83886070"), (0xFE00_0E10, "36"),
    (0xFF80_0000, "-838860.8"), (0x017F_FFFE, "83886060"),
  ])
  func floatIsExact(raw: UInt32, expected: String) {
    let number = FLOAT(raw: raw)
    #expect(number.special == nil)
    #expect(number.value == Decimal(string: expected))
    #expect(number.json.text == expected)
  }

  @Test func floatIsExactAtTheEndsOfItsExponent() {
    #expect(FLOAT(raw: 0x7F7F_FFFF).exponent == 127)
    #expect(FLOAT(raw: 0x7F7F_FFFF).json.text == "8388607" + String(repeating: "0", count: 127))
    #expect(FLOAT(raw: 0x8080_0001).exponent == -128)
    #expect(FLOAT(raw: 0x8080_0001).json.text == "-0." + String(repeating: "0", count: 121) + "8388607")
  }

  /// `Decimal` moves the zeros at a mantissa's end into its exponent, and has none above 127: such a number is none, and not
  /// a NaN that would go on as a value.
  @Test func floatAboveDecimalIsNoNumber() {
    #expect(FLOAT(raw: 0x7F00_2328).value == nil)
    #expect(FLOAT(raw: 0x7F00_2328).json.text == #"{"special":"nan"}"#)
    #expect(FLOAT(raw: 0x7C00_2328).json.text == "9" + String(repeating: "0", count: 127))
  }

  @Test(arguments: [
    (UInt32(0x007F_FFFF), SpecialValue.notANumber), (0x0080_0000, .notAtThisResolution),
    (0x007F_FFFE, .positiveInfinity), (0x0080_0002, .negativeInfinity), (0x0080_0001, .reserved),
  ])
  func floatSpecialValues(raw: UInt32, special: SpecialValue) {
    #expect(FLOAT(raw: raw).special == special)
    #expect(FLOAT(raw: raw).value == nil)
    #expect(FLOAT(raw: raw).json.text == #"{"special":"\#(special.rawValue)"}"#)
  }
}
