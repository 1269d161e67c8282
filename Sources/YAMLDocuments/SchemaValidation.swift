import Foundation

extension JSONSchema {
  /// Everything in `document` that this schema does not allow, in the order of the text.
  package func validate(_ document: YAMLDocument) -> [Diagnostic] {
    var validation = SchemaValidation(schema: self, document: document)
    validation.check(document.root, root, FieldPath(), depth: 0)
    return validation.found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }
}

/// One pass of a schema over a document.
struct SchemaValidation {
  let schema: JSONSchema
  let document: YAMLDocument
  private(set) var found: [Diagnostic] = []

  init(schema: JSONSchema, document: YAMLDocument) {
    self.schema = schema
    self.document = document
  }

  private mutating func report(_ node: YAMLNode, _ path: FieldPath, _ message: String) {
    found.append(document.diagnostic(at: node, path, message))
  }

  mutating func check(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath, depth: Int) {
    // A document is at most `YAMLDocument.depthLimit` deep; more means references that lead only to each other.
    guard depth < 4 * YAMLDocument.depthLimit else {
      report(node, path, "the schema's references lead in a circle")
      return
    }
    if let reference = rule.reference, let target = schema.definitions[reference] {
      check(node, target, path, depth: depth + 1)
    }
    if !rule.kinds.isEmpty, !rule.kinds.contains(where: { node.value.matches($0) }) {
      reportKind(node, rule, path)
      return
    }
    if let allowed = rule.allowed, !allowed.contains(where: { $0.equals(node.value) }) {
      reportUnknown(node, allowed, rule, path)
      return
    }
    checkText(node, rule, path)
    checkNumber(node, rule, path)
    checkList(node, rule, path, depth: depth)
    checkMapping(node, rule, path, depth: depth)
    checkBranches(node, rule, path, depth: depth)
  }

  private mutating func reportKind(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath) {
    let expected = rule.kinds.map(\.spoken).joined(separator: " or ")
    var message = "expected \(expected), found \(node.value.spoken)"
    switch node.value {
    case .integer, .number, .boolean, .null:
      if rule.kinds.contains(.string) { message += "; put it in quotes if it is text" }
    case .text(let text):
      if rule.kinds.contains(.boolean), ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased()) {
        message += "; write true or false"
      }
    case .list, .mapping: break
    }
    report(node, path, message + hint(rule))
  }

  private mutating func reportUnknown(
    _ node: YAMLNode, _ allowed: [YAMLNode.Value], _ rule: JSONSchema.Rule, _ path: FieldPath
  ) {
    let words = allowed.map(\.written)
    if words.count == 1 {
      report(node, path, "expected \(words[0]), found \(node.value.written)" + hint(rule))
    } else {
      report(
        node, path,
        "\(node.value.written) is not known; \(KnownNames(words).answer(to: node.value.written))" + hint(rule))
    }
  }

  private func hint(_ rule: JSONSchema.Rule) -> String {
    let examples = rule.examples.isEmpty ? "" : ", for example " + rule.examples[0].written
    guard let summary = rule.summary else { return examples }
    return " (" + summary + examples + ")"
  }

  private mutating func checkText(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath) {
    guard case .text(let text) = node.value else { return }
    if let minimum = rule.minLength, text.unicodeScalars.count < minimum {
      report(node, path, (minimum == 1 ? "is empty" : "needs at least \(minimum) characters") + hint(rule))
    }
    if let maximum = rule.maxLength, text.unicodeScalars.count > maximum {
      report(node, path, "has more than \(maximum) characters" + hint(rule))
    }
    if let pattern = rule.pattern, !Self.matches(text, pattern) {
      let expected = rule.summary == nil ? "; expected the form \(pattern)" : hint(rule)
      report(node, path, "\(node.value.written) has not the expected form" + expected)
    }
  }

  private static func matches(_ text: String, _ pattern: String) -> Bool {
    // The pattern was compiled once when the schema was read; a compiled one can't be kept, since it isn't Sendable.
    guard let expression = try? Regex(pattern) else { return false }
    return text.firstMatch(of: expression) != nil
  }

  private mutating func checkNumber(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath) {
    guard let number = node.decimal else { return }
    if let minimum = rule.minimum, number < minimum {
      report(node, path, "\(number) is too small; expected at least \(minimum)" + hint(rule))
    }
    if let minimum = rule.exclusiveMinimum, number <= minimum {
      report(node, path, "\(number) is too small; expected more than \(minimum)" + hint(rule))
    }
    if let maximum = rule.maximum, number > maximum {
      report(node, path, "\(number) is too large; expected at most \(maximum)" + hint(rule))
    }
  }

  private mutating func checkList(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath, depth: Int) {
    guard case .list(let items) = node.value else { return }
    if let minimum = rule.minItems, items.count < minimum {
      report(node, path, "has \(items.count) items; expected at least \(minimum)" + hint(rule))
    }
    if let maximum = rule.maxItems, items.count > maximum {
      report(node, path, "has \(items.count) items; expected at most \(maximum)" + hint(rule))
    }
    guard let inner = rule.items?.rule else { return }
    for (index, item) in items.enumerated() { check(item, inner, path.item(index), depth: depth + 1) }
  }

  private mutating func checkMapping(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath, depth: Int) {
    guard case .mapping(let entries) = node.value else { return }
    for name in rule.required where node[name] == nil {
      let summary = rule.property(name).map(resolved)?.summary.map { ": " + $0 } ?? ""
      report(node, path.field(name), "is missing\(summary)")
    }
    for entry in entries {
      let inner = path.field(entry.name)
      if let pattern = rule.namePattern, !Self.matches(entry.name, pattern) {
        found.append(
          Diagnostic(
            file: document.file, line: entry.line, column: entry.column, field: inner.description,
            message: "the name has not the expected form; expected \(pattern)"))
      }
      if let property = rule.property(entry.name) {
        check(entry.value, property, inner, depth: depth + 1)
        continue
      }
      switch rule.additional {
      case .any: break
      case .rule(let box): check(entry.value, box.rule, inner, depth: depth + 1)
      case .none:
        found.append(
          Diagnostic(
            file: document.file, line: entry.line, column: entry.column, field: inner.description,
            message: "unknown name; " + KnownNames(rule.properties.map(\.name)).answer(to: entry.name)))
      }
    }
  }

  private func resolved(_ rule: JSONSchema.Rule) -> JSONSchema.Rule {
    guard rule.summary == nil, let reference = rule.reference else { return rule }
    return schema.definitions[reference] ?? rule
  }

  private mutating func checkBranches(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath, depth: Int) {
    guard !rule.branches.isEmpty, let discriminator = Discriminator(rule.branches) else { return }
    switch discriminator {
    case .kind:
      if let branch = rule.branches.first(where: { $0.kinds.contains { node.value.matches($0) } }) {
        check(node, branch, path, depth: depth + 1)
      } else {
        let expected = rule.branches.flatMap(\.kinds).map(\.spoken).joined(separator: " or ")
        report(node, path, "expected \(expected), found \(node.value.spoken)" + hint(rule))
      }
    case .property(let name):
      guard case .mapping = node.value else {
        report(node, path, "expected a mapping with `\(name)`, found \(node.value.spoken)" + hint(rule))
        return
      }
      let known = rule.branches.compactMap { $0.property(name)?.allowed?.first }
      guard let chosen = node[name] else {
        let names = known.map(\.written).joined(separator: ", ")
        report(node, path.field(name), "is missing; known here: \(names)")
        return
      }
      guard let index = known.firstIndex(where: { $0.equals(chosen.value) }) else {
        let answer = KnownNames(known.map(\.written)).answer(to: chosen.value.written)
        report(chosen, path.field(name), "\(chosen.value.written) is not known; \(answer)")
        return
      }
      check(node, rule.branches[index], path, depth: depth + 1)
    }
  }
}
