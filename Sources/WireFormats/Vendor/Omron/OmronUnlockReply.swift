/// What an Omron cuff notifies on its unlock characteristic: the command's code with the highest bit set, and a status, 0
/// meaning yes.
package enum OmronUnlockReply: Hashable, Sendable {
  /// The next ``OmronUnlockCommand/storeKey(_:)`` will be taken.
  case readyForKey
  /// 0x0F: the cuff is not in pairing mode, or the link is not encrypted.
  case notReadyForKey(status: UInt8)
  case keyStored
  case keyRefused(status: UInt8)
  case unlocked
  /// 0x04 has been seen where the cuff held another key.
  case locked(status: UInt8)
  /// To be compared with what was sent.
  case token(UInt32)
  case tokenRefused(status: UInt8)
  /// 0x26 has been seen from cuffs that want their encrypted session.
  case error(code: UInt8)

  /// Octets after the ones of the message are padding.
  /// - Throws: ``DecodingFailure`` naming `Message`, `Status` or `Token`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let message = try reader.uint8("Message")
    guard [0x80, 0x81, 0x82, 0x91, 0xFF].contains(message) else {
      throw .outOfRange(
        field: "Message", offset: 0, value: Int(message),
        expected: "the reply 0x80, 0x81, 0x82 or 0x91, or the error 0xFF")
    }
    let status = try reader.uint8("Status")
    switch message {
    case 0x80: self = status == 0 ? .keyStored : .keyRefused(status: status)
    case 0x81: self = status == 0 ? .unlocked : .locked(status: status)
    case 0x82: self = status == 0 ? .readyForKey : .notReadyForKey(status: status)
    case 0x91: self = status == 0 ? .token(try reader.uint32("Token").byteSwapped) : .tokenRefused(status: status)
    default: self = .error(code: status)
    }
  }
}

extension OmronUnlockReply: CustomStringConvertible {
  package var description: String {
    func hexadecimal(_ octet: UInt8) -> String { "0x" + Hexadecimal.text([octet]) }
    switch self {
    case .readyForKey: return "The cuff is ready to store a key."
    case .notReadyForKey(0x0F):
      return "The cuff stores no key now (0x0F): it is not in pairing mode, or the link is not encrypted. "
        + "Hold its Bluetooth button until P blinks, and pair again."
    case .notReadyForKey(let status): return "The cuff stores no key now (\(hexadecimal(status)))."
    case .keyStored: return "The cuff has stored the key."
    case .keyRefused(let status): return "The cuff did not store the key (\(hexadecimal(status)))."
    case .unlocked: return "The cuff has opened its memory."
    case .locked(let status):
      return "The cuff keeps its memory shut (\(hexadecimal(status))): it holds another key. "
        + "Something else was paired with it since; pair it again."
    case .token: return "The cuff has answered the token."
    case .tokenRefused(let status): return "The cuff refused the token (\(hexadecimal(status)))."
    case .error(0x26):
      return "The cuff answered with error 0x26: it wants an encrypted session of its own, which is not supported."
    case .error(let code): return "The cuff answered with error \(hexadecimal(code))."
    }
  }
}
