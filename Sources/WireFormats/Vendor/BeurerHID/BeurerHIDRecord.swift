/// A reading as a Beurer cuff with the USB identifiers 0C45:7406 (BM55, BM58, BM65) gives it: eight octets. Source:
/// roose242/bmdump, `bmdump.py`; p3pp3rX/beurer_bm58, `bm58.py`.
///
/// An impossible date is kept and said: it must not cost a blood pressure.
package struct BeurerHIDRecord: Hashable, Sendable {
  package static let size = 8

  /// mmHg, 25–280.
  package let systolic: UInt16
  /// mmHg, 25–280.
  package let diastolic: UInt16
  /// Per minute.
  package let pulseRate: UInt8
  /// On the cuff's clock, to the minute (the seconds are 0).
  package let dateTime: DateTime
  /// 1 or 2.
  package let user: Int
  /// Bit 7 of the month's octet: movement on a BM55. What it is on the others is not known.
  package let monthFlag: Bool
  /// Bit 7 of the year's octet: an irregular heartbeat on a BM55 and a BM58. What it is on a BM65 is not known.
  package let yearFlag: Bool
  /// The octets as they came.
  package let raw: [UInt8]

  /// - Throws: ``DecodingFailure`` naming the field that is cut off, or `Year` where more octets follow.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    systolic = UInt16(try reader.uint8("Systolic")) + 25
    diastolic = UInt16(try reader.uint8("Diastolic")) + 25
    pulseRate = try reader.uint8("Pulse Rate")
    let month = try reader.uint8("Month")
    let day = try reader.uint8("Day")
    let hours = try reader.uint8("Hours")
    let minutes = try reader.uint8("Minutes")
    let year = try reader.uint8("Year")
    try reader.end(after: "Year")
    dateTime = DateTime(
      year: 2000 + UInt16(year & 0x7F), month: month & 0x0F, day: day & 0x1F, hours: hours, minutes: minutes,
      seconds: 0)
    user = day & 0x80 == 0 ? 1 : 2
    monthFlag = month & 0x80 != 0
    yearFlag = year & 0x80 != 0
    raw = bytes
  }

  package var json: JSON {
    .object([
      .init("unit", .string(PressureUnit.millimetreOfMercury.rawValue)),
      .init("systolic", .integer(Int(systolic))),
      .init("diastolic", .integer(Int(diastolic))),
      .init("pulseRate", .integer(Int(pulseRate))),
      .init("dateTime", dateTime.json),
      .init("user", .integer(user)),
      .init("monthFlag", .boolean(monthFlag)),
      .init("yearFlag", .boolean(yearFlag)),
      .init("raw", .octets(raw)),
    ])
  }
}
