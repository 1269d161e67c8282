import Foundation

/// How long to wait after a failed attempt. Pure: the chance comes from outside.
package enum RetryPolicy: Hashable, Sendable {
  /// Doubling from `first` up to `most`, and of that a random part (full jitter: gateways that lost one server
  /// together don't come back together).
  case exponential(first: Duration, most: Duration)
  /// The pauses after the first, second, … attempt, each a tenth more or less; the last one for ever.
  case schedule([Duration])

  /// For readings: nobody waits for them.
  package static let readings = RetryPolicy.exponential(first: .seconds(2), most: .seconds(300))

  /// For alerts. Standard Webhooks' example waits 5 s, 5 min, 30 min, …: too slow for somebody who needs help, so the
  /// first five minutes are dense; then it thins out to a day. It never ends: a destination that is back after a week
  /// is told.
  package static let alerts = RetryPolicy.schedule(
    [2, 5, 10, 20, 30, 60, 60, 120, 300, 600, 1800, 3600, 7200, 18000, 36000, 50400, 72000, 86400].map { .seconds($0) })

  /// No pause is shorter: a destination that fails at once must not be asked in a loop.
  package static let least: Duration = .milliseconds(100)

  /// - Parameters:
  ///   - attempts: how many have failed, from 1.
  ///   - chance: 0..<1.
  package func delay(afterAttempts attempts: Int, chance: Double) -> Duration {
    switch self {
    case .exponential(let first, let most):
      // Compared before it is doubled: a long first is soon too long for a duration.
      let factor = pow(2, Double(min(max(attempts, 1) - 1, 40)))
      let doubled = first > most / factor ? most : first * factor
      return max(min(doubled, most) * chance, Self.least)
    case .schedule(let pauses):
      guard let last = pauses.last else { return Self.least }
      let pause = attempts <= pauses.count ? pauses[max(attempts, 1) - 1] : last
      return max(pause * (0.9 + 0.2 * chance), Self.least)
    }
  }

  /// The same, or what the destination asked for: at least a second, at most a day.
  package func delay(afterAttempts attempts: Int, asked: Duration?, chance: Double) -> Duration {
    asked.map { min(max($0, .seconds(1)), .seconds(86400)) } ?? delay(afterAttempts: attempts, chance: chance)
  }
}
