import Foundation
import YAMLDocuments

/// The files that a configuration names beside its rules, templates and profiles: secrets, keys and certificates.
enum NamedSecrets {
  /// Fields whose value is a path. `file` is that of a token.
  static let files: Set<String> = [
    "secret-file", "token-file", "url-file", "ca-file", "network-key-file", "client-certificate", "client-key", "file",
  ]
  /// Fields whose value is the name of a file that systemd hands over.
  static let credentials: Set<String> = ["credential", "url-credential", "client-credential"]

  struct Found: Hashable {
    /// As they are written.
    var paths: Set<String> = []
    var credentials: Set<String> = []
  }

  static func named(in document: YAMLDocument) -> Found {
    var found = Found()
    collect(document.root, &found)
    return found
  }

  private static func collect(_ node: YAMLNode, _ found: inout Found) {
    for entry in node.entries {
      if let text = entry.value.text {
        if files.contains(entry.name) { found.paths.insert(text) }
        if credentials.contains(entry.name) { found.credentials.insert(text) }
      }
      collect(entry.value, &found)
    }
    for item in node.items { collect(item, &found) }
  }
}
