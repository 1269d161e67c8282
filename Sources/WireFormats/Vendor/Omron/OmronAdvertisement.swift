/// What an Omron cuff says in its advertisements: the manufacturer data of ``companyIdentifier``. Source: eigger/hass-omron.
package struct OmronAdvertisement: Hashable, Sendable {
  /// Omron Healthcare, in the assigned numbers of the Bluetooth SIG.
  package static let companyIdentifier: UInt16 = 0x020E

  /// 1, 2, 6 older cuffs; 3 older still; 8 and 9 newer ones.
  package let format: UInt8
  /// As sent. Bits 0–1 users, 2 invalid time, 3 pairing mode, 4 streaming, 5 service UUID mode, 6 data pending.
  package let flags: UInt8
  /// What follows: a few octets for each user, which change with every measurement.
  package let rest: [UInt8]

  /// - Parameter bytes: the manufacturer data behind the company identifier.
  /// - Throws: ``DecodingFailure`` naming `Format` where it is one that nobody has described, since the flags may be others.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    format = try reader.uint8("Format")
    flags = try reader.uint8("Flags")
    rest = reader.rest()
    guard [1, 2, 3, 6, 8, 9].contains(format) else {
      throw .outOfRange(field: "Format", offset: 0, value: Int(format), expected: "1, 2, 3, 6, 8 or 9")
    }
  }

  /// How many users are registered on the cuff, 0–3.
  package var userCount: Int { Int(flags & 0x03) }
  /// The clock has not been set: the times of records are not to be believed.
  package var hasInvalidTime: Bool { flags & 1 << 2 != 0 }
  /// The display blinks P: the cuff takes a new key and a new bond.
  package var isPairing: Bool { flags & 1 << 3 != 0 }
  /// Nil in format 3, where bits 4–5 are something else.
  package var isStreaming: Bool? { format == 3 ? nil : flags & 1 << 4 != 0 }
  /// Nil in format 3. What it is for is not known.
  package var isInServiceUUIDMode: Bool? { format == 3 ? nil : flags & 1 << 5 != 0 }
  /// A measurement waits to be fetched. Nil in format 3.
  package var hasDataPending: Bool? { format == 3 ? nil : flags & 1 << 6 != 0 }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("format", .integer(Int(format))),
      .init("flags", .integer(Int(flags))),
      .init("userCount", .integer(userCount)),
      .init("invalidTime", .boolean(hasInvalidTime)),
      .init("pairing", .boolean(isPairing)),
    ]
    if let isStreaming { members.append(.init("streaming", .boolean(isStreaming))) }
    if let isInServiceUUIDMode { members.append(.init("serviceUUIDMode", .boolean(isInServiceUUIDMode))) }
    if let hasDataPending { members.append(.init("dataPending", .boolean(hasDataPending))) }
    members.append(.init("rest", .octets(rest)))
    return .object(members)
  }
}
