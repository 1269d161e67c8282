import Foundation

/// A JSON Schema (draft 2020-12), in the part of it that this project's files need, checked against YAML.
///
/// Read: `type`, `properties`, `required`, `additionalProperties` (false or a schema), `propertyNames.pattern`, `enum`,
/// `const`, `pattern`, `minimum`, `maximum`, `exclusiveMinimum`, `minLength`, `maxLength`, `items`, `minItems`,
/// `maxItems`, `$ref` to `#/$defs/…`, and `oneOf`, whose branches must differ by a `const` of one property (usually
/// `kind`) or by `type`. `title`, `description`, `examples`, `default`, `$comment`, `$schema`, `$id` explain; the
/// description stands in messages. Any other keyword is an error when the schema is read, so that no schema promises
/// what is not checked.
package struct JSONSchema: Sendable {
  let root: Rule
  let definitions: [String: Rule]

  /// What one schema object demands.
  struct Rule: Sendable {
    enum Kind: String, Sendable, CaseIterable {
      case null, boolean, integer, number, string, array, object

      /// What people call it.
      var spoken: String {
        switch self {
        case .null: "nothing"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "a mapping of names to values"
        }
      }
    }

    var reference: String?
    var kinds: [Kind] = []
    /// In the order of the schema, which is the order in which messages name them.
    var properties: [(name: String, rule: Rule)] = []
    var required: [String] = []
    var additional: Additional = .any
    var namePattern: String?
    var allowed: [YAMLNode.Value]?
    var pattern: String?
    var minimum: Decimal?
    var exclusiveMinimum: Decimal?
    var maximum: Decimal?
    var minLength: Int?
    var maxLength: Int?
    var items: Box?
    var minItems: Int?
    var maxItems: Int?
    var branches: [Rule] = []
    var summary: String?
    var examples: [YAMLNode.Value] = []

    func property(_ name: String) -> Rule? { properties.first { $0.name == name }?.rule }
  }

  enum Additional: Sendable {
    case any
    case none
    case rule(Box)
  }

  /// One level of indirection: a rule holds rules.
  final class Box: Sendable {
    let rule: Rule
    init(_ rule: Rule) { self.rule = rule }
  }

  /// - Parameters:
  ///   - json: the schema's text (JSON is YAML).
  ///   - name: what diagnostics about the schema itself call it.
  /// - Throws: what is wrong with the schema: not JSON, a keyword that is not checked here, a reference to nothing.
  package init(json: String, name: String) throws(Diagnostic) {
    let document = try YAMLDocument(text: json, file: name)
    var reader = SchemaReader(document: document)
    var definitions: [String: Rule] = [:]
    let path = FieldPath().field("$defs")
    for entry in document.root["$defs"]?.entries ?? [] {
      definitions[entry.name] = try reader.rule(entry.value, path.field(entry.name))
    }
    root = try reader.rule(document.root, FieldPath())
    for reference in reader.references where definitions[reference.name] == nil {
      throw document.diagnostic(
        at: reference.node, reference.path,
        "refers to #/$defs/\(reference.name), which is not there; "
          + KnownNames(definitions.keys.sorted()).answer(to: reference.name))
    }
    self.definitions = definitions
  }

  /// As ``init(json:name:)`` from the octets of an embedded file.
  package init(bytes: [UInt8], name: String) throws(Diagnostic) {
    try self.init(json: String(decoding: bytes, as: UTF8.self), name: name)
  }
}
