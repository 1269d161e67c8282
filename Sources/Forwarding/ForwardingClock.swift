package import Foundation

/// What a queue knows of time, how it lets it pass, and the chance that moves a pause.
package struct ForwardingClock: Sendable {
  /// The wall clock, which may be set. Time tables are kept by it, since they outlive the process.
  package var wall: @Sendable () -> Date
  /// The one that only goes forward.
  package var steady: @Sendable () -> ContinuousClock.Instant
  /// Returns when the bell rings or the time is over.
  package var wait: @Sendable (WakeSignal, Duration) async -> Void
  /// 0..<1.
  package var chance: @Sendable () -> Double

  package init(
    wall: @escaping @Sendable () -> Date, steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    wait: @escaping @Sendable (WakeSignal, Duration) async -> Void = { await $0.wait(for: $1) },
    chance: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
  ) {
    self.wall = wall
    self.steady = steady
    self.wait = wait
    self.chance = chance
  }
}
