/// A long-term key of a bond, with all that the kernel needs to use it again (36 octets in management structures).
///
/// Legacy pairing makes two of them, one for each role; both are kept and both are loaded.
package struct LongTermKey: Hashable, Sendable, Codable {
  /// How the key came to be; numbers that the protocol does not name are kept.
  package struct Kind: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let unauthenticatedLegacy = Kind(rawValue: 0)
    package static let authenticatedLegacy = Kind(rawValue: 1)
    package static let unauthenticatedSecureConnections = Kind(rawValue: 2)
    package static let authenticatedSecureConnections = Kind(rawValue: 3)
    /// Made with the published debug key: never stored, never loaded.
    package static let debug = Kind(rawValue: 4)

    /// Whether somebody in the middle was excluded (passkey or comparison): such a key can give level high.
    package var isAuthenticated: Bool { self == .authenticatedLegacy || self == .authenticatedSecureConnections }
  }

  /// The identity address of the device.
  package let address: BluetoothAddress
  /// How the key came to be.
  package let kind: Kind
  /// The protocol's field Central: 1 for the key that is used by this side as central. Kept as it came.
  package let central: UInt8
  /// The length of the key in octets, 7 to 16. Below 7 the kernel would not have paired.
  package let size: UInt8
  /// Encrypted diversifier of a legacy key; 0 for Secure Connections.
  package let diversifier: UInt16
  /// Random number of a legacy key, eight octets as the kernel gave them; 0 for Secure Connections.
  package let random: [UInt8]
  /// The key, 16 octets as the kernel gave them. Secret.
  package let value: [UInt8]

  /// nil where `random` has not 8 octets, `value` not 16, or `size` is not 7 to 16.
  package init?(
    address: BluetoothAddress, kind: Kind, central: UInt8, size: UInt8, diversifier: UInt16, random: [UInt8],
    value: [UInt8]
  ) {
    guard random.count == 8, value.count == 16, (7...16).contains(size) else { return nil }
    self.address = address
    self.kind = kind
    self.central = central
    self.size = size
    self.diversifier = diversifier
    self.random = random
    self.value = value
  }

  private enum CodingKeys: String, CodingKey { case address, kind, central, size, diversifier, random, value }

  /// - Throws: `DecodingError`, also for lengths that a key cannot have.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let key = LongTermKey(
      address: try container.decode(BluetoothAddress.self, forKey: .address),
      kind: try container.decode(Kind.self, forKey: .kind),
      central: try container.decode(UInt8.self, forKey: .central),
      size: try container.decode(UInt8.self, forKey: .size),
      diversifier: try container.decode(UInt16.self, forKey: .diversifier),
      random: try container.decode([UInt8].self, forKey: .random),
      value: try container.decode([UInt8].self, forKey: .value))
    guard let key else {
      throw DecodingError.dataCorruptedError(
        forKey: .value, in: container, debugDescription: "expected a random number of 8 octets and a key of 16")
    }
    self = key
  }

  /// The 36 octets of the management structure.
  var encoded: [UInt8] {
    var writer = ManagementWriter()
    writer.append(address)
    writer.append(kind.rawValue)
    writer.append(central)
    writer.append(size)
    writer.append(diversifier)
    writer.append(random)
    writer.append(value)
    return writer.bytes
  }
}

extension LongTermKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The device and the kind, never the key.
  package var description: String { "long-term key of \(address), kind \(kind.rawValue)" }
  package var debugDescription: String { description }
  /// Without children: `dump` and failed expectations print no secret.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The identity resolving key of a device that hides behind private addresses (23 octets in management structures).
package struct IdentityResolvingKey: Hashable, Sendable, Codable {
  /// The identity address that private addresses made with this key stand for.
  package let address: BluetoothAddress
  /// The key, 16 octets as the kernel gave them. Secret.
  package let value: [UInt8]

  /// nil where `value` has not 16 octets.
  package init?(address: BluetoothAddress, value: [UInt8]) {
    guard value.count == 16 else { return nil }
    self.address = address
    self.value = value
  }

  private enum CodingKeys: String, CodingKey { case address, value }

  /// - Throws: `DecodingError`, also for another length than 16.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let key = IdentityResolvingKey(
      address: try container.decode(BluetoothAddress.self, forKey: .address),
      value: try container.decode([UInt8].self, forKey: .value))
    guard let key else {
      throw DecodingError.dataCorruptedError(
        forKey: .value, in: container, debugDescription: "expected a key of 16 octets")
    }
    self = key
  }

  /// The 23 octets of the management structure.
  var encoded: [UInt8] {
    var writer = ManagementWriter()
    writer.append(address)
    writer.append(value)
    return writer.bytes
  }
}

extension IdentityResolvingKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The device, never the key.
  package var description: String { "identity resolving key of \(address)" }
  package var debugDescription: String { description }
  /// Without children: `dump` and failed expectations print no secret.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
