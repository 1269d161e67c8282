/// Numbers that a device writes as characters.
enum HexadecimalDigits {
  /// The value of a character `0`–`9`, `A`–`F` or `a`–`f`; nil for any other.
  static func digit(_ character: UInt8) -> Int? {
    switch character {
    case 0x30...0x39: Int(character) - 0x30
    case 0x41...0x46: Int(character) - 0x37
    case 0x61...0x66: Int(character) - 0x57
    default: nil
    }
  }

  /// The number that the digits write, 8 at most; nil where one of them is none.
  static func number(_ digits: some Sequence<UInt8>) -> Int? {
    var number = 0
    for character in digits {
      guard let digit = digit(character) else { return nil }
      number = number << 4 | digit
    }
    return number
  }
}
