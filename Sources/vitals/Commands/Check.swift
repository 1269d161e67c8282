import ArgumentParser

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.check.inProcess, discussion: HelpText.checkExamples.inProcess)

  @Argument(help: ArgumentHelp(HelpText.paths.inProcess))
  var paths: [String] = ["/etc/vitals"]

  @Flag(help: ArgumentHelp(HelpText.json.inProcess))
  var json = false

  @Option(help: ArgumentHelp(HelpText.lang.inProcess, valueName: "en|vi"))
  var lang: Language?

  /// For `vitalsd`; paths after `--`, since one may begin with a dash.
  var arguments: [String] {
    ["check", "--lang", (lang ?? .ofProcess).rawValue] + (json ? ["--json"] : []) + ["--"] + paths
  }

  func run() throws { try DaemonProgram.become(arguments, language: lang ?? .ofProcess) }
}
