import Foundation
import HealthRecords

/// What a FHIR server says of itself at `[base]/metadata`, as far as an upload depends on it.
struct CapabilityStatement: Decodable {
  struct Rest: Decodable {
    struct Interaction: Decodable { var code: String? }
    struct Resource: Decodable {
      var type: String?
      var conditionalCreate: Bool?
      var updateCreate: Bool?
    }
    var mode: String?
    var interaction: [Interaction]?
    var resource: [Resource]?
  }
  var resourceType: String?
  var fhirVersion: String?
  var rest: [Rest]?

  /// What an upload creates.
  private static let types = ["Device", "Observation", "Patient"]

  /// By what a repeated upload adds nothing there.
  ///
  /// - Throws: ``Lack``: nothing may be sent.
  func creation(ofPatients: Bool) throws(Lack) -> FHIRAddressing.Creation {
    guard let fhirVersion, fhirVersion.hasPrefix("4.") else {
      throw Lack(words: "it speaks FHIR \(fhirVersion ?? "of no version") and not R4 (4.0.1)")
    }
    let server = rest?.first { $0.mode == "server" } ?? rest?.first
    guard server?.interaction?.contains(where: { $0.code == "transaction" }) == true else {
      throw Lack(words: "it takes no transactions")
    }
    let needed = Self.types.filter { ofPatients || $0 != "Patient" }
    let known = needed.map { type in server?.resource?.first { $0.type == type } }
    if known.allSatisfy({ $0?.conditionalCreate == true }) { return .conditional }
    if known.allSatisfy({ $0?.updateCreate == true }) { return .update }
    throw Lack(
      words: "it offers neither conditional create nor update as create for \(needed.joined(separator: ", ")), so a "
        + "repeated upload would double readings")
  }

  /// What an upload needs and the server does not offer.
  struct Lack: Error, Hashable {
    let words: String
  }
}
