import Foundation
package import Forwarding
package import HealthRecords
import Observations
import YAMLDocuments

/// How a health record is reached: what of a `fhir` destination in `vitalsd.yaml` is about the way and the server.
package struct RecordAccess: Sendable, Equatable {
  /// `auth`.
  package var proof = DestinationProof.bearer
  /// `client-certificate` or `client-credential`; PEM.
  package var clientCertificateFile: String?
  /// `client-key`; nil: it stands in the same file.
  package var clientKeyFile: String?
  /// `create`; nil: what the server offers.
  package var creation: FHIRAddressing.Creation?
  /// `patient`.
  package var patient = FHIRAddressing.Naming.create
  /// `pace`.
  package var pace = DeliveryPace.Limits()
  /// `identifiers`.
  package var identifiers: [NationalIdentifier.Kind: String] = [:]

  package init() {}

  /// - Parameter absolute: makes a path of the file absolute.
  init(_ node: YAMLNode, absolute: (String) -> String) {
    if let auth = node["auth"] {
      switch auth["kind"]?.text {
      case "basic": proof = .basic
      case "smart":
        var client = SMARTClient(clientID: auth["client-id"]?.text ?? "")
        client.keyID = auth["key-id"]?.text
        if let scope = auth["scope"]?.text { client.scope = scope }
        client.tokenURL = auth["token-url"]?.text
        client.audience = auth["audience"]?.text
        proof = .smart(client)
      default: break
      }
    }
    clientCertificateFile =
      node["client-certificate"]?.text.map(absolute)
      ?? node["client-credential"]?.text.map(SystemdCredential.path(named:))
    clientKeyFile = node["client-key"]?.text.map(absolute)
    identifiers = IdentifierConfiguration.systems(of: node)
    creation = node["create"]?.text.flatMap(FHIRAddressing.Creation.init)
    switch node["patient"]?["by"]?.text {
    case "identifier": patient = .reference
    case "id":
      let ids = (node["patient"]?["ids"]?.entries ?? []).compactMap { entry in
        entry.value.text.map { (PatientID(rawValue: entry.name), $0) }
      }
      patient = .known(Dictionary(ids) { first, _ in first })
    default: break
    }
    if let rate = node["pace"]?["rate"]?.integer { pace.rate = rate > 0 ? Double(rate) : nil }
    if let spread = node["pace"]?["spread"]?.text.flatMap(TimeSpan.duration) { pace.spread = spread }
  }

  /// The same as the forwarder takes it.
  func apply(to settings: inout DestinationSettings) {
    settings.proof = proof
    settings.clientCertificateFile = clientCertificateFile
    settings.clientKeyFile = clientKeyFile
    settings.creation = creation
    settings.patientNaming = patient
    settings.pace = pace
    settings.naming.identifierSystems = identifiers
  }

  /// Where a record's secret stands: one key of these.
  private static let secrets = ["token-file", "secret-file", "credential"]

  /// The path of the file that holds a record's secret; nil: it has none.
  static func secretFile(_ node: YAMLNode, absolute: (String) -> String) -> String? {
    (node["token-file"] ?? node["secret-file"])?.text.map(absolute)
      ?? node["credential"]?.text.map(SystemdCredential.path(named:))
  }

  /// What the schema cannot say.
  static func faults(of node: YAMLNode, _ path: FieldPath, in document: YAMLDocument) -> [Diagnostic] {
    var found = IdentifierConfiguration.faults(of: node, path, in: document)
    func say(_ at: YAMLNode, _ field: FieldPath, _ words: String, vi: String) {
      found.append(document.diagnostic(at: at, field, words, vi: vi))
    }
    let given = secrets.filter { node[$0] != nil }
    if given.count > 1, let first = given.first, let place = node[first] {
      say(
        place, path.field(first), "expected only one of \(given.joined(separator: " and "))",
        vi: "chỉ dùng một trong \(given.joined(separator: " và "))")
    }
    if let auth = node["auth"] {
      let (field, kind) = (path.field("auth"), auth["kind"]?.text ?? "bearer")
      if given.isEmpty {
        say(
          auth, field,
          "expected secret-file or credential beside it: what \(kind) is shown with never stands in this file",
          vi: "cần secret-file hoặc credential đi kèm: bí mật để chứng minh \(kind) không bao giờ nằm trong tệp này")
      }
      if kind == "smart", auth["client-id"] == nil {
        say(
          auth, field.field("client-id"), "expected client-id: what the server calls this gateway",
          vi: "cần client-id: tên mà máy chủ gọi cổng này")
      }
      for name in ["client-id", "key-id", "scope", "token-url", "audience"] where kind != "smart" {
        guard let entry = auth[name] else { continue }
        say(
          entry, field.field(name), "\(name) belongs to kind smart, and not to \(kind)",
          vi: "\(name) chỉ dùng với kind smart, không dùng với \(kind)")
      }
      if let url = auth["token-url"], let text = url.text,
        let fault = DestinationSettings.fault(ofURL: text, allowsPrivate: node["allow-private"]?.boolean ?? false)
      {
        say(
          url, field.field("token-url"), "\(fault); expected an address like https://host/token",
          vi: "\(fault.vietnamese); cần một địa chỉ như https://host/token")
      }
    }
    if let key = node["client-key"], node["client-certificate"] == nil {
      say(
        key, path.field("client-key"), "expected client-certificate beside it", vi: "cần client-certificate đi kèm")
    }
    if let credential = node["client-credential"], node["client-certificate"] != nil {
      say(
        credential, path.field("client-credential"), "expected only one of client-certificate and client-credential",
        vi: "chỉ dùng một trong client-certificate và client-credential")
    }
    if let patient = node["patient"] {
      let (field, isByID) = (path.field("patient"), patient["by"]?.text == "id")
      if isByID, patient["ids"]?.entries.isEmpty != false {
        say(
          patient, field.field("ids"), "expected ids: for each person the id of the Patient at this server",
          vi: "cần ids: với mỗi người, mã Patient ở máy chủ này")
      }
      if !isByID, let ids = patient["ids"] {
        say(ids, field.field("ids"), "ids belongs to 'by: id'", vi: "ids chỉ dùng với 'by: id'")
      }
    }
    return found
  }
}
