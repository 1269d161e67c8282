/// One message between a host and an ANT stick: SYNC, length, identifier, content, checksum. Source: Tigge/openant
/// `ant/base/message.py`.
package struct ANTMessage: Hashable, Sendable {
  /// The first octet of each message.
  package static let sync: UInt8 = 0xA4
  /// Octets around the content.
  package static let overhead = 4
  /// The most octets of content that are believed: with it a message fills one packet of the stick.
  package static let capacity = 60

  package let id: UInt8
  /// 1…``capacity`` octets.
  package let content: [UInt8]

  init(id: UInt8, content: [UInt8]) {
    self.id = id
    self.content = content
  }

  /// Reads a whole message.
  ///
  /// - Throws: ``DecodingFailure`` naming `SYNC`, `Length`, `Message ID`, `Content` or `Checksum`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let sync = try reader.uint8("SYNC")
    guard sync == Self.sync else { throw .outOfRange(field: "SYNC", offset: 0, value: Int(sync), expected: "164") }
    let length = Int(try reader.uint8("Length"))
    guard 1...Self.capacity ~= length else {
      throw .outOfRange(field: "Length", offset: 1, value: length, expected: "1–\(Self.capacity) octets")
    }
    id = try reader.uint8("Message ID")
    content = try reader.octets(length, "Content")
    let checksum = try reader.uint8("Checksum")
    guard checksum == Self.checksum(bytes[..<(3 + length)]) else {
      throw .checksum(field: "Checksum", offset: 3 + length)
    }
    try reader.end(after: "Checksum")
  }

  /// As it is sent.
  package var bytes: [UInt8] {
    let front = [Self.sync, UInt8(content.count), id] + content
    return front + [Self.checksum(front[...])]
  }

  /// Exclusive or of everything before it, SYNC too.
  static func checksum(_ front: ArraySlice<UInt8>) -> UInt8 { front.reduce(0, ^) }

  package var json: JSON {
    .object([.init("id", .integer(Int(id))), .init("content", .octets(content))])
  }
}
