import Foundation
import Synchronization

@testable import Forwarding

/// A clock that a queue's pauses move, and nothing else: days of retries pass in the time of their requests.
final class SimulatedTime: Sendable {
  private struct State {
    var passed: Duration = .zero
    var end: Duration
  }

  private let state: Mutex<State>
  private let start = ContinuousClock.now
  /// In the middle of a second, so that what is rounded down to whole ones is the same in each run.
  static let beginning = Date(timeIntervalSince1970: 1_795_307_400.5)

  /// - Parameter end: where it stands still.
  init(until end: Duration) { state = Mutex(State(end: end)) }

  var passed: Duration { state.withLock { $0.passed } }
  var isOver: Bool { state.withLock { $0.passed >= $0.end } }
  var date: Date { Self.beginning.addingTimeInterval(passed / .seconds(1)) }

  /// Chance in the middle: pauses as the time table has them.
  var clock: ForwardingClock {
    ForwardingClock(
      wall: { self.date }, steady: { self.start + self.passed },
      wait: { bell, pause in
        if bell.takeRing() { return }
        let isOver = self.state.withLock { state in
          state.passed = min(state.end, state.passed + pause)
          return state.passed >= state.end
        }
        if isOver { await bell.wait(for: nil) }
      }, chance: { 0.5 })
  }
}
