/// What a Beurer cuff on a cable is asked: eight octets, of which the last are filled. Source: roose242/bmdump,
/// roose242/bmtoolkit, p3pp3rX/beurer_bm58.
///
/// There is none here that changes anything in the cuff's memory.
package enum BeurerHIDCommand: Hashable, Sendable {
  /// Makes the cuff listen; a BM96 answers ``ready``.
  case begin
  /// How many readings it holds: one octet, or on a BM96 one a user.
  case count
  /// BM55, BM58, BM65: a reading, counted from 1.
  case reading(UInt8)
  /// BM96: a reading of a user, both counted from 0.
  case userReading(user: UInt8, row: UInt8)
  /// Ends the transfer. No answer is known.
  case end

  /// What a BM96 answers to ``begin``.
  package static let ready: UInt8 = 0x55
  /// What fills a command, and what a BM96's reports begin with that say nothing.
  package static let filler: UInt8 = 0xF4
  package static let size = 8

  package var bytes: [UInt8] {
    let asked: [UInt8] =
      switch self {
      case .begin: [0xAA]
      case .count: [0xA2]
      case .reading(let number): [0xA3, number]
      case .userReading(let user, let row): [0xA3, user, row]
      case .end: [0xF7]
      }
    return asked + [UInt8](repeating: Self.filler, count: Self.size - asked.count)
  }
}
