package import AlertRules
import Crypto
package import Foundation
import Observations
package import Store

/// Why a text is no answer, before the store is asked.
package enum AnswerTokenRefusal: String, Error, Hashable, Sendable, CaseIterable {
  /// Not signed by this box for this way: made up, changed, cut off, or of the other way.
  case forged
  /// Its time is over.
  case expired
}

/// Signs and reads the tokens that people answer alerts with from outside.
///
/// A token is base64url (RFC 4648, 5) without padding over
///
///     1 octet    version, 2
///     8 octets   when the token ends, in seconds since 1970, big endian
///     8 octets   when the change was decided that the message told of, in milliseconds since 1970, big endian
///     8 octets   the number of its row in the outbox, big endian; 0: it was told from memory
///     8 octets   which message it is: the same change to another destination has another token
///     1 octet    n, the length of the episode's name
///     n octets   the episode
///     1 octet    m, the length of the contact's name
///     m octets   the contact
///     32 octets  HMAC-SHA256 (RFC 2104) over a context, the way and all of the above
///
/// It is made of stored facts and of the time of the attempt, so nothing of it is kept. Tokens of one message are one answer,
/// which counts once. What it holds is what its message says anyway; who has it can answer with it, and nobody can make
/// another one of it.
package struct AnswerKey: Sendable {
  private let key: SymmetricKey

  /// - Parameter octets: ``Store/Store/answerKey()``.
  package init(_ octets: [UInt8]) { key = SymmetricKey(data: octets) }

  private static let version: UInt8 = 2
  private static let codeLength = 32
  /// Longer is none of ours.
  private static let mostCharacters = 1024

  /// The token of one message for one contact by one way.
  ///
  /// - Parameters:
  ///   - message: what tells this message from every other, such as its `webhook-id`.
  ///   - told: when the change was decided.
  ///   - row: the number of the message in the outbox; nil: it has none.
  ///   - until: the token's end, whole seconds.
  /// - Returns: nil where a name is longer than 255 octets.
  func token(
    _ way: AcknowledgementWay, message: String, episode: EpisodeID, contact: ContactID, told: Date, row: Int64?,
    until: Date
  ) -> String? {
    let (episode, contact) = (Array(episode.rawValue.utf8), Array(contact.rawValue.utf8))
    guard let episodeLength = UInt8(exactly: episode.count), let contactLength = UInt8(exactly: contact.count) else {
      return nil
    }
    var octets = [Self.version]
    octets += Self.octets(Int64(until.timeIntervalSince1970))
    octets += Self.octets(Int64((told.timeIntervalSince1970 * 1000).rounded()))
    octets += Self.octets(row ?? 0)
    octets += SHA256.hash(data: Data(message.utf8)).prefix(8)
    octets += [episodeLength] + episode + [contactLength] + contact
    let code = HMAC<SHA256>.authenticationCode(for: Self.signed(octets, way), using: key)
    return Data(octets + Array(code)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  /// What a token says, if this box signed it for this way and its time is not over. The signature is compared in constant
  /// time, and nothing is looked at before.
  package func read(
    _ text: String, _ way: AcknowledgementWay, now: Date
  ) -> Result<OutsideAnswer, AnswerTokenRefusal> {
    guard text.utf8.count <= Self.mostCharacters, let octets = Self.decoded(text),
      octets.count > Self.codeLength
    else { return .failure(.forged) }
    let said = Array(octets.dropLast(Self.codeLength))
    let code = octets.suffix(Self.codeLength)
    guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Self.signed(said, way), using: key) else {
      return .failure(.forged)
    }
    var rest = said[...]
    guard rest.popFirst() == Self.version, let until = Self.number(&rest) else { return .failure(.forged) }
    // Not its end: an attempt an hour later has another one, and is the same message.
    let name = SHA256.hash(data: Data(Self.signed(Array(rest), way))).prefix(16)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    guard let told = Self.number(&rest), let row = Self.number(&rest), rest.count >= 8 else {
      return .failure(.forged)
    }
    rest = rest.dropFirst(8)
    guard let episode = Self.text(&rest), let contact = Self.text(&rest), rest.isEmpty else {
      return .failure(.forged)
    }
    guard now.timeIntervalSince1970 < Double(until) else { return .failure(.expired) }
    return .success(
      OutsideAnswer(
        name: name, episode: EpisodeID(rawValue: episode), contact: ContactID(rawValue: contact), way: way,
        told: Date(timeIntervalSince1970: Double(told) / 1000), row: row == 0 ? nil : row))
  }

  /// What is signed: with a context of its own, so that no other use of the key could sign the same.
  private static func signed(_ octets: [UInt8], _ way: AcknowledgementWay) -> [UInt8] {
    Array("vitals-gateway answer\n\(way.rawValue)\n".utf8) + octets
  }

  private static func octets(_ number: Int64) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard rest.count >= 8 else { return nil }
    defer { rest = rest.dropFirst(8) }
    return Int64(bitPattern: rest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private static func text(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
    defer { rest = rest.dropFirst(Int(length)) }
    return String(validating: rest.prefix(Int(length)), as: UTF8.self)
  }

  private static func decoded(_ text: String) -> [UInt8]? {
    guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") }) else {
      return nil
    }
    let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    return Data(base64Encoded: base64 + padding).map { Array($0) }
  }
}
