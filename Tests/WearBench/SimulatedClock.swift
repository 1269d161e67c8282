import Forwarding
import Foundation
import Synchronization

/// A clock that only the bench moves, and who waits for it.
final class SimulatedClock: Sendable {
  private struct State {
    var passed: TimeInterval = 0
    /// A destination's queue sleeps: its bell, and until when.
    var sleeper: (bell: WakeSignal, until: TimeInterval)?
  }

  /// 2026-11-22T00:00:00Z.
  static let begin = Date(timeIntervalSince1970: 1_795_305_600)
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  var passed: TimeInterval { state.withLock { $0.passed } }
  var wall: Date { Self.begin.addingTimeInterval(passed) }
  var steady: ContinuousClock.Instant { start + .seconds(passed) }
  var queueSleeps: Bool { state.withLock { $0.sleeper != nil } }

  /// Chance in the middle: pauses as the time table has them.
  var forwarding: ForwardingClock {
    ForwardingClock(
      wall: { self.wall }, steady: { self.steady },
      wait: { bell, pause in
        self.state.withLock { $0.sleeper = (bell, $0.passed + pause / .seconds(1)) }
        await bell.wait(for: nil)
        self.state.withLock { $0.sleeper = nil }
      }, chance: { 0.5 })
  }

  /// Up to `moment`, or to when the queue's pause is over.
  ///
  /// - Returns: whether that was the queue's pause.
  func advance(to moment: TimeInterval) -> Bool {
    let bell = state.withLock { state -> WakeSignal? in
      guard let sleeper = state.sleeper, sleeper.until <= moment else {
        state.passed = moment
        return nil
      }
      // A pause of less than a rounding would come back for ever.
      state.passed = max(state.passed + 0.001, sleeper.until)
      state.sleeper = nil
      return sleeper.bell
    }
    bell?.ring()
    return bell != nil
  }
}
