package import Foundation

/// An instant as it stands in JSON: ISO 8601 with the offset of the zone it was written in (`2026-11-22T07:30:00+07:00`),
/// milliseconds only where there are any. Reading takes `Z` and `±hh:mm`; a time without an offset is refused.
package struct Timestamp: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  package var date: Date

  package init(_ date: Date) { self.date = date }

  /// - Throws: ``TextFailure`` when `text` is no ISO 8601 date and time with an offset.
  package init(parsing text: String) throws(TextFailure) {
    guard let date = Self.instant(text) else { throw TextFailure.timestamp(text) }
    self.date = date
  }

  package init(from decoder: any Decoder) throws {
    try self.init(parsing: try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text(in: encoder.userInfo[.timeZone] as? TimeZone ?? .current))
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.date < right.date }

  package var description: String { text(in: .current) }

  /// `2026-11-22T07:30:00+07:00`; with `.123` after the seconds when the instant has milliseconds.
  package func text(in timeZone: TimeZone) -> String {
    let parts = Parts(date, timeZone)
    return parts.day + "T" + parts.minutes + ":" + Self.padded(parts.second) + parts.fraction + parts.offset
  }

  /// What a person reads: `2026-11-22 07:30 +07:00`.
  package func shown(in timeZone: TimeZone) -> String {
    let parts = Parts(date, timeZone)
    return parts.day + " " + parts.minutes + " " + parts.offset
  }

  private struct Parts {
    var day: String
    var minutes: String
    var second: Int
    var fraction: String
    var offset: String

    init(_ date: Date, _ timeZone: TimeZone) {
      // The years 0001 to 9999 and a day: what lies beyond, which only a damaged record says, is written as their end.
      let within = min(max(date.timeIntervalSince1970, -62_135_510_400), 253_402_214_399)
      let milliseconds = Int64((within * 1000).rounded())
      let offset = timeZone.secondsFromGMT(for: date)
      let (seconds, thousandths) = milliseconds.quotientAndRemainder(floored: 1000)
      let (days, secondOfDay) = (seconds + Int64(offset)).quotientAndRemainder(floored: 86_400)
      let (year, month, day) = civilDay(fromDays: Int(days))
      let time = Int(secondOfDay)
      self.day = padded(year, 4) + "-" + padded(month) + "-" + padded(day)
      minutes = padded(time / 3600) + ":" + padded(time % 3600 / 60)
      second = time % 60
      fraction = thousandths == 0 ? "" : "." + padded(Int(thousandths), 3)
      let size = abs(offset)
      self.offset = (offset < 0 ? "-" : "+") + padded(size / 3600) + ":" + padded(size % 3600 / 60)
    }
  }

  private static func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar. By arithmetic over eras
  /// of 400 years that begin on 1 March, so that no calendar object is needed for every line of a list.
  private static func civilDay(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func instant(_ text: String) -> Date? {
    let pattern =
      #/(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))/#
    guard let match = try? pattern.wholeMatch(in: text), let utc = TimeZone(secondsFromGMT: 0) else { return nil }
    guard let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), let hour = Int(match.4),
      let minute = Int(match.5), hour <= 23, minute <= 59
    else { return nil }
    let second = match.6.flatMap { Int($0) } ?? 0
    guard second <= 59, let midnight = Self.midnight(year, month, day, utc) else { return nil }
    let fraction = match.7.flatMap { Double("0." + $0) } ?? 0
    var offset = 0
    if let sign = match.9, let hours = match.10.flatMap({ Int($0) }), let minutes = match.11.flatMap({ Int($0) }) {
      guard hours <= 23, minutes <= 59 else { return nil }
      offset = (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
    return midnight.addingTimeInterval(Double(hour * 3600 + minute * 60 + second - offset) + fraction)
  }

  static func midnight(_ year: Int, _ month: Int, _ day: Int, _ timeZone: TimeZone) -> Date? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    guard let date = calendar.date(from: DateComponents(year: year, month: month, day: day)) else { return nil }
    let read = calendar.dateComponents([.year, .month, .day], from: date)
    return read.year == year && read.month == month && read.day == day ? date : nil
  }
}

extension Int64 {
  fileprivate func quotientAndRemainder(floored divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension CodingUserInfoKey {
  /// The zone that ``Timestamp`` is written in; the process's zone when it is not set.
  package static let timeZone: CodingUserInfoKey = makeTimeZoneKey()

  private static func makeTimeZoneKey() -> CodingUserInfoKey {
    // The initialiser is failable in its signature only: it refuses nothing.
    guard let key = CodingUserInfoKey(rawValue: "vitals.time-zone") else {
      preconditionFailure("a key of plain letters")
    }
    return key
  }
}
