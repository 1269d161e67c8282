import ArgumentParser
import Foundation
import Gateway

/// `vitalsd rules-test`: what `vitals rules test` runs.
struct RulesTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules-test", abstract: "Try alert rules on scenario files, or on stored readings.",
    discussion: """
      EXAMPLES
        vitalsd rules-test --rules /etc/vitals/rules.d scenarios/
        vitals readings --json --since 30d | vitalsd rules-test --history
      """)

  @Option(help: "A directory or a file of rules; default: those that come with the program.")
  var rules: String?

  @Flag(help: "Read what vitals readings --json prints from standard input, instead of scenarios.")
  var history = false

  @Option(help: "A vitalsd.yaml whose contacts and ladder are shown with --history; default: nobody in particular.")
  var config: String?

  @Flag(help: "Print a JSON array of {file, title, changes, differences}.")
  var json = false

  @Option(help: "The language of what is printed: en or vi.")
  var lang = "en"

  @Argument(help: "Scenario files, and directories of them.")
  var paths: [String] = []

  func validate() throws {
    guard history != !paths.isEmpty else { throw ValidationError("name scenario files, or say --history") }
    if config != nil, !history { throw ValidationError("--config: only with --history; a scenario names its contacts") }
  }

  func run() throws {
    let test: RuleTest
    do {
      test =
        history
        ? try RuleTest(
          history: FileHandle.standardInput.readDataToEndOfFile(), rules: rules, configuration: config,
          timeZone: .current)
        : try RuleTest(scenarios: paths, rules: rules)
    } catch {
      for line in error.lines(isVietnamese: lang == "vi") { complain(line) }
      throw ExitCode(1)
    }
    print(json ? test.json : test.text(isVietnamese: lang == "vi"))
    if !test.isAsExpected { throw ExitCode(1) }
  }
}
