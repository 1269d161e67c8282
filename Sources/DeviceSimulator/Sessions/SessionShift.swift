import Foundation
import Observations

extension SessionFile {
  /// The same session with every Date Time that it marks moved, so that what was `clock` is `now`: a played cuff then
  /// measures today. The digits are those that its clock would show in `zone`.
  func moved(to now: Date, _ zone: TimeZone) -> SessionFile {
    var session = self
    let shift = now.timeIntervalSince(clock)
    session.clock = now
    session.zone = zone
    session.attributes = attributes.map { attribute in
      var attribute = attribute
      attribute.value = moved(attribute.value, attribute.stamps, by: shift, zone)
      return attribute
    }
    session.steps = steps.map { step in
      guard case .indicate(let handle, let value, let stamps) = step else { return step }
      return .indicate(handle, moved(value, stamps, by: shift, zone), stamps: stamps)
    }
    return session
  }

  private func moved(
    _ value: [UInt8], _ stamps: [Int], by shift: TimeInterval, _ newZone: TimeZone
  ) -> [UInt8] {
    var value = value
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = newZone
    for offset in stamps where offset + 7 <= value.count {
      let stamp = DeviceTime(
        year: Int(value[offset]) | Int(value[offset + 1]) << 8, month: Int(value[offset + 2]),
        day: Int(value[offset + 3]), hour: Int(value[offset + 4]), minute: Int(value[offset + 5]),
        second: Int(value[offset + 6]))
      guard let date = stamp.date(in: zone) else { continue }
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second], from: date.addingTimeInterval(shift))
      let year = UInt16(clamping: parts.year ?? 0)
      value[offset] = UInt8(year & 0xFF)
      value[offset + 1] = UInt8(year >> 8)
      for (index, part) in [parts.month, parts.day, parts.hour, parts.minute, parts.second].enumerated() {
        value[offset + 2 + index] = UInt8(clamping: part ?? 0)
      }
    }
    return value
  }
}
