package import Foundation

/// One value of a YAML document with its place in the text.
package struct YAMLNode: Hashable, Sendable {
  /// What stands there, typed by YAML 1.2's core schema: `yes`, `on` and `2026-11-22` are text.
  package enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Decimal, or hexadecimal with `0x`.
    case integer(Int)
    /// A number with a fraction or an exponent.
    case number(Decimal)
    case text(String)
    case list([YAMLNode])
    /// In the order of the file; every name stands once.
    case mapping([YAMLEntry])
  }

  package var value: Value
  /// From 1.
  package var line: Int
  /// From 1, in Unicode scalars.
  package var column: Int

  package init(_ value: Value, line: Int, column: Int) {
    self.value = value
    self.line = line
    self.column = column
  }

  /// The field `name` of a mapping; nil when it is not there, or this is no mapping.
  package subscript(_ name: String) -> YAMLNode? {
    entries.first { $0.name == name }?.value
  }

  /// The items of a list; empty for anything else.
  package var items: [YAMLNode] {
    if case .list(let items) = value { items } else { [] }
  }

  /// The entries of a mapping; empty for anything else.
  package var entries: [YAMLEntry] {
    if case .mapping(let entries) = value { entries } else { [] }
  }

  /// The text of a text; nil for numbers, booleans and the rest.
  package var text: String? {
    if case .text(let text) = value { text } else { nil }
  }

  package var integer: Int? {
    if case .integer(let integer) = value { integer } else { nil }
  }

  /// The value of an integer or a number.
  package var decimal: Decimal? {
    switch value {
    case .integer(let integer): Decimal(integer)
    case .number(let number): number
    default: nil
    }
  }

  package var boolean: Bool? {
    if case .boolean(let boolean) = value { boolean } else { nil }
  }

  package var isNull: Bool { value == .null }
}

/// One name of a mapping with its value.
package struct YAMLEntry: Hashable, Sendable {
  package var name: String
  /// Where the name stands: line and column from 1.
  package var line: Int
  package var column: Int
  package var value: YAMLNode

  package init(name: String, line: Int, column: Int, value: YAMLNode) {
    self.name = name
    self.line = line
    self.column = column
    self.value = value
  }
}
