import Glibc

/// Keeps a webhook from being turned against the household's own net (server-side request forgery): its host must have
/// public addresses only, and the connection is made to one of those that were looked at.
struct TargetGuard: Sendable {
  enum Refusal: Error, Hashable, CustomStringConvertible {
    case unknownHost(String)
    case privateAddress(host: String)

    var description: String {
      switch self {
      case .unknownHost(let host): "the address of \(host) is not known"
      case .privateAddress(let host):
        "\(host) is in a private net; if that is meant, set allow-private: true for this destination"
      }
    }
  }

  /// The numeric addresses of a host; empty where it has none.
  var resolve: @Sendable (_ host: String) async -> [String] = { await NameLookups().addresses(of: $0) }

  /// The address to connect to.
  ///
  /// - Throws: ``Refusal``, or ``OutboundHTTP/Failure/cancelled``: a lookup that waited for its turn says nothing of the host.
  func check(_ host: String) async throws -> String {
    let addresses = await resolve(host)
    guard let first = addresses.first else {
      throw Task.isCancelled ? OutboundHTTP.Failure.cancelled : Refusal.unknownHost(host) as any Error
    }
    // One private address among public ones is how a name is made to point inside.
    guard addresses.allSatisfy(Self.isPublic) else { throw Refusal.privateAddress(host: host) }
    return first
  }

  /// Whether the world, and not only this net or this machine, has this address (IANA's special-purpose registries).
  static func isPublic(_ address: String) -> Bool {
    // Octets and not `in_addr`: which module that belongs to hangs on what else a compiler job imports.
    var four = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, address, &four) == 1 { return isPublic(four: four.reduce(0) { $0 << 8 | UInt32($1) }) }
    var octets = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, address, &octets) == 1 else { return false }
    let embedded = octets[12...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    func begins(_ prefix: [UInt8]) -> Bool { octets.starts(with: prefix) }
    // IPv4 in other clothes: mapped (::ffff:0:0/96) and translated (64:ff9b::/96).
    if begins([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) || begins([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
      return isPublic(four: embedded)
    }
    // Global unicast is 2000::/3; in it Teredo and other protocols (2001::/23), documentation, 6to4.
    return octets[0] & 0xE0 == 0x20 && !(begins([0x20, 0x01]) && octets[2] < 2)
      && !begins([0x20, 0x01, 0x0D, 0xB8]) && !begins([0x20, 0x02]) && !(begins([0x3F, 0xFF]) && octets[2] < 0x10)
  }

  private static func isPublic(four address: UInt32) -> Bool {
    let special: [(UInt32, Int)] = [
      (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16), (0xAC10_0000, 12),
      (0xC000_0000, 24), (0xC000_0200, 24), (0xC058_6300, 24), (0xC0A8_0000, 16), (0xC612_0000, 15),
      (0xC633_6400, 24), (0xCB00_7100, 24), (0xE000_0000, 4), (0xF000_0000, 4),
    ]
    return !special.contains { prefix, length in (address ^ prefix) >> (32 - length) == 0 }
  }
}
