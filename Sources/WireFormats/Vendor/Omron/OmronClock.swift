/// The clock in the settings of an Omron cuff, without a zone, in a block whose other octets are the cuff's own business.
package struct OmronClock: Hashable, Sendable {
  package let layout: OmronClockLayout
  /// As sent, possible or not: see ``DateTime/implausibleFields``. Years of 2000–2255.
  package let dateTime: DateTime
  package let checksum: OmronChecksum
  /// The block as it was read.
  package let raw: [UInt8]

  /// - Throws: ``DecodingFailure`` where the block is shorter or longer than `layout` says, naming the field.
  package init(_ bytes: [UInt8], layout: OmronClockLayout) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    _ = try reader.octets(layout.offset, "Settings")
    let names =
      layout.wordOrder == .little
      ? ["Year", "Month", "Day", "Hours", "Minutes", "Seconds"]
      : ["Month", "Year", "Hours", "Day", "Seconds", "Minutes"]
    for name in names { _ = try reader.uint8(name) }
    _ = try reader.octets(layout.size - layout.offset - 8, "Settings")
    let (first, second) = (try reader.uint8("Checksum"), try reader.uint8("Checksum"))
    try reader.end(after: "Checksum")

    let octets = layout.wordOrder.exchange(bytes)[layout.offset..<layout.offset + 6].map { $0 }
    dateTime = DateTime(
      year: 2000 + UInt16(octets[0]), month: octets[1], day: octets[2], hours: octets[3], minutes: octets[4],
      seconds: octets[5])
    let sumIsFirst = layout.checksum == .sumThenZero
    checksum = OmronChecksum(
      of: bytes.dropLast(2), sum: sumIsFirst ? first : second, companion: sumIsFirst ? second : first,
      anyCompanion: layout.size == 10)
    raw = bytes
    self.layout = layout
  }

  /// The block to write, so that the clock shows `dateTime`; all before the clock stays as it was read.
  /// - Throws: ``OmronEncodingFailure/notADate(field:)`` for a date that is not whole, does not exist, or is not of 2000–2255.
  package func block(showing dateTime: DateTime) throws(OmronEncodingFailure) -> [UInt8] {
    guard 2000...2255 ~= dateTime.year else { throw .notADate(field: "Year") }
    guard dateTime.month != 0 else { throw .notADate(field: "Month") }
    guard dateTime.day != 0 else { throw .notADate(field: "Day") }
    if let field = dateTime.implausibleFields.first { throw .notADate(field: field) }
    var octets = layout.wordOrder.exchange(raw)
    octets.replaceSubrange(
      layout.offset..<layout.offset + 6,
      with: [
        UInt8(dateTime.year - 2000), dateTime.month, dateTime.day, dateTime.hours, dateTime.minutes, dateTime.seconds,
      ])
    let front = layout.wordOrder.exchange(octets).dropLast(2)
    let sum = front.reduce(0, &+)
    let end =
      switch layout.checksum {
      case .sumThenZero: [sum, 0]
      case .zeroThenSum: [0, sum]
      case .complementThenSum: [~sum, sum]
      }
    return front + end
  }

  package var json: JSON {
    .object([
      .init("dateTime", dateTime.json), .init("checksum", .string(checksum.rawValue)), .init("raw", .octets(raw)),
    ])
  }
}
