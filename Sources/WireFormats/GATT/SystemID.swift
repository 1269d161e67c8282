/// System ID (0x2A23, Device Information Service 1.1 §3.7): an EUI-64, least significant octet first. Eight octets.
package struct SystemID: GATTCharacteristic {
  package static let uuid = "2A23"
  package static let name = "System ID"

  /// 40 bits.
  package let manufacturerIdentifier: UInt64
  /// 24 bits.
  package let organizationallyUniqueIdentifier: UInt32

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    manufacturerIdentifier = try reader.unsigned(5, "Manufacturer Identifier")
    organizationallyUniqueIdentifier = UInt32(
      truncatingIfNeeded: try reader.unsigned(3, "Organizationally Unique Identifier"))
    try reader.end(after: "Organizationally Unique Identifier")
  }

  /// The EUI-64 as 11073 and FHIR write it: eight octets, most significant (the OUI) first.
  package var eui64: [UInt8] {
    let whole = UInt64(organizationallyUniqueIdentifier) << 40 | manufacturerIdentifier
    return (0..<8).map { UInt8(truncatingIfNeeded: whole >> (56 - 8 * $0)) }
  }

  package var json: JSON {
    .object([
      .init("organizationallyUniqueIdentifier", .octets(eui64.prefix(3))),
      .init("manufacturerIdentifier", .octets(eui64.suffix(5))),
      .init("eui64", .octets(eui64)),
    ])
  }
}
