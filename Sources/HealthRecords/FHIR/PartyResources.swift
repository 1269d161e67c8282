import Foundation
import Observations

/// The resources that readings refer to: whose they are, what measured them, what forwarded them.
enum PartyResources {
  /// PhdPatient with the pseudonym, and with those national numbers that the destination asks for: no name, no birth date.
  /// It is created under the pseudonym, which alone stands in addresses.
  static func patient(
    _ patient: Patient, _ naming: FHIRNaming, identifiers: [PersonIdentifier] = []
  ) -> FHIRTransaction.Entry {
    func json(_ type: String, _ system: String, _ value: String) -> JSONValue {
      .object([
        "type": Terminology.concept(.init("http://terminology.hl7.org/CodeSystem/v2-0203", type)),
        "system": .string(system), "value": .string(value),
      ])
    }
    let identifier = RecordIdentifier(system: naming.patientSystem, value: patient.id.rawValue)
    return FHIRTransaction.Entry(
      identifier: identifier,
      resource: .object([
        "resourceType": "Patient",
        "meta": meta([Terminology.phdProfile("PhdPatient")] + naming.extraProfiles[.patient, default: []]),
        "identifier": .array(
          [json("MR", identifier.system, identifier.value)]
            + identifiers.map { json($0.number.kind.typeCode, $0.system, $0.number.value) }),
      ]))
  }

  /// PhgDevice. Its SYSID is in capitals: two of the guide's examples are not, against its own text.
  static func gateway(_ gateway: GatewayDescription) -> FHIRTransaction.Entry {
    let identifier = RecordIdentifier(
      system: RecordIdentifier.systemIDSystem, value: RecordIdentifier.octets(gateway.systemID, separator: "-"))
    return FHIRTransaction.Entry(
      identifier: identifier,
      resource: .object([
        "resourceType": "Device",
        "meta": meta([Terminology.phdProfile("PhgDevice")]),
        "identifier": [identifier.json(deviceType: "SYSID")],
        "manufacturer": "vitals-gateway",
        "modelNumber": "vitalsd",
        "type": Terminology.concept(Terminology.gatewayType),
        "specialization": [
          specialization(Terminology.bloodPressureSpecialization),
          specialization(Terminology.heartRateSpecialization),
          specialization(Terminology.oximeterSpecialization),
        ],
        "version": [version(Terminology.softwareVersion, recordText(gateway.softwareVersion) ?? unknown)],
      ]))
  }

  /// PhdDevice. Manufacturer, model and one version are required by the guide; what a device does not say is `unknown`.
  static func device(
    _ device: DeviceDescription, measuring kind: ObservationKind, _ naming: FHIRNaming
  ) -> FHIRTransaction.Entry {
    let identifier = device.recordIdentifier(naming)
    let about = device.information
    var identifiers: [JSONValue] = []
    if !device.isSimulated, let systemID = device.usableSystemID {
      identifiers.append(
        RecordIdentifier(
          system: RecordIdentifier.systemIDSystem, value: RecordIdentifier.octets(systemID, separator: "-")
        ).json(deviceType: "SYSID"))
    }
    if let address = device.dashedAddress {
      identifiers.append(
        RecordIdentifier(system: RecordIdentifier.bluetoothAddressSystem, value: address).json(deviceType: "BTMAC"))
    }
    if identifiers.isEmpty { identifiers.append(identifier.json) }
    var versions = [
      (Terminology.hardwareVersion, about.hardware), (Terminology.softwareVersion, about.software),
      (Terminology.firmwareVersion, about.firmware),
    ].compactMap { type, text in text.flatMap(recordText).map { version(type, $0) } }
    if versions.isEmpty { versions.append(version(Terminology.firmwareVersion, unknown)) }
    let special =
      switch kind {
      case .bloodPressure, .homeAverage: Terminology.bloodPressureSpecialization
      case .heartRate: Terminology.heartRateSpecialization
      case .oxygenSaturation: Terminology.oximeterSpecialization
      }
    return FHIRTransaction.Entry(
      identifier: identifier,
      resource: .object([
        "resourceType": "Device",
        "meta": meta(
          [Terminology.phdProfile("PhdDevice")] + naming.extraProfiles[.device, default: []],
          isTest: device.isSimulated),
        "identifier": .array(identifiers),
        "manufacturer": .string(about.manufacturer.flatMap(recordText) ?? unknown),
        "serialNumber": about.serial.flatMap(recordText).map(JSONValue.string),
        "modelNumber": .string((about.model ?? device.name).flatMap(recordText) ?? unknown),
        "type": Terminology.concept(Terminology.deviceType),
        "specialization": [specialization(special)],
        "version": .array(versions),
      ]))
  }

  static func meta(_ profiles: [String], isTest: Bool = false) -> JSONValue {
    .object([
      "profile": .list(profiles.map(JSONValue.string)),
      "security": isTest ? [Terminology.testData.json] : nil,
    ])
  }

  private static let unknown = "unknown"

  /// The version of the specialisation standard: a device of a Bluetooth service follows none, the guide's examples and
  /// the first edition both say 1.
  private static func specialization(_ type: Terminology.Coding) -> JSONValue {
    .object(["systemType": Terminology.concept(type), "version": "1"])
  }

  private static func version(_ type: Terminology.Coding, _ value: String) -> JSONValue {
    .object(["type": Terminology.concept(type), "value": .string(value)])
  }

  /// A device's text as a FHIR string may hold it: many pad with NUL; controls and outer spaces go, nil if nothing
  /// stays.
  private static func recordText(_ text: String) -> String? {
    let kept = String(text.unicodeScalars.filter { $0.properties.generalCategory != .control })
    let trimmed = kept.trimmingCharacters(in: .whitespacesAndNewlines)
    return trimmed.isEmpty ? nil : trimmed
  }
}
