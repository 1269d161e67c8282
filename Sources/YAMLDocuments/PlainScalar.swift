import Foundation

/// The type of a scalar without quotes, by the core schema of YAML 1.2 (section 10.3.2). YAML 1.1's further booleans
/// (`yes`, `no`, `on`, `off`) and its dates are text here: they are what people mean as text, or a mistake that the
/// JSON Schema then names.
enum PlainScalar {
  static func value(of text: String) -> YAMLNode.Value {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    default: break
    }
    if text.hasPrefix("0x"), let integer = Int(text.dropFirst(2), radix: 16), !text.dropFirst(2).hasPrefix("-"),
      !text.dropFirst(2).hasPrefix("+")
    {
      return .integer(integer)
    }
    guard isNumber(text) else { return .text(text) }
    if let integer = Int(text) { return .integer(integer) }
    guard let number = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")), number.isFinite else {
      return .text(text)
    }
    return .number(number)
  }

  /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, at most 40 characters: a longer run of
  /// digits is somebody's identifier.
  private static func isNumber(_ text: String) -> Bool {
    var rest = Substring(text)[...]
    guard rest.utf8.count <= 40 else { return false }
    func dropDigits() -> Int {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(digits.count)
      return digits.count
    }
    if let sign = rest.first, "+-".contains(sign) { rest = rest.dropFirst() }
    let whole = dropDigits()
    var fraction = 0
    if rest.first == "." {
      rest = rest.dropFirst()
      fraction = dropDigits()
    }
    guard whole + fraction > 0 else { return false }
    if let letter = rest.first, "eE".contains(letter) {
      rest = rest.dropFirst()
      if let sign = rest.first, "+-".contains(sign) { rest = rest.dropFirst() }
      guard dropDigits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
