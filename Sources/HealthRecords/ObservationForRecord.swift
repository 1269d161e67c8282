package import Observations

/// One reading with whom it is about and what measured it: all that a health record says of it.
package struct ObservationForRecord: Hashable, Sendable {
  package var observation: Observation
  package var patient: Patient
  package var device: DeviceDescription
  /// What is said of it.
  package var standing: Standing
  /// The reading was somebody else's before: an identifier that says nothing of the person would name both.
  package var namesPatient: Bool
  /// The readings that it was made of, where it was not measured itself.
  package var sources: [ObservationForRecord] = []
  /// National numbers of the person that the destination asked for.
  package var identifiers: [PersonIdentifier] = []

  /// Whether a reading is the person's.
  package enum Standing: Hashable, Sendable {
    /// It is, and the record does not know yet.
    case new
    /// It is, and the record was told otherwise.
    case restated
    /// It is not, and the record was told that it was.
    case withdrawn
  }

  package init(
    _ observation: Observation, of patient: Patient, by device: DeviceDescription, standing: Standing = .new,
    namesPatient: Bool = false
  ) {
    self.standing = standing
    self.namesPatient = namesPatient
    self.observation = observation
    self.patient = patient
    self.device = device
  }
}
