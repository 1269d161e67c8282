import Foundation

/// What a queue knows of time, how it lets it pass, and the chance that moves a pause.
struct ForwardingClock: Sendable {
  /// The wall clock, which may be set. Time tables are kept by it, since they outlive the process.
  var wall: @Sendable () -> Date
  /// The one that only goes forward.
  var steady: @Sendable () -> ContinuousClock.Instant = { .now }
  /// Returns when the bell rings or the time is over.
  var wait: @Sendable (WakeSignal, Duration) async -> Void = { await $0.wait(for: $1) }
  /// 0..<1.
  var chance: @Sendable () -> Double = { .random(in: 0..<1) }
}
