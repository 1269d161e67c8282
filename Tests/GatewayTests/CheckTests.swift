import Foundation
import YAMLDocuments
import Testing

@testable import Gateway

/// `vitals check` over a directory of bad files: for each the file, the line, the field, and what was expected.
@Suite struct CheckTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/bad")

  struct Expected: Sendable, CustomTestStringConvertible {
    var file: String
    var line: Int
    var field: String
    var words: String
    var testDescription: String { file }
  }

  static let expectations: [Expected] = [
    Expected(file: "unknown-key.yaml", line: 3, field: "destination", words: "destinations"),
    Expected(
      file: "webhook-without-secret.yaml", line: 2, field: "destinations[0].secret-file",
      words: "secret-file or credential"),
    Expected(file: "two-of-a-name.yaml", line: 5, field: "destinations[1].name", words: "line 2"),
    Expected(file: "bad-url.yaml", line: 4, field: "destinations[0].url", words: "https"),
    Expected(file: "plain-http.yaml", line: 4, field: "destinations[0].url", words: "unencrypted"),
    Expected(file: "missing-secret.yaml", line: 5, field: "destinations[0].secret-file", words: "no file"),
    Expected(file: "webhook-without-url.yaml", line: 2, field: "destinations[0].url", words: "url-file"),
    Expected(file: "two-addresses.yaml", line: 6, field: "destinations[0].url-credential", words: "only one of"),
    Expected(file: "missing-url-file.yaml", line: 5, field: "destinations[0].url-file", words: "no file"),
    Expected(file: "token-in-the-file.yaml", line: 6, field: "destinations[0].token", words: "file or credential"),
    Expected(file: "two-tokens.yaml", line: 5, field: "destinations[0].token-file", words: "only one of"),
    Expected(
      file: "smart-without-client.yaml", line: 6, field: "destinations[0].auth.client-id", words: "expected client-id"),
    Expected(
      file: "basic-without-secret.yaml", line: 5, field: "destinations[0].auth", words: "secret-file or credential"),
    Expected(file: "patient-without-ids.yaml", line: 5, field: "destinations[0].patient.ids", words: "expected ids"),
    Expected(file: "plain-token-url.yaml", line: 9, field: "destinations[0].auth.token-url", words: "unencrypted"),
    Expected(file: "plain-mllp.yaml", line: 4, field: "destinations[0].url", words: "mllps"),
    Expected(file: "mllp-without-port.yaml", line: 4, field: "destinations[0].url", words: "mllps://host:port"),
    Expected(file: "mllp-key-alone.yaml", line: 5, field: "destinations[0].credential", words: "client-certificate"),
    Expected(file: "mllp-two-keys.yaml", line: 6, field: "destinations[0].client-key", words: "only one of"),
    Expected(file: "mllp-clear-authority.yaml", line: 5, field: "destinations[0].ca-file", words: "use mllps://"),
    Expected(file: "mllp-refusals.yaml", line: 6, field: "destinations[0].refusals.reject", words: "set-aside"),
    Expected(
      file: "contact-of-a-record.yaml", line: 4, field: "contacts[0].destinations[0]", words: "takes no alerts"),
    Expected(file: "bad-window.yaml", line: 2, field: "strap.window", words: "a whole number"),
    Expected(file: "bad-usb.yaml", line: 3, field: "usb.enabled", words: "true or false"),
    Expected(file: "ant-without-usb.yaml", line: 4, field: "ant", words: "line 2 switches USB off"),
    Expected(file: "answers-two-tokens.yaml", line: 6, field: "answers.reply.token-file", words: "only one of"),
    Expected(file: "answers-plain-http.yaml", line: 5, field: "answers.reply.url", words: "unencrypted"),
    Expected(file: "answers-no-topic.yaml", line: 5, field: "answers.reply.url", words: "one topic"),
    Expected(file: "answers-no-token.yaml", line: 5, field: "answers.reply", words: "protect the topic"),
    Expected(file: "answers-missing-token.yaml", line: 6, field: "answers.reply.token-file", words: "no file"),
    Expected(file: "answers-plain-page.yaml", line: 6, field: "answers.page.address", words: "unencrypted"),
    Expected(file: "answers-page-path.yaml", line: 6, field: "answers.page.address", words: "https://box.example"),
    Expected(file: "answers-no-port.yaml", line: 5, field: "answers.page.listen", words: "127.0.0.1:8481"),
    Expected(file: "answers-everywhere.yaml", line: 5, field: "answers.page.listen", words: "every interface"),
    Expected(file: "answers-too-long.yaml", line: 4, field: "answers.valid", words: "5m to 168h"),
    Expected(file: "answers-no-way.yaml", line: 4, field: "answers", words: "neither reply nor page"),
    Expected(file: "answers-nobody.yaml", line: 2, field: "answers", words: "nobody stands in 'contacts'"),
    Expected(file: "heartbeat-without-url.yaml", line: 2, field: "heartbeat.url-file", words: "url-credential or url"),
    Expected(file: "heartbeat-two-urls.yaml", line: 3, field: "heartbeat.url-credential", words: "only one of"),
    Expected(file: "heartbeat-plain-http.yaml", line: 2, field: "heartbeat.url", words: "unencrypted"),
    Expected(file: "heartbeat-url-in-the-file.yaml", line: 2, field: "heartbeat.url", words: "whoever reads this file"),
    Expected(file: "heartbeat-missing-file.yaml", line: 2, field: "heartbeat.url-file", words: "no file"),
    Expected(file: "heartbeat-too-seldom.yaml", line: 3, field: "heartbeat.every", words: "1s to 24h"),
    Expected(file: "bad-zone.yaml", line: 1, field: "timezone", words: "Asia/Ho_Chi_Minh"),
    Expected(file: "bad-kind.yaml", line: 3, field: "destinations[0].kind", words: "fhir"),
    Expected(file: "not-yaml.yaml", line: 2, field: "", words: "is not YAML here"),
    Expected(file: "rule-crossed.yaml", line: 6, field: "rules[0].clear-below", words: "at most the limit 180"),
    Expected(file: "rule-component.yaml", line: 4, field: "rules[0].component", words: "systolic"),
    Expected(file: "rule-condition.yaml", line: 4, field: "rules[0].condition", words: "battery-low"),
    Expected(file: "rule-condition-kind.yaml", line: 4, field: "rules[0].condition", words: "destination-down"),
    Expected(file: "rule-battery.yaml", line: 6, field: "rules[0].clear-above", words: "at least at-most (20)"),
    Expected(file: "rule-no-limit.yaml", line: 3, field: "rules[0].kind", words: "at-least, above, at-most, below"),
    Expected(file: "rule-twice.yaml", line: 8, field: "rules[1].id", words: "rule-twice.yaml:2"),
    Expected(file: "rule-severity.yaml", line: 6, field: "rules[0].severity", words: "urgent"),
  ]

  @Test("one bad file, one finding with its place", arguments: expectations)
  func oneFile(_ expected: Expected) throws {
    let path = Self.folder.appending(path: expected.file).path(percentEncoded: false)
    let check = FileCheck.check(paths: [path])
    #expect(!check.isClean)
    let found = try #require(check.diagnostics.first, "nothing was found in \(expected.file)")
    #expect(check.diagnostics.count == 1, "\(check.text())")
    #expect(found.file == path)
    #expect(found.line == expected.line, "\(found)")
    #expect(found.field == expected.field, "\(found)")
    #expect(found.message.contains(expected.words), "\(found)")
    let vietnamese = try #require(found.vi, "\(found)")
    #expect(Self.isVietnamese(vietnamese), "\(vietnamese)")
  }

  /// With its marks, composed, and without a word that only the English has.
  static func isVietnamese(_ text: String) -> Bool {
    // Names such as `adapter-missing` stand in both.
    let words = Set(text.lowercased().split { !$0.isLetter && $0 != "-" }.map(String.init))
    return text.unicodeScalars.contains { (0xC0...0x1EF9).contains($0.value) }
      && text.unicodeScalars.elementsEqual(text.precomposedStringWithCanonicalMapping.unicodeScalars)
      && words.isDisjoint(with: ["the", "expected", "is", "of", "known", "found", "missing", "only", "there"])
  }

  @Test("the report is said in Vietnamese, with names as they stand in the file")
  func vietnameseReport() {
    func said(_ name: String) -> String {
      let path = Self.folder.appending(path: name).path(percentEncoded: false)
      return FileCheck.check(paths: [path]).text(isVietnamese: true).replacing(path, with: name)
    }
    #expect(
      said("webhook-without-secret.yaml") == """
        webhook-without-secret.yaml:2:5: destinations[0].secret-file: cần secret-file hoặc credential: webhook được ký, \
        và khóa bí mật không bao giờ nằm trong tệp này
        Đã kiểm tra 1 tệp, có 1 lỗi
        """)
    #expect(said("bad-usb.yaml").contains("usb.enabled: cần true hoặc false"))
    #expect(said("rule-crossed.yaml").contains("rules[0].clear-below: phải nhiều nhất bằng ngưỡng 180"))
  }

  @Test(
    "every description in a schema that people write files by is said in Vietnamese, and nothing is that stands in none"
  )
  func descriptions() throws {
    var english: Set<String> = []
    func walk(_ node: YAMLNode) {
      for entry in node.entries {
        if entry.name == "description", let text = entry.value.text { english.insert(text) }
        walk(entry.value)
      }
      node.items.forEach(walk)
    }
    let root = Self.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Gateway")
    for name in ["Configuration/configuration", "Configuration/rules", "Trying/scenario"] {
      walk(try YAMLDocument(contentsOf: root.appending(path: "\(name).schema.json")).root)
    }
    let said = Set(SchemaDescriptions.vietnamese.keys)
    #expect(english.subtracting(said) == [], "say them in Configuration/descriptions.vi.json")
    #expect(said.subtracting(english) == [])
  }

  @Test("every fixture is expected, and a directory is checked whole")
  func directory() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path(percentEncoded: false))
    #expect(Set(names) == Set(Self.expectations.map(\.file)))
    let check = FileCheck.check(paths: [Self.folder.path(percentEncoded: false)])
    #expect(check.files == names.count)
    let found = Set(check.diagnostics.map { URL(filePath: $0.file).lastPathComponent })
    #expect(found == Set(names), "\(check.text())")
  }

  @Test("what ships is clean: the default rules and the profiles")
  func shipped() {
    let root = Self.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let check = FileCheck.check(paths: [
      root.appending(path: "Sources/Gateway/Configuration/Defaults").path(percentEncoded: false),
      root.appending(path: "DeviceProfiles").path(percentEncoded: false),
    ])
    #expect(check.isClean, "\(check.text())")
    #expect(check.files > 5)
  }

  @Test("what a configuration names is checked with it, and once")
  func namedDirectories() throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let profile = folder.appending(path: "mine/acme/bp1")
    try FileManager.default.createDirectory(at: profile, withIntermediateDirectories: true)
    try Data("nothing: here\n".utf8).write(to: profile.appending(path: "profile.yaml"))
    try Data("profiles: [mine]\n".utf8).write(to: folder.appending(path: "vitalsd.yaml"))
    let file = FileCheck.check(paths: [folder.appending(path: "vitalsd.yaml").path(percentEncoded: false)])
    #expect(file.files == 2 && file.diagnostics.contains { $0.file.hasSuffix("bp1/profile.yaml") }, "\(file.text())")
    let all = FileCheck.check(paths: [folder.path(percentEncoded: false)])
    #expect(all.files == 2 && all.diagnostics.count == file.diagnostics.count, "\(all.text())")
  }

  @Test("a path that is not there, and a directory without YAML, are findings")
  func nothingThere() throws {
    #expect(FileCheck.check(paths: ["/nowhere/at/all.yaml"]).diagnostics.first?.message == "there is no such file")
    let empty = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: empty) }
    #expect(!FileCheck.check(paths: [empty.path(percentEncoded: false)]).isClean)
  }
}

/// A new directory of the test's own.
func temporaryDirectory() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appending(path: "vitals-gateway-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}

/// The configuration that a file with this text makes.
func loadConfiguration(_ text: String) throws -> Configuration {
  let directory = try temporaryDirectory()
  defer { try? FileManager.default.removeItem(at: directory) }
  let file = directory.appending(path: "vitalsd.yaml")
  try Data(text.utf8).write(to: file)
  return try ConfigurationFile.load(path: file.path(percentEncoded: false))
}
