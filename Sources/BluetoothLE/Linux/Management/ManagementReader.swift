/// Why the parameters of an event or of an answer were not understood.
package struct ManagementDecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The field, by its name in the protocol document.
  package let field: String
  /// Where it begins, in octets from the start of the parameters.
  package let offset: Int
  /// How many octets it needs.
  package let need: Int
  /// How many are there.
  package let have: Int

  package var description: String {
    "the kernel's \(field) needs \(need) octets at \(offset) and has \(have)"
  }
}

/// Reads little-endian parameters with the bounds checked at each field.
struct ManagementReader {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// How many octets have not been read.
  var remaining: Int { bytes.count - offset }

  mutating func octets(_ count: Int, _ field: String) throws(ManagementDecodingFailure) -> [UInt8] {
    guard remaining >= count else {
      throw ManagementDecodingFailure(field: field, offset: offset, need: count, have: remaining)
    }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  mutating func byte(_ field: String) throws(ManagementDecodingFailure) -> UInt8 {
    try octets(1, field)[0]
  }

  mutating func uint16(_ field: String) throws(ManagementDecodingFailure) -> UInt16 {
    try octets(2, field).reversed().reduce(0) { $0 << 8 | UInt16($1) }
  }

  mutating func uint32(_ field: String) throws(ManagementDecodingFailure) -> UInt32 {
    try octets(4, field).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Address and Address_Type; nil for BR/EDR and for types that the protocol does not have.
  mutating func address() throws(ManagementDecodingFailure) -> BluetoothAddress? {
    let octets = try octets(6, "Address")
    guard let kind = BluetoothAddress.Kind(kernel: try byte("Address_Type")) else { return nil }
    return BluetoothAddress(wire: octets, kind: kind)
  }

  /// A length of two octets and as many octets as it says.
  mutating func counted(_ field: String) throws(ManagementDecodingFailure) -> [UInt8] {
    try octets(Int(try uint16(field + "_Length")), field)
  }
}

/// Writes little-endian parameters.
struct ManagementWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ byte: UInt8) { bytes.append(byte) }

  mutating func append(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func append(_ octets: some Sequence<UInt8>) { bytes += octets }

  mutating func append(_ number: UInt16) {
    bytes += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
  }

  mutating func append(_ number: UInt32) {
    append(UInt16(truncatingIfNeeded: number))
    append(UInt16(truncatingIfNeeded: number >> 16))
  }

  mutating func append(_ address: BluetoothAddress) {
    bytes += address.wire
    bytes.append(address.kind.kernel)
  }
}

extension BluetoothAddress.Kind {
  /// The type of an LE address in management structures and in `sockaddr_l2`: 1 public, 2 random. 0 is BR/EDR.
  package init?(kernel: UInt8) {
    switch kernel {
    case 1: self = .public
    case 2: self = .random
    default: return nil
    }
  }

  /// See ``init(kernel:)``.
  var kernel: UInt8 {
    switch self {
    case .public: 1
    case .random: 2
    }
  }
}
