package import Foundation

/// A person whose readings are kept.
package struct Patient: Hashable, Sendable, Codable, Identifiable {
  /// Pseudonymous; the only name that leaves the house by default.
  package var id: PatientID
  /// What the family calls them. Shown locally; never sent unless a destination is configured to.
  package var name: String
  package var addedAt: Date
  /// Whose limits hold for them.
  package var group: PatientGroup

  package init(id: PatientID, name: String, addedAt: Date, group: PatientGroup = .adult) {
    self.id = id
    self.name = name
    self.addedAt = addedAt
    self.group = group
  }
}

/// Whom a limit is for: what is high in an adult is not what is high in a child or in pregnancy.
package enum PatientGroup: String, Hashable, Sendable, Codable, CaseIterable {
  case adult, child, pregnancy
}

/// What a device says of itself (Device Information Service 0x180A), for the record's `Device` resource.
package struct DeviceInformation: Hashable, Sendable, Codable {
  package var manufacturer: String?
  package var model: String?
  package var serial: String?
  package var hardware: String?
  package var firmware: String?
  package var software: String?
  /// 0x2A23, eight octets, most significant first (an EUI-64).
  package var systemID: [UInt8]?

  package init(
    manufacturer: String? = nil, model: String? = nil, serial: String? = nil, hardware: String? = nil,
    firmware: String? = nil, software: String? = nil, systemID: [UInt8]? = nil
  ) {
    self.manufacturer = manufacturer
    self.model = model
    self.serial = serial
    self.hardware = hardware
    self.firmware = firmware
    self.software = software
    self.systemID = systemID
  }
}

/// A device as the record names it.
package struct DeviceDescription: Hashable, Sendable, Codable, Identifiable {
  package var id: DeviceID
  /// The Bluetooth identity address, `F0:F1:F2:F3:F4:F5`; nil for other transports.
  package var address: String?
  /// What it advertises itself as.
  package var name: String?
  package var profile: String
  package var information: DeviceInformation

  package init(id: DeviceID, address: String?, name: String?, profile: String, information: DeviceInformation) {
    self.id = id
    self.address = address
    self.name = name
    self.profile = profile
    self.information = information
  }
}

/// This gateway as the record names it.
package struct GatewayDescription: Hashable, Sendable, Codable {
  /// An EUI-64 of eight octets, most significant first; made once at random (locally administered) and kept.
  package var systemID: [UInt8]
  package var softwareVersion: String

  package init(systemID: [UInt8], softwareVersion: String) {
    self.systemID = systemID
    self.softwareVersion = softwareVersion
  }
}
