import Foundation

/// Where a receiver of HL7 v2 listens: `mllps://host:port` (TLS), or `mllp://host:port` to this machine or, if it is meant, to
/// the local net. The schemes are ours: none is registered for MLLP. There is no usual port for TLS, so it is always
/// said.
struct MLLPAddress: Hashable, Sendable {
  /// In lower case, without brackets.
  let host: String
  let port: Int
  let isEncrypted: Bool

  /// - Throws: ``DestinationFault/badURL(_:)``, ``DestinationFault/plainMLLP(host:)``.
  init(_ text: String, allowsPrivate: Bool) throws(DestinationFault) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
      throw .badURL(.notMLLP)
    }
    guard scheme == "mllps" || scheme == "mllp" else {
      throw .badURL(.scheme(scheme, expected: "mllps"))
    }
    guard let found = parts.host, !found.isEmpty else { throw .badURL(.noHost) }
    guard let port = parts.port, (1...65535).contains(port) else { throw .badURL(.noPort) }
    guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
      ["", "/"].contains(parts.path)
    else { throw .badURL(.moreThanHostAndPort) }
    let host = found.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).lowercased()
    let isHere = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    guard scheme == "mllps" || isHere || allowsPrivate else { throw .plainMLLP(host: host) }
    self.host = host
    self.port = port
    isEncrypted = scheme == "mllps"
  }
}
