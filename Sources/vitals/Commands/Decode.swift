import ArgumentParser

struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.decode.inProcess, discussion: HelpText.decodeExamples.inProcess)

  @Option(help: ArgumentHelp(HelpText.characteristic.inProcess, valueName: "uuid"))
  var characteristic: String?

  @Option(help: ArgumentHelp(HelpText.decodeProfile.inProcess, valueName: "vendor/model"))
  var profile: String?

  @Argument(help: ArgumentHelp(HelpText.hex.inProcess))
  var hex: [String]

  @Flag(help: ArgumentHelp(HelpText.json.inProcess))
  var json = false

  @Option(help: ArgumentHelp(HelpText.lang.inProcess, valueName: "en|vi"))
  var lang: Language?

  func validate() throws {
    guard (characteristic == nil) != (profile == nil) else {
      throw ValidationError.wrong(.either, "--characteristic", "--profile")
    }
    if let characteristic,
      characteristic.wholeMatch(of: #/[0-9A-Fa-f]{4}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/#) == nil
    {
      throw ValidationError.wrong(.expectedUUID)
    }
    let digits = hex.joined().filter { !$0.isWhitespace && $0 != ":" && $0 != "-" }
    guard !digits.isEmpty, digits.allSatisfy(\.isHexDigit), digits.count.isMultiple(of: 2) else {
      throw ValidationError.wrong(.expectedHex)
    }
  }

  /// For `vitalsd`.
  var arguments: [String] {
    var arguments = ["decode", "--lang", (lang ?? .ofProcess).rawValue]
    if json { arguments.append("--json") }
    if let characteristic { arguments += ["--characteristic", characteristic] }
    if let profile { arguments += ["--profile", profile] }
    return arguments + [hex.joined().filter(\.isHexDigit)]
  }

  func run() throws { try DaemonProgram.become(arguments, language: lang ?? .ofProcess) }
}
