package import AlertRules
package import Foundation
package import YAMLDocuments

/// Reads alert rules: every `*.yaml` of a directory, or the rules that come with the program.
package enum RuleFiles {
  static func schema() throws(Diagnostic) -> JSONSchema {
    try JSONSchema(
      bytes: PackageResources.rules_schema_json, name: "rules.schema.json",
      vietnamese: SchemaDescriptions.vietnamese)
  }

  /// The rules that hold when a household has none of its own: limits for adults, each with its source.
  ///
  /// - Throws: what is wrong with them; a test keeps it from happening.
  package static func standard() throws(ConfigurationFailure) -> [AlertRule] {
    do throws(Diagnostic) {
      let document = try YAMLDocument(
        text: String(decoding: PackageResources.rules_yaml, as: UTF8.self), file: "rules.yaml")
      return try rules(of: [document])
    } catch {
      throw .invalid([error])
    }
  }

  /// Rules as they hold.
  package struct Loaded: Sendable {
    package var rules: [AlertRule]
    /// The directory held no file of rules, so the rules are those of the program: a file with an empty list says that
    /// none are wanted, nothing at all says nothing.
    package var directoryIsEmpty = false
  }

  /// - Parameter directory: nil for ``standard()``.
  /// - Throws: everything that is wrong, in every file.
  package static func load(directory: String?) throws(ConfigurationFailure) -> Loaded {
    guard let directory else { return Loaded(rules: try standard()) }
    var read: [ConfigurationFiles.File] = []
    var found: [Diagnostic] = []
    do throws(Diagnostic) {
      for file in try files(in: directory) {
        do throws(Diagnostic) { read.append(try ConfigurationFiles.read(file)) } catch { found.append(error) }
      }
    } catch {
      throw .invalid([error])
    }
    guard found.isEmpty else { throw .invalid(found) }
    return try load(read)
  }

  /// The rules of a directory's files, as they were read.
  ///
  /// - Parameter files: nil for ``standard()``.
  /// - Throws: everything that is wrong, in every file.
  static func load(_ files: [ConfigurationFiles.File]?) throws(ConfigurationFailure) -> Loaded {
    guard let files else { return Loaded(rules: try standard()) }
    var documents: [YAMLDocument] = []
    var found: [Diagnostic] = []
    for file in files {
      do throws(Diagnostic) {
        documents.append(try YAMLDocument(text: file.text, file: file.path))
      } catch {
        found.append(error)
      }
    }
    found += diagnostics(of: documents)
    guard found.isEmpty else { throw .invalid(found) }
    guard !documents.isEmpty else { return Loaded(rules: try standard(), directoryIsEmpty: true) }
    do throws(Diagnostic) {
      return Loaded(rules: try rules(of: documents))
    } catch {
      throw .invalid([error])
    }
  }

  /// The rules of one file.
  ///
  /// - Throws: everything that is wrong in it.
  package static func load(file: URL) throws(ConfigurationFailure) -> Loaded {
    let document: YAMLDocument
    do throws(Diagnostic) { document = try YAMLDocument(contentsOf: file) } catch { throw .invalid([error]) }
    let found = diagnostics(of: [document])
    guard found.isEmpty else { throw .invalid(found) }
    do throws(Diagnostic) { return Loaded(rules: try rules(of: [document])) } catch { throw .invalid([error]) }
  }

  static func files(in directory: String) throws(Diagnostic) -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(
        at: URL(filePath: directory), includingPropertiesForKeys: nil, options: .skipsHiddenFiles
      ).filter { ["yaml", "yml"].contains($0.pathExtension) }.sorted { $0.path < $1.path }
    } catch {
      throw Diagnostic(
        file: directory, line: 0, column: 0, field: "", message: "is not a directory of rules that can be listed",
        vi: "không phải thư mục quy tắc đọc được")
    }
  }

  /// Everything wrong with these files: against the schema, within a rule, and between rules.
  package static func diagnostics(of documents: [YAMLDocument]) -> [Diagnostic] {
    let schema: JSONSchema
    do { schema = try Self.schema() } catch { return [error] }
    var found: [Diagnostic] = []
    var seen: [String: String] = [:]
    var hiders: [(document: YAMLDocument, entry: YAMLNode, path: FieldPath, rule: RuleID)] = []
    for document in documents {
      let faults = schema.validate(document)
      found += faults
      guard faults.isEmpty else { continue }
      for (index, node) in (document.root["rules"]?.items ?? []).enumerated() {
        let path = FieldPath("rules").item(index)
        do throws(RuleFault) {
          let rule = try AlertRule(parameters(node))
          for (place, entry) in (node["hidden-by"]?.items ?? []).enumerated() {
            hiders.append((document, entry, path.field("hidden-by").item(place), rule.id))
          }
          let place = "\(document.file):\(node.line)"
          if let first = seen.updateValue(place, forKey: rule.id.rawValue) {
            found.append(
              document.diagnostic(
                at: node["id"] ?? node, path.field("id"),
                "'\(rule.id)' is the name of the rule at \(first); names are unique",
                vi: "'\(rule.id)' đã là tên của quy tắc ở \(first); mỗi tên chỉ dùng một lần"))
          }
        } catch {
          found.append(
            document.diagnostic(
              at: node[error.field] ?? node, path.field(error.field), error.message, vi: error.vi))
        }
      }
    }
    for hider in hiders {
      guard let name = hider.entry.text, seen[name] == nil || name == hider.rule.rawValue else { continue }
      let known = seen.keys.filter { $0 != hider.rule.rawValue }.sorted().joined(separator: ", ")
      found.append(
        hider.document.diagnostic(
          at: hider.entry, hider.path,
          name == hider.rule.rawValue
            ? "a rule cannot hide itself" : "no rule is called '\(name)'; known: \(known.isEmpty ? "none" : known)",
          vi: name == hider.rule.rawValue
            ? "quy tắc không thể tự che chính nó"
            : "không có quy tắc nào tên '\(name)'; có: \(known.isEmpty ? "không có" : known)"))
    }
    return found
  }

  private static func rules(of documents: [YAMLDocument]) throws(Diagnostic) -> [AlertRule] {
    var rules: [AlertRule] = []
    for document in documents {
      for (index, node) in (document.root["rules"]?.items ?? []).enumerated() {
        do throws(RuleFault) {
          rules.append(try AlertRule(parameters(node)))
        } catch {
          throw document.diagnostic(
            at: node, FieldPath("rules").item(index).field(error.field), error.message, vi: error.vi)
        }
      }
    }
    return rules
  }

  private static func parameters(_ node: YAMLNode) -> RuleParameters {
    var values: [String: RuleValue] = [:]
    for entry in node.entries {
      switch entry.value.value {
      case .text(let text): values[entry.name] = .text(text)
      case .integer, .number: values[entry.name] = entry.value.decimal.map { .number($0) }
      case .list(let items): values[entry.name] = .list(items.compactMap(\.text))
      case .null, .boolean, .mapping: continue
      }
    }
    return RuleParameters(values)
  }
}
