import AlertRules
import Foundation
import HealthRecords
import Observations
import Store
import Testing

@testable import Forwarding

@Suite struct BodyTemplateTests {
  private func message(rule: String = "severe", values: Bool = true) -> JSONValue {
    var delivery = WebhookMessageTests.alert()
    guard case .alert(var alert, let patient) = delivery.content else { return "" }
    alert.rule = RuleID(rawValue: rule)
    delivery.content = .alert(alert, patient)
    return WebhookMessage(delivery, withValues: values, timeZone: .gmt).json
  }

  private func body(_ template: String, of message: JSONValue, isJSON: Bool = true) throws -> String {
    String(decoding: try BodyTemplate(template, isJSON: isJSON).body(of: message), as: UTF8.self)
  }

  @Test func fieldsComeFromTheMessage() throws {
    let text = #"{"t":"{{type}} {{data.rule}} {{data.value}} {{data.unit}}"{{#is.urgent}},"p":5{{/is.urgent}}}"#
    #expect(try body(text, of: message()) == #"{"t":"alert.firing severe 187 mm[Hg]","p":5}"#)
    // Thin: there is no value to show.
    #expect(
      try body(#"{"t":"{{type}}{{#data.value}} {{data.value}}{{/data.value}}"}"#, of: message(values: false))
        == #"{"t":"alert.firing"}"#)
  }

  /// However the template asks for it, a value does not end the string it stands in.
  @Test(arguments: ["{{data.rule}}", "{{{data.rule}}}", "{{&data.rule}}", "{{#data.rule}}{{.}}{{/data.rule}}"])
  func aValueBreaksNoJSON(_ tag: String) throws {
    for rule in ["a\"b", "a\\", "a\nb\tc", "\u{0}", "\",\"x\":\"", "<&>'", "{{type}}", "tiếng Việt 🩺", "a\\\"b"] {
      let made = try body(#"{"t":"\#(tag)"}"#, of: message(rule: rule))
      let read = try JSONSerialization.jsonObject(with: Data(made.utf8)) as? [String: String]
      #expect(read == ["t": rule], "\(made)")
    }
  }

  @Test func plainTextIsNotEscaped() throws {
    let made = try body("{{data.rule}}: {{type}}\n", of: message(rule: "a\"<b>"), isJSON: false)
    #expect(made == "a\"<b>: alert.firing\n")
  }

  @Test func listsHaveTheirCommas() throws {
    let observation = WebhookSamples.all.first {
      $0["type"] == "observation.stored" && $0["data"]?["values"] != nil
    }
    let template =
      #"{"v":[{{#data.values}}{"{{name}}":{{value}}}{{^last()}},{{/last()}}{{/data.values}}],"#
      + #""f":"{{#data.flags}}{{.}} {{/data.flags}}"}"#
    let made = try body(template, of: try #require(observation))
    #expect(
      made
        == #"{"v":[{"MDC_PRESS_BLD_NONINV_SYS":187},{"MDC_PRESS_BLD_NONINV_DIA":121}],"f":"body-movement irregular-pulse "}"#
    )
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    var text: String
    var line: Int
    var column: Int
    var words: String
    var testDescription: String { text }
  }

  @Test(arguments: [
    Wrong(text: "{\n  \"a\": \"{{data.vlaue}}\"\n}", line: 2, column: 9, words: "data.vlaue"),
    Wrong(text: "{\"a\": \"{{name}}\"}", line: 1, column: 8, words: "no field 'name'"),
    Wrong(text: "\n\n{{type", line: 3, column: 1, words: "not closed"),
    Wrong(text: "{{#data}}\n{{type}}", line: 1, column: 1, words: "not ended"),
    Wrong(text: "{{#data}}\n{{/type}}", line: 2, column: 1, words: "'{{/data}}' is expected (line 1)"),
    Wrong(text: "{{/data}}", line: 1, column: 1, words: "ends no section"),
    Wrong(text: "{{>other}}", line: 1, column: 1, words: "no other file"),
    Wrong(text: "{{=<% %>=}}", line: 1, column: 1, words: "no other file"),
    Wrong(text: "{{% CONTENT_TYPE:HTML}}", line: 1, column: 1, words: "no other file"),
    Wrong(text: "{{uppercased(type)}}", line: 1, column: 1, words: "not known"),
    Wrong(text: "{{last()}}", line: 1, column: 1, words: "outside"),
    Wrong(text: "{{data}}", line: 1, column: 1, words: "name one: data.about, data.ack, data.acknowledgedBy"),
    Wrong(text: "{{is.urgent}}", line: 1, column: 1, words: "{{#is.urgent}}"),
    Wrong(text: "{{is.loud}}", line: 1, column: 1, words: "is.urgent"),
    Wrong(text: "{{data.values}}", line: 1, column: 1, words: "is a list"),
    Wrong(text: "{{type.count}}", line: 1, column: 1, words: "type.count"),
    Wrong(text: "{{}}", line: 1, column: 1, words: "names nothing"),
    Wrong(text: "{{a b}}", line: 1, column: 1, words: "no field 'a b'"),
    Wrong(text: "{{.}}", line: 1, column: 1, words: "outside of any section"),
    Wrong(text: "{\"a\": {{type}}}", line: 1, column: 1, words: "it made: {\"a\": observation.stored}"),
    Wrong(text: "{\"p\": {{#is.urgent}}5{{/is.urgent}}}", line: 1, column: 1, words: "no JSON"),
    Wrong(text: "{{#is.test}}{}{{/is.test}}", line: 1, column: 1, words: "the body is empty"),
    Wrong(text: "", line: 1, column: 1, words: "the body is empty"),
  ])
  func whatIsWrongIsSaidWithItsPlace(_ wrong: Wrong) throws {
    let fault = try #require(BodyTemplate.faults(of: wrong.text, isJSON: true).first)
    #expect((fault.line, fault.column) == (wrong.line, wrong.column), "\(fault)")
    #expect(fault.message.contains(wrong.words), "\(fault)")
  }

  /// Whatever stands in a template, the daemon lives.
  @Test func noTextIsTooStrange() {
    let parts = [
      "{{", "}}", "{{{", "}}}", "#", "^", "/", "data", "type", ".", "\n", " ", "!", "{{#data}}", "{{/data}}", "(",
    ]
    var seed: UInt64 = 11
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<Int(seed % 9) {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += parts[Int((seed >> 33) % UInt64(parts.count))]
      }
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      seed ^= seed >> 29
      _ = try? BodyTemplate(text, isJSON: true).body(of: message())
    }
  }
}
