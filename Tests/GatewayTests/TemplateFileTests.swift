import Forwarding
import Foundation
import Testing
import YAMLDocuments

@testable import Gateway

/// `vitals check` and the body templates that a configuration names.
@Suite struct TemplateFileTests {
  private func check(_ template: String?, _ more: String = "") throws -> [Diagnostic] {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(
      """
      destinations:
        - name: phone
          kind: webhook
          url: https://ntfy.example/
          template: ntfy.mustache
      \(more)
      """.utf8
    ).write(to: folder.appending(path: "vitalsd.yaml"))
    if let template { try Data(template.utf8).write(to: folder.appending(path: "ntfy.mustache")) }
    return FileCheck.check(paths: [folder.path(percentEncoded: false)]).diagnostics
  }

  @Test func aTemplateNeedsNoSecretAndIsLookedAt() throws {
    #expect(try check("{\"topic\": \"a\", \"message\": \"{{type}}\"}") == [])
    let found = try #require(try check("{\n  \"topic\": \"a\",\n  \"message\": \"{{data.rul}}\"\n}").first)
    #expect(URL(filePath: found.file).lastPathComponent == "ntfy.mustache")
    #expect(found.line == 3 && found.column == 15)
    #expect(found.message.contains("data.rule"))
    #expect(try check("{\"topic\": {{type}}}").first?.message.contains("no JSON") == true)
    #expect(try check("{{type}}", "    content-type: text/plain") == [])
  }

  @Test func whatIsMissingBesideItIsSaid() throws {
    let missing = try #require(try check(nil).first)
    #expect(missing.line == 5 && missing.field == "destinations[0].template")
    let authority = try #require(try check("{}", "    ca-file: nowhere.pem").first)
    #expect(authority.field == "destinations[0].ca-file")
    #expect(try check("{}", "    time-limit: 90s").first?.field == "destinations[0].time-limit")
  }

  @Test func aTemplateIsCheckedByItself() throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "slack.mustache")
    try Data("{\"text\": \"{{data.patient}}\"}".utf8).write(to: file)
    #expect(FileCheck.check(paths: [file.path(percentEncoded: false)]).isClean)
    try Data("{\"text\": \"{{data.name}}\"}".utf8).write(to: file)
    #expect(FileCheck.check(paths: [file.path(percentEncoded: false)]).diagnostics.first?.line == 1)
  }

  @Test func theSettingsReachTheForwarder() throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "vitalsd.yaml")
    try Data(
      """
      destinations:
        - name: phone
          kind: webhook
          url: https://ntfy.example/
          template: ntfy.mustache
          content-type: text/plain
          time-limit: 20s
          ca-file: /etc/ca.pem
      """.utf8
    ).write(to: file)
    let settings = try #require(
      try ConfigurationFile.load(path: file.path(percentEncoded: false)).destinations.first
    ).settings
    #expect(settings.secretFile == nil)
    #expect(settings.templateFile == folder.appending(path: "ntfy.mustache").path(percentEncoded: false))
    #expect(settings.contentType == "text/plain")
    #expect(settings.timeLimit == .seconds(20))
    #expect(settings.authorityFile == "/etc/ca.pem")
  }
}
