/// Current Time (0x2A2B, Current Time Service 1.1 §3.1): Date Time, day of the week, 1/256 s, adjust reason. Ten octets.
package struct CurrentTime: GATTCharacteristic {
  package static let uuid = "2A2B"
  package static let name = "Current Time"

  package let dateTime: DateTime
  /// 1 Monday – 7 Sunday; 0 = not known.
  package let dayOfWeek: UInt8
  /// 0–255, in 1/256 s.
  package let fractions256: UInt8
  /// Why the clock was last changed: bit 0 by hand, 1 by an external reference, 2 time zone, 3 daylight saving time.
  package let adjustReason: UInt8

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    dateTime = try DateTime(from: &reader, in: "")
    dayOfWeek = try reader.uint8("Day of Week")
    fractions256 = try reader.uint8("Fractions256")
    adjustReason = try reader.uint8("Adjust Reason")
    try reader.end(after: "Adjust Reason")
  }

  /// As ``DateTime/implausibleFields``, and a day of the week above 7. That it fits the date is not asked: nobody reads it.
  package var implausibleFields: [String] { dateTime.implausibleFields + (dayOfWeek > 7 ? ["Day of Week"] : []) }

  package var json: JSON {
    .object([
      .init("dateTime", dateTime.json),
      .init("dayOfWeek", dayOfWeek == 0 ? .null : .integer(Int(dayOfWeek))),
      .init("fractions256", .integer(Int(fractions256))),
      .init("adjustReason", .integer(Int(adjustReason))),
      .init("implausible", .array(implausibleFields.map { .string($0) })),
    ])
  }
}
