/// A word from outside that has no meaning here, and what was expected.
package enum TextFailure: Error, Hashable, Sendable, CustomStringConvertible {
  case timestamp(String)
  case since(String)

  package var description: String {
    switch self {
    case .timestamp(let text):
      "'\(text)' is no time: expected ISO 8601 with an offset, for example 2026-11-22T07:30:00+07:00"
    case .since(let text):
      "'\(text)' is no starting time: expected a date (2026-11-22), a time with its offset "
        + "(2026-11-22T07:30:00+07:00) or how long back from now (30m, 24h, 7d)"
    }
  }
}
