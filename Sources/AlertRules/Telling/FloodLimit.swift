package import Foundation

/// How many messages that are not urgent one destination is told within an hour. What is more waits until the hour is over,
/// and is one message then.
package struct FloodLimit: Hashable, Sendable {
  /// At least 1.
  package var count: Int

  package init(count: Int) { self.count = count }

  /// Our own choice: whoever gets more in an hour reads none of them any more.
  package static let standard = FloodLimit(count: 10)

  /// In seconds.
  package static let window: TimeInterval = 3600

  /// Until when one more message waits; nil: it is told now.
  ///
  /// - Parameters:
  ///   - told: when the messages were made that did not wait, none of them urgent.
  ///   - heldUntil: until when others wait that are held back already; one more goes with them.
  package func wait(told: [Date], heldUntil: Date?, now: Date) -> Date? {
    if let heldUntil, heldUntil > now, heldUntil <= now.addingTimeInterval(Self.window) { return heldUntil }
    // What lies in the future was timed by a clock that has been set back since.
    let recent = told.filter { $0 > now.addingTimeInterval(-Self.window) && $0 <= now }.sorted()
    guard recent.count >= count else { return nil }
    return recent[recent.count - count].addingTimeInterval(Self.window)
  }
}
