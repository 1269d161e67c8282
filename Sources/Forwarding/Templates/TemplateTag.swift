import Foundation

/// One tag of a Mustache template, `{{#data.values}}`, with its place.
///
/// The Mustache library keeps what it has read to itself, and says of a name that is unknown nothing at all: what a
/// template names is looked at here.
struct TemplateTag: Hashable {
  enum Kind: Hashable {
    /// `{{name}}`, `{{{name}}}` or `{{&name}}`.
    case variable
    /// `{{#name}}`.
    case section
    /// `{{^name}}`.
    case inverted
    /// `{{/name}}`.
    case end
    /// `{{! … }}`.
    case comment
    /// A character that begins something else of Mustache's: another file, other braces, a pragma.
    case other(Character)
  }

  let kind: Kind
  /// Without white space and without what says the kind.
  let name: String
  let line: Int
  let column: Int

  func fault(_ message: String) -> TemplateFault { TemplateFault(line: line, column: column, message: message) }

  /// Every tag, in order.
  ///
  /// - Throws: ``TemplateFault`` where one is not closed.
  static func all(in text: String) throws(TemplateFault) -> [TemplateTag] {
    var tags: [TemplateTag] = []
    var (line, column) = (1, 1)
    var rest = Substring(text)
    func skip(_ count: Int) {
      for character in rest.prefix(count) {
        if character.isNewline { (line, column) = (line + 1, 1) } else { column += 1 }
      }
      rest = rest.dropFirst(count)
    }
    while !rest.isEmpty {
      guard rest.hasPrefix("{{") else {
        skip(1)
        continue
      }
      let (startLine, startColumn) = (line, column)
      skip(2)
      let isTriple = rest.first == "{"
      let end = isTriple ? "}}}" : "}}"
      guard let range = rest.firstRange(of: end) else {
        throw TemplateFault(line: startLine, column: startColumn, message: "'{{' is not closed by '\(end)'")
      }
      let inside = rest[..<range.lowerBound]
      let kind: Kind
      switch inside.first {
      case nil: throw TemplateFault(line: startLine, column: startColumn, message: "'{{}}' names nothing")
      case "{", "&": kind = .variable
      case "#": kind = .section
      case "^": kind = .inverted
      case "/": kind = .end
      case "!": kind = .comment
      case .some(let first) where "><$=%*|".contains(first): kind = .other(first)
      default: kind = .variable
      }
      let name: Substring =
        switch inside.first {
        case "{", "&", "#", "^", "/", "!": inside.dropFirst()
        default: inside
        }
      tags.append(
        TemplateTag(
          kind: kind, name: name.trimmingCharacters(in: .whitespaces), line: startLine, column: startColumn))
      skip(inside.count + end.count)
    }
    return tags
  }
}
