/// One frame of the protocol that reads and writes the memory (EEPROM) of an Omron cuff, over its vendor service:
/// length u8 · type u16 · address u16 · count u8 · data · result u8 · checksum u8. Types and addresses are sent with their
/// most significant octet first, other than everything in GATT. Source: userx14/omblepy and eigger/hass-omron.
///
/// The length counts the whole frame, itself included, and the checksum makes the exclusive or of all octets 0.
package struct OmronFrame: Hashable, Sendable {
  /// What a frame is for; the raw value is the type. A reply's type is its command's with the highest bit set.
  package enum Kind: UInt16, Hashable, Sendable, CaseIterable {
    /// Opens the memory.
    case start = 0x0000
    case read = 0x0100
    case write = 0x01C0
    /// Closes the memory.
    case end = 0x0F00
    case startReply = 0x8000
    case readReply = 0x8100
    case writeReply = 0x81C0
    /// The answer to `end`, and also how a cuff rejects any other command.
    case endReply = 0x8F00

    package var isReply: Bool { rawValue & 0x8000 != 0 }
  }

  /// Octets of a frame without data.
  package static let overhead = 8
  /// The most data that a length of one octet leaves room for. Four channels carry ``OmronChannels/capacity`` − 8.
  package static let maximumData = 255 - overhead

  package let kind: Kind
  /// In the cuff's memory; 0 in `start` and `end`.
  package let address: UInt16
  /// Octets to be read, or written; 16 in `start` and its reply, for reasons nobody knows.
  package let count: UInt8
  /// What is written, or was read. Empty in all other frames but perhaps the reply to `start`.
  package let data: [UInt8]
  /// 0 in commands, and in replies where all went well.
  package let result: UInt8

  private init(_ kind: Kind, address: UInt16 = 0, count: UInt8 = 0, data: [UInt8] = [], result: UInt8 = 0) {
    self.kind = kind
    self.address = address
    self.count = count
    self.data = data
    self.result = result
  }

  /// Any frame, for playing the cuff. That its count fits its data is not checked.
  /// - Throws: ``OmronEncodingFailure/tooLong(field:octets:limit:)`` above ``maximumData``.
  package init(
    kind: Kind, address: UInt16, count: UInt8, data: [UInt8] = [], result: UInt8 = 0
  ) throws(OmronEncodingFailure) {
    guard data.count <= Self.maximumData else {
      throw .tooLong(field: "Data", octets: data.count, limit: Self.maximumData)
    }
    self.init(kind, address: address, count: count, data: data, result: result)
  }

  package static let start = OmronFrame(.start, count: 0x10)
  package static let end = OmronFrame(.end)

  /// Asks for `count` octets from `address`.
  /// - Throws: ``OmronEncodingFailure/tooLong(field:octets:limit:)`` where no reply could hold them.
  package static func read(address: UInt16, count: UInt8) throws(OmronEncodingFailure) -> OmronFrame {
    guard count <= Self.maximumData else {
      throw .tooLong(field: "Count", octets: Int(count), limit: Self.maximumData)
    }
    return OmronFrame(.read, address: address, count: count)
  }

  /// Writes `data` to `address`.
  /// - Throws: ``OmronEncodingFailure/tooLong(field:octets:limit:)`` above ``maximumData``.
  package static func write(address: UInt16, data: [UInt8]) throws(OmronEncodingFailure) -> OmronFrame {
    guard data.count <= Self.maximumData else {
      throw .tooLong(field: "Data", octets: data.count, limit: Self.maximumData)
    }
    return OmronFrame(.write, address: address, count: UInt8(data.count), data: data)
  }

  /// Decodes a whole frame, without what a channel may have padded it with.
  ///
  /// The checksum is asked before type and count: of a damaged frame, only that it is damaged can be said.
  /// - Throws: ``DecodingFailure`` naming `Length`, `Type`, `Address`, `Count`, `Data`, `Result` or `Checksum`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let length = Int(try reader.uint8("Length"))
    guard length >= Self.overhead else {
      throw .outOfRange(field: "Length", offset: 0, value: length, expected: "8–255 octets")
    }
    let type = try reader.uint16("Type").byteSwapped
    address = try reader.uint16("Address").byteSwapped
    count = try reader.uint8("Count")
    data = try reader.octets(length - Self.overhead, "Data")
    result = try reader.uint8("Result")
    _ = try reader.uint8("Checksum")
    try reader.end(after: "Checksum")
    guard bytes.reduce(0, ^) == 0 else { throw .checksum(field: "Checksum", offset: length - 1) }
    guard let kind = Kind(rawValue: type) else {
      throw .outOfRange(
        field: "Type", offset: 1, value: Int(type),
        expected: "start 0x0000, read 0x0100, write 0x01C0, end 0x0F00, or the reply to one, with the highest bit set")
    }
    self.kind = kind
    switch kind {
    case .writeReply: break  // whether it repeats what was written has not been seen
    case .startReply: break  // eight octets in omblepy's logs, 24 in its documentation
    case .readReply where data.isEmpty: break  // refused, or nothing there: see answer(to:)
    case .write, .readReply:
      guard data.count == Int(count) else {
        throw .outOfRange(
          field: "Count", offset: 5, value: Int(count), expected: "\(data.count), the octets of data that are there")
      }
    case .start, .read, .end, .endReply:
      guard data.isEmpty else {
        throw .outOfRange(field: "Length", offset: 0, value: length, expected: "8 octets in a frame of this type")
      }
    }
  }

  /// The frame as it is sent, with its length and checksum.
  package var bytes: [UInt8] {
    var bytes = [UInt8(Self.overhead + data.count)]
    bytes += [UInt8(kind.rawValue >> 8), UInt8(kind.rawValue & 0xFF)]
    bytes += [UInt8(address >> 8), UInt8(address & 0xFF), count]
    bytes += data
    bytes.append(result)
    bytes.append(bytes.reduce(0, ^))
    return bytes
  }
}
