import ArgumentParser
import Foundation
import LocalAPI

struct Rules: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.rules.inProcess, discussion: HelpText.rulesExamples.inProcess, subcommands: [Test.self])

  /// Tries rules before anybody trusts them. Nothing is kept and nobody is told.
  struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.rulesTest.inProcess, discussion: HelpText.rulesExamples.inProcess)

    @Argument(help: ArgumentHelp(HelpText.scenarios.inProcess))
    var paths: [String] = []

    @Option(help: ArgumentHelp(HelpText.rulesPath.inProcess, valueName: "path"))
    var rules: String?

    @Option(help: ArgumentHelp(HelpText.rulesSince.inProcess, valueName: "time"))
    var since: StartingTime?

    @Option(help: ArgumentHelp(HelpText.patientFilter.inProcess, valueName: "id|name"))
    var patient: String?

    @Option(help: ArgumentHelp(HelpText.rulesConfig.inProcess, valueName: "path"))
    var config: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
      guard paths.isEmpty != (since == nil) else { throw ValidationError.wrong(.scenariosOrSince) }
      if patient != nil, since == nil { throw ValidationError.wrong(.onlyWith, "--patient", "--since") }
      if config != nil, since == nil { throw ValidationError.wrong(.onlyWith, "--config", "--since") }
    }

    /// For `vitalsd`; paths after `--`, since one may begin with a dash.
    var arguments: [String] {
      ["rules-test", "--lang", (common.lang ?? .ofProcess).rawValue] + (common.json ? ["--json"] : [])
        + (rules.map { ["--rules", $0] } ?? [])
        + (config.map { ["--config", $0] } ?? [])
        + (paths.isEmpty ? ["--history"] : ["--"] + paths)
    }

    func run() async throws {
      let language = common.lang ?? .ofProcess
      guard let since else { try DaemonProgram.become(arguments, language: language) }
      let client = common.client
      let story = RuleStory(
        readings: try await client.readings(ReadingQuery(since: since.query, patient: patient)),
        groups: Dictionary(try await client.patients().map { ($0.id, $0.group) }) { first, _ in first })
      let status = try DaemonProgram.run(arguments, input: try LocalJSON.document(story), language: language)
      if status != 0 { throw ExitCode(status) }
    }
  }
}
