import Foundation

extension YAMLNode.Value {
  /// What it is, in words, for *expected …, found …*.
  var spoken: Wording {
    switch self {
    case .null: Wording("nothing", "chỗ trống")
    case .boolean(let boolean): Wording("\(boolean)")
    case .integer, .number: Wording("the number \(written)", "số \(written)")
    case .text: Wording("the text \(written)", "chữ \(written)")
    case .list: Wording("a list", "một danh sách")
    case .mapping: Wording("a mapping", "các mục dạng tên: giá trị")
    }
  }

  /// As it would stand in a file, cut after 60 characters.
  var written: String {
    switch self {
    case .null: return "null"
    case .boolean(let boolean): return "\(boolean)"
    case .integer(let integer): return "\(integer)"
    case .number(let number): return "\(number)"
    case .text(let text):
      // No control character reaches a terminal by way of a message.
      let safe = text.unicodeScalars.prefix(60).map { $0.properties.generalCategory == .control ? "·" : String($0) }
      return safe.joined() + (text.unicodeScalars.count > 60 ? "…" : "")
    case .list: return "[…]"
    case .mapping: return "{…}"
    }
  }

  func matches(_ kind: JSONSchema.Rule.Kind) -> Bool {
    switch (self, kind) {
    case (.null, .null), (.boolean, .boolean), (.integer, .integer), (.integer, .number), (.number, .number),
      (.text, .string), (.list, .array), (.mapping, .object):
      true
    case (.number(let number), .integer): number.isInteger
    default: false
    }
  }

  /// Equality as JSON Schema has it: by value, wherever the two stand, and 1 equals 1.0.
  func equals(_ other: YAMLNode.Value) -> Bool {
    switch (self, other) {
    case (.integer(let left), .number(let right)), (.number(let right), .integer(let left)): Decimal(left) == right
    case (.list(let left), .list(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.value.equals($1.value) }
    case (.mapping, _), (_, .mapping): false
    default: self == other
    }
  }
}

extension Decimal {
  fileprivate var isInteger: Bool {
    var exact = self
    var rounded = Decimal()
    NSDecimalRound(&rounded, &exact, 0, .plain)
    return rounded == self
  }
}
