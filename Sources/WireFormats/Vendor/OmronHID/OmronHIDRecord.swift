/// A reading as an Omron cuff with the USB identifiers 0590:0028 gives it: 13 octets. Source: openyou/libomron,
/// `doc/omron_protocol_notes.asciidoc`, `doc/logs/hem790it`, issue 25.
///
/// An impossible date is kept and said: it must not cost a blood pressure.
package struct OmronHIDRecord: Hashable, Sendable {
  package static let size = 13

  /// On the cuff's clock.
  package let dateTime: DateTime
  /// mmHg.
  package let systolic: UInt16
  /// mmHg.
  package let diastolic: UInt8
  /// Per minute.
  package let pulseRate: UInt8
  package let irregularHeartbeat: Bool
  package let bodyMovement: Bool
  /// Which of three measurements in a row (TruRead) it is, 1–3; 0: a single one.
  package let series: UInt8
  /// The octets as they came.
  package let raw: [UInt8]

  /// - Throws: ``DecodingFailure`` naming the field; `Unit` for anything but mmHg, of which nothing is known.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let year = try reader.uint8("Year")
    let month = try reader.uint8("Month")
    let day = try reader.uint8("Day")
    let hours = try reader.uint8("Hours")
    let minutes = try reader.uint8("Minutes")
    let seconds = try reader.uint8("Seconds")
    dateTime = DateTime(
      year: 2000 + UInt16(year), month: month, day: day, hours: hours, minutes: minutes, seconds: seconds)
    let unit = try reader.uint8("Unit")
    guard unit == 0 else { throw .outOfRange(field: "Unit", offset: 6, value: Int(unit), expected: "0, mmHg") }
    systolic = UInt16(try reader.uint16("Systolic")).byteSwapped
    diastolic = try reader.uint8("Diastolic")
    pulseRate = try reader.uint8("Pulse Rate")
    let flags = UInt16(try reader.uint16("Flags")).byteSwapped
    try reader.end(after: "Flags")
    irregularHeartbeat = flags & 1 != 0
    bodyMovement = flags & 2 != 0
    series = UInt8(flags >> 4 & 3)
    raw = bytes
  }

  package var json: JSON {
    .object([
      .init("unit", .string(PressureUnit.millimetreOfMercury.rawValue)),
      .init("systolic", .integer(Int(systolic))),
      .init("diastolic", .integer(Int(diastolic))),
      .init("pulseRate", .integer(Int(pulseRate))),
      .init("dateTime", dateTime.json),
      .init("irregularHeartbeat", .boolean(irregularHeartbeat)),
      .init("bodyMovement", .boolean(bodyMovement)),
      .init("series", .integer(Int(series))),
      .init("raw", .octets(raw)),
    ])
  }
}
