/// Finds words that may be aliases before the parser sees them: the parser expands an alias that stands as a mapping's
/// name while it looks for duplicates, so a file with many of them must not reach it. Words in running text can look
/// the same, so a few are let through and refused exactly, by their place, once parsed.
enum AliasCandidates {
  /// The line, from 1, of the first candidate after `allowed` others; nil when there are no more.
  static func first(in text: String, after allowed: Int) -> Int? {
    var line = 1
    var seen = 0
    var previous = UInt8(ascii: "\n")
    var before = UInt8(ascii: "\n")
    for octet in text.utf8 {
      // `*x` where a value may begin: after an indicator and a blank, or at the start of a line's text.
      if previous == UInt8(ascii: "*"), octet > UInt8(ascii: " "), octet != UInt8(ascii: "*"),
        " \n\t[{,:-?".utf8.contains(before)
      {
        seen += 1
        if seen > allowed { return line }
      }
      if octet == UInt8(ascii: "\n") { line += 1 }
      before = previous
      previous = octet
    }
    return nil
  }
}
