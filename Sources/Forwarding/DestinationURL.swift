import Foundation

/// An address that a destination may have: `http` or `https`, a host, no user or password in it.
struct DestinationURL: Hashable, Sendable {
  /// For the client only, never for a log: paths of webhooks are often secret.
  let text: String
  /// As it stands in the address, in lower case, without brackets.
  let host: String
  let isEncrypted: Bool
  /// As it stands in the address, or its scheme's.
  var port: Int { URLComponents(string: text)?.port ?? (isEncrypted ? 443 : 80) }

  /// What of it may be shown and logged: where it leads, without the path and the query, which are often a secret.
  var redacted: String {
    guard var parts = URLComponents(string: text) else { return host }
    let hidesMore = !["", "/"].contains(parts.percentEncodedPath) || parts.percentEncodedQuery != nil
    parts.percentEncodedPath = ""
    parts.percentEncodedQuery = nil
    return (parts.string ?? host) + (hidesMore ? "/…" : "")
  }

  /// - Throws: ``DestinationFault/badURL(_:)``, ``DestinationFault/plainHTTP(host:)``.
  init(_ text: String, allowsPrivate: Bool) throws(DestinationFault) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
      throw .badURL(.notURL)
    }
    guard scheme == "https" || scheme == "http" else {
      throw .badURL(.scheme(scheme, expected: "https"))
    }
    guard let found = parts.host, !found.isEmpty else { throw .badURL(.noHost) }
    guard parts.user == nil, parts.password == nil else {
      throw .badURL(.secretInside)
    }
    guard parts.fragment == nil else { throw .badURL(.fragment) }
    let host = found.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).lowercased()
    let isHere = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    guard scheme == "https" || isHere || allowsPrivate else { throw .plainHTTP(host: host) }
    self.text = text
    self.host = host
    isEncrypted = scheme == "https"
  }

  private init(text: String, host: String, isEncrypted: Bool) {
    self.text = text
    self.host = host
    self.isEncrypted = isEncrypted
  }

  /// A place below this one.
  ///
  /// - Parameter path: percent-encoded, with a query where it has one.
  func below(_ path: String) -> DestinationURL {
    let base = text.hasSuffix("/") ? text : text + "/"
    return DestinationURL(text: base + path, host: host, isEncrypted: isEncrypted)
  }
}
