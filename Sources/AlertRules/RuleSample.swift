package import Foundation
package import Observations

/// What the rules are shown: the numbers of one reading, or one beat-by-beat value of a strap.
package struct RuleSample: Hashable, Sendable {
  /// How the sample came.
  package enum Origin: String, Hashable, Sendable, Codable {
    /// A live stream, once a second; nothing of it is stored by itself.
    case stream
    /// A reading taken just now.
    case reading
    /// A reading from the device's memory.
    case memory
  }

  package var device: DeviceID
  /// Nil while nobody is known to own it.
  package var patient: PatientID?
  /// The device's user number; nil when it gave none.
  package var userNumber: Int?
  /// When it was true: the end of a period.
  package var effective: Date
  package var receivedAt: Date
  /// The finite numbers. A component that the device did not give, or gave as NaN, is not in here, and then no rule on
  /// it moves either way.
  package var values: [AlertComponent: Decimal]
  /// The kept observation; nil for a stream and for what could not be stored.
  package var observation: ObservationID?
  /// What tells this reading from every other; nil for a stream.
  package var identity: ReadingIdentity?
  package var isSimulated: Bool
  package var flags: Set<MeasurementFlag>
  package var origin: Origin
  /// Its time is what a clock says that nobody could look at: a reading of yesterday by it may be of this minute.
  package var isTimeUnchecked: Bool

  package init(
    device: DeviceID, patient: PatientID?, effective: Date, receivedAt: Date, values: [AlertComponent: Decimal],
    observation: ObservationID? = nil, identity: ReadingIdentity? = nil, isSimulated: Bool,
    flags: Set<MeasurementFlag> = [], origin: Origin, userNumber: Int? = nil,
    isTimeUnchecked: Bool = false
  ) {
    self.device = device
    self.patient = patient
    self.userNumber = userNumber
    self.effective = effective
    self.receivedAt = receivedAt
    self.values = values
    self.observation = observation
    self.identity = identity
    self.isSimulated = isSimulated
    self.flags = flags
    self.origin = origin
    self.isTimeUnchecked = isTimeUnchecked
  }

  /// The sample that a reading is. The statistics of a window are left out: the rules have seen its stream already. So is
  /// everything of a reading that measured nothing: a pulse beside two missing pressures is a test's.
  package init(_ observation: Observation, live: Bool) {
    var values: [AlertComponent: Decimal] = [:]
    for component in AlertComponent.allCases where !observation.marks.contains(.notMeasured) {
      guard let quantity = observation.quantity(component.code), quantity.value.isFinite else { continue }
      values[component] = quantity.value
    }
    self.init(
      device: observation.device, patient: observation.patient, effective: observation.effective.end,
      receivedAt: observation.provenance.receivedAt, values: values, observation: observation.id,
      identity: observation.identity, isSimulated: observation.provenance.isSimulated, flags: observation.flags,
      origin: live ? .reading : .memory, userNumber: observation.userSlot,
      isTimeUnchecked: observation.effective.basis == .deviceClockUnchecked)
  }

  /// What the rules order by: the effective time, but never later than the arrival. A device whose clock runs ahead
  /// would else make every later reading look old, and its alert would never end.
  package var instant: Date { min(effective, receivedAt) }

  /// Whose state the sample moves.
  package var subject: AlertSubject { patient.map { .patient($0) } ?? .device(device, user: userNumber) }
}
