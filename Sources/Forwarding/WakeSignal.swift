import Synchronization

/// A bell for one sleeper: rung while nobody sleeps, it wakes the next one at once.
package final class WakeSignal: Sendable {
  private struct State {
    var isRung = false
    var sleeper: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  package func ring() {
    let sleeper = state.withLock { state in
      defer { state.sleeper = nil }
      if state.sleeper == nil { state.isRung = true }
      return state.sleeper
    }
    sleeper?.resume()
  }

  /// Whether it rang since somebody slept last; then it has not, any more.
  package func takeRing() -> Bool {
    state.withLock { state in
      defer { state.isRung = false }
      return state.isRung
    }
  }

  /// The longest sleep under a wait. A sleep that was cancelled stays in memory until it would have ended (Swift's runtime
  /// leaves its timer where it is): a pause of a day that each reading ends would leave a day of them behind.
  package static let longestSleep: Duration = .seconds(60)

  /// Until it rings, the time is over (nil: never), or the task is cancelled.
  ///
  /// - Parameter piece: tests alone take another.
  package func wait(for duration: Duration?, piece: Duration = longestSleep) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait() }
      if let duration {
        group.addTask {
          let end = ContinuousClock.now + duration
          while end > .now {
            guard (try? await Task.sleep(for: min(piece, end - .now))) != nil else { return }
          }
        }
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isRung || Task.isCancelled {
            state.isRung = false
            return true
          }
          state.sleeper = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { state in
        defer { state.sleeper = nil }
        return state.sleeper
      }?.resume()
    }
  }
}
