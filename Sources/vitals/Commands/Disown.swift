import ArgumentParser
import LocalAPI

struct Disown: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.disown.inProcess, discussion: HelpText.disownExamples.inProcess)

  @Argument(help: ArgumentHelp(HelpText.readingIDs.inProcess))
  var readings: [String]

  @Flag(help: ArgumentHelp(HelpText.corrected.inProcess))
  var corrected = false

  @OptionGroup var common: CommonOptions

  var request: DisownRequest { DisownRequest(readings: readings, corrected: corrected ? true : nil) }

  func run() async throws {
    let console = common.console
    let answer = try await common.client.disown(request)
    if console.json { return try console.document(answer) }
    Self.show(answer, corrected: corrected, console)
  }

  static func show(_ answer: OwnershipAnswer, corrected: Bool, _ console: Console) {
    ReadingWords(language: console.language, timeZone: console.timeZone).table(answer.readings, ids: true)
      .print(to: console)
    if corrected {
      return console.say(answer.changed.isEmpty ? OwnershipText.nobodyTold : .corrected, [:], .good)
    }
    console.say(
      answer.changed.isEmpty ? OwnershipText.disownedBefore : .disowned, ["count": String(answer.changed.count)],
      .good)
    console.warn(told: answer.told)
  }
}
