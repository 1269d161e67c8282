import ArgumentParser

struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: BackupText.restore.inProcess, discussion: BackupText.restoreExamples.inProcess)

  @Argument(help: ArgumentHelp(BackupText.restoreFile.inProcess))
  var file: String?

  @Flag(help: ArgumentHelp(BackupText.restoreList.inProcess))
  var list = false

  @Flag(help: ArgumentHelp(BackupText.restoreForce.inProcess))
  var force = false

  @Flag(help: ArgumentHelp(BackupText.restoreFinish.inProcess))
  var finish = false

  @Option(name: .shortAndLong, help: ArgumentHelp(BackupText.restoreConfig.inProcess, valueName: "path"))
  var config = "/etc/vitals/vitalsd.yaml"

  @Option(help: ArgumentHelp(BackupText.passphraseFile.inProcess, valueName: "file"))
  var passphraseFile: String?

  @Flag(help: ArgumentHelp(HelpText.json.inProcess))
  var json = false

  @Option(help: ArgumentHelp(HelpText.lang.inProcess, valueName: "en|vi"))
  var lang: Language?

  func validate() throws {
    guard (file == nil) == finish else { throw ValidationError.wrong(.oneOf, "<file>, --finish") }
    if list, force || finish { throw ValidationError.wrong(.notWith, "--list", "--force, --finish") }
  }

  /// For `vitalsd`; the path after `--`, since it may begin with a dash.
  var arguments: [String] {
    ["restore", "--config", config, "--lang", (lang ?? .ofProcess).rawValue] + (list ? ["--list"] : [])
      + (force ? ["--force"] : []) + (finish ? ["--finish"] : []) + (json ? ["--json"] : [])
      + (passphraseFile.map { ["--passphrase-file", $0] } ?? []) + (file.map { ["--", $0] } ?? [])
  }

  func run() throws { try DaemonProgram.become(arguments, language: lang ?? .ofProcess) }
}
