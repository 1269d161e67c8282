import Foundation
import HealthRecords

/// A resource that a server shows, as far as it is looked at.
struct ShownResource: Decodable {
  struct Meta: Decodable { var versionId: String? }
  struct Link: Decodable { var type: String? }
  var resourceType: String?
  var id: String?
  var meta: Meta?
  /// Of a Patient.
  var active: Bool?
  var link: [Link]?

  var place: ServerResource? { id.map { ServerResource(id: $0, version: meta?.versionId) } }

  /// Whether another Patient stands for this one (Patient.link, Patient.active).
  var isMerged: Bool { active == false || link?.contains { $0.type == "replaced-by" } == true }
}

/// A server's answer to a search.
struct SearchAnswer: Decodable {
  struct Entry: Decodable {
    struct Search: Decodable { var mode: String? }
    var resource: ShownResource?
    var search: Search?
  }
  var resourceType: String?
  var entry: [Entry]?

  /// The matches, without what stands beside them (an OperationOutcome).
  func matches(of type: String) -> [ShownResource] {
    (entry ?? []).filter { $0.search?.mode != "outcome" && $0.search?.mode != "include" }
      .compactMap(\.resource).filter { $0.resourceType == type }
  }
}
