/// How many columns of a terminal a text takes.
enum DisplayWidth {
  /// Two for the wide letters of East Asia (UAX #11) and for pictures, none for what only joins or marks, one for everything
  /// else. A letter counts once with all marks on it, composed or not.
  static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

  /// The text, or as much of it as takes at most `width` columns with the ellipsis that says so.
  static func cut(_ text: String, to width: Int) -> String {
    guard of(text) > width else { return text }
    guard width > 0 else { return "" }
    var (kept, taken) = ("", 1)
    for character in text {
      taken += of(character)
      if taken > width { break }
      kept.append(character)
    }
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }

  private static func of(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // U+FE0F asks for the picture of a sign that is also a letter; two regional indicators are a flag.
    if character.unicodeScalars.contains("\u{FE0F}") { return 2 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F1E6...0x1F1FF, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
