import Foundation

/// Reads a schema document into rules.
struct SchemaReader {
  let document: YAMLDocument
  /// Every `$ref` met, to be looked up when all definitions are read.
  private(set) var references: [(name: String, node: YAMLNode, path: FieldPath)] = []

  init(document: YAMLDocument) { self.document = document }

  mutating func rule(_ node: YAMLNode, _ path: FieldPath) throws(Diagnostic) -> JSONSchema.Rule {
    guard case .mapping(let entries) = node.value else {
      throw document.diagnostic(at: node, path, "a schema is an object")
    }
    var rule = JSONSchema.Rule()
    for entry in entries { try read(entry, into: &rule, path.field(entry.name)) }
    if !rule.branches.isEmpty, Discriminator(rule.branches) == nil {
      throw document.diagnostic(
        at: node, path.field("oneOf"), "the branches must differ by a const of one property, or by type")
    }
    return rule
  }

  private mutating func read(
    _ entry: YAMLEntry, into rule: inout JSONSchema.Rule, _ path: FieldPath
  ) throws(Diagnostic) {
    let node = entry.value
    switch entry.name {
    case "$ref":
      let prefix = "#/$defs/"
      let text = try text(node, path)
      guard text.hasPrefix(prefix) else {
        throw document.diagnostic(at: node, path, "only \(prefix)NAME is followed")
      }
      let name = String(text.dropFirst(prefix.count))
      references.append((name, node, path))
      rule.reference = name
    case "type": rule.kinds = try kinds(node, path)
    case "properties":
      for property in node.entries {
        let inner = try self.rule(property.value, path.field(property.name))
        rule.properties.append((property.name, inner))
      }
    case "required":
      for (index, item) in node.items.enumerated() { rule.required.append(try text(item, path.item(index))) }
    case "additionalProperties":
      switch node.value {
      case .boolean(true): rule.additional = .any
      case .boolean(false): rule.additional = .none
      default: rule.additional = .rule(JSONSchema.Box(try self.rule(node, path)))
      }
    case "propertyNames":
      guard node.entries.count == 1, let pattern = node["pattern"] else {
        throw document.diagnostic(at: node, path, "only {\"pattern\": …} is checked here")
      }
      rule.namePattern = try regularExpression(pattern, path.field("pattern"))
    case "enum": rule.allowed = node.items.map(\.value)
    case "const": rule.allowed = [node.value]
    case "pattern": rule.pattern = try regularExpression(node, path)
    case "minimum": rule.minimum = try number(node, path)
    case "exclusiveMinimum": rule.exclusiveMinimum = try number(node, path)
    case "maximum": rule.maximum = try number(node, path)
    case "minLength": rule.minLength = try count(node, path)
    case "maxLength": rule.maxLength = try count(node, path)
    case "items": rule.items = JSONSchema.Box(try self.rule(node, path))
    case "minItems": rule.minItems = try count(node, path)
    case "maxItems": rule.maxItems = try count(node, path)
    case "oneOf":
      for (index, item) in node.items.enumerated() {
        let branch = try self.rule(item, path.item(index))
        rule.branches.append(branch)
      }
    case "description": rule.summary = try text(node, path)
    case "examples": rule.examples = node.items.map(\.value)
    case "title", "default", "$comment", "$schema", "$id", "$defs": break
    default:
      throw document.diagnostic(at: node, path, "this keyword of JSON Schema is not checked here")
    }
  }

  private func text(_ node: YAMLNode, _ path: FieldPath) throws(Diagnostic) -> String {
    guard let text = node.text else { throw document.diagnostic(at: node, path, "expected text") }
    return text
  }

  private func number(_ node: YAMLNode, _ path: FieldPath) throws(Diagnostic) -> Decimal {
    guard let number = node.decimal else { throw document.diagnostic(at: node, path, "expected a number") }
    return number
  }

  private func count(_ node: YAMLNode, _ path: FieldPath) throws(Diagnostic) -> Int {
    guard let count = node.integer, count >= 0 else {
      throw document.diagnostic(at: node, path, "expected a whole number from 0")
    }
    return count
  }

  private func kinds(_ node: YAMLNode, _ path: FieldPath) throws(Diagnostic) -> [JSONSchema.Rule.Kind] {
    var kinds: [JSONSchema.Rule.Kind] = []
    for name in node.items.isEmpty ? [node] : node.items {
      guard let kind = JSONSchema.Rule.Kind(rawValue: try text(name, path)) else {
        let known = KnownNames(JSONSchema.Rule.Kind.allCases.map(\.rawValue))
        throw document.diagnostic(at: name, path, "unknown type; " + known.answer(to: name.text ?? ""))
      }
      kinds.append(kind)
    }
    return kinds
  }

  private func regularExpression(_ node: YAMLNode, _ path: FieldPath) throws(Diagnostic) -> String {
    let text = try text(node, path)
    do {
      _ = try Regex(text)
    } catch {
      throw document.diagnostic(at: node, path, "is not a regular expression: \(error)")
    }
    return text
  }
}
