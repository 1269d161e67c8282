import Foundation
import WireFormats

extension DateTime {
  /// What a clock in `timeZone` shows at `date`, to the nearest second: cut off, it would be half a second late in the
  /// mean.
  init(_ date: Date, in timeZone: TimeZone) {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let rounded = Date(timeIntervalSinceReferenceDate: date.timeIntervalSinceReferenceDate.rounded())
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: rounded)
    func octet(_ part: Int?) -> UInt8 { UInt8(clamping: part ?? 0) }
    self.init(
      year: UInt16(clamping: parts.year ?? 0), month: octet(parts.month), day: octet(parts.day),
      hours: octet(parts.hour), minutes: octet(parts.minute), seconds: octet(parts.second))
  }
}
