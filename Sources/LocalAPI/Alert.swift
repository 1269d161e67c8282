package import Foundation

/// One step of an alert: a rule that began to fire for a person, or stopped.
package struct Alert: Hashable, Sendable, Codable, Identifiable {
  package var id: String
  /// The rule's name.
  package var rule: String
  /// `notice`, `warning`, `urgent`, as the rule says it.
  package var severity: String
  /// `firing`, `acknowledged`, `resolved`.
  package var state: String
  /// One stretch from the first step to the one that ends it: all its steps have this name.
  package var episode: String
  /// How far the episode has come, of a rule that tells of it in steps: `first`, `confirmed`, `not-confirmed`,
  /// `not-repeated`, `still`, `summary`; and of what people and time make of it: `acknowledged`, `escalated`,
  /// `unanswered`, `reopened`.
  package var stage: String?
  package var patient: String?
  package var patientName: String?
  package var device: String?
  /// The reading that made this step; nil for a step of time.
  package var reading: String?
  /// Of an alert about the gateway or a device: the device, by its model, or the destination; nil: the gateway itself, or
  /// the alert is about readings.
  package var about: String?
  /// One sentence, in English.
  package var message: String
  /// What the rule looks at: `systolic`, `diastolic`, `mean`, `pulse`, `heart-rate`; or what it counts: `readings`, `days`; or
  /// what is wrong: `battery-low`, `destination-down` and the other conditions of rules.
  package var component: String
  /// The value that made the step, in ``unit``.
  package var value: Decimal
  /// `at-least`, `above`, `at-most`, `below`.
  package var comparison: String
  /// What ``value`` was held against, in ``unit``.
  package var limit: Decimal
  package var unit: String
  /// The effective time of the first reading of a summary; nil for every other step.
  package var since: Timestamp?
  /// The effective time of the step.
  package var at: Timestamp
  package var simulated: Bool
  /// False when the store could not commit and the alert is told from memory.
  package var stored: Bool
  /// True: the gateway's own clock was not known to be right, so ``at`` may be wrong; nil: it was.
  package var timeUncertain: Bool?
  /// The contact who said that they know, or `patient`; nil: it is no acknowledgement.
  package var by: String?
  /// How that came from outside: `reply`, `link`; nil: it was said at the box.
  package var way: String?

  package init(
    id: String, rule: String, severity: String, state: String, episode: String, patient: String? = nil,
    patientName: String? = nil,
    device: String? = nil, reading: String? = nil, message: String, stage: String? = nil, component: String,
    value: Decimal,
    comparison: String, limit: Decimal, unit: String, at: Timestamp, simulated: Bool, stored: Bool = true,
    timeUncertain: Bool? = nil, since: Timestamp? = nil, by: String? = nil, about: String? = nil, way: String? = nil
  ) {
    self.id = id
    self.rule = rule
    self.severity = severity
    self.state = state
    self.episode = episode
    self.patient = patient
    self.patientName = patientName
    self.device = device
    self.reading = reading
    self.message = message
    self.stage = stage
    self.component = component
    self.value = value
    self.comparison = comparison
    self.limit = limit
    self.unit = unit
    self.at = at
    self.simulated = simulated
    self.stored = stored
    self.timeUncertain = timeUncertain
    self.since = since
    self.by = by
    self.about = about
    self.way = way
  }
}
