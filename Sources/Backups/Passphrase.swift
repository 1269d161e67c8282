import Foundation

/// What opens a backup. It is in no log and in no argument of a program.
package struct Passphrase: Sendable {
  /// Why it is not taken for a new backup.
  package enum Weakness: Error, Hashable, Sendable {
    case short(characters: Int)
    /// Of so few different characters that it is no secret.
    case monotonous
  }

  /// For a secret that guards alone: NIST SP 800-63B-4 section 3.1.1.2. Whoever has the file guesses as often as they like.
  package static let fewest = 15
  private static let fewestDifferent = 5

  /// In Unicode's form NFC: "ế" is one character or three, as the keyboard has it, and looks the same.
  let text: String

  /// As it was typed; without a line end.
  package init(_ text: String) {
    let line = text.prefix { !$0.isNewline }
    self.text = line.precomposedStringWithCanonicalMapping
  }

  package var isEmpty: Bool { text.isEmpty }

  package func isSame(as other: Passphrase) -> Bool { text == other.text }

  /// Nil: it will do.
  package var weakness: Weakness? {
    if text.count < Self.fewest { return .short(characters: text.count) }
    if Set(text).count < Self.fewestDifferent { return .monotonous }
    return nil
  }

  /// A new one to be written down: 80 bits of the system's random numbers as five words that can be said aloud in any
  /// language.
  package static func generated() -> (passphrase: Passphrase, words: String) {
    let words = (0..<5).map { _ in proquint(UInt16.random(in: .min ... .max)) }.joined(separator: "-")
    return (Passphrase(words), words)
  }

  /// 16 bits as consonant, vowel, consonant, vowel, consonant (Wilkerson, *A Proposal for Proquints*).
  static func proquint(_ value: UInt16) -> String {
    let (consonants, vowels) = (Array("bdfghjklmnprstvz"), Array("aiou"))
    return String([
      consonants[Int(value >> 12)], vowels[Int(value >> 10 & 3)], consonants[Int(value >> 6 & 15)],
      vowels[Int(value >> 4 & 3)], consonants[Int(value & 15)],
    ])
  }
}
