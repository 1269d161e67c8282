/// One sentence in every language of ``Language``; `{name}` stands for a value.
struct Sentence: Sendable {
  var en: String
  var vi: String

  init(_ en: String, _ vi: String) {
    self.en = en
    self.vi = vi
  }

  func `in`(_ language: Language) -> String {
    switch language {
    case .en: en
    case .vi: vi
    }
  }

  /// The names between braces, sorted.
  static func placeholders(of text: String) -> [String] {
    text.matches(of: #/\{(\w+)\}/#).map { String($0.1) }.sorted()
  }
}

/// The sentences of one part of the program. Every case has both languages, or it does not compile.
protocol TextSet: CaseIterable, Sendable {
  var sentence: Sentence { get }
}
