import Glibc
import LocalServer
import Observations
import YAMLDocuments

/// Reads `access` of `vitalsd.yaml`: which accounts of this machine may do what at the socket.
enum AccessConfiguration {
  private static let roles = ["administer", "operate"]

  static func policy(of root: YAMLNode) -> AccessPolicy {
    guard let node = root["access"] else { return AccessPolicy() }
    return AccessPolicy(
      administer: node["administer"].map(accounts) ?? AccessPolicy.Accounts(), operate: node["operate"].map(accounts),
      own: (node["own"]?.items ?? []).map { link in
        AccessPolicy.Link(
          AccessPolicy.Accounts(users: texts(link["user"]), groups: texts(link["group"])),
          patients: Set((link["patients"]?.items ?? []).compactMap(\.text).map(PatientID.init(rawValue:))))
      })
  }

  private static func accounts(_ node: YAMLNode) -> AccessPolicy.Accounts {
    AccessPolicy.Accounts(users: names(node["users"]), groups: names(node["groups"]))
  }

  private static func names(_ node: YAMLNode?) -> Set<String> { Set((node?.items ?? []).compactMap(\.text)) }

  private static func texts(_ node: YAMLNode?) -> Set<String> { Set([node?.text].compactMap { $0 }) }

  /// Everything that is named: where, and as what.
  private static func named(
    _ access: YAMLNode
  ) -> [(name: String, isGroup: Bool, role: String, node: YAMLNode, field: FieldPath)] {
    let path = FieldPath("access")
    var found: [(name: String, isGroup: Bool, role: String, node: YAMLNode, field: FieldPath)] = []
    for role in roles {
      for key in ["users", "groups"] {
        for (index, node) in (access[role]?[key]?.items ?? []).enumerated() {
          guard let name = node.text else { continue }
          found.append((name, key == "groups", role, node, path.field(role).field(key).item(index)))
        }
      }
    }
    for (index, link) in (access["own"]?.items ?? []).enumerated() {
      for key in ["user", "group"] {
        guard let node = link[key], let name = node.text else { continue }
        found.append((name, key == "group", "own", node, path.field("own").item(index).field(key)))
      }
    }
    return found
  }

  /// What the schema cannot say.
  static func faults(of document: YAMLDocument) -> [Diagnostic] {
    guard let access = document.root["access"] else { return [] }
    var found: [Diagnostic] = []
    for (index, link) in (access["own"]?.items ?? []).enumerated() where (link["user"] == nil) == (link["group"] == nil)
    {
      found.append(
        document.diagnostic(
          at: link, FieldPath("access").field("own").item(index), "expected either user or group: whose account it is",
          vi: "cần user hoặc group: tài khoản của ai"))
    }
    // One name in two roles: which was meant is not to be guessed.
    var first: [String: (role: String, line: Int)] = [:]
    for entry in named(access) {
      let key = "\(entry.isGroup ? "group" : "user") '\(entry.name)'"
      let keyVi = "\(entry.isGroup ? "nhóm" : "tài khoản") '\(entry.name)'"
      if let earlier = first[key] {
        guard earlier.role != entry.role else { continue }
        found.append(
          document.diagnostic(
            at: entry.node, entry.field,
            "\(key) has the role \(earlier.role) by line \(earlier.line); expected one role",
            vi: "\(keyVi) đã có vai trò \(earlier.role) ở dòng \(earlier.line); chỉ được một vai trò"))
      } else {
        first[key] = (entry.role, entry.node.line)
      }
    }
    return found
  }

  /// The account of `vitals-announce.service`.
  private static let announcer = "vitals-announce"

  /// Names that this machine does not know, and a voice in the house that may ask for nothing. No reason not to start: an
  /// account may be made later.
  static func hints(in document: YAMLDocument) -> [Diagnostic] {
    guard let access = document.root["access"] else { return [] }
    var found = named(access).compactMap { (entry) -> Diagnostic? in
      let isThere =
        entry.isGroup
        ? getgrnam(entry.name) != nil : UInt32(entry.name) != nil || getpwnam(entry.name) != nil
      guard !isThere else { return nil }
      return document.diagnostic(
        at: entry.node, entry.field,
        "this machine has no \(entry.isGroup ? "group" : "user") '\(entry.name)'; nobody has the role by it",
        vi: "máy này không có \(entry.isGroup ? "nhóm" : "tài khoản") '\(entry.name)'; không ai có vai trò nhờ mục này")
    }
    // Without 'operate' it is let in by its group.
    if let operate = access["operate"], !Accounts.hasRole(announcer, by: policy(of: document.root)) {
      found.append(
        document.diagnostic(
          at: operate, FieldPath("access").field("operate"),
          "'\(announcer)' has no role by this, and says no alert aloud; name it under users, or its group vitals under "
            + "groups",
          vi:
            "'\(announcer)' không có vai trò nào theo mục này nên không đọc được cảnh báo; hãy ghi vào users, hoặc ghi nhóm "
            + "vitals vào groups"))
    }
    return found
  }
}
