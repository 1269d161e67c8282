import Foundation
import WireFormats

/// Beats out of a strap's pages. A page comes about four times a second and says when the last beat was and how many there
/// were, by counters that go around: the same count again is no beat, and what was missed is in the next difference. Pure.
struct ANTHeartBeats: Sendable {
  enum Step: Hashable, Sendable {
    /// Nothing to compare with: the first page, one after a gap in which the clock of 64 s may have gone around, or one of
    /// a strap that began to count anew.
    case first
    /// No beat since the last page.
    case none
    /// How many beats since, and the times between beats in seconds as far as they are known, oldest first.
    case beats(Int, intervals: [Double])
  }

  /// Seconds over which two pages are compared: half of the beat time's circle.
  static let longestGap: TimeInterval = 32
  /// Beats in a second that are believed: 300 a minute.
  private static let fastest = 5.0

  private var last: (page: ANTHeartRatePage, at: Date)?
  /// Whether the toggle bit was seen to change, so that pages mean what they say.
  private(set) var hasPages = false

  mutating func take(_ page: ANTHeartRatePage, at date: Date) -> Step {
    defer { last = (page, date) }
    guard let last else { return .first }
    if page.toggle != last.page.toggle { hasPages = true }
    let elapsed = date.timeIntervalSince(last.at)
    guard 0...Self.longestGap ~= elapsed else { return .first }
    let beats = Int(page.beatCount &- last.page.beatCount)
    guard beats > 0 else { return .none }
    // Two more than the time allows: pages do not come at the moment of a beat.
    guard Double(beats) <= elapsed * Self.fastest + 2 else { return .first }
    let previous: UInt16
    if beats == 1 {
      previous = last.page.beatTime
    } else if hasPages, case .previousBeat(let time) = page.content {
      previous = time
    } else {
      return .beats(beats, intervals: [])
    }
    let interval = page.beatTime &- previous
    return .beats(beats, intervals: interval == 0 ? [] : [Double(interval) / 1024])
  }
}
