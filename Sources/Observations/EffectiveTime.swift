package import Foundation

/// A date and time as a device said it: on the device's own clock, with no zone, and with parts that may be unknown.
///
/// Kept verbatim, since the identity of a reading hangs on it; correcting happens in ``EffectiveTime``.
package struct DeviceTime: Hashable, Sendable, Codable {
  /// 1582–9999; nil when the device says that it does not know (0 in a Date Time field).
  package var year: Int?
  /// 1–12; nil when not known.
  package var month: Int?
  /// 1–31; nil when not known.
  package var day: Int?
  package var hour: Int
  package var minute: Int
  package var second: Int

  package init(year: Int?, month: Int?, day: Int?, hour: Int, minute: Int, second: Int) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// `2026-11-22T07:30:00`, unknown parts as `0000` or `00`. No zone: the device has none.
  package var verbatim: String {
    var text: [UInt8] = []
    text.reserveCapacity(20)
    func add(_ number: Int, _ width: Int, after separator: Unicode.Scalar? = nil) {
      if let separator { text.append(UInt8(ascii: separator)) }
      let digits = String(number).utf8
      for _ in digits.count..<max(width, digits.count) { text.append(UInt8(ascii: "0")) }
      text.append(contentsOf: digits)
    }
    add(year ?? 0, 4)
    add(month ?? 0, 2, after: "-")
    add(day ?? 0, 2, after: "-")
    add(hour, 2, after: "T")
    add(minute, 2, after: ":")
    add(second, 2, after: ":")
    return String(decoding: text, as: UTF8.self)
  }

  /// No part of the date is known and the time is midnight: what a clock shows that was never set.
  package var isBlank: Bool {
    year == nil && month == nil && day == nil && hour == 0 && minute == 0 && second == 0
  }

  /// The instant these digits name in `timeZone`; nil when a part is unknown or the digits name no day (31 February).
  package func date(in timeZone: TimeZone) -> Date? {
    guard let year, let month, let day else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let parts = DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard let date = calendar.date(from: parts) else { return nil }
    let read = calendar.dateComponents([.year, .month, .day], from: date)
    return read.year == year && read.month == month && read.day == day ? date : nil
  }

  /// Seconds from 2000-01-01T00:00:00 to these digits, as the Personal Health Device guide's identifiers count them
  /// (GeneratingtheTimeStampPartIdentifier): no zone on either side. Nil when a part is unknown.
  package var secondsSince2000: Int? {
    guard let utc = TimeZone(secondsFromGMT: 0), let date = date(in: utc) else { return nil }
    return Int(date.timeIntervalSince1970) - 946_684_800
  }
}

/// When the reading was true, on the gateway's timeline, and how we know.
package struct EffectiveTime: Hashable, Sendable, Codable {
  package enum Span: Hashable, Sendable, Codable {
    case instant(Date)
    /// From the first to the second, in this order.
    case period(Date, Date)
  }

  /// How the time was come by; every reading says it.
  package enum Basis: String, Hashable, Sendable, Codable, CaseIterable {
    /// The device's time stamp, its clock agreeing with ours (within ``EffectiveTime/agreement``).
    case deviceClock = "device-clock"
    /// The device's time stamp, moved by the measured offset of its clock.
    case deviceClockCorrected = "device-clock-corrected"
    /// The device's time stamp as it stands; its clock could not be read, so nobody knows how right it is.
    case deviceClockUnchecked = "device-clock-unchecked"
    /// A live reading without a usable time stamp: when it arrived.
    case received = "received"
    /// A reading from the device's memory without a usable time stamp: between the previous visit and its arrival.
    case betweenVisits = "between-visits"
    /// A window over a live stream.
    case window = "window"
    /// Our own clock was not known to be right, and the box restarted before it was: between the last moment of a right
    /// clock before and the first one after.
    case boxClockUnknown = "box-clock-unknown"
  }

  package var span: Span
  package var basis: Basis

  package init(span: Span, basis: Basis) {
    self.span = span
    self.basis = basis
  }

  /// A device clock within this many seconds of ours is taken as right: its digits have a resolution of a second, and
  /// reading it over the air takes part of one.
  package static let agreement: TimeInterval = 2

  /// The start of a period, or the instant.
  package var start: Date {
    switch span {
    case .instant(let date), .period(let date, _): date
    }
  }

  /// The end of a period, or the instant: what rules and lists order by.
  package var end: Date {
    switch span {
    case .instant(let date), .period(_, let date): date
    }
  }

  /// From the one to the other, also where a damaged row has them the wrong way round.
  package var range: ClosedRange<Date> { min(start, end)...max(start, end) }
}
