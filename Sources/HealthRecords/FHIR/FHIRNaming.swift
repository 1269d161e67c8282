/// The names a destination wants to see: identifier systems, extra profiles and the one code system whose address moved
/// between versions of the guides. No national profile is binding, so all of it is configuration.
package struct FHIRNaming: Hashable, Sendable {
  /// The kinds of resource that may claim further profiles.
  package enum Resource: String, Hashable, Sendable, Codable, CaseIterable {
    case patient = "patient"
    case bloodPressure = "blood-pressure"
    case heartRate = "heart-rate"
    case oxygenSaturation = "oxygen-saturation"
    case homeAverage = "home-average"
    case device = "device"
  }

  /// `Patient.identifier.system`. It becomes part of every reading's identifier and of a search URL, so it never names
  /// the system of a national number: the value beside it is the gateway's pseudonym.
  package var patientSystem: String
  /// The system of identifiers that the gateway derives itself, for readings that the Personal Health Device guide's
  /// identifier cannot name.
  package var readingSystem: String
  /// The system of the identifiers of coincident timestamps (the guide gives them none).
  package var clockSystem: String
  /// The system of devices that have neither an EUI-64 nor a Bluetooth address, simulated ones among them.
  package var deviceSystem: String
  /// `measurement-status`: Personal Health Device guide 2.0.0 fixes the default; the point-of-care guide has moved it
  /// to `http://terminology.hl7.org/CodeSystem/measurement-status`.
  package var measurementStatusSystem: String
  /// Further `meta.profile` addresses, after the base ones, in the order given.
  package var extraProfiles: [Resource: [String]]
  /// The national numbers that a Patient is created with, each with its `Identifier.system`; empty: none.
  package var identifierSystems: [NationalIdentifier.Kind: String] = [:]

  package init(
    patientSystem: String = "urn:vitals-gateway:patient",
    readingSystem: String = "urn:vitals-gateway:reading",
    clockSystem: String = "urn:vitals-gateway:clock",
    deviceSystem: String = "urn:vitals-gateway:device",
    measurementStatusSystem: String = "http://hl7.org/fhir/uv/pocd/CodeSystem/measurement-status",
    extraProfiles: [Resource: [String]] = [:]
  ) {
    self.patientSystem = patientSystem
    self.readingSystem = readingSystem
    self.clockSystem = clockSystem
    self.deviceSystem = deviceSystem
    self.measurementStatusSystem = measurementStatusSystem
    self.extraProfiles = extraProfiles
  }
}
