/// The payload of a reply to ``MicrolifeCommand/records``: 38 octets, of which the fourth counts the records, and the
/// records, oldest first.
package struct MicrolifeRecords: Hashable, Sendable {
  static let headerSize = 38

  /// As sent: besides the number of records nothing in it is known.
  package let header: [UInt8]
  /// 0–255 of them.
  package let records: [MicrolifeRecord]

  /// - Parameter payload: of a ``MicrolifeReply``; offsets count from its first octet.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for `Header` or a field of a record, `Record 3: Flags`;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` for `Records` when there are more than the header counts.
  package init(payload: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(payload)
    header = try reader.octets(Self.headerSize, "Header")
    var records: [MicrolifeRecord] = []
    for number in 0..<Int(header[3]) {
      records.append(try MicrolifeRecord(from: &reader, in: "Record \(number + 1): "))
    }
    try reader.end(after: "Records")
    self.records = records
  }

  package var json: JSON {
    .object([.init("header", .octets(header)), .init("records", .array(records.map(\.json)))])
  }
}
