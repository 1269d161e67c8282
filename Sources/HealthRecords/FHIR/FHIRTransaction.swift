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

    init(identifier: RecordIdentifier, resource: JSONValue, replaces: Bool = false) {
      self.replaces = replaces
      self.identifier = identifier
      self.resource = resource
      fullURL = RecordIdentifier.fullURL("\(identifier.system)|\(identifier.value)")
    }

    var json: JSONValue {
      .object(["fullUrl": .string(fullURL), "resource": resource, "request": request])
    }

    private var request: JSONValue {
      let type = resource["resourceType"]
      guard replaces, case .string(let name)? = type else {
        return .object(["method": "POST", "url": type, "ifNoneExist": .string(identifier.condition)])
      }
      return .object(["method": "PUT", "url": .string("\(name)?\(identifier.condition)")])
    }
  }

  let entries: [Entry]

  /// Content type of the request that carries it.
  package static let contentType = "application/fhir+json"

  /// How many entries a transaction-response must have.
  package var entryCount: Int { entries.count }

  /// - Parameters:
  ///   - readings: in the order in which they should stand; patients and devices are said once.
  ///   - gateway: who forwards them.
  ///   - naming: the destination's identifier systems and profiles.
  ///   - timeZone: whose offset the times are written with.
  package init(
    _ readings: [ObservationForRecord], gateway: GatewayDescription, naming: FHIRNaming, timeZone: TimeZone
  ) {
    var parties: [Entry] = []
    var observations: [Entry] = []
    var holders: [RecordIdentifier: ReadingIdentity] = [:]
    var clocks: Set<RecordIdentifier> = []

    func say(_ entry: Entry) -> String {
      if !parties.contains(where: { $0.identifier == entry.identifier }) { parties.append(entry) }
      return entry.fullURL
    }

    for reading in readings {
      let observation = reading.observation
      let patientURL = say(PartyResources.patient(reading.patient, naming))
      let gatewayURL = say(PartyResources.gateway(gateway))
      let deviceURL = say(PartyResources.device(reading.device, measuring: observation.kind, naming))
      var clockURL: String?
      if let clock = CoincidentTimestamp(reading) {
        let entry = clock.entry(
          gateway: gateway, deviceURL: deviceURL, gatewayURL: gatewayURL, naming, timeZone)
        if clocks.insert(entry.identifier).inserted { observations.append(entry) }
        clockURL = entry.fullURL
      }

      func resources(byDeviceTime: Bool) -> [Entry] {
        ReadingResources(
          reading: reading, naming: naming, timeZone: timeZone, patientURL: patientURL, deviceURL: deviceURL,
          gatewayURL: gatewayURL, clockURL: clockURL, byDeviceTime: byDeviceTime
        ).entries
      }

      // Within one transaction a server need not see the entries before: two of one identifier would both be created.
      var entries = resources(byDeviceTime: true)
      if entries.contains(where: { holders[$0.identifier].map { $0 != observation.identity } ?? false }) {
        entries = resources(byDeviceTime: false)
      }
      for entry in entries where holders.updateValue(observation.identity, forKey: entry.identifier) == nil {
        observations.append(entry)
      }
    }
    entries = parties + observations
  }

  /// The Bundle.
  package var json: JSONValue {
    .object(["resourceType": "Bundle", "type": "transaction", "entry": .list(entries.map(\.json))])
  }

  /// The Bundle as UTF-8 JSON.
  package var bytes: [UInt8] { json.bytes }
}
