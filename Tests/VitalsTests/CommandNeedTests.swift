import ArgumentParser
import Foundation
import LocalAPI
import Testing

@testable import vitals

/// Every command stands in the page about roles, with what its routes need.
@Suite struct CommandNeedTests {
  /// Cells of a route in `Roles.md`, which LocalServerTests hold against the server.
  private static func page() throws -> [String] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Gateway/Gateway.docc/Roles.md")
    return try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("| `") }
  }

  private static func cells(_ row: String) -> [String] {
    row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// Without groups of commands.
  private static func commands(_ command: any ParsableCommand.Type, _ path: [String] = []) -> [String] {
    let subcommands = command.configuration.subcommands
    guard !subcommands.isEmpty else { return [path.joined(separator: " ")] }
    return subcommands.flatMap { commands($0, path + [$0._commandName]) }
  }

  @Test func everyCommandSaysWhatItNeeds() {
    #expect(Set(CommandNeed.all.map(\.command)) == Set(Self.commands(Vitals.self)))
    #expect(CommandNeed.all.map(\.command) == CommandNeed.all.map(\.command).sorted())
  }

  @Test func thePageHasEveryCommand() throws {
    let page = try Self.page()
    var routes: [String: [String]] = [:]
    for row in page where !row.hasPrefix("| `vitals ") {
      let cells = Self.cells(row)
      routes[cells[0].filter { $0 != "`" }] = Array(cells.dropFirst())
    }
    let less = ["–", "theirs", "one person", "yes"]
    let columns: [Role?] = [nil, .own, .operate, .administer]
    let expected = try CommandNeed.all.map { need in
      let all = try need.routes.map { try #require(routes[$0], "there is no route '\($0)'") }
      // As much as the route of it that gives least.
      let cells = columns.indices.map { column in
        all.map { $0[column] }.min { less.firstIndex(of: $0) ?? 0 < less.firstIndex(of: $1) ?? 0 } ?? "yes"
      }
      #expect(zip(columns, cells).first { $0.1 != "–" }?.0 == need.role, "\(need.command)")
      let asked = need.routes.isEmpty ? "–" : need.routes.map { "`\($0)`" }.joined(separator: ", ")
      return "| `vitals \(need.command)` | \(cells.joined(separator: " | ")) | \(asked) |"
    }
    #expect(page.filter { $0.hasPrefix("| `vitals ") } == expected)
  }

  @Test(arguments: [
    (["readings", "--help"], "Needs the role 'own'; see 'vitals whoami'."),
    (["help", "erase"], "Needs the role 'administer'; see 'vitals whoami'."),
    (["silence", "add", "-h"], "Needs the role 'operate'; see 'vitals whoami'."),
    (["check", "file.yaml", "--help"], "Needs no role: vitalsd is not asked."), (["silence", "--help"], nil),
    (["--help"], nil), ([], nil), (["nothing", "--help"], nil),
  ])
  func helpNamesTheRole(words: [String], line: String?) {
    #expect(CommandNeed.helpLine(for: words, in: .en) == line)
  }

  @Test func aRefusalHasACodeOfItsOwn() {
    let error = LocalClientError.refused(
      status: 403, APIError(APIError.Code.notAllowed, "this needs the role 'operate'", remedy: "ask"))
    let failure = CommandFailure(error, in: .en)
    #expect(failure.status.rawValue == 5 && failure.remedy == "ask")
    #expect(CommandFailure(error, in: .vi).sentence.hasPrefix("Không được phép"))
  }

  @Test func whoamiAsksForItself() throws {
    #expect(try Vitals.parseAsRoot(["whoami", "--json"]) is WhoAmICommand)
    let me = WhoAmI(uid: 1000, user: "mai", role: .own, patients: [])
    #expect(
      String(decoding: try LocalJSON.line(me), as: UTF8.self)
        == #"{"patients":[],"role":"own","uid":1000,"user":"mai"}"#)
  }
}
