/// A UUID as Bluetooth uses it (Core Specification Vol 3 Part B §2.5.1). A 16-bit UUID and its 128-bit form over the
/// Bluetooth Base UUID are the same value here, however it was written or received.
package struct BluetoothUUID: Hashable, Sendable {
  /// The first eight octets as printed, as a number.
  private let high: UInt64
  /// The last eight octets as printed, as a number.
  private let low: UInt64

  /// 00000000-0000-1000-8000-00805F9B34FB, the Bluetooth Base UUID.
  private static let baseHigh: UInt64 = 0x0000_0000_0000_1000
  private static let baseLow: UInt64 = 0x8000_0080_5F9B_34FB

  /// The sixteen octets as printed, in two numbers: for constants.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A UUID assigned by the SIG, such as 0x2A35.
  package init(_ short: UInt16) {
    self.init(assigned: UInt32(short))
  }

  /// A 32-bit UUID over the Bluetooth Base UUID; equal to the 16-bit one when it fits.
  package init(assigned: UInt32) {
    self.init(high: UInt64(assigned) << 32 | Self.baseHigh, low: Self.baseLow)
  }

  /// 2, 4 or 16 octets, least significant first, as PDUs and advertisements carry them. Nil for another number.
  package init?(wire octets: some Collection<UInt8>) {
    switch octets.count {
    case 2, 4:
      var value: UInt32 = 0
      for (index, octet) in octets.enumerated() { value |= UInt32(octet) << (8 * UInt32(index)) }
      self.init(assigned: value)
    case 16:
      var low: UInt64 = 0
      var high: UInt64 = 0
      for (index, octet) in octets.enumerated() {
        if index < 8 {
          low |= UInt64(octet) << (8 * UInt64(index))
        } else {
          high |= UInt64(octet) << (8 * UInt64(index - 8))
        }
      }
      self.init(high: high, low: low)
    default:
      return nil
    }
  }

  /// `2A35`, or 32 hexadecimal digits with hyphens after 8, 12, 16 and 20; capitals or small letters. Nil otherwise.
  package init?(_ text: String) {
    if text.utf8.count == 4 {
      guard text.allSatisfy(\.isHexDigit), let short = UInt16(text, radix: 16) else { return nil }
      self.init(short)
      return
    }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) }) else {
      return nil
    }
    let digits = parts.joined()
    guard let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16) else {
      return nil
    }
    self.init(high: high, low: low)
  }

  /// The 16-bit form; nil when there is none.
  package var short: UInt16? {
    guard low == Self.baseLow, high & 0xFFFF_FFFF == Self.baseHigh else { return nil }
    return UInt16(exactly: high >> 32)
  }

  /// 2 octets where a 16-bit form exists, else 16; least significant first. ATT has no 32-bit form (Part F §3.2.1).
  package var wire: [UInt8] {
    guard let short else {
      return (0..<16).map { index in
        let half = index < 8 ? low : high
        return UInt8(truncatingIfNeeded: half >> (8 * UInt64(index % 8)))
      }
    }
    return [UInt8(truncatingIfNeeded: short), UInt8(truncatingIfNeeded: short >> 8)]
  }
}

extension BluetoothUUID: CustomStringConvertible {
  /// `2A35`, or the long form in small letters: `49123040-aee8-11e1-a74d-0002a5d5c51b`.
  package var description: String {
    func padded(_ value: UInt64, _ width: Int, uppercase: Bool = false) -> String {
      let digits = String(value, radix: 16, uppercase: uppercase)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    if let short { return padded(UInt64(short), 4, uppercase: true) }
    return [
      padded(high >> 32, 8), padded(high >> 16 & 0xFFFF, 4), padded(high & 0xFFFF, 4), padded(low >> 48, 4),
      padded(low & 0xFFFF_FFFF_FFFF, 12),
    ].joined(separator: "-")
  }
}

extension BluetoothUUID: Codable {
  /// A string as ``description`` writes it; throws `DecodingError` for other text.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let uuid = BluetoothUUID(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a UUID of 4 hexadecimal digits or of 8-4-4-4-12")
    }
    self = uuid
  }

  /// As ``description`` writes it.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension BluetoothUUID {
  /// «Primary Service» declaration.
  package static let primaryService = BluetoothUUID(0x2800)
  /// «Secondary Service» declaration.
  package static let secondaryService = BluetoothUUID(0x2801)
  /// «Include» declaration.
  package static let include = BluetoothUUID(0x2802)
  /// «Characteristic» declaration.
  package static let characteristic = BluetoothUUID(0x2803)
  /// «Client Characteristic Configuration» descriptor.
  package static let clientCharacteristicConfiguration = BluetoothUUID(0x2902)
  /// «Generic Attribute» service.
  package static let genericAttributeService = BluetoothUUID(0x1801)
  /// «Service Changed» characteristic.
  package static let serviceChanged = BluetoothUUID(0x2A05)
  /// «Database Hash» characteristic.
  package static let databaseHash = BluetoothUUID(0x2B2A)
}
