/// Date Time (0x2A08): a date and a time of day on the device's own clock, without a zone. Seven octets.
///
/// The fields are as sent, even when no calendar has them: a month 13 is the clock's fault and must not cost a
/// blood pressure. ``implausibleFields`` says what is wrong.
package struct DateTime: GATTCharacteristic {
  package static let uuid = "2A08"
  package static let name = "Date Time"

  /// 1582–9999; 0 = not known.
  package let year: UInt16
  /// 1–12; 0 = not known.
  package let month: UInt8
  /// 1–31; 0 = not known.
  package let day: UInt8
  /// 0–23.
  package let hours: UInt8
  /// 0–59.
  package let minutes: UInt8
  /// 0–59.
  package let seconds: UInt8

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader, in: "")
    try reader.end(after: "Seconds")
  }

  /// From its parts, in the ranges of the properties; they are not checked, see ``implausibleFields``.
  package init(year: UInt16, month: UInt8, day: UInt8, hours: UInt8, minutes: UInt8, seconds: UInt8) {
    self.year = year
    self.month = month
    self.day = day
    self.hours = hours
    self.minutes = minutes
    self.seconds = seconds
  }

  /// Reads the seven octets inside another structure.
  /// - Parameter structure: what the names of the fields begin with, `Time Stamp: `.
  init(from reader: inout ByteReader, in structure: String) throws(DecodingFailure) {
    year = try reader.uint16(structure + "Year")
    month = try reader.uint8(structure + "Month")
    day = try reader.uint8(structure + "Day")
    hours = try reader.uint8(structure + "Hours")
    minutes = try reader.uint8(structure + "Minutes")
    seconds = try reader.uint8(structure + "Seconds")
  }

  /// The fields that no clock can show, in their order: out of the ranges above, or a day that its month does not have.
  /// A part that is *not known* is not implausible. 29 February stands where the year is not known.
  package var implausibleFields: [String] {
    let yearIsPlausible = year == 0 || 1582...9999 ~= year
    var fields: [String] = []
    if !yearIsPlausible { fields.append("Year") }
    if month > 12 { fields.append("Month") }
    if day > daysInMonth(yearIsUsable: year != 0 && yearIsPlausible) { fields.append("Day") }
    if hours > 23 { fields.append("Hours") }
    if minutes > 59 { fields.append("Minutes") }
    if seconds > 59 { fields.append("Seconds") }
    return fields
  }

  /// Whether every field is in its range and the day exists. Parts may still be unknown: see ``isComplete``.
  package var isPlausible: Bool { implausibleFields.isEmpty }

  /// Whether year, month and day are all known. Hours, minutes and seconds have no *not known*: 0 is midnight.
  package var isComplete: Bool { year != 0 && month != 0 && day != 0 }

  private func daysInMonth(yearIsUsable: Bool) -> UInt8 {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: !yearIsUsable || year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  package var json: JSON {
    .object([
      .init("year", year == 0 ? .null : .integer(Int(year))),
      .init("month", month == 0 ? .null : .integer(Int(month))),
      .init("day", day == 0 ? .null : .integer(Int(day))),
      .init("hours", .integer(Int(hours))),
      .init("minutes", .integer(Int(minutes))),
      .init("seconds", .integer(Int(seconds))),
      .init("implausible", .array(implausibleFields.map { .string($0) })),
    ])
  }
}
