/// How fast readings leave for one destination: a cap at any time, and after an outage a start that chance spreads, so that
/// thousands of gateways that lost one server together don't come back together. Alerts are not held by it. Pure: time and
/// chance come from outside.
package struct DeliveryPace: Sendable {
  /// `pace`.
  package struct Limits: Hashable, Sendable {
    /// `rate`: readings a second at most; nil: as many as the destination takes.
    package var rate: Double?
    /// `spread`: over how long gateways come back after an outage that was at least as long; after a shorter one, over
    /// its length.
    package var spread: Duration

    package init(rate: Double? = 20, spread: Duration = .seconds(600)) {
      self.rate = rate
      self.spread = spread
    }
  }

  let limits: Limits
  private var next: ContinuousClock.Instant?

  init(_ limits: Limits) { self.limits = limits }

  /// The most readings in one batch: no more than leave in a second.
  func batch(of limit: Int) -> Int { limits.rate.map { min(limit, max(1, Int($0))) } ?? limit }

  /// The destination answers again.
  ///
  /// - Parameters:
  ///   - outage: how long it did not.
  ///   - chance: 0..<1.
  mutating func recovered(after outage: Duration, at now: ContinuousClock.Instant, chance: Double) {
    hold(until: now + min(outage, limits.spread) * chance)
  }

  /// So many readings have left.
  mutating func sent(_ count: Int, at now: ContinuousClock.Instant) {
    if let rate = limits.rate, count > 0 { hold(until: now + .seconds(Double(count) / rate)) }
  }

  /// How long until the next ones may; nil: now.
  func pause(at now: ContinuousClock.Instant) -> Duration? {
    guard let next, next > now else { return nil }
    return next - now
  }

  private mutating func hold(until instant: ContinuousClock.Instant) { next = max(next ?? instant, instant) }
}
