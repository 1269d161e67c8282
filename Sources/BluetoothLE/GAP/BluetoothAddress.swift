/// A device address: 48 bits and whether it is public or random (Core Specification Vol 6 Part B §1.3). Two addresses
/// with the same digits and different kinds are different devices.
package struct BluetoothAddress: Hashable, Sendable {
  /// What the address was made of.
  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case `public`
    case random
  }

  /// What the two most significant bits of a random address say (Vol 6 Part B §1.3.2).
  package enum RandomKind: Hashable, Sendable {
    /// 11: the same until the device is powered on again.
    case `static`
    /// 01: changes every few minutes; whoever has the identity resolving key can tell whose it is.
    case resolvablePrivate
    /// 00: changes, and nobody can tell.
    case nonResolvablePrivate
    /// 10: reserved.
    case reserved
  }

  /// The address as a number, 0 ..< 2^48; the first printed octet is the most significant.
  package let value: UInt64
  /// Public, or random.
  package let kind: Kind

  /// The lower 48 bits of `value`; the rest is not looked at.
  package init(value: UInt64, kind: Kind) {
    self.value = value & 0xFFFF_FFFF_FFFF
    self.kind = kind
  }

  /// Six octets as HCI, management and L2CAP structures carry them, least significant first. Nil for any other number
  /// of octets.
  package init?(wire octets: some Collection<UInt8>, kind: Kind) {
    guard octets.count == 6 else { return nil }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    for octet in octets {
      value |= UInt64(octet) << shift
      shift += 8
    }
    self.init(value: value, kind: kind)
  }

  /// `F0:F1:F2:F3:F4:F5`, in capitals or small letters. Nil for anything else.
  package init?(_ text: String, kind: Kind) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    var value: UInt64 = 0
    for part in parts {
      guard part.utf8.count == 2, part.allSatisfy(\.isHexDigit), let octet = UInt64(part, radix: 16) else { return nil }
      value = value << 8 | octet
    }
    self.init(value: value, kind: kind)
  }

  /// Six octets, most significant first, as printed.
  package var octets: [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: value >> (40 - 8 * UInt64($0))) }
  }

  /// Six octets, least significant first, as kernel structures carry them.
  package var wire: [UInt8] { octets.reversed() }

  /// What sort of random address this is; nil for a public one.
  package var randomKind: RandomKind? {
    guard kind == .random else { return nil }
    switch value >> 46 {
    case 0b11: return .static
    case 0b01: return .resolvablePrivate
    case 0b00: return .nonResolvablePrivate
    default: return .reserved
    }
  }

  /// Whether the address stays the device's own (public, or static random), so that a bond may be kept under it.
  package var isIdentity: Bool { kind == .public || randomKind == .static }
}

extension BluetoothAddress: CustomStringConvertible {
  /// `F0:F1:F2:F3:F4:F5`; the kind is not in it.
  package var description: String {
    octets.map { octet in
      let digits = String(octet, radix: 16, uppercase: true)
      return digits.count == 1 ? "0" + digits : digits
    }.joined(separator: ":")
  }
}

extension BluetoothAddress: Codable {
  private enum CodingKeys: String, CodingKey {
    case address
    case kind
  }

  /// `{"address": "F0:F1:F2:F3:F4:F5", "kind": "random"}`; throws `DecodingError` for other digits.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .address)
    let kind = try container.decode(Kind.self, forKey: .kind)
    guard let address = BluetoothAddress(text, kind: kind) else {
      throw DecodingError.dataCorruptedError(
        forKey: .address, in: container, debugDescription: "expected six octets in hexadecimal with colons between")
    }
    self = address
  }

  /// As ``init(from:)`` reads it.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(description, forKey: .address)
    try container.encode(kind, forKey: .kind)
  }
}
