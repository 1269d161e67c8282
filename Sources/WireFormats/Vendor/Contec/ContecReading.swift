/// A reading as a Contec 08A (USB identifiers 0483:5750) gives it: the first fourteen octets of a report. Source:
/// MarkMLl/contec08a, `consoleapp.pas`: eight readings of one cuff, in octets and as the maker's program shows them.
///
/// In all of the eight the systolic pressure was 128 or more, and bit 7 of its octet was set, as it is of every octet. So by
/// that octet alone nobody could tell 120 mmHg from 248. Two others say which: the octet of upper bits (see ``ContecOctet``), and
/// the mean pressure, which the cuff measures for itself and which lies between the other two. A pressure is told where both
/// agree, and is *disputed* and left out where they do not:
///
/// - the pressures by the upper bits stand in their order, diastolic below mean below systolic, and
/// - by no other reading of bit 7 they look like a blood pressure: a mean at a fifth to three fifths of the way from a
///   diastolic pressure of at least 20 mmHg to the systolic one. In the eight it was at 0.31 to 0.52.
///
/// An impossible date is kept and said: it must not cost a blood pressure.
package struct ContecReading: Hashable, Sendable {
  /// Octets that say something; a report has 64.
  package static let size = 14

  /// mmHg, 0–255; nil where it is disputed.
  package let systolic: Int?
  /// mmHg, 0–255; nil where it is disputed, which it cannot be below 128.
  package let diastolic: Int?
  /// mmHg, 0–255; nil where it is disputed, which it cannot be below 128.
  package let mean: Int?
  /// Per minute. At 128 and more it hangs on the upper bits alone, which nobody has seen so: told where without them it would
  /// be below 30, which no cuff counts, and else nil.
  package let pulseRate: Int?
  /// On the cuff's clock, to the minute (the seconds are 0).
  package let dateTime: DateTime
  /// Not explained: 0 and 17 in all that were seen. The first may be seconds.
  package let unexplained: [UInt8]
  /// The octets as they came, without those after the fourteenth.
  package let raw: [UInt8]

  /// - Throws: ``DecodingFailure`` naming the first field that is cut off or in which bit 7 is not set, or `Octet 13` for more
  ///   than a report.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let first = try ContecOctet.group(
      &reader,
      ["Upper Bits 1", "Systolic High", "Systolic", "Diastolic", "Pulse Rate", "Mean", "Year", "Month"])
    let second = try ContecOctet.group(
      &reader, ["Upper Bits 2", "Day", "Hours", "Minutes", "Octet 12", "Octet 13"])
    guard bytes.count <= ContecCommand.size else {
      throw .trailing(field: "Octet 13", offset: ContecCommand.size, count: bytes.count - ContecCommand.size)
    }
    let pressures = Pressures(systolic: Int(first[1]), diastolic: Int(first[2]), mean: Int(first[4]))
    let isSure = first[0] == 0 && pressures.isOrdered && !pressures.hasRival
    systolic = isSure ? pressures.systolic : nil
    diastolic = isSure || pressures.diastolic < 128 ? pressures.diastolic : nil
    mean = isSure || pressures.mean < 128 ? pressures.mean : nil
    pulseRate = first[3] < 128 + 30 ? Int(first[3]) : nil
    dateTime = DateTime(
      year: 2000 + UInt16(first[5]), month: first[6], day: second[0], hours: second[1], minutes: second[2], seconds: 0)
    unexplained = Array(second[3...])
    raw = Array(bytes.prefix(Self.size))
  }

  /// The names of those that cannot be told.
  package var disputed: [String] {
    [("systolic", systolic), ("diastolic", diastolic), ("mean", mean), ("pulseRate", pulseRate)]
      .filter { $0.1 == nil }.map(\.0)
  }

  /// What is the same at each visit, as far as is known: the octets without ``unexplained``.
  package var identifying: [UInt8] { Array(raw.dropLast(2)) }

  package var json: JSON {
    func number(_ value: Int?) -> JSON { value.map(JSON.integer) ?? .null }
    return .object([
      .init("unit", .string(PressureUnit.millimetreOfMercury.rawValue)),
      .init("systolic", number(systolic)),
      .init("diastolic", number(diastolic)),
      .init("mean", number(mean)),
      .init("pulseRate", number(pulseRate)),
      .init("dateTime", dateTime.json),
      .init("unexplained", .array(unexplained.map { .integer(Int($0)) })),
      .init("disputed", .array(disputed.map { .string($0) })),
      .init("raw", .octets(raw)),
    ])
  }
}

extension ContecReading {
  /// Three pressures of one measurement, mmHg.
  private struct Pressures: Equatable {
    var systolic: Int
    var diastolic: Int
    var mean: Int

    var isOrdered: Bool { diastolic < mean && mean < systolic }

    /// With a margin on both sides of what was seen.
    var looksLikeReading: Bool {
      let (part, whole) = (mean - diastolic, systolic - diastolic)
      return isOrdered && diastolic >= 20 && part * 5 >= whole && part * 5 <= whole * 3
    }

    /// Whether there is another way to read them: without the upper bits of the mean and the diastolic pressure, as
    /// MarkMLl/contec08a reads them, and with or without that of the systolic one.
    var hasRival: Bool {
      [systolic & 0x7F, systolic & 0x7F | 0x80]
        .map { Pressures(systolic: $0, diastolic: diastolic & 0x7F, mean: mean & 0x7F) }
        .contains { $0 != self && $0.looksLikeReading }
    }
  }
}
