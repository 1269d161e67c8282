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
  /// Descriptions in Vietnamese, by the English.
  let vietnamese: [String: String]

  /// What one schema object demands.
  struct Rule: Sendable {
    enum Kind: String, Sendable, CaseIterable {
      case null, boolean, integer, number, string, array, object

      /// What people call it.
      var spoken: Wording {
        switch self {
        case .null: Wording("nothing", "để trống")
        case .boolean: Wording("true or false", "true hoặc false")
        case .integer: Wording("a whole number", "một số nguyên")
        case .number: Wording("a number", "một số")
        case .string: Wording("text", "chữ")
        case .array: Wording("a list", "một danh sách")
        case .object: Wording("a mapping of names to values", "các mục dạng tên: giá trị")
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
  ///   - vietnamese: its descriptions in Vietnamese, by the English; one that is not there is said in English.
  /// - Throws: what is wrong with the schema: not JSON, a keyword that is not checked here, a reference to nothing.
  package init(json: String, name: String, vietnamese: [String: String] = [:]) throws(Diagnostic) {
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
    self.vietnamese = vietnamese
  }

  /// As ``init(json:name:vietnamese:)`` from the octets of an embedded file.
  package init(bytes: [UInt8], name: String, vietnamese: [String: String] = [:]) throws(Diagnostic) {
    try self.init(json: String(decoding: bytes, as: UTF8.self), name: name, vietnamese: vietnamese)
  }
}
