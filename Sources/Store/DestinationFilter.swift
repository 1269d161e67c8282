import AlertRules
package import Foundation
package import Observations

/// What of all that a kind of destination takes this one is sent, from the configuration. It narrows only: nothing leaves
/// without a consent besides.
package struct DestinationFilter: Hashable, Sendable {
  /// Whose readings and alerts; nil: everybody's. An alert of nobody known passes: it may be theirs.
  package var patients: Set<PatientID>?
  /// Which readings; nil: every kind. Alerts pass: whoever is to be told of a danger is told of each.
  package var kinds: Set<ObservationKind>?
  /// Readings that were taken at this time or later; nil: of any time. Alerts pass.
  package var since: Date?

  package init(patients: Set<PatientID>? = nil, kinds: Set<ObservationKind>? = nil, since: Date? = nil) {
    self.patients = patients
    self.kinds = kinds
    self.since = since
  }

  func passes(_ patient: PatientID?) -> Bool {
    guard let patients, let patient else { return true }
    return patients.contains(patient)
  }
}

extension DestinationPolicy {
  /// Whether it is sent this reading of this person, should they agree.
  func takes(_ observation: Observation, of patient: PatientID?) -> Bool {
    takesObservations && (observation.kind != .homeAverage || takesAverages)
      && (!observation.provenance.isSimulated || takesSimulated) && only.passes(patient)
      && only.kinds?.contains(observation.kind) != false
      // Of a mean, all that is in it.
      && only.since.map {
        (observation.kind == .homeAverage ? observation.effective.start : observation.effective.end) >= $0
      } != false
  }

  /// Whether it is told of this change, should the person agree.
  func takes(_ alert: AlertTransition) -> Bool {
    takesAlerts && (!alert.isSimulated || takesSimulated) && only.passes(alert.patient)
  }
}
