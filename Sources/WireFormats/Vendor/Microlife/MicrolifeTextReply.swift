/// All that the memory of an older Microlife on a cable (04B4:5500) holds: 06, then text in hexadecimal digits, of which the
/// last two are the sum of the others as characters. Source: joergmlpts/blood-pressure-monitor `bpm_usb.py`, N0ury/py-bpddl
/// `microlife.py`.
///
/// The text says how many records there are in four digits, what a person has called herself in the 24 after four others, and
/// then the records, 32 digits each. The name is not read.
package struct MicrolifeTextReply: Hashable, Sendable {
  static let acknowledgement: UInt8 = 0x06
  static let headSize = 32
  /// Octets that nothing longer than a reply has: 200 records are the most that a model of the family is known to hold.
  package static let longest = 3 + headSize + 1_000 * MicrolifeTextRecord.size

  /// The digits of each: see ``MicrolifeTextRecord``. One that cannot be read costs no other.
  package let records: [[UInt8]]

  /// - Throws: ``DecodingFailure`` for `Acknowledgement`, `Head`, `Checksum`, `Count`, or `Records` where there are fewer than
  ///   `Count` says. What follows them is not looked at.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let first = try reader.uint8("Acknowledgement")
    guard first == Self.acknowledgement else {
      throw .outOfRange(field: "Acknowledgement", offset: 0, value: Int(first), expected: "6")
    }
    let head = try reader.octets(Self.headSize, "Head")
    let rest = reader.rest()
    guard rest.count >= 2 else {
      throw .truncated(field: "Checksum", offset: 1 + Self.headSize, need: 2, have: rest.count)
    }
    let sum = head.reduce(0, &+) &+ rest.dropLast(2).reduce(0, &+)
    guard HexadecimalDigits.number(rest.suffix(2)) == Int(sum) else {
      throw .checksum(field: "Checksum", offset: bytes.count - 2)
    }
    guard let count = HexadecimalDigits.number(head[..<4]) else { throw .malformedText(field: "Count", offset: 1) }
    let size = MicrolifeTextRecord.size
    let digits = Array(rest.dropLast(2))
    guard digits.count >= count * size else {
      throw .truncated(field: "Records", offset: 1 + Self.headSize, need: count * size, have: digits.count)
    }
    records = (0..<count).map { Array(digits[$0 * size..<($0 + 1) * size]) }
  }

  package var json: JSON {
    .object([
      .init("records", .array(records.map { .octets($0) }))
    ])
  }
}
