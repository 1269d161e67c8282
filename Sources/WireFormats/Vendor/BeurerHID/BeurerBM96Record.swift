/// A row of the memory of a Beurer BM96 (USB identifiers 314A:0102): the first fourteen octets of a report. Source:
/// roose242/bmtoolkit, `bmquery.py` and README.
///
/// An impossible date is kept and said: it must not cost a blood pressure.
package struct BeurerBM96Record: Hashable, Sendable {
  /// Octets that say something; a report has 64.
  package static let size = 14
  package static let reportSize = 64

  package enum Result: Hashable, Sendable {
    /// mmHg, mmHg, per minute.
    case bloodPressure(systolic: UInt8, diastolic: UInt8, pulseRate: UInt8)
    /// Per minute. It has a curve too, which nobody has explained.
    case electrocardiogram(pulseRate: UInt8)
  }

  package let result: Result
  /// From 0.
  package let user: UInt8
  /// Where it stands in the memory. What it counts from, and whether it changes when a reading is added, is not known.
  package let index: UInt8
  /// On the cuff's clock, to the minute (the seconds are 0).
  package let dateTime: DateTime
  /// Of a blood pressure whether the person was at rest: 2 yes, 3 no. Of a curve something else.
  package let rest: UInt8
  /// Not explained; perhaps how the cuff sat.
  package let tenth: UInt8
  /// The octets as they came, without those after the fourteenth.
  package let raw: [UInt8]

  /// - Throws: ``DecodingFailure`` naming the field; `Type` for anything but 1 and 2.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    user = try reader.uint8("User")
    index = try reader.uint8("Index")
    _ = try reader.uint8("Octet 2")
    let type = try reader.uint8("Type")
    let hours = try reader.uint8("Hours")
    let minutes = try reader.uint8("Minutes")
    let day = try reader.uint8("Day")
    let month = try reader.uint8("Month")
    let year = try reader.uint8("Year")
    rest = try reader.uint8("Rest")
    tenth = try reader.uint8("Octet 10")
    let numbers = (
      try reader.uint8("Octet 11"), try reader.uint8("Octet 12"), try reader.uint8("Octet 13")
    )
    guard bytes.count <= Self.reportSize else {
      throw .trailing(field: "Octet 13", offset: Self.reportSize, count: bytes.count - Self.reportSize)
    }
    switch type {
    case 1: result = .bloodPressure(systolic: numbers.0, diastolic: numbers.1, pulseRate: numbers.2)
    case 2: result = .electrocardiogram(pulseRate: numbers.0)
    default:
      throw .outOfRange(
        field: "Type", offset: 3, value: Int(type), expected: "1, a blood pressure, or 2, an electrocardiogram")
    }
    dateTime = DateTime(
      year: 2000 + UInt16(year), month: month, day: day, hours: hours, minutes: minutes, seconds: 0)
    raw = Array(bytes.prefix(Self.size))
  }

  /// What stays the same wherever it stands in the memory: the octets without ``index`` and the one after it.
  package var identifying: [UInt8] { [raw[0]] + raw[3...] }

  package var json: JSON {
    var members: [JSON.Member] = [.init("user", .integer(Int(user))), .init("index", .integer(Int(index)))]
    switch result {
    case .bloodPressure(let systolic, let diastolic, let pulseRate):
      members += [
        .init("type", .string("blood-pressure")),
        .init("unit", .string(PressureUnit.millimetreOfMercury.rawValue)),
        .init("systolic", .integer(Int(systolic))),
        .init("diastolic", .integer(Int(diastolic))),
        .init("pulseRate", .integer(Int(pulseRate))),
      ]
    case .electrocardiogram(let pulseRate):
      members += [
        .init("type", .string("electrocardiogram")), .init("pulseRate", .integer(Int(pulseRate))),
      ]
    }
    members += [
      .init("dateTime", dateTime.json), .init("rest", .integer(Int(rest))), .init("octet10", .integer(Int(tenth))),
      .init("raw", .octets(raw)),
    ]
    return .object(members)
  }
}
