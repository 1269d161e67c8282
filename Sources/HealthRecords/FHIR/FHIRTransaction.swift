package import Foundation
package import Observations

/// Readings as one FHIR R4 transaction Bundle by the Personal Health Device guide 2.0.0: posted to a server's base, it
/// is taken whole or not at all, and a second post of the same readings adds nothing (conditional create by
/// `identifier`). A reading that is withdrawn is replaced under the same identifiers (conditional update) by one that is
/// `entered-in-error` and has no values: where the first never arrived, it then can't any more.
///
/// The same readings give the same bytes.
package struct FHIRTransaction: Hashable, Sendable {
  struct Entry: Hashable {
    let fullURL: String
    let identifier: RecordIdentifier
    let resource: JSONValue
    /// What the server has under the identifier is replaced (conditional update); else it stays (conditional create).
    let replaces: Bool
    /// Nil: not known to be there.
    var place: ServerResource?
    var creation = FHIRAddressing.Creation.conditional

    init(identifier: RecordIdentifier, resource: JSONValue, replaces: Bool = false) {
      self.replaces = replaces
      self.identifier = identifier
      self.resource = resource
      fullURL = RecordIdentifier.fullURL("\(identifier.system)|\(identifier.value)")
    }

    /// What it is found under.
    var name: ResourceName {
      var type = ""
      if case .string(let text)? = resource["resourceType"] { type = text }
      return ResourceName(type: type, system: identifier.system, value: identifier.value)
    }

    /// The id that it is put under; nil: the server finds or makes one.
    private var id: String? {
      if let place { return place.id }
      return creation == .update ? name.assignedID : nil
    }

    var json: JSONValue {
      .object(["fullUrl": .string(fullURL), "resource": id.map(resource(withID:)) ?? resource, "request": request])
    }

    private func resource(withID id: String) -> JSONValue {
      guard case .object(var members) = resource else { return resource }
      members.insert(JSONValue.Member("id", .string(id)), at: 1)
      return .object(members)
    }

    private var request: JSONValue {
      let name = name
      if let id {
        return .object([
          "method": "PUT", "url": .string("\(name.type)/\(id)"),
          // Weak, as the server's ETag is (FHIR R4 http, 3.1.0.5).
          "ifMatch": place?.version.map { .string("W/\"\($0)\"") },
        ])
      }
      if replaces {
        return .object(["method": "PUT", "url": .string("\(name.type)?\(identifier.condition)")])
      }
      return .object([
        "method": "POST", "url": .string(name.type), "ifNoneExist": .string(identifier.condition),
      ])
    }
  }

  let entries: [Entry]

  /// Whom the entries are of; without those of nobody, as devices.
  package let owners: [ResourceName: PatientID]

  /// Content type of the request that carries it.
  package static let contentType = "application/fhir+json"

  /// How many entries a transaction-response must have.
  package var entryCount: Int { entries.count }

  /// What each entry is found under, in their order.
  package var names: [ResourceName] { entries.map(\.name) }

  /// Those of them that replace what the server has.
  package var replaced: [ResourceName] { entries.filter(\.replaces).map(\.name) }

  /// What the readings refer to: whose they are, what measured them, what forwards them.
  package static func parties(
    of readings: [ObservationForRecord], gateway: GatewayDescription, naming: FHIRNaming
  ) -> Set<ResourceName> {
    var names: Set<ResourceName> = [gatewayName(gateway)]
    for reading in readings {
      names.insert(patientName(reading.patient, naming))
      guard reading.observation.kind != .homeAverage else { continue }
      let device = reading.device.recordIdentifier(naming)
      names.insert(ResourceName(type: "Device", system: device.system, value: device.value))
    }
    return names
  }

  /// What a person's Patient is found under.
  package static func patientName(_ patient: Patient, _ naming: FHIRNaming) -> ResourceName {
    ResourceName(type: "Patient", system: naming.patientSystem, value: patient.id.rawValue)
  }

  /// What the gateway's own Device is found under.
  package static func gatewayName(_ gateway: GatewayDescription) -> ResourceName {
    PartyResources.gateway(gateway).name
  }

  /// Of the gateway's own Device alone: it says nothing of anybody.
  package init(gateway: GatewayDescription, addressing: FHIRAddressing) {
    var entry = PartyResources.gateway(gateway)
    entry.creation = addressing.creation
    entries = [entry]
    owners = [:]
  }

  /// - Parameters:
  ///   - readings: in the order in which they should stand; patients and devices are said once.
  ///   - gateway: who forwards them.
  ///   - naming: the destination's identifier systems and profiles.
  ///   - timeZone: whose offset the times are written with.
  ///   - addressing: what the server has, and how it creates what it has not.
  package init(
    _ readings: [ObservationForRecord], gateway: GatewayDescription, naming: FHIRNaming, timeZone: TimeZone,
    addressing: FHIRAddressing = FHIRAddressing()
  ) {
    var parties: [Entry] = []
    var observations: [Entry] = []
    var holders: [RecordIdentifier: ReadingIdentity] = [:]
    var clocks: Set<RecordIdentifier> = []
    var owners: [ResourceName: PatientID] = [:]

    func say(_ entry: Entry) -> String {
      if let place = addressing.known[entry.name]?.first { return "\(entry.name.type)/\(place.id)" }
      if !parties.contains(where: { $0.identifier == entry.identifier }) { parties.append(entry) }
      return entry.fullURL
    }

    for reading in readings {
      let observation = reading.observation
      let patientURL: String
      switch addressing.patient {
      case .create: patientURL = say(PartyResources.patient(reading.patient, naming, identifiers: reading.identifiers))
      case .known(let ids) where ids[reading.patient.id] != nil:
        patientURL = "Patient/\(ids[reading.patient.id] ?? "")"
      case .reference, .known:
        let name = Self.patientName(reading.patient, naming)
        patientURL = addressing.known[name]?.first.map { "Patient/\($0.id)" } ?? "Patient?\(name.condition)"
      }
      let gatewayURL = say(PartyResources.gateway(gateway))
      // A mean was made by the gateway.
      let deviceURL =
        observation.kind == .homeAverage
        ? gatewayURL : say(PartyResources.device(reading.device, measuring: observation.kind, naming))
      var clockURL: String?
      if let clock = CoincidentTimestamp(reading) {
        let entry = clock.entry(
          gateway: gateway, deviceURL: deviceURL, gatewayURL: gatewayURL, naming, timeZone)
        if clocks.insert(entry.identifier).inserted { observations.append(entry) }
        clockURL = addressing.known[entry.name]?.first.map { "Observation/\($0.id)" } ?? entry.fullURL
      }

      func resources(byDeviceTime: Bool) -> [Entry] {
        ReadingResources(
          reading: reading, naming: naming, timeZone: timeZone, patientURL: patientURL, deviceURL: deviceURL,
          gatewayURL: gatewayURL, clockURL: clockURL, known: addressing.known, byDeviceTime: byDeviceTime
        ).entries
      }

      // Within one transaction a server need not see the entries before: two of one identifier would both be created.
      var entries = resources(byDeviceTime: true)
      if entries.contains(where: { holders[$0.identifier].map { $0 != observation.identity } ?? false }) {
        entries = resources(byDeviceTime: false)
      }
      for entry in entries where holders.updateValue(observation.identity, forKey: entry.identifier) == nil {
        observations.append(entry)
        owners[entry.name] = reading.patient.id
      }
      owners[Self.patientName(reading.patient, naming)] = reading.patient.id
    }
    self.owners = owners
    let creation = addressing.creation
    entries = (parties + observations).flatMap { entry -> [Entry] in
      var entry = entry
      entry.creation = creation
      guard let places = addressing.known[entry.name] else { return [entry] }
      // A new one that is there is there.
      guard entry.replaces else { return [] }
      return places.map { place in
        entry.place = place
        return entry
      }
    }
  }

  /// The Bundle.
  package var json: JSONValue {
    .object(["resourceType": "Bundle", "type": "transaction", "entry": .list(entries.map(\.json))])
  }

  /// The Bundle as UTF-8 JSON.
  package var bytes: [UInt8] { json.bytes }
}
