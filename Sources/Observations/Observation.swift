package import Foundation

/// What kind of reading it is; one kind holds what one press of a button or one window of a strap gives.
package enum ObservationKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// Systolic, diastolic, mean and the pulse that the cuff counted with them.
  case bloodPressure = "blood-pressure"
  /// A window over a heart-rate stream: ``WindowStatistic`` values of the rate, and the number of beats.
  case heartRate = "heart-rate"
  /// Oxygen saturation, and the pulse that the oximeter counted with it: of one spot check, or as ``WindowStatistic``
  /// values of a window over a stream.
  case oxygenSaturation = "oxygen-saturation"
  /// Not measured but made: the mean of a finished series of home readings, systolic and diastolic as
  /// ``WindowStatistic/mean``, and the number of readings as ``WindowStatistic/count``. Lists of readings leave it out.
  case homeAverage = "home-average"
}

/// Which number over a window a component is; nil on a component means the value itself.
package enum WindowStatistic: String, Hashable, Sendable, Codable {
  case mean, minimum, maximum
  /// How many beats the window holds, or readings a mean is made of (a count, unit `1`).
  case count
}

/// One named value of an observation.
package struct ObservationComponent: Hashable, Sendable, Codable {
  package var code: MDCCode
  package var statistic: WindowStatistic?
  package var value: ComponentValue

  package init(_ code: MDCCode, statistic: WindowStatistic? = nil, _ value: ComponentValue) {
    self.code = code
    self.statistic = statistic
    self.value = value
  }
}

/// What the device said about the quality of its measurement (Blood Pressure Measurement status, and its 11073 twin
/// MDC_BLOOD_PRESSURE_MEASUREMENT_STATUS; an oximeter's status). A flag marks a reading; it never removes one.
package enum MeasurementFlag: String, Hashable, Sendable, Codable, CaseIterable {
  case bodyMovement = "body-movement"
  case cuffTooLoose = "cuff-too-loose"
  case irregularPulse = "irregular-pulse"
  case pulseAboveRange = "pulse-above-range"
  case pulseBelowRange = "pulse-below-range"
  case improperPosition = "improper-position"
  /// An oximeter doubts its numbers: a poor signal, a finger that is not in place (Pulse Oximeter Service 1.0.1
  /// §3.1.1).
  case questionable
}

/// What the gateway adds to a reading that the reader must know.
package enum ObservationMark: String, Hashable, Sendable, Codable, CaseIterable {
  /// A byte-equal reading without a time stamp came before, and whether its confirmation arrived can't be decided.
  case possibleRepeat = "possible-repeat"
  /// Another reading of this device and kind has the same device time: the guide's identifier names that one.
  case sharesDeviceTime = "shares-device-time"
  /// The device's time stamp is not usable (unset, or impossible).
  case clockUnusable = "clock-unusable"
  /// Our own clock was not known to be right when it arrived: its times may change, and its record waits until it is.
  case timeProvisional = "time-provisional"
  /// Our own clock was not known to be right when it arrived; its times were worked out once it was.
  case timeCorrected = "time-corrected"
  /// The numbers that the reading is about are all missing, or are nobody's: the device tested itself at the factory,
  /// showed how it works, or could not measure. Its bytes are kept as they were said, and no rule looks at what is in
  /// it.
  case notMeasured = "not-measured"
}

/// How the link that brought the reading was protected.
package enum LinkAuthentication: String, Hashable, Sendable, Codable, CaseIterable {
  /// Encrypted with a stored key of a pairing that somebody's passkey authenticated.
  case authenticated
  /// Encrypted with a stored key of a just-works pairing.
  case bonded
  /// In clear: the device cannot bond. Anybody could have sent it.
  case unauthenticated
  /// Over a cable.
  case wired
}

/// Where the reading came from, kept whole so that normalising can be repeated.
package struct Provenance: Hashable, Sendable, Codable {
  /// What the bytes are: a characteristic's short UUID (`2A35`), a report's name.
  package var format: String
  /// The bytes as received. For a window over a stream: empty.
  package var bytes: [UInt8]
  /// The device's time stamp verbatim; nil when it gave none.
  package var deviceTime: DeviceTime?
  /// Device clock minus ours, in seconds, as last measured; nil when it could not be read.
  package var clockOffset: TimeInterval?
  package var receivedAt: Date
  /// The profile's name, `vendor/model`.
  package var profile: String
  /// The driver's name and version, `gatt-blood-pressure/1`.
  package var driver: String
  package var authentication: LinkAuthentication
  /// Played, not measured: leaves the house only if configuration says so, and then marked `HTEST`.
  package var isSimulated: Bool

  package init(
    format: String, bytes: [UInt8], deviceTime: DeviceTime?, clockOffset: TimeInterval?, receivedAt: Date,
    profile: String, driver: String, authentication: LinkAuthentication, isSimulated: Bool
  ) {
    self.format = format
    self.bytes = bytes
    self.deviceTime = deviceTime
    self.clockOffset = clockOffset
    self.receivedAt = receivedAt
    self.profile = profile
    self.driver = driver
    self.authentication = authentication
    self.isSimulated = isSimulated
  }
}

/// What we keep of one reading. A *measurement* is what the device sent; this is what it means.
package struct Observation: Hashable, Sendable, Codable, Identifiable {
  package var id: ObservationID
  package var identity: ReadingIdentity
  package var kind: ObservationKind
  package var device: DeviceID
  /// Nil while nobody is known to own it.
  package var patient: PatientID?
  /// The device's user number; nil when it gave none or said *unknown* (255). Up to 254 where it counts its users, and up
  /// to 4294967295 where it knows them by their accounts.
  package var userSlot: Int?
  package var effective: EffectiveTime
  package var components: [ObservationComponent]
  package var flags: Set<MeasurementFlag>
  package var marks: Set<ObservationMark>
  package var provenance: Provenance
  /// The readings that it was made of; nil for what a device said.
  package var derivedFrom: [ObservationID]?

  package init(
    id: ObservationID, identity: ReadingIdentity, kind: ObservationKind, device: DeviceID, patient: PatientID?,
    userSlot: Int?, effective: EffectiveTime, components: [ObservationComponent], flags: Set<MeasurementFlag>,
    marks: Set<ObservationMark>, provenance: Provenance, derivedFrom: [ObservationID]? = nil
  ) {
    self.derivedFrom = derivedFrom
    self.id = id
    self.identity = identity
    self.kind = kind
    self.device = device
    self.patient = patient
    self.userSlot = userSlot
    self.effective = effective
    self.components = components
    self.flags = flags
    self.marks = marks
    self.provenance = provenance
  }

  /// The number of a component; nil when it is not there or has no number.
  package func quantity(_ code: MDCCode, _ statistic: WindowStatistic? = nil) -> Quantity? {
    components.first { $0.code == code && $0.statistic == statistic }?.value.quantity
  }
}
