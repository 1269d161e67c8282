import Crypto
import Foundation

/// A symmetric secret of Standard Webhooks: `whsec_` and 24 to 64 random bytes in base64.
struct WebhookSecret: Sendable {
  private let key: SymmetricKey

  /// Nil where the text is none.
  init?(_ text: String) {
    let prefix = "whsec_"
    guard text.hasPrefix(prefix), let bytes = Data(base64Encoded: String(text.dropFirst(prefix.count))),
      (24...64).contains(bytes.count)
    else { return nil }
    key = SymmetricKey(data: bytes)
  }

  /// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, the body byte for byte.
  func signature(id: String, timestamp: Int, body: [UInt8]) -> String {
    var code = HMAC<SHA256>(key: key)
    code.update(data: Data("\(id).\(timestamp).".utf8))
    code.update(data: body)
    return "v1," + Data(code.finalize()).base64EncodedString()
  }

  /// Every secret of a file: while one is being changed for another, both sign.
  ///
  /// - Throws: ``DestinationFault/secretUnreadable(path:)``, ``DestinationFault/secretMalformed(path:line:)``.
  static func all(in file: SecretFile) throws(DestinationFault) -> [WebhookSecret] {
    var secrets: [WebhookSecret] = []
    for line in try file.lines() {
      guard let secret = WebhookSecret(line.text) else {
        throw .secretMalformed(path: file.path, line: line.number)
      }
      secrets.append(secret)
    }
    return secrets
  }
}
