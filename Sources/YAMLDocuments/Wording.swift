/// A part of a message in both languages.
struct Wording {
  var en: String
  var vi: String

  init(_ en: String, _ vi: String) {
    self.en = en
    self.vi = vi
  }

  /// The same in both: a value, a name, a sign.
  init(_ both: String) { self.init(both, both) }

  static func + (first: Wording, second: Wording) -> Wording {
    Wording(first.en + second.en, first.vi + second.vi)
  }
}

extension Sequence<Wording> {
  /// One or another of them.
  var alternatives: Wording {
    Wording(map(\.en).joined(separator: " or "), map(\.vi).joined(separator: " hoặc "))
  }
}
