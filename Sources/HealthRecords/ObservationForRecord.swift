package import Observations

/// One reading with whom it is about and what measured it: all that a health record says of it.
package struct ObservationForRecord: Hashable, Sendable {
  package var observation: Observation
  package var patient: Patient
  package var device: DeviceDescription

  package init(_ observation: Observation, of patient: Patient, by device: DeviceDescription) {
    self.observation = observation
    self.patient = patient
    self.device = device
  }
}
