/// What a Contec cuff on a cable says it is. Source: MarkMLl/contec08a, `consoleapp.pas`: one answer, `48 41 02 13 01 02`, of
/// which two octets are in the maker's own file of the same cuff as its type of device, 65, and version of protocol, 19.
package struct ContecIdentity: Hashable, Sendable {
  /// What the answer begins with.
  package static let kind: UInt8 = 0x48
  /// The type that a Contec 08A says.
  package static let contec08A: UInt8 = 0x41

  /// The maker's number of the type.
  package let deviceType: UInt8
  /// The maker's number of the protocol.
  package let protocolVersion: UInt8

  /// - Throws: ``DecodingFailure`` naming `Kind`, `Device Type`, `Octet 2` or `Protocol Version`; `Device Type` also for a
  ///   device that is not a Contec 08A: the identifiers are those of its chip, and other devices have them too.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let kind = try reader.uint8("Kind")
    guard kind == Self.kind else {
      throw .outOfRange(field: "Kind", offset: 0, value: Int(kind), expected: "72 (0x48, what the cuff is)")
    }
    deviceType = try reader.uint8("Device Type")
    guard deviceType == Self.contec08A else {
      throw .outOfRange(field: "Device Type", offset: 1, value: Int(deviceType), expected: "65 (0x41, a Contec 08A)")
    }
    _ = try reader.uint8("Octet 2")
    protocolVersion = try reader.uint8("Protocol Version")
  }

  package var json: JSON {
    .object([
      .init("deviceType", .integer(Int(deviceType))), .init("protocolVersion", .integer(Int(protocolVersion))),
    ])
  }
}
