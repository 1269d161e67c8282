/// The names an HL7 v2 destination wants to see.
package struct HL7v2Naming: Hashable, Sendable {
  /// The assigning authority of the pseudonym in PID-3: `urn:oid:…` (ISO), `urn:uuid:…` (UUID), or any other URI.
  package var patientSystem: String
  /// MSH-4; nil: left empty. A name, or `name^id^type` as HD has it.
  package var sendingFacility: String?
  /// MSH-5, written as MSH-4 is.
  package var receivingApplication: String?
  /// MSH-6, written as MSH-4 is.
  package var receivingFacility: String?
  /// Whether the receiver shall answer that it keeps the message safe (MSH-15 `AL`, MSH-16 `NE`), and not what became of
  /// it (`NE`, `AL`; IHE PCD-01).
  package var asksForCommit: Bool
  /// The national numbers that PID-3 has beside the pseudonym, each with its assigning authority; empty: none.
  package var identifierSystems: [NationalIdentifier.Kind: String] = [:]

  package init(
    patientSystem: String = "urn:vitals-gateway:patient", sendingFacility: String? = nil,
    receivingApplication: String? = nil, receivingFacility: String? = nil, asksForCommit: Bool = false
  ) {
    self.patientSystem = patientSystem
    self.sendingFacility = sendingFacility
    self.receivingApplication = receivingApplication
    self.receivingFacility = receivingFacility
    self.asksForCommit = asksForCommit
  }

  /// HD of a configured name.
  static func hierarchic(_ name: String?) -> String? {
    name.map {
      HL7Field.components($0.split(separator: "^", maxSplits: 2, omittingEmptySubsequences: false).map(String.init))
    }
  }

  /// CX.4 of the pseudonym.
  var assigningAuthority: String { Self.authority(patientSystem) }

  /// HD of a URI as subcomponents.
  static func authority(_ system: String) -> String {
    let known = [("urn:oid:", "ISO"), ("urn:uuid:", "UUID")]
    for (prefix, type) in known where system.hasPrefix(prefix) {
      return "&\(HL7Field.escaped(String(system.dropFirst(prefix.count))))&\(type)"
    }
    return "&\(HL7Field.escaped(system))&URI"
  }
}
