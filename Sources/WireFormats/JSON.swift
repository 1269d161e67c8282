package import Foundation

/// The JSON form of a measurement: members in the order of the specification's fields, numbers exact.
///
/// What was not sent is left out; what was sent as *unknown* (a day 0, a user 255) is `null`; a special value is
/// `{"special":"nan"}`; octets are text in hexadecimal.
package enum JSON: Hashable, Sendable {
  /// One name and value of an object.
  package struct Member: Hashable, Sendable {
    package let name: String
    package let value: JSON

    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  case object([Member])
  case array([JSON])
  case string(String)
  case integer(Int)
  /// A finite number in plain decimal notation, without zeros that say nothing (60, not 60.0).
  case decimal(Decimal)
  case boolean(Bool)
  case null

  init(_ value: Decimal?, _ special: SpecialValue?) {
    if let value {
      self = .decimal(value)
    } else {
      self = .object([Member("special", .string(special?.rawValue ?? SpecialValue.notANumber.rawValue))])
    }
  }

  /// The octets as upper-case hexadecimal text.
  static func octets(_ bytes: some Sequence<UInt8>) -> JSON { .string(Hexadecimal.text(bytes)) }

  /// The value in one line, without spaces. Characters above ASCII stand as themselves, in UTF-8.
  package var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .object(let members):
      var separator = "{"
      for member in members {
        text += separator
        Self.write(member.name, to: &text)
        text += ":"
        member.value.write(to: &text)
        separator = ","
      }
      text += members.isEmpty ? "{}" : "}"
    case .array(let values):
      var separator = "["
      for value in values {
        text += separator
        value.write(to: &text)
        separator = ","
      }
      text += values.isEmpty ? "[]" : "]"
    case .string(let string): Self.write(string, to: &text)
    case .integer(let number): text += String(number)
    case .decimal(let number): text += number.description
    case .boolean(let value): text += value ? "true" : "false"
    case .null: text += "null"
    }
  }

  /// RFC 8259 §7: quotation mark, reverse solidus and the control characters must be escaped, nothing else.
  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      case "\u{00}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSON: Encodable {
  private struct Name: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// For embedding in a larger document. An encoder may order an object's members as it likes; ``text`` keeps the order.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var container = encoder.container(keyedBy: Name.self)
      for member in members { try container.encode(member.value, forKey: Name(stringValue: member.name)) }
    case .array(let values):
      var container = encoder.unkeyedContainer()
      for value in values { try container.encode(value) }
    case .string(let string): try encode(string, to: encoder)
    case .integer(let number): try encode(number, to: encoder)
    case .decimal(let number): try encode(number, to: encoder)
    case .boolean(let value): try encode(value, to: encoder)
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    }
  }

  private func encode(_ value: some Encodable, to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
