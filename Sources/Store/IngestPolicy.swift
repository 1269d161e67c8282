package import AlertRules
package import Foundation
package import Observations

/// What a destination takes, from the configuration. Whether anything leaves for it is decided by consent besides.
package struct DestinationPolicy: Hashable, Sendable {
  package var id: DestinationID
  package var takesObservations: Bool
  package var takesAlerts: Bool
  /// The means of home readings, beside the readings.
  package var takesAverages: Bool
  /// Played readings, and alerts about them.
  package var takesSimulated: Bool
  /// Which of them.
  package var only: DestinationFilter

  package init(
    id: DestinationID, takesObservations: Bool, takesAlerts: Bool, takesSimulated: Bool,
    only: DestinationFilter = DestinationFilter(), takesAverages: Bool = false
  ) {
    self.takesAverages = takesAverages
    self.id = id
    self.takesObservations = takesObservations
    self.takesAlerts = takesAlerts
    self.takesSimulated = takesSimulated
    self.only = only
  }
}

/// What is done with a reading beside keeping it.
package struct IngestPolicy: Hashable, Sendable {
  package var rules: [AlertRule]
  package var destinations: [DestinationPolicy]
  /// Who is told of alerts, and who after them.
  package var escalation: EscalationPlan
  /// How long, in seconds, a new observation stays at home, so that ``Store/revise(_:effective:clockOffset:)`` comes in
  /// time: a conditional create at the receiver changes nothing any more. Alerts leave at once whatever this says.
  package var settling: TimeInterval
  /// Where the household's days begin, for rules that count days.
  package var timeZone: TimeZone
  /// Our own clock is not known to be right: alerts leave all the same, and say so.
  package var timeIsUncertain: Bool

  package init(
    rules: [AlertRule] = [], destinations: [DestinationPolicy] = [], settling: TimeInterval = 0,
    timeZone: TimeZone = .gmt, timeIsUncertain: Bool = false, escalation: EscalationPlan = EscalationPlan()
  ) {
    self.rules = rules
    self.destinations = destinations
    self.settling = settling
    self.timeZone = timeZone
    self.timeIsUncertain = timeIsUncertain
    self.escalation = escalation
  }
}

extension RuleStep {
  /// With the word in what is told that its times may be wrong.
  func told(by policy: IngestPolicy) -> RuleStep {
    guard policy.timeIsUncertain else { return self }
    var step = self
    for index in step.transitions.indices { step.transitions[index].timeIsUncertain = true }
    return step
  }
}

/// What became of a reading.
package enum CommitOutcome: Hashable, Sendable {
  /// It is on disk as given here (patient, marks and identity filled in), with what the rules made of it.
  case stored(Observation, [AlertTransition])
  /// It was already there, under this name; nothing was written.
  case duplicate(of: ObservationID)
}
