/// A result as a Yonker cuff notifies it on CDEACD81-5235-4C07-8846-93A37EE6B86D. 15 octets, the first 0x81; other frames,
/// sent while the cuff measures, are no results.
///
/// Source: derdilla's blood-pressure-monitor-fl. What octets 4, 5 and 11–14 are is not known.
package struct YonkerMeasurement: Hashable, Sendable {
  /// mmHg, 0–255.
  package let systolic: UInt8
  /// mmHg, 0–255.
  package let diastolic: UInt8
  /// Per minute, 0–255.
  package let pulseRate: UInt8
  /// On the device's clock, to the minute (the seconds are 0). It may be implausible: see ``DateTime/implausibleFields``.
  package let timeStamp: DateTime

  /// - Throws: ``DecodingFailure/outOfRange(field:offset:value:expected:)`` for `Frame Type`;
  ///   ``DecodingFailure/truncated(field:offset:need:have:)`` for any field;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` for `Reserved`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let type = try reader.uint8("Frame Type")
    guard type == 0x81 else {
      throw .outOfRange(field: "Frame Type", offset: 0, value: Int(type), expected: "129 (0x81, a result)")
    }
    systolic = try reader.uint8("Systolic")
    diastolic = try reader.uint8("Diastolic")
    pulseRate = try reader.uint8("Pulse Rate")
    _ = try reader.octets(2, "Unknown")
    let day = try reader.uint8("Day")
    let month = try reader.uint8("Month")
    let year = try reader.uint8("Year")
    timeStamp = DateTime(
      year: 2000 + UInt16(year), month: month, day: day, hours: try reader.uint8("Hours"),
      minutes: try reader.uint8("Minutes"), seconds: 0)
    _ = try reader.octets(4, "Reserved")
    try reader.end(after: "Reserved")
  }

  package var json: JSON {
    .object([
      .init("systolic", .integer(Int(systolic))),
      .init("diastolic", .integer(Int(diastolic))),
      .init("pulseRate", .integer(Int(pulseRate))),
      .init("timeStamp", timeStamp.json),
    ])
  }
}
