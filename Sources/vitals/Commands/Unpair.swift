import ArgumentParser
import LocalAPI

struct Unpair: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.unpair.inProcess, discussion: HelpText.unpairExamples.inProcess)

  @Argument(help: ArgumentHelp(HelpText.deviceArgument.inProcess))
  var device: String

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if device.allSatisfy(\.isWhitespace) { throw ValidationError.wrong(.emptyDevice) }
  }

  func run() async throws {
    let console = common.console
    try await common.client.unpair(device)
    if console.json {
      try console.document(["unpaired": device])
    } else {
      console.say(ListText.unpaired, ["name": device])
      console.say(ListText.pairAgain, [:], .faint)
    }
  }
}
