/// What the last two octets of a record or a clock say of those before them.
///
/// Found by adding up 24 records of 6 units, and documented nowhere: a mismatch is worth a note in the log, and no reason to
/// drop a blood pressure. The raw values are the words of the JSON form.
package enum OmronChecksum: String, Hashable, Sendable, CaseIterable {
  /// The sum modulo 256, and its complement beside it. Where the complement is 0, this one is said.
  case sumAndComplement = "sum-and-complement"
  /// The sum modulo 256, and 0 beside it.
  case sumAndZero = "sum-and-zero"
  /// The sum modulo 256, and beside it something else; in the clock of ten octets.
  case sum
  case mismatch
  /// Two octets of 0, or of 0xFF, which are not the sum.
  case absent

  /// - Parameters:
  ///   - octets: what is added up.
  ///   - sum: the octet where the sum is expected.
  ///   - companion: the one beside it.
  ///   - anyCompanion: whether the companion may be anything.
  init(of octets: ArraySlice<UInt8>, sum: UInt8, companion: UInt8, anyCompanion: Bool = false) {
    let expected = octets.reduce(0, &+)
    self =
      switch (sum, companion) {
      case (expected, ~expected): .sumAndComplement
      case (expected, 0): .sumAndZero
      case (expected, _) where anyCompanion: .sum
      case (0, 0), (0xFF, 0xFF): .absent
      default: .mismatch
      }
  }

  /// Whether the sum is there and right.
  package var isRight: Bool { self != .mismatch && self != .absent }
}
