/// A span of time as settings write it: a whole number and `ms`, `s`, `m`, `h`, `d` or `w`.
package enum TimeSpan {
  /// Nil when it is not written so.
  package static func duration(_ text: String) -> Duration? {
    guard let number = Int64(text.prefix(while: \.isNumber)), number >= 0, number < 1_000_000 else { return nil }
    switch text.drop(while: \.isNumber) {
    case "ms": return .milliseconds(number)
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    case "d": return .seconds(number * 86_400)
    case "w": return .seconds(number * 604_800)
    default: return nil
    }
  }
}
