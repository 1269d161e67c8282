/// One measurement in the memory of an older Microlife on a cable (04B4:5500): 32 hexadecimal digits. Source:
/// joergmlpts/blood-pressure-monitor `bpm_usb.py`, N0ury/py-bpddl `microlife.py`.
///
/// An impossible date is kept and said: it must not cost a blood pressure.
package struct MicrolifeTextRecord: Hashable, Sendable {
  /// Digits.
  package static let size = 32

  /// mmHg, 1–1023. N0ury reads eight of its ten bits.
  package let systolic: Int
  /// mmHg, 1–1023.
  package let diastolic: Int
  /// Per minute, 0–1023. N0ury takes the two bits above it, 0 in all that are known, for a part of it.
  package let pulseRate: Int
  /// On the device's clock, to the minute (the seconds are 0). Nil when the clock was not set: the digits are no decimal ones,
  /// or month and day are 0. It may be implausible: see ``DateTime/implausibleFields``.
  package let timeStamp: DateTime?
  /// The digits 10–15 and 24–31. N0ury reads in the first whether three measurements were averaged, and something of the pulse;
  /// its values for the latter are not digits, so nothing is taken from it.
  package let unexplained: [UInt8]
  /// The digits as they came.
  package let raw: [UInt8]

  /// - Throws: ``DecodingFailure`` naming `Date`, `Octets 5 to 7`, `Values` or `Octets 12 to 15` where digits are missing or are
  ///   none, `Octets 12 to 15` also where more follow; `Systolic` and `Diastolic` for 0, which nobody has.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let date = try Self.digits(&reader, 10, "Date")
    let flags = try Self.digits(&reader, 6, "Octets 5 to 7")
    let values = try Self.digits(&reader, 8, "Values")
    let rest = try Self.digits(&reader, 8, "Octets 12 to 15")
    try reader.end(after: "Octets 12 to 15")
    let word = HexadecimalDigits.number(values) ?? 0
    systolic = word & 0x3FF
    diastolic = word >> 10 & 0x3FF
    pulseRate = word >> 20 & 0x3FF
    for (field, value) in [("Systolic", systolic), ("Diastolic", diastolic)] where value == 0 {
      throw .outOfRange(field: field, offset: 16, value: 0, expected: "more than 0 mmHg")
    }
    timeStamp = Self.time(date)
    unexplained = flags + rest
    raw = bytes
  }

  private static func digits(
    _ reader: inout ByteReader, _ count: Int, _ field: String
  ) throws(DecodingFailure) -> [UInt8] {
    let offset = reader.offset
    let digits = try reader.octets(count, field)
    if let place = digits.firstIndex(where: { HexadecimalDigits.digit($0) == nil }) {
      throw .malformedText(field: field, offset: offset + place)
    }
    return digits
  }

  /// Year, month, day, hours and minutes in two decimal digits each.
  private static func time(_ date: [UInt8]) -> DateTime? {
    guard date.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    let digits = date.map { $0 - 0x30 }
    let parts: [UInt8] = stride(from: 0, to: digits.count, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
    guard parts[1] != 0 || parts[2] != 0 else { return nil }
    return DateTime(
      year: 2000 + UInt16(parts[0]), month: parts[1], day: parts[2], hours: parts[3], minutes: parts[4], seconds: 0)
  }

  /// What is the same at each visit, as far as is known: the digits without ``unexplained``.
  package var identifying: [UInt8] { Array(raw[..<10] + raw[16..<24]) }

  package var json: JSON {
    .object([
      .init("systolic", .integer(systolic)),
      .init("diastolic", .integer(diastolic)),
      .init("pulseRate", .integer(pulseRate)),
      .init("timeStamp", timeStamp?.json ?? .null),
      .init("unexplained", .octets(unexplained)),
      .init("raw", .octets(raw)),
    ])
  }
}
