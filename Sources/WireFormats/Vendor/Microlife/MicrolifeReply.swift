/// What a Microlife answers on characteristic 0xFFF1: `4D 3A`, a length (big endian, of what follows it), the payload, and
/// the sum of all octets before. It comes in as many notifications as it needs: see ``assembler()``.
package struct MicrolifeReply: Hashable, Sendable {
  /// What the payload is depends on the command: ``MicrolifeRecords``, ``MicrolifePatientID``, or an acknowledgement.
  package let payload: [UInt8]

  /// The longest reply there can be: the number of records has one octet.
  static let longestLength = MicrolifeRecords.headerSize + 255 * MicrolifeRecord.size + 1

  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for `Start`, `Direction`, `Length`, `Payload` or
  ///   `Checksum`; ``DecodingFailure/outOfRange(field:offset:value:expected:)`` for the first three of them;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` and ``DecodingFailure/checksum(field:offset:)`` for `Checksum`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let length = try Self.length(&reader)
    payload = try reader.octets(length - 1, "Payload")
    let checksum = try reader.uint8("Checksum")
    try reader.end(after: "Checksum")
    guard checksum == Self.sum(bytes.dropLast()) else {
      throw .checksum(field: "Checksum", offset: bytes.count - 1)
    }
  }

  /// The device has done what it was told to do (payload 0x81).
  package var isAcknowledgement: Bool { payload == [0x81] }

  package var json: JSON { .object([.init("payload", .octets(payload))]) }

  /// Puts replies together from notifications.
  package static func assembler() -> FrameAssembler {
    FrameAssembler { (front) throws(DecodingFailure) in
      guard front.count >= 4 else { return nil }
      var reader = ByteReader(front)
      return 4 + (try length(&reader))
    }
  }

  private static func length(_ reader: inout ByteReader) throws(DecodingFailure) -> Int {
    let start = try reader.uint8("Start")
    guard start == 0x4D else {
      throw .outOfRange(field: "Start", offset: 0, value: Int(start), expected: "77 (0x4D)")
    }
    let direction = try reader.uint8("Direction")
    guard direction == 0x3A else {
      throw .outOfRange(field: "Direction", offset: 1, value: Int(direction), expected: "58 (0x3A, a reply)")
    }
    let length = Int(try reader.uint16("Length").byteSwapped)
    guard 1...longestLength ~= length else {
      throw .outOfRange(field: "Length", offset: 2, value: length, expected: "1–\(longestLength) octets")
    }
    return length
  }

  static func sum(_ bytes: some Sequence<UInt8>) -> UInt8 { bytes.reduce(0, &+) }
}
