import ArgumentParser

struct Key: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: DeliveryText.key.inProcess, discussion: DeliveryText.keyExamples.inProcess)

  @Argument(help: ArgumentHelp(DeliveryText.keyFile.inProcess))
  var file: String

  @Option(help: ArgumentHelp(HelpText.lang.inProcess, valueName: "en|vi"))
  var lang: Language?

  /// For `vitalsd`; the path after `--`, since it may begin with a dash.
  var arguments: [String] { ["key", "--lang", (lang ?? .ofProcess).rawValue, "--", file] }

  func run() throws { try DaemonProgram.become(arguments, language: lang ?? .ofProcess) }
}
