import Foundation

/// What the box's clock did since the daemon looks at it: stretches between the moments at which it was set. Pure.
struct BoxTimeline: Sendable {
  /// A time in which the clock only counted.
  struct Stretch: Sendable, Equatable {
    /// The uptime at which the stretch before was last seen: it began after that.
    var from: TimeInterval
    /// The uptime at which it was first seen: it began before that.
    var seen: TimeInterval
    /// The time of day (seconds since 1970) minus the uptime, as last seen.
    var difference: TimeInterval
    /// Once right it stays so until somebody sets it: without a time server it drifts by seconds a day.
    var isRight: Bool
  }

  /// The last one is now.
  private(set) var stretches: [Stretch] = []
  private var lastUptime: TimeInterval = 0

  /// A difference that changes by more than this between two looks was set. Less is the time service drawing it nearer.
  static let step: TimeInterval = 1
  private static let most = 16

  var current: Stretch? { stretches.last }

  /// - Parameter isRight: somebody says now that the clock is right.
  mutating func note(wall: Date, uptime: TimeInterval, isRight: Bool) {
    let difference = wall.timeIntervalSince1970 - uptime
    if var last = stretches.last, abs(difference - last.difference) <= Self.step {
      last.difference = difference
      last.isRight = last.isRight || isRight
      stretches[stretches.count - 1] = last
    } else {
      stretches.append(
        Stretch(from: lastUptime, seen: uptime, difference: difference, isRight: isRight))
      if stretches.count > Self.most { stretches.removeFirst() }
    }
    lastUptime = uptime
  }

  /// The uptime of a moment that the box's clock showed as `date`, and the stretch it was in. A date that fits no stretch
  /// was just now.
  func moment(_ date: Date, uptime now: TimeInterval) -> (uptime: TimeInterval, stretch: Stretch)? {
    for (index, stretch) in stretches.enumerated().reversed() {
      let uptime = date.timeIntervalSince1970 - stretch.difference
      let end = index + 1 < stretches.count ? stretches[index + 1].seen : now
      if stretch.from - Self.step <= uptime, uptime <= end + Self.step { return (min(uptime, now), stretch) }
    }
    return current.map { (now, $0) }
  }
}
