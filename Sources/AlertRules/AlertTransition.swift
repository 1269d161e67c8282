package import Foundation
package import Observations

/// A change that somebody is told: an alert began to fire, or ended. Beginning to wait (pending) is not one.
package struct AlertTransition: Hashable, Sendable, Codable {
  package var episode: EpisodeID
  package var rule: RuleID
  package var severity: AlertSeverity
  /// Nil while nobody is known to own the reading.
  package var patient: PatientID?
  /// ``Observations/DeviceID/gateway`` for an alert about the gateway or a destination.
  package var device: DeviceID
  /// Where it stood before; nil: at rest.
  package var from: AlertPhase?
  /// ``AlertPhase/firing`` or ``AlertPhase/resolved``.
  package var to: AlertPhase
  /// How far the episode has come, of a rule that tells of it in steps: it may fire more than once then.
  package var stage: AlertStage?
  /// Keeps the changes apart that are made by people and by time, and not by the rule; nil for the rule's own.
  package var ordinal: Int?
  /// Who said that they know; nil but when acknowledged.
  package var acknowledgement: Acknowledgement?
  /// The effective time of the change.
  package var at: Date
  /// The effective time of the first reading of a summary, whose last one is at ``at``; nil for every other change.
  package var since: Date?
  /// When the gateway noticed; much later than ``at`` for a reading from a device's memory.
  package var decidedAt: Date
  /// The kept observation that made the change; nil for a live stream, for a hold that ran out, and when not stored.
  package var observation: ObservationID?
  /// What ``value`` is of; nil when it is a number of readings or of days.
  package var component: AlertComponent?
  /// The value that made the change, in ``unit``.
  package var value: Decimal
  package var comparison: Comparison
  /// The number that ``value`` was held against: the limit when firing, the clear limit when resolved.
  package var limit: Decimal
  package var unit: UCUMUnit
  /// The reading, whole, of the kinds that look at more than one of its values.
  package var values: [AlertComponent: Decimal]?
  /// The reading that opened the episode, where a later one is held beside it.
  package var openedWith: [AlertComponent: Decimal]?
  /// What ``value`` is of; nil: of one reading, or of days without any.
  package var basis: AlertBasis?
  /// What the device said of the quality of the reading that made the change; nil: no one reading made it.
  package var flags: Set<MeasurementFlag>?
  /// What is wrong with the gateway or a device, or was; nil: the alert is about readings.
  package var fact: GatewayFact?
  /// Made by a played reading.
  package var isSimulated: Bool
  /// The store could not commit: this is told from memory, and the reading may come again.
  package var notStored: Bool
  /// True: the gateway's own clock was not known to be right, so ``at`` and ``decidedAt`` may be wrong. Nil: it was.
  package var timeIsUncertain: Bool?

  package init(
    episode: EpisodeID, rule: RuleID, severity: AlertSeverity, patient: PatientID?, device: DeviceID, from: AlertPhase?,
    to: AlertPhase, at: Date, decidedAt: Date, observation: ObservationID?, component: AlertComponent?, value: Decimal,
    comparison: Comparison, limit: Decimal, unit: UCUMUnit, isSimulated: Bool, notStored: Bool = false,
    stage: AlertStage? = nil, values: [AlertComponent: Decimal]? = nil, openedWith: [AlertComponent: Decimal]? = nil
  ) {
    self.episode = episode
    self.rule = rule
    self.severity = severity
    self.patient = patient
    self.device = device
    self.from = from
    self.to = to
    self.at = at
    self.decidedAt = decidedAt
    self.observation = observation
    self.component = component
    self.value = value
    self.comparison = comparison
    self.limit = limit
    self.unit = unit
    self.isSimulated = isSimulated
    self.notStored = notStored
    self.stage = stage
    self.values = values
    self.openedWith = openedWith
  }

  /// Whether it is of a reading that came well after it was taken, so that its time is the first thing to say of it. Less
  /// is the way from the cuff, and what drift there is in its clock.
  package var isLate: Bool {
    (observation != nil || stage == .summary) && decidedAt.timeIntervalSince(at) > 300
  }

  /// What ``value`` counts: a component's name, a condition's, `readings` or `days`.
  package var measure: String {
    fact?.condition.name.rawValue ?? component?.rawValue ?? (unit == .day ? "days" : "readings")
  }

  /// The device, by its model, or the destination that is spoken of; nil: the gateway itself, or a person.
  package var about: String? { fact?.condition.destination?.rawValue ?? fact?.label }

  /// What the change is called by whoever is told: `firing`, `acknowledged`, `resolved`.
  package var word: String { stage == .acknowledged ? "acknowledged" : to.rawValue }

  /// The change among those of its episode: the phase, and the stage of a rule that has stages.
  package var step: String {
    [to.rawValue, stage?.rawValue, ordinal.map { "\($0)" }].compactMap { $0 }.joined(separator: "-")
  }

  /// One change of one episode, the same at every telling: what a receiver refuses twice.
  package var idempotencyKey: String { "alert-\(episode)-\(step)" }
}
