package import Foundation
package import Observations

/// The name of a silence, short enough to be typed.
package struct SilenceID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
}

/// Somebody's word that alerts are not to be told for a while. What fires meanwhile is logged, and told at the end if it
/// still fires.
package struct Silence: Hashable, Sendable, Codable, Identifiable {
  package var id: SilenceID
  /// Nil: every rule.
  package var rule: RuleID?
  /// Nil: everybody of the house.
  package var patient: PatientID?
  package var from: Date
  package var until: Date
  package var reason: String
  /// Whether it holds urgent alerts, too.
  package var coversUrgent: Bool

  package init(
    id: SilenceID, rule: RuleID?, patient: PatientID?, from: Date, until: Date, reason: String, coversUrgent: Bool
  ) {
    self.id = id
    self.rule = rule
    self.patient = patient
    self.from = from
    self.until = until
    self.reason = reason
    self.coversUrgent = coversUrgent
  }

  /// The longest that urgent alerts may be held, in seconds: whoever silenced them yesterday has to look again.
  package static let longestUrgent: TimeInterval = 24 * 3600

  package func covers(_ transition: AlertTransition, at now: Date) -> Bool {
    // One that begins in the future was made by a clock that has been set back since: it holds no longer than it was to.
    guard now < until, until.timeIntervalSince(now) <= until.timeIntervalSince(from) else { return false }
    guard coversUrgent || transition.severity < .urgent else { return false }
    return (rule == nil || rule == transition.rule) && (patient == nil || patient == transition.patient)
  }
}
