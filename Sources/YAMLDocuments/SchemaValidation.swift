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

  private mutating func report(_ node: YAMLNode, _ path: FieldPath, _ message: Wording) {
    found.append(document.diagnostic(at: node, path, message.en, vi: message.vi))
  }

  mutating func check(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath, depth: Int) {
    // A document is at most `YAMLDocument.depthLimit` deep; more means references that lead only to each other.
    guard depth < 4 * YAMLDocument.depthLimit else {
      report(node, path, Wording("the schema's references lead in a circle"))
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
    var message = Self.expected(rule.kinds, node)
    switch node.value {
    case .integer, .number, .boolean, .null:
      if rule.kinds.contains(.string) {
        message = message + Wording("; put it in quotes if it is text", "; nếu là chữ, hãy đặt trong dấu nháy")
      }
    case .text(let text):
      if rule.kinds.contains(.boolean), ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased()) {
        message = message + Wording("; write true or false", "; hãy viết true hoặc false")
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
      report(node, path, Self.expected(Wording(words[0]), Wording(node.value.written)) + hint(rule))
    } else {
      report(node, path, Self.unknown(node, words) + hint(rule))
    }
  }

  private static func expected(_ wanted: Wording, _ found: Wording) -> Wording {
    Wording("expected \(wanted.en), found \(found.en)", "cần \(wanted.vi), nhưng ở đây là \(found.vi)")
  }

  private static func expected(_ kinds: [JSONSchema.Rule.Kind], _ node: YAMLNode) -> Wording {
    expected(kinds.map(\.spoken).alternatives, node.value.spoken)
  }

  private static func unknown(_ node: YAMLNode, _ known: [String]) -> Wording {
    let written = node.value.written
    return Wording("\(written) is not known; ", "không có '\(written)'; ") + KnownNames(known).wording(to: written)
  }

  private func hint(_ rule: JSONSchema.Rule) -> Wording {
    let example = rule.examples.first.map { Wording(", for example \($0.written)", ", ví dụ \($0.written)") }
    guard let summary = rule.summary.map(wording(of:)) else { return example ?? Wording("") }
    return Wording(" (") + summary + (example ?? Wording("")) + Wording(")")
  }

  private func wording(of summary: String) -> Wording { Wording(summary, schema.vietnamese[summary] ?? summary) }

  private mutating func checkText(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath) {
    guard case .text(let text) = node.value else { return }
    if let minimum = rule.minLength, text.unicodeScalars.count < minimum {
      report(
        node, path,
        (minimum == 1
          ? Wording("is empty", "đang để trống")
          : Wording("needs at least \(minimum) characters", "cần ít nhất \(minimum) ký tự")) + hint(rule))
    }
    if let maximum = rule.maxLength, text.unicodeScalars.count > maximum {
      report(node, path, Wording("has more than \(maximum) characters", "dài hơn \(maximum) ký tự") + hint(rule))
    }
    if let pattern = rule.pattern, !Self.matches(text, pattern) {
      let expected =
        rule.summary == nil ? Wording("; expected the form \(pattern)", "; cần dạng \(pattern)") : hint(rule)
      let written = node.value.written
      report(
        node, path, Wording("\(written) has not the expected form", "'\(written)' không đúng dạng") + expected)
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
      report(
        node, path,
        Wording("\(number) is too small; expected at least \(minimum)", "\(number) quá nhỏ; cần ít nhất \(minimum)")
          + hint(rule))
    }
    if let minimum = rule.exclusiveMinimum, number <= minimum {
      report(
        node, path,
        Wording("\(number) is too small; expected more than \(minimum)", "\(number) quá nhỏ; cần lớn hơn \(minimum)")
          + hint(rule))
    }
    if let maximum = rule.maximum, number > maximum {
      report(
        node, path,
        Wording("\(number) is too large; expected at most \(maximum)", "\(number) quá lớn; cần nhiều nhất \(maximum)")
          + hint(rule))
    }
  }

  private mutating func checkList(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath, depth: Int) {
    guard case .list(let items) = node.value else { return }
    if let minimum = rule.minItems, items.count < minimum {
      report(
        node, path,
        Wording(
          "has \(items.count) items; expected at least \(minimum)", "có \(items.count) mục; cần ít nhất \(minimum)")
          + hint(rule))
    }
    if let maximum = rule.maxItems, items.count > maximum {
      report(
        node, path,
        Wording(
          "has \(items.count) items; expected at most \(maximum)", "có \(items.count) mục; cần nhiều nhất \(maximum)")
          + hint(rule))
    }
    guard let inner = rule.items?.rule else { return }
    for (index, item) in items.enumerated() { check(item, inner, path.item(index), depth: depth + 1) }
  }

  private mutating func checkMapping(_ node: YAMLNode, _ rule: JSONSchema.Rule, _ path: FieldPath, depth: Int) {
    guard case .mapping(let entries) = node.value else { return }
    for name in rule.required where node[name] == nil {
      let summary = rule.property(name).map(resolved)?.summary.map { Wording(": ") + wording(of: $0) }
      report(node, path.field(name), Wording("is missing", "còn thiếu") + (summary ?? Wording("")))
    }
    for entry in entries {
      let inner = path.field(entry.name)
      if let pattern = rule.namePattern, !Self.matches(entry.name, pattern) {
        found.append(
          Diagnostic(
            file: document.file, line: entry.line, column: entry.column, field: inner.description,
            message: "the name has not the expected form; expected \(pattern)",
            vi: "tên không đúng dạng; cần \(pattern)"))
      }
      if let property = rule.property(entry.name) {
        check(entry.value, property, inner, depth: depth + 1)
        continue
      }
      switch rule.additional {
      case .any: break
      case .rule(let box): check(entry.value, box.rule, inner, depth: depth + 1)
      case .none:
        let answer = KnownNames(rule.properties.map(\.name)).wording(to: entry.name)
        found.append(
          Diagnostic(
            file: document.file, line: entry.line, column: entry.column, field: inner.description,
            message: "unknown name; " + answer.en, vi: "không có tên này; " + answer.vi))
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
        report(node, path, Self.expected(rule.branches.flatMap(\.kinds), node) + hint(rule))
      }
    case .property(let name):
      guard case .mapping = node.value else {
        let wanted = Wording("a mapping with `\(name)`", "các mục, trong đó có `\(name)`")
        report(node, path, Self.expected(wanted, node.value.spoken) + hint(rule))
        return
      }
      let known = rule.branches.compactMap { $0.property(name)?.allowed?.first }
      guard let chosen = node[name] else {
        let names = known.map(\.written).joined(separator: ", ")
        report(
          node, path.field(name), Wording("is missing; known here: \(names)", "còn thiếu; ở đây dùng được: \(names)"))
        return
      }
      guard let index = known.firstIndex(where: { $0.equals(chosen.value) }) else {
        report(chosen, path.field(name), Self.unknown(chosen, known.map(\.written)))
        return
      }
      check(node, rule.branches[index], path, depth: depth + 1)
    }
  }
}
