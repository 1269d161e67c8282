/// AbsoluteTime of IEEE 11073-20601: eight octets of two decimal digits each, on the agent's own clock, without a zone.
///
/// Octets that are no decimal digits are the clock's fault and cost no measurement: they are kept.
package struct AbsoluteTime: Hashable, Sendable, Codable {
  /// Century, year, month, day, hour, minute, second, 1/100 s.
  package let octets: [UInt8]

  /// From a date of four digits of the year. Parts above 99 are cut to that.
  package init(_ date: DateTime, hundredths: UInt8 = 0) {
    let year = min(Int(date.year), 9999)
    let parts = [
      UInt8(year / 100), UInt8(year % 100), date.month, date.day, date.hours, date.minutes, date.seconds, hundredths,
    ]
    octets = parts.map { (min($0, 99) / 10) << 4 | min($0, 99) % 10 }
  }

  init(from reader: inout MDERReader) throws(DecodingFailure) { octets = try reader.octets(8, "AbsoluteTime") }

  private var digits: [UInt8]? {
    octets.allSatisfy { $0 >> 4 < 10 && $0 & 15 < 10 } ? octets.map { ($0 >> 4) * 10 + ($0 & 15) } : nil
  }

  /// The date and time of day, possible or not; nil when the octets are no decimal digits.
  package var dateTime: DateTime? {
    digits.map {
      DateTime(
        year: UInt16($0[0]) * 100 + UInt16($0[1]), month: $0[2], day: $0[3], hours: $0[4], minutes: $0[5],
        seconds: $0[6])
    }
  }

  /// 0–99 hundredths of a second; nil when the octets are no decimal digits.
  package var hundredths: UInt8? { digits?[7] }

  package var json: JSON {
    guard let dateTime, let hundredths else { return .object([.init("undecodable", .octets(octets))]) }
    return .object([.init("dateTime", dateTime.json), .init("hundredths", .integer(Int(hundredths)))])
  }
}

/// BaseOffsetTime of IEEE 11073-20601 (2014): a clock that never goes backwards, and the offset to the local time.
package struct BaseOffsetTime: Hashable, Sendable {
  /// Since 1900-01-01T00:00:00, as NTP counts; with a clock that was set, in UTC.
  package let seconds: UInt32
  /// In 1/65536 s.
  package let fraction: UInt16
  /// Minutes from the base time to local time.
  package let offset: Int16

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    seconds = try reader.uint32("BaseOffsetTime.bo-seconds")
    fraction = try reader.uint16("BaseOffsetTime.bo-fraction")
    offset = Int16(bitPattern: try reader.uint16("BaseOffsetTime.bo-time-offset"))
  }

  package var json: JSON {
    .object([
      .init("seconds", .integer(Int(seconds))), .init("fraction", .integer(Int(fraction))),
      .init("offset", .integer(Int(offset))),
    ])
  }
}
