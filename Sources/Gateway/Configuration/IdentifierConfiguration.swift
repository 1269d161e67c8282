import HealthRecords
import YAMLDocuments

/// Reads `identifiers` of a destination: which national numbers of a person it is sent, and under which system.
enum IdentifierConfiguration {
  static func systems(of node: YAMLNode) -> [NationalIdentifier.Kind: String] {
    let asked = (node["identifiers"]?.entries ?? []).compactMap { entry in
      NationalIdentifier.Kind(rawValue: entry.name).flatMap { kind in entry.value.text.map { (kind, $0) } }
    }
    return Dictionary(asked) { first, _ in first }
  }

  /// What the schema cannot say.
  static func faults(of node: YAMLNode, _ path: FieldPath, in document: YAMLDocument) -> [Diagnostic] {
    guard let asked = node["identifiers"] else { return [] }
    var found: [Diagnostic] = []
    if node["kind"]?.text == "fhir", let by = node["patient"]?["by"]?.text, by != "create" {
      found.append(
        document.diagnostic(
          at: asked, path.field("identifiers"),
          "the server has its own Patients (patient: by: \(by)), and none is sent that could carry a number; leave it out",
          vi: "máy chủ có hồ sơ Patient riêng (patient: by: \(by)) nên không gửi hồ sơ nào mang mã số; hãy bỏ mục này"
        ))
    }
    for entry in asked.entries where entry.value.text == node["patient-system"]?.text {
      found.append(
        document.diagnostic(
          at: entry.value, path.field("identifiers").field(entry.name),
          "this is patient-system, the system of the pseudonym, which stands in addresses; expected that of the number",
          vi: "đây là patient-system, hệ mã của bí danh và xuất hiện trong địa chỉ; cần hệ mã của mã số này")
      )
    }
    return found
  }
}
