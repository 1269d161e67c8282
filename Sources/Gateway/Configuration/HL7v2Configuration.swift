import Forwarding
import HealthRecords
import YAMLDocuments

/// A destination of kind `hl7v2` in `vitalsd.yaml`.
enum HL7v2Configuration {
  /// What the schema cannot say of it.
  static func faults(of node: YAMLNode, _ path: FieldPath, in document: YAMLDocument) -> [Diagnostic] {
    var found = IdentifierConfiguration.faults(of: node, path, in: document)
    if let key = node["client-key"], node["credential"] != nil {
      found.append(
        document.diagnostic(
          at: key, path.field("client-key"), "expected only one of client-key and credential",
          vi: "chỉ dùng một trong client-key và credential"))
    }
    for field in ["client-key", "credential"] where node["client-certificate"] == nil {
      guard let key = node[field] else { continue }
      found.append(
        document.diagnostic(
          at: key, path.field(field), "expected client-certificate beside it: it is that one's key",
          vi: "cần client-certificate đi kèm: đây là khóa của nó"))
    }
    let isClear = node["url"]?.text?.lowercased().hasPrefix("mllp:") == true
    for field in ["ca-file", "client-certificate"] where isClear {
      guard let file = node[field] else { continue }
      found.append(
        document.diagnostic(
          at: file, path.field(field), "mllp:// is not encrypted and has no certificates; use mllps://",
          vi: "mllp:// không mã hóa và không có chứng chỉ; hãy dùng mllps://")
      )
    }
    return found
  }

  /// - Parameter absolute: a file's path from the configuration's folder.
  static func settings(of node: YAMLNode, absolute: (String) -> String) -> HL7v2Settings {
    var settings = HL7v2Settings()
    settings.naming = HL7v2Naming(
      patientSystem: node["patient-system"]?.text ?? Configuration.defaultPatientSystem,
      sendingFacility: node["sending-facility"]?.text, receivingApplication: node["receiving-application"]?.text,
      receivingFacility: node["receiving-facility"]?.text, asksForCommit: node["acknowledgement"]?.text == "commit")
    settings.naming.identifierSystems = IdentifierConfiguration.systems(of: node)
    let refusals = node["refusals"]
    if let response = refusals?["error"]?.text.flatMap(RefusalPolicy.Response.init) {
      settings.refusals.error = response
    }
    if let response = refusals?["reject"]?.text.flatMap(RefusalPolicy.Response.init) {
      settings.refusals.reject = response
    }
    if let attempts = refusals?["attempts"]?.integer { settings.refusals.attempts = attempts }
    if let period = refusals?["for"]?.text.flatMap(TimeSpan.duration) { settings.refusals.period = period }
    return settings
  }

  /// The path of our certificate's key; nil: it stands with the certificate.
  static func keyFile(_ node: YAMLNode, absolute: (String) -> String) -> String? {
    node["client-key"]?.text.map(absolute) ?? node["credential"]?.text.map(SystemdCredential.path(named:))
  }
}
