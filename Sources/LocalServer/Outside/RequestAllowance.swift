import Synchronization

/// How many requests are looked at: a bucket of tokens (one falls in each `refill`, `most` fit in).
///
/// One for everybody, since behind a proxy everybody has one address. What this box has signed is not counted against it,
/// so nobody can shut out an answer by asking for nonsense.
final class RequestAllowance: Sendable {
  private struct State {
    var left: Double
    var at: ContinuousClock.Instant
  }

  private let most: Double
  private let refill: Duration
  private let state: Mutex<State>

  init(most: Int, refill: Duration, now: ContinuousClock.Instant = .now) {
    self.most = Double(most)
    self.refill = refill
    state = Mutex(State(left: Double(most), at: now))
  }

  /// Whether one more may come.
  func take(now: ContinuousClock.Instant = .now) -> Bool {
    state.withLock { state in
      state.left = min(most, state.left + (now - state.at) / refill)
      state.at = now
      guard state.left >= 1 else { return false }
      state.left -= 1
      return true
    }
  }
}
