/// A device that the gateway knows: paired, or simulated.
package struct Device: Hashable, Sendable, Codable, Identifiable {
  /// `ble:F0:F1:F2:F3:F4:F5`, `sim:…`.
  package var id: String
  package var address: String?
  package var name: String?
  /// `vendor/model`.
  package var profile: String
  /// Whose readings without a user number are; or of the only number anybody was given.
  package var patient: String?
  package var patientName: String?
  package var manufacturer: String?
  package var model: String?
  package var serial: String?
  package var firmware: String?
  /// `authenticated`, `bonded` or `unauthenticated`; nil when not known.
  package var authentication: String?
  package var simulated: Bool
  /// Nil when nobody asked the running gateway.
  package var connected: Bool?
  package var pairedAt: Timestamp?
  package var lastSeen: Timestamp?
  /// Seconds that its clock was ahead of ours when it was last read.
  package var clockOffset: Double?
  /// Whose each user number of it is; nil when not told.
  package var users: [DeviceUser]?
  /// Percent, 0–100.
  package var battery: Int?
  /// Several people use it, and readings without a number are nobody's until claimed; nil: no.
  package var shared: Bool?
  /// The visit that goes on; nil: none, or nobody asked the running gateway.
  package var progress: DeviceVisit.Progress?
  /// How the last visit ended; nil: none has, or nobody asked the running gateway.
  package var lastEnd: DeviceVisit.End?
  /// Why its readings do not come; nil: nothing is known against it.
  package var warning: HealthWarning?

  package init(
    id: String, address: String? = nil, name: String? = nil, profile: String, patient: String? = nil,
    patientName: String? = nil, manufacturer: String? = nil, model: String? = nil, serial: String? = nil,
    firmware: String? = nil, authentication: String? = nil, simulated: Bool, connected: Bool? = nil,
    pairedAt: Timestamp? = nil, lastSeen: Timestamp? = nil, clockOffset: Double? = nil, users: [DeviceUser]? = nil,
    battery: Int? = nil, shared: Bool? = nil, progress: DeviceVisit.Progress? = nil,
    lastEnd: DeviceVisit.End? = nil, warning: HealthWarning? = nil
  ) {
    self.id = id
    self.address = address
    self.name = name
    self.profile = profile
    self.patient = patient
    self.patientName = patientName
    self.manufacturer = manufacturer
    self.model = model
    self.serial = serial
    self.firmware = firmware
    self.authentication = authentication
    self.simulated = simulated
    self.connected = connected
    self.pairedAt = pairedAt
    self.lastSeen = lastSeen
    self.clockOffset = clockOffset
    self.users = users
    self.battery = battery
    self.shared = shared
    self.progress = progress
    self.lastEnd = lastEnd
    self.warning = warning
  }
}

/// Whose readings a user number of a device is.
package struct DeviceUser: Hashable, Sendable, Codable {
  /// 0–4294967295 without 255; nil: readings without a number.
  package var slot: Int?
  package var patient: String
  package var patientName: String?

  package init(slot: Int? = nil, patient: String, patientName: String? = nil) {
    self.slot = slot
    self.patient = patient
    self.patientName = patientName
  }
}
