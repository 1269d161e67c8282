import Crypto
import CryptoExtras
import Foundation

/// A private key that signs as RS384 or ES384: the two that the guide demands of a client.
package struct ClientKey: Sendable {
  private enum Secret: Sendable {
    case rsa(_RSA.Signing.PrivateKey)
    case curve(P384.Signing.PrivateKey)
  }

  /// Why a key cannot be used; says nothing of its content.
  package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
  }

  private let secret: Secret
  /// `kid`.
  package let id: String

  /// RS384 or ES384 (RFC 7518, 3.1).
  package var algorithm: String {
    switch secret {
    case .rsa: "RS384"
    case .curve: "ES384"
    }
  }

  /// A new P-384 key.
  package init() { self.init(.curve(P384.Signing.PrivateKey()), id: nil) }

  private init(_ secret: Secret, id: String?) {
    self.secret = secret
    self.id = id ?? Self.thumbprint(Self.publicMembers(of: secret))
  }

  /// - Parameters:
  ///   - text: PEM (PKCS #8, PKCS #1, SEC 1), a JWK, or a JWK Set; of several keys the first is tried first.
  ///   - id: of a key that names none.
  /// - Throws: ``Fault``.
  package static func all(in text: String, id: String?) throws(Fault) -> [ClientKey] {
    if text.contains("-----BEGIN") { return [try pem(text, id)] }
    guard let json = try? JSONDecoder().decode(Members.self, from: Data(text.utf8)) else {
      throw Fault(description: "it is neither PEM nor JSON")
    }
    var keys: [ClientKey] = []
    for members in json.keys ?? [json] { keys.append(try jwk(members, id)) }
    guard !keys.isEmpty else { throw Fault(description: "the set of keys is empty") }
    return keys
  }

  private static func pem(_ text: String, _ id: String?) throws(Fault) -> ClientKey {
    if let key = try? P384.Signing.PrivateKey(pemRepresentation: text) { return ClientKey(.curve(key), id: id) }
    if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) { return ClientKey(.rsa(key), id: id) }
    throw Fault(description: "the PEM is no private key of such a kind")
  }

  /// Of a JWK (RFC 7517, RFC 7518 6.2 and 6.3), or of a set of them.
  private struct Members: Decodable {
    var keys: [Members]?
    var kty: String?
    var crv: String?
    var kid: String?
    var d: String?
    var n: String?
    var e: String?
    var p: String?
    var q: String?
  }

  private static func jwk(_ members: Members, _ id: String?) throws(Fault) -> ClientKey {
    func octets(_ text: String?, _ name: String) throws(Fault) -> Data {
      guard let text, let octets = Base64URL.octets(text) else {
        throw Fault(description: "the JWK has no usable \"\(name)\"")
      }
      return octets
    }
    switch (members.kty, members.crv) {
    case ("EC", "P-384"):
      guard let key = try? P384.Signing.PrivateKey(rawRepresentation: try octets(members.d, "d")) else {
        throw Fault(description: "the JWK has no usable \"d\"")
      }
      return ClientKey(.curve(key), id: members.kid ?? id)
    case ("RSA", _):
      let (n, e, d) = (try octets(members.n, "n"), try octets(members.e, "e"), try octets(members.d, "d"))
      let (p, q) = (try octets(members.p, "p"), try octets(members.q, "q"))
      guard let key = try? _RSA.Signing.PrivateKey(n: n, e: e, d: d, p: p, q: q) else {
        throw Fault(description: "the JWK's numbers make no RSA key of 2048 bits or more")
      }
      return ClientKey(.rsa(key), id: members.kid ?? id)
    default: throw Fault(description: "the JWK is of kind \(members.kty ?? "?") \(members.crv ?? "")")
    }
  }

  /// RSASSA-PKCS1-v1_5 or ECDSA with SHA-384; ECDSA's as R and S in 48 octets each (RFC 7518, 3.4).
  ///
  /// - Throws: ``Fault``.
  func signature(of data: Data) throws(Fault) -> Data {
    do {
      switch secret {
      case .rsa(let key):
        return try key.signature(for: SHA384.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
      case .curve(let key): return try key.signature(for: SHA384.hash(data: data)).rawRepresentation
      }
    } catch {
      throw Fault(description: "it does not sign")
    }
  }

  /// The key as it is kept: PEM, PKCS #8.
  package var pem: String {
    switch secret {
    case .rsa(let key): key.pkcs8PEMRepresentation
    case .curve(let key): key.pemRepresentation
    }
  }

  /// What is registered at the server: a JWK Set with the public half.
  package var publicKeySet: String {
    let members = Self.publicMembers(of: secret) + [("alg", algorithm), ("kid", id), ("use", "sig")]
    let text = members.map { "\"\($0.0)\": \"\($0.1)\"" }.joined(separator: ", ")
    return "{\"keys\": [{\(text)}]}"
  }

  /// In the order that the thumbprint wants (RFC 7638, 3.2).
  private static func publicMembers(of secret: Secret) -> [(String, String)] {
    switch secret {
    case .rsa(let key):
      guard let numbers = try? key.publicKey.getKeyPrimitives() else { return [] }
      return [
        ("e", Base64URL.text(numbers.publicExponent)), ("kty", "RSA"), ("n", Base64URL.text(numbers.modulus)),
      ]
    case .curve(let key):
      let point = key.publicKey.rawRepresentation
      return [
        ("crv", "P-384"), ("kty", "EC"), ("x", Base64URL.text(point.prefix(48))),
        ("y", Base64URL.text(point.suffix(48))),
      ]
    }
  }

  private static func thumbprint(_ members: [(String, String)]) -> String {
    let text = "{" + members.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",") + "}"
    return Base64URL.text(Data(SHA256.hash(data: Data(text.utf8))))
  }
}

/// Base64 as JSON Web Tokens write it (RFC 7515, 2): without `=`, `-` and `_` in place of `+` and `/`.
enum Base64URL {
  static func text(_ octets: Data) -> String {
    octets.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// Nil where it is none.
  static func octets(_ text: String) -> Data? {
    let plain = text.replacing("-", with: "+").replacing("_", with: "/")
    return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
  }
}
