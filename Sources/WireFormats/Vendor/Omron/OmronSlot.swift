/// One place for a record in the memory of an Omron cuff: taken, or empty.
package enum OmronSlot: Hashable, Sendable {
  /// Nothing was stored here, with the octets that say so.
  case empty([UInt8])
  case record(OmronRecord)

  /// Decodes a slot of fixed size.
  ///
  /// It is empty when all octets are 0xFF; with `little` words also when the systolic pressure's octet is 0xE1 or more; and
  /// when diastolic pressure, pulse, date and time are all zero, as in memory that was cleared and not written.
  /// - Throws: ``DecodingFailure`` where the slot is shorter or longer than `layout` says, naming the field.
  package init(_ bytes: [UInt8], layout: OmronRecordLayout) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    for field in layout.fields { _ = try reader.octets(field.width, field.name) }
    try reader.end(after: "Checksum")
    let octets = layout.wordOrder.exchange(bytes)
    let isErased = bytes.allSatisfy { $0 == 0xFF } || layout.wordOrder == .little && octets[0] >= 0xE1
    let isCleared = octets[1..<8].allSatisfy { $0 == 0 }
    self = isErased || isCleared ? .empty(bytes) : .record(OmronRecord(bytes, layout))
  }

  /// Nil in an empty slot.
  package var record: OmronRecord? {
    if case .record(let record) = self { record } else { nil }
  }

  /// The record, or `{"empty":true,"raw":…}`.
  package var json: JSON {
    switch self {
    case .empty(let raw): .object([.init("empty", .boolean(true)), .init("raw", .octets(raw))])
    case .record(let record): record.json
    }
  }
}
