package import Foundation

/// From when on: a date (its midnight in `timeZone`), a time with its offset, or how long back from now (`90s`, `30m`,
/// `24h`, `7d`, `2w`).
package enum Since {
  /// - Throws: ``TextFailure`` when `text` is none of these.
  package static func date(_ text: String, now: Date, timeZone: TimeZone) throws(TextFailure) -> Date {
    if let match = try? #/(\d{1,6})([smhdw])/#.wholeMatch(in: text), let count = Double(match.1) {
      let seconds: Double =
        switch match.2 {
        case "s": 1
        case "m": 60
        case "h": 3600
        case "d": 86_400
        default: 604_800
        }
      return now.addingTimeInterval(-count * seconds)
    }
    if let match = try? #/(\d{4})-(\d\d)-(\d\d)/#.wholeMatch(in: text), let year = Int(match.1),
      let month = Int(match.2),
      let day = Int(match.3), let date = Timestamp.midnight(year, month, day, timeZone)
    {
      return date
    }
    if let timestamp = try? Timestamp(parsing: text) { return timestamp.date }
    throw TextFailure.since(text)
  }
}
