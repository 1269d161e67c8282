import Foundation
import Testing
import YAMLDocuments

@Suite struct YAMLDocumentTests {
  @Test func valuesCarryTheirPlace() throws {
    let document = try YAMLDocument(
      text: """
        name: sig/blood-pressure
        session:
          idle: 20
          subscribe:
            - 2A35
            - "2A37"
        """, file: "profile.yaml")
    #expect(document.root["name"]?.text == "sig/blood-pressure")
    let session = try #require(document.root["session"])
    #expect(session["idle"]?.integer == 20)
    #expect(session["idle"]?.line == 3)
    #expect(session["idle"]?.column == 9)
    #expect(session["subscribe"]?.items.map(\.text) == ["2A35", "2A37"])
    #expect(session["subscribe"]?.items[1].line == 6)
  }

  /// YAML 1.2, section 10.3.2 (core schema).
  @Test(arguments: [
    ("null", YAMLNode.Value.null), ("~", .null), ("", .null),
    ("true", .boolean(true)), ("False", .boolean(false)),
    ("yes", .text("yes")), ("no", .text("no")), ("on", .text("on")), ("2026-11-22", .text("2026-11-22")),
    ("12", .integer(12)), ("-3", .integer(-3)), ("+7", .integer(7)), ("0012", .integer(12)),
    ("0x2A35", .integer(10805)),
    ("0x-1", .text("0x-1")), ("1.5", .number(1.5)), ("-.25", .number(-0.25)), ("1e3", .number(1000)),
    (".", .text(".")), ("1.2.3", .text("1.2.3")), ("2A35", .text("2A35")), ("1e", .text("1e")), ("-", .text("-")),
    ("\"12\"", .text("12")), ("'true'", .text("true")), ("!!str 12", .text("12")),
    ("99999999999999999999999999999999999999999999", .text("99999999999999999999999999999999999999999999")),
  ])
  func plainScalarsFollowTheCoreSchema(written: String, expected: YAMLNode.Value) throws {
    // "-" alone would begin a list.
    let text = written == "-" ? "'-'" : written
    #expect(try YAMLDocument(text: "v: " + text, file: "f").root["v"]?.value == expected)
  }

  @Test func anEmptyFileIsNull() throws {
    #expect(try YAMLDocument(text: "", file: "f").root.isNull)
    #expect(try YAMLDocument(text: "# nothing\n", file: "f").root.isNull)
  }

  @Test func aSyntaxErrorSaysWhere() throws {
    let error = try #require(throws: Diagnostic.self) {
      try YAMLDocument(text: "a: 1\nb: [1, 2\nc: 3\n", file: "x.yaml")
    }
    #expect(error.line == 3)
    #expect(error.description.hasPrefix("x.yaml:3:"))
  }

  /// The mistakes that are made by hand, and what the parser itself says of one that is rarer.
  @Test(arguments: [
    ("a: 1\nb: [1, 2\nc: 3\n", "thiếu dấu phẩy hoặc dấu ] (bắt đầu từ dòng 2)"),
    ("a: 1\n b: 2\n", "dấu hai chấm ở chỗ không được phép"), ("a: \"x\nb: 1\n", "tệp kết thúc giữa chừng"),
    ("a: @x\n", "có ký tự không được đứng đầu"), ("a:\n  b: 1\n c: 2\n", "cần tên của một mục ở đây"),
    ("a: 1\na: 2\n", "có hai lần"), ("a: &x 1\n", "ở đây không dùng neo"),
    ("a: !x 1\n", "ở đây không dùng thẻ !x"), ("%YAML 3.0\n---\na: 1\n", "found incompatible YAML document"),
  ])
  func aSyntaxErrorIsSaidInVietnamese(text: String, words: String) throws {
    let error = try #require(throws: Diagnostic.self) { try YAMLDocument(text: text, file: "x.yaml") }
    let said = error.sentence(isVietnamese: true)
    #expect(said.hasPrefix("x.yaml:") && said.contains(words), "\(said)")
    #expect(error.sentence(isVietnamese: false) == error.description)
  }

  @Test func aNameThatStandsTwiceIsRefused() throws {
    let error = try #require(throws: Diagnostic.self) { try YAMLDocument(text: "a: 1\nb: 2\na: 3\n", file: "x.yaml") }
    #expect(error.field == "a")
    #expect(error.message.hasPrefix("stands twice"))
    #expect(error.line > 0)
  }

  /// Two keys to YAML, by their tags, and one name to us.
  @Test func namesAreComparedAsText() throws {
    let error = try #require(throws: Diagnostic.self) { try YAMLDocument(text: "!!int 1: a\n1: b\n", file: "x") }
    #expect(error.message == "stands twice (first on line 1); keep one of them")
    #expect(error.line == 2)
  }

  @Test(arguments: ["a: &x 1\nb: 2", "a: &x [1]\nb: *x", "a: *nobody", "&k key: 1", "a: {b: &y {}}"])
  func anchorsAndAliasesAreRefused(text: String) throws {
    let error = try #require(throws: Diagnostic.self) { try YAMLDocument(text: text, file: "x") }
    #expect(error.message.contains("anchors (&) and aliases (*)"))
    #expect(error.line > 0)
  }

  /// Nine levels of nine aliases stand for 387 million values; as a name they would be expanded while it is parsed.
  @Test func aBombIsRefusedBeforeItIsExpanded() throws {
    var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    for level in 1...9 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",") + "]\n"
    }
    text += "? *a9\n: 1\n"
    let error = try #require(throws: Diagnostic.self) { try YAMLDocument(text: text, file: "x") }
    #expect(error.message.contains("aliases"))
    #expect(error.line == 3)
  }

  @Test func starsInRunningTextAreText() throws {
    let document = try YAMLDocument(text: "a: some *word* here\nb: |\n  * point\n  *bold* text\n", file: "x")
    #expect(document.root["a"]?.text == "some *word* here")
    #expect(document.root["b"]?.text == "* point\n*bold* text\n")
  }

  @Test func tagsAreRefused() throws {
    for text in ["a: !secret x", "a: !thing {}", "a: !!set [1]"] {
      let error = try #require(throws: Diagnostic.self) { try YAMLDocument(text: text, file: "x") }
      #expect(error.message.hasPrefix("the tag "), "\(error)")
    }
  }

  @Test func sizeIsBounded() throws {
    let error = try #require(throws: Diagnostic.self) {
      try YAMLDocument(text: String(repeating: "a", count: 101), file: "big", sizeLimit: 100)
    }
    #expect(error.description == "big: the file has 101 bytes; at most 100 are read")
  }

  @Test(arguments: [
    String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
    String(repeating: "[", count: 500_000), String(repeating: "- ", count: 400) + "x",
    String(repeating: "- ", count: 400_000) + "x", String(repeating: "? ", count: 300_000) + "x",
  ])
  func depthIsBounded(text: String) async throws {
    // On a pool thread, whose stack is the smallest a caller may have.
    let error = await Task.detached { () -> Diagnostic? in
      do throws(Diagnostic) {
        _ = try YAMLDocument(text: text, file: "deep")
        return nil
      } catch {
        return error
      }
    }.value
    #expect(error != nil)
  }

  @Test func twoDocumentsAreRefused() {
    #expect(throws: Diagnostic.self) { try YAMLDocument(text: "a: 1\n---\nb: 2\n", file: "x") }
  }

  @Test func aFileThatIsNotThereIsNamed() throws {
    let error = try #require(throws: Diagnostic.self) {
      try YAMLDocument(contentsOf: URL(filePath: "/nonexistent/vitalsd.yaml"))
    }
    #expect(error.description == "/nonexistent/vitalsd.yaml: cannot be read: there is no such file")
  }

  @Test func bytesThatAreNotTextAreNamed() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "not-utf8-\(UUID().uuidString).yaml")
    try Data([0x61, 0x3A, 0x20, 0xFF, 0xFE]).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    let error = try #require(throws: Diagnostic.self) { try YAMLDocument(contentsOf: url, file: "bad.yaml") }
    #expect(error.description == "bad.yaml: is not UTF-8 text")
  }

  /// No prefix of a document crashes the reader.
  @Test func everyPrefixIsReadOrRefused() {
    let text = "name: \"a\\u00e9\"\nlist: [1, {b: 'c'}, !!str 4]\nmap:\n  - x: |\n      text\n    y: >-\n      more\n"
    for count in 0...text.utf8.count {
      let prefix = String(decoding: Array(text.utf8.prefix(count)), as: UTF8.self)
      do throws(Diagnostic) {
        _ = try YAMLDocument(text: prefix, file: "p")
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
