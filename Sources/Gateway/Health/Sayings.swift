/// What the log was told last of each subject: it is told changes, not attempts. A cuff at the edge of its range is tried for
/// years, and the log stands on a card that wears out.
struct Sayings: Sendable {
  private var last: [String: String] = [:]

  /// More subjects than a household has; those of strangers must not fill the memory.
  static let most = 256

  /// Whether this is not what was said of `subject` before.
  mutating func isNews(of subject: String, _ sentence: String) -> Bool {
    guard last[subject] != sentence else { return false }
    if last.count >= Self.most { last = [:] }
    last[subject] = sentence
    return true
  }

  /// It is over: the next time is news again.
  mutating func forget(_ subject: String) { last[subject] = nil }
}
