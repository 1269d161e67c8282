import Foundation

/// The JSON Web Token by which a client asks for an access token (RFC 7523; SMART App Launch 2.2, asymmetric
/// authentication): signed, for one token endpoint, good for less than five minutes.
struct ClientAssertion {
  let clientID: String
  let audience: String
  /// By the clock of whoever judges it.
  let now: Date
  /// Never twice: the server remembers it while the token is good.
  let id: String

  /// "no more than five minutes in the future"; with room for clocks that nearly agree.
  static let life: TimeInterval = 240

  /// - Throws: ``ClientKey/Fault``.
  func token(signedBy key: ClientKey) throws(ClientKey.Fault) -> String {
    struct Header: Encodable {
      var alg: String
      var kid: String
      var typ = "JWT"
    }
    // No `iat` and no `nbf`: the guide asks for neither, and a clock that is a little fast would make them wrong.
    struct Claims: Encodable {
      var iss: String
      var sub: String
      var aud: String
      var exp: Int
      var jti: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let claims = Claims(
      iss: clientID, sub: clientID, aud: audience, exp: Int(now.timeIntervalSince1970 + Self.life), jti: id)
    guard let header = try? encoder.encode(Header(alg: key.algorithm, kid: key.id)),
      let body = try? encoder.encode(claims)
    else { throw ClientKey.Fault(description: "its id can't be written") }
    let text = Base64URL.text(header) + "." + Base64URL.text(body)
    return text + "." + Base64URL.text(try key.signature(of: Data(text.utf8)))
  }
}
