package import Foundation

/// One value of a ``Reading``: `{"value": 128, "unit": "mmHg"}`, or `{"absent": "not-a-number"}` where the device had no
/// number (FHIR's data-absent-reason codes).
package enum ReadingValue: Hashable, Sendable, Codable {
  case quantity(value: Decimal, unit: String)
  case absent(reason: String)

  private enum CodingKeys: String, CodingKey { case value, unit, absent }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let reason = try container.decodeIfPresent(String.self, forKey: .absent) {
      self = .absent(reason: reason)
    } else {
      self = .quantity(
        value: try container.decode(Decimal.self, forKey: .value),
        unit: try container.decode(String.self, forKey: .unit))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .quantity(let value, let unit):
      try container.encode(value, forKey: .value)
      try container.encode(unit, forKey: .unit)
    case .absent(let reason):
      try container.encode(reason, forKey: .absent)
    }
  }
}

/// One reading as clients see it. The shape is pinned by a test: scripts depend on it, so names are added, never changed.
package struct Reading: Hashable, Sendable, Codable, Identifiable {
  /// The keys of ``values``.
  package enum Name {
    package static let systolic = "systolic"
    package static let diastolic = "diastolic"
    package static let mean = "mean"
    package static let pulse = "pulse"
    package static let heartRate = "heartRate"
    package static let heartRateMinimum = "heartRateMinimum"
    package static let heartRateMaximum = "heartRateMaximum"
    package static let beats = "beats"
    package static let oxygenSaturation = "oxygenSaturation"
    package static let oxygenSaturationMinimum = "oxygenSaturationMinimum"
    package static let oxygenSaturationMaximum = "oxygenSaturationMaximum"
  }

  package var id: String
  package var device: String
  package var deviceName: String?
  /// Pseudonymous; nil while nobody is known to own the reading.
  package var patient: String?
  package var patientName: String?
  /// `blood-pressure`, `heart-rate` or `oxygen-saturation`.
  package var kind: String
  /// The instant, or the start of a period.
  package var effective: Timestamp
  /// The end of a period; nil for an instant.
  package var effectiveEnd: Timestamp?
  /// How the time was come by: `device-clock`, `device-clock-corrected`, `device-clock-unchecked`, `received`,
  /// `between-visits`, `window`, `box-clock-unknown`.
  package var basis: String
  /// By ``Name``; only those that the device gave.
  package var values: [String: ReadingValue]
  /// What the device said of its measurement: `body-movement`, `cuff-too-loose`, `irregular-pulse`, …; sorted.
  package var flags: [String]
  /// What the gateway adds: `possible-repeat`, `shares-device-time`, `clock-unusable`, `not-measured`,
  /// `time-provisional`, `time-corrected`; sorted.
  package var marks: [String]
  package var simulated: Bool
  /// `authenticated`, `bonded`, `unauthenticated`, `wired`.
  package var authentication: String
  package var receivedAt: Timestamp
  /// The device's own digits, verbatim and without a zone; nil when it gave none.
  package var deviceTime: String?
  /// Seconds that the device's clock was ahead of ours; nil when it could not be read.
  package var clockOffset: Double?
  /// `vendor/model`.
  package var profile: String
  package var userSlot: Int?
  /// The bytes as received, in hexadecimal; empty for a window over a stream.
  package var raw: String
  /// Of an unassigned reading, where it was asked for: the one person whose latest readings are near it. A rule of thumb,
  /// never acted upon.
  package var likelyPatient: String?
  package var likelyPatientName: String?
  /// The destinations that have, or may have, the reading or its alerts under the name of somebody whose it is not; nil:
  /// none.
  package var uncorrected: [String]?
  /// How it came to be whose it is; nil when the device alone said so.
  package var changes: [OwnershipStep]?

  package init(
    id: String, device: String, deviceName: String? = nil, patient: String? = nil, patientName: String? = nil,
    kind: String, effective: Timestamp, effectiveEnd: Timestamp? = nil, basis: String, values: [String: ReadingValue],
    flags: [String] = [], marks: [String] = [], simulated: Bool, authentication: String, receivedAt: Timestamp,
    deviceTime: String? = nil, clockOffset: Double? = nil, profile: String, userSlot: Int? = nil, raw: String,
    likelyPatient: String? = nil, likelyPatientName: String? = nil, uncorrected: [String]? = nil,
    changes: [OwnershipStep]? = nil
  ) {
    self.id = id
    self.device = device
    self.deviceName = deviceName
    self.patient = patient
    self.patientName = patientName
    self.kind = kind
    self.effective = effective
    self.effectiveEnd = effectiveEnd
    self.basis = basis
    self.values = values
    self.flags = flags
    self.marks = marks
    self.simulated = simulated
    self.authentication = authentication
    self.receivedAt = receivedAt
    self.deviceTime = deviceTime
    self.clockOffset = clockOffset
    self.profile = profile
    self.userSlot = userSlot
    self.raw = raw
    self.likelyPatient = likelyPatient
    self.likelyPatientName = likelyPatientName
    self.uncorrected = uncorrected
    self.changes = changes
  }
}

/// Which readings: `GET /v1/readings?since=&patient=&device=&unassigned=true&limit=&follow=true`.
package struct ReadingQuery: Hashable, Sendable {
  /// What ``Since`` reads; the gateway's zone stands for a bare date.
  package var since: String?
  /// Id or name.
  package var patient: String?
  /// Id, address or name.
  package var device: String?
  /// Only those that are nobody's.
  package var unassigned: Bool
  /// At most this many, the newest; 1 and more.
  package var limit: Int?

  package init(
    since: String? = nil, patient: String? = nil, device: String? = nil, unassigned: Bool = false, limit: Int? = nil
  ) {
    self.since = since
    self.patient = patient
    self.device = device
    self.unassigned = unassigned
    self.limit = limit
  }
}
