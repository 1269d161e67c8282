import Foundation
package import HealthRecords

/// What becomes of a message that a receiver of HL7 v2 refuses. Where ERR says why by a code of table 0357, that counts. Else
/// it is the destination's configuration: the standard gives `AE` to what is wrong with a message and `AR` to what is
/// wrong with the receiver or the message's type, and receivers differ.
package struct RefusalPolicy: Hashable, Sendable {
  package enum Response: String, Hashable, Sendable, CaseIterable {
    /// Refused for good: this one is set aside, and shown as such.
    case setAside = "set-aside"
    /// This one is tried again, ``RefusalPolicy/attempts`` times and for ``RefusalPolicy/period`` at least, then set
    /// aside; others go on.
    case retry
    /// The destination is at fault: everything waits.
    case hold
  }

  /// `AE` and `CE` without a code.
  package var error: Response
  /// `AR` and `CR` without a code.
  package var reject: Response
  /// How often a message is refused, at least, before it is set aside.
  package var attempts: Int
  /// How long one is refused, at least: a receiver that is broken for a weekend costs no reading.
  package var period: Duration

  package init(
    error: Response = .setAside, reject: Response = .retry, attempts: Int = 10, period: Duration = .seconds(7 * 86400)
  ) {
    self.error = error
    self.reject = reject
    self.attempts = attempts
    self.period = period
  }

  /// - Parameters:
  ///   - attempts: how many were refused before this one; what failed with the destination does not count.
  ///   - tried: since the first of them.
  ///   - reason: what is said of it; no patient data.
  package func outcome(
    _ answer: Acknowledgement, attempts made: Int, tried: Duration, reason: String
  ) -> DeliveryOutcome {
    let response: Response
    switch (answer.code, answer.cause) {
    case (.accepted, _), (.committed, _): return .delivered
    // The receiver has it: its answer was lost, or the reading was forwarded before this box was set up anew.
    case (_, .duplicate): return .delivered
    case (_, .content): response = .setAside
    case (_, .unsupported): response = .hold
    case (_, .unknownKey), (_, .busy): response = .retry
    case (.error, .unstated), (.commitError, .unstated): response = error
    case (.rejected, .unstated), (.commitRejected, .unstated): response = reject
    }
    switch response {
    case .setAside: return .rejected(reason: reason)
    case .hold: return .destinationFailed(after: nil, reason: reason)
    case .retry:
      guard made + 1 >= attempts, tried >= period else {
        return .retry(after: pause(afterAttempts: made + 1), reason: reason)
      }
      return .rejected(reason: "\(reason); tried \(made + 1) times")
    }
  }

  /// Doubling from two seconds up to an hour, and no longer than what makes up the period.
  private func pause(afterAttempts attempts: Int) -> Duration {
    min(.seconds(2) * (1 << min(max(attempts, 1) - 1, 12)), .seconds(3600))
  }
}
