import Foundation
import HealthRecords
import Mustache

/// A Mustache template that makes the body of a request out of a message, so that a service that expects a form of its
/// own is met without code.
///
/// In JSON every text is escaped before it comes to the template, for `{{{ }}}` and `{{& }}` too: nothing that a value
/// holds ends the string that it stands in.
package struct BodyTemplate: Sendable {
  private let template: MustacheTemplate
  private let isJSON: Bool

  /// Values are escaped here, for the form of the body; the library would write them for HTML.
  private static let pragma = "{{% CONTENT_TYPE:TEXT}}"

  /// A template longer than this is another file by mistake.
  private static let mostBytes = 64 << 10

  /// - Parameters:
  ///   - text: Mustache.
  ///   - isJSON: whether the body is JSON, and not plain text.
  /// - Throws: the first ``TemplateFault``.
  init(_ text: String, isJSON: Bool) throws(TemplateFault) {
    guard text.utf8.count <= Self.mostBytes else {
      throw TemplateFault(line: 1, column: 1, message: "the template is longer than 64 KiB")
    }
    if let fault = TemplateCheck.faults(of: try TemplateTag.all(in: text)).first { throw fault }
    do {
      template = try MustacheTemplate(string: Self.pragma + text)
    } catch let error as MustacheTemplate.ParserError {
      let place = error.context
      throw TemplateFault(
        line: place.lineNumber,
        column: max(1, place.columnNumber - (place.lineNumber == 1 ? Self.pragma.count : 0)),
        message: "it is no Mustache here: a name is letters, digits, '-', '_' and '.', and every section ends")
    } catch {
      throw TemplateFault(line: 1, column: 1, message: "it is no Mustache")
    }
    self.isJSON = isJSON
  }

  /// Everything that is wrong with a template, for `vitals check`: what it names, and what comes out of it for each of the
  /// messages that it can be given.
  ///
  /// - Parameters:
  ///   - text: Mustache.
  ///   - isJSON: whether the body is JSON.
  package static func faults(of text: String, isJSON: Bool) -> [TemplateFault] {
    let template: BodyTemplate
    do {
      let found = TemplateCheck.faults(of: try TemplateTag.all(in: text))
      guard found.isEmpty else { return found }
      template = try BodyTemplate(text, isJSON: isJSON)
    } catch {
      return [error]
    }
    for sample in WebhookSamples.all {
      if let fault = template.fault(with: sample) { return [fault] }
    }
    return []
  }

  /// - Parameter message: a whole message, `{"type", "timestamp", "version", "data"}`.
  /// - Throws: ``TemplateFault`` where the body is to be JSON and is none, or is empty.
  func body(of message: JSONValue) throws(TemplateFault) -> [UInt8] {
    let body = Array(template.render(context(message)).utf8)
    if let message = fault(in: body) { throw TemplateFault(line: 1, column: 1, message: message) }
    return body
  }

  private func fault(with sample: JSONValue) -> TemplateFault? {
    let text = template.render(context(sample))
    guard let message = fault(in: Array(text.utf8)), case .string(let type) = sample["type"] else { return nil }
    let shown = text.count > 160 ? text.prefix(160) + "…" : Substring(text)
    return TemplateFault(
      line: 1, column: 1,
      message: "of a message of type \(type) it makes no body: \(message)" + (text.isEmpty ? "" : "; it made: \(shown)")
    )
  }

  private func fault(in body: [UInt8]) -> String? {
    guard body.contains(where: { !" \n\r\t".utf8.contains($0) }) else { return "the body is empty" }
    guard isJSON else { return nil }
    // Nothing of the body is said: at run time it is somebody's.
    return (try? JSONSerialization.jsonObject(with: Data(body))) == nil
      ? "it is no JSON; see that each { and \" is closed and that commas stand between fields" : nil
  }

  // MARK: What a template sees

  private func context(_ message: JSONValue) -> [String: Any] {
    var fields = object(message) ?? [:]
    fields["is"] = Dictionary(uniqueKeysWithValues: Self.words(of: message).map { ($0, true as Any) })
    return fields
  }

  private static func words(of message: JSONValue) -> Set<String> {
    var words: Set<String> = []
    if case .string(let type) = message["type"] { words.formUnion(type.split(separator: ".").map(String.init)) }
    for name in ["severity", "stage"] {
      if case .string(let word) = message["data"]?[name] { words.insert(word) }
    }
    if message["data"]?["stored"] == false { words.insert("unstored") }
    return words
  }

  private func object(_ value: JSONValue) -> [String: Any]? {
    guard case .object(let members) = value else { return nil }
    return Dictionary(uniqueKeysWithValues: members.map { ($0.name, seen($0.value)) })
  }

  private func seen(_ value: JSONValue) -> Any {
    switch value {
    case .object: object(value) ?? [:]
    case .array(let values): values.map(seen)
    case .string(let text): isJSON ? Self.escaped(text) : text
    case .number(let number): number.description
    case .boolean(let flag): flag
    }
  }

  /// As it stands between the quotation marks of a JSON string.
  private static func escaped(_ text: String) -> String {
    String(decoding: JSONValue.string(text).bytes.dropFirst().dropLast(), as: UTF8.self)
  }
}
