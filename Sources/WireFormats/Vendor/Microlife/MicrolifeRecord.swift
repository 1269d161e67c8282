/// One measurement in the memory of a Microlife. Ten octets.
package struct MicrolifeRecord: Hashable, Sendable {
  static let size = 10

  /// mmHg, 0–255.
  package let systolic: UInt8
  /// mmHg, 0–255.
  package let diastolic: UInt8
  /// Per minute, 0–255.
  package let pulseRate: UInt8
  /// On the device's clock, to the minute (the seconds are 0). Nil when the clock was not set: month and day are 0, and the
  /// year is that of the factory. It may be implausible: see ``DateTime/implausibleFields``.
  package let timeStamp: DateTime?
  /// As sent. 0x80 well, 0xC0 irregular pulse and 0x00 bad cuff have been seen; ``cuffFitted`` and ``irregularPulse`` read
  /// two bits out of that.
  package let flags: UInt8
  /// The last octet, 0 in every record that is known.
  package let reserved: UInt8
  /// The ten octets.
  package let raw: [UInt8]

  /// One record by itself.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for any field;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` for `Reserved`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader, in: "")
    try reader.end(after: "Reserved")
  }

  /// Reads the ten octets inside a reply.
  /// - Parameter record: what the names of the fields begin with, `Record 3: `.
  init(from reader: inout ByteReader, in record: String) throws(DecodingFailure) {
    let start = reader.offset
    systolic = try reader.uint8(record + "Systolic")
    diastolic = try reader.uint8(record + "Diastolic")
    pulseRate = try reader.uint8(record + "Pulse Rate")
    let year = try reader.uint8(record + "Year")
    let month = try reader.uint8(record + "Month")
    let day = try reader.uint8(record + "Day")
    let hours = try reader.uint8(record + "Hours")
    let minutes = try reader.uint8(record + "Minutes")
    timeStamp =
      month == 0 && day == 0
      ? nil
      : DateTime(year: 2000 + UInt16(year), month: month, day: day, hours: hours, minutes: minutes, seconds: 0)
    flags = try reader.uint8(record + "Flags")
    reserved = try reader.uint8(record + "Reserved")
    raw = Array(reader.bytes[start..<reader.offset])
  }

  /// Flags bit 7.
  package var cuffFitted: Bool { flags & 0x80 != 0 }
  /// Flags bit 6.
  package var irregularPulse: Bool { flags & 0x40 != 0 }

  package var json: JSON {
    .object([
      .init("systolic", .integer(Int(systolic))),
      .init("diastolic", .integer(Int(diastolic))),
      .init("pulseRate", .integer(Int(pulseRate))),
      .init("timeStamp", timeStamp?.json ?? .null),
      .init("flags", .integer(Int(flags))),
      .init("cuffFitted", .boolean(cuffFitted)),
      .init("irregularPulse", .boolean(irregularPulse)),
    ])
  }
}
