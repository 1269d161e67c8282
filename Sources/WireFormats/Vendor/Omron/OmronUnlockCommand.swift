/// What is written to the unlock characteristic (`b305b680-…`) of an Omron cuff before its memory can be read.
///
/// Newer cuffs with a session of their own encryption ask for more, which is not here.
package enum OmronUnlockCommand: Hashable, Sendable {
  /// Asks to store a key: only while the display blinks P, and over an encrypted link.
  case prepareKey
  /// Stores a key, after ``OmronUnlockReply/readyForKey``.
  case storeKey(OmronPairingKey)
  /// Shows the stored key, in each session.
  case unlock(OmronPairingKey)
  /// On cuffs without a key, in each session: any number, which the cuff says again.
  case token(UInt32)

  /// 17 octets; 20 with a token.
  package var bytes: [UInt8] {
    switch self {
    case .prepareKey: [0x02] + [UInt8](repeating: 0, count: OmronPairingKey.size)
    case .storeKey(let key): [0x00] + key.octets
    case .unlock(let key): [0x01] + key.octets
    case .token(let token):
      [0x11] + (0..<4).map { UInt8(truncatingIfNeeded: token >> (24 - 8 * $0)) } + [UInt8](repeating: 0, count: 15)
    }
  }
}
