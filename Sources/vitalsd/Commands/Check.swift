import ArgumentParser
import Gateway

/// `vitalsd check`: what `vitals check` runs.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check configuration, rules and device profiles.",
    discussion: """
      A file is recognised by what it holds: vitalsd.yaml, rules (`rules:`), profile.yaml, session.yaml, expected.yaml.
      A directory is checked with everything below it.

      EXAMPLES
        vitalsd check /etc/vitals
        vitalsd check --json DeviceProfiles
      """)

  @Flag(help: "Print a JSON array of {file, line, column, field, message}.")
  var json = false

  @Option(help: "The language of what is printed: en or vi.")
  var lang = "en"

  @Argument(help: "Files and directories.")
  var paths: [String] = ["/etc/vitals"]

  func run() throws {
    let report = FileCheck.check(paths: paths)
    print(json ? report.json : report.text(isVietnamese: lang == "vi"))
    if !report.isClean { throw ExitCode(1) }
  }
}
