/// Bytes as people write them: `1E 8A 00`, `1e:8a:00`, `0x1E8A00`.
package enum Hexadecimal {
  /// Why text is not bytes. Positions count characters from 1.
  package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    case notADigit(Character, position: Int)
    case oddNumberOfDigits(Int)

    package var description: String {
      switch self {
      case .notADigit(let character, let position):
        "'\(character)' at position \(position) is not a hexadecimal digit. Write bytes as 1E8A00 or 1E 8A 00."
      case .oddNumberOfDigits(let count):
        "\(count) hexadecimal digits do not make whole bytes: each byte is two digits. A digit may be missing."
      }
    }
  }

  /// The bytes that `text` writes. Spaces, tabs, colons, hyphens and commas may stand anywhere; `0x` only in front.
  /// - Throws: ``Failure``.
  package static func bytes(_ text: String) throws(Failure) -> [UInt8] {
    var digits: [UInt8] = []
    var skipped = 0
    var characters = Substring(text)
    if characters.hasPrefix("0x") || characters.hasPrefix("0X") {
      characters = characters.dropFirst(2)
      skipped = 2
    }
    for (index, character) in characters.enumerated() {
      if let digit = character.isASCII ? character.hexDigitValue : nil {
        digits.append(UInt8(digit))
      } else if !" \t:-,".contains(character) {
        throw .notADigit(character, position: index + 1 + skipped)
      }
    }
    guard digits.count.isMultiple(of: 2) else { throw .oddNumberOfDigits(digits.count) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// Two capital digits a byte, nothing between them.
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
