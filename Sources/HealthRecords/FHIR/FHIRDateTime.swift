package import Foundation

/// FHIR's `dateTime` and `instant`: always with seconds and with the zone's offset at that moment. They have the
/// years 0001 to 9999: what lies beyond, which only a damaged record says, is written as the end of them.
package enum FHIRDateTime {
  /// `2026-03-10T07:00:05+07:00`. Fractions of a second are cut off: no device of ours has them.
  package static func text(_ date: Date, in timeZone: TimeZone) -> String {
    // Offsets with seconds (local mean time before 1900) can't be written; to the minute, digits and offset agree.
    let offset = timeZone.secondsFromGMT(for: date) / 60 * 60
    let local = Int(min(max(date.timeIntervalSince1970.rounded(.down), first), last)) + offset
    let (day, second) = local.quotientAndRemainder(flooringBy: 86400)
    let (year, month, dayOfMonth) = civil(day)
    let minutes = abs(offset) / 60
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
      + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
      + "\(offset < 0 ? "-" : "+")\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
  }

  /// A day within the years, so that no offset leads out of them.
  private static let first = -62_135_510_400.0
  private static let last = 253_402_214_399.0

  /// Year, month and day of a number of days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of
  /// 400 years that begin on the first of March.
  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(flooringBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int {
  fileprivate func quotientAndRemainder(flooringBy divisor: Int) -> (Int, Int) {
    let remainder = (self % divisor + divisor) % divisor
    return ((self - remainder) / divisor, remainder)
  }
}
