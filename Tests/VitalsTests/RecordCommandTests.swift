import ArgumentParser
import Foundation
import LocalAPI
import Testing

@testable import vitals

/// `export` and `erase`, without a daemon.
@Suite struct RecordCommandTests {
  @Test func exportsAreNamed() throws {
    let csv = try #require(try Vitals.parseAsRoot(["export", "--csv", "--since", "30d", "-o", "x.csv"]) as? Export)
    #expect(csv.query.format == .csv && csv.query.since != nil && csv.output == "x.csv")
    let page = try #require(try Vitals.parseAsRoot(["export", "--qd831", "--page", "--patient", "Mai"]) as? Export)
    #expect(page.query.format == .qd831Page && page.query.patient == "Mai")
    for wrong in [
      ["export"], ["export", "--csv", "--fhir"], ["export", "--csv", "--page"], ["export", "--qd831"],
      ["export", "--csv", "--since", "soon"], ["erase"],
    ] {
      #expect(throws: (any Error).self) { try Vitals.parseAsRoot(wrong) }
    }
  }

  @Test func aFileAppearsWholeAndForItsOwnerOnly() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "out.csv").path(percentEncoded: false)
    try Data("old".utf8).write(to: URL(filePath: path))
    func all() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.path) }

    let left = try ExportFile(path: path)
    try left.write(Array("half".utf8))
    #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
    left.discard()
    #expect(try all() == ["out.csv"])

    let file = try ExportFile(path: path)
    try file.write(Array("whole".utf8))
    try file.finish()
    #expect(try all() == ["out.csv"])
    #expect(FileManager.default.contents(atPath: path) == Data("whole".utf8))
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    #expect(throws: ExportFile.Failure.self) { _ = try ExportFile(path: path + "/below") }
  }

  private static let preview = Erasure(
    patient: "p-1", patientName: "Mai", readings: 41, alerts: 2, destinations: ["clinic"], otherFiles: [], clean: false)

  /// Two answers are needed, and the second is what is sent.
  @Test(
    arguments: [
      (["yes", "Mai"], "Mai"), (["YES", "p-1"], "p-1"), (["Có", "Mai"], "Mai"), (["co", "Mai"], "Mai"),
      (["yes", ""], nil), (["yes"], nil), (["y", "Mai"], nil),
      (["no", "Mai"], nil), ([], nil),
    ] as [([String], String?)])
  func twoQuestions(answers: [String], typed: String?) {
    let written = Written()
    var rest = answers[...]
    let result = Erase.ask(Self.preview, written.console()) { rest.popFirst() }
    #expect(result == typed)
    #expect(written.output.contains("41") && written.output.contains("clinic"))
  }
}
