import ArgumentParser
import Foundation
import LocalAPI

struct Announce: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: AnnounceText.command.inProcess, discussion: AnnounceText.examples.inProcess)

  @Option(name: .customLong("with"), help: ArgumentHelp(AnnounceText.with.inProcess, valueName: "program"))
  var program: String?

  @Flag(help: ArgumentHelp(AnnounceText.tone.inProcess))
  var tone = false

  @Option(help: ArgumentHelp(AnnounceText.least.inProcess, valueName: "notice|warning|urgent"))
  var least: AnnouncementPlan.Severity = .warning

  @Option(help: ArgumentHelp(AnnounceText.every.inProcess, valueName: "time"))
  var every = LengthOfTime(seconds: 60, words: "60s")

  @Option(help: ArgumentHelp(AnnounceText.times.inProcess, valueName: "count"))
  var times = 30

  @Flag(help: ArgumentHelp(AnnounceText.discreetOption.inProcess))
  var discreet = false

  @OptionGroup var common: CommonOptions

  /// The words of `--with`; nil: it was not given. No shell reads them, so there is nothing to quote.
  var programWords: [String]? { program?.split(whereSeparator: \.isWhitespace).map(String.init) }

  func validate() throws {
    if programWords?.isEmpty == true { throw ValidationError.wrong(.expectedProgram) }
    if tone, program == nil { throw ValidationError.wrong(.onlyWith, "--tone", "--with") }
    if !(1...1000).contains(times) { throw ValidationError.wrong(.between, "--times", "1", "1000") }
    if every.seconds < 5 { throw ValidationError.wrong(.atLeast, "--every", "5s") }
  }

  func run() async throws {
    let console = common.console
    let speaker = Speaker(
      programs: Speaker.programs(asked: programWords, tone: tone, language: console.language))
    try await Announcer(
      client: common.client, speaker: speaker,
      words: AnnouncementWords(language: console.language, isDiscreet: discreet), console: console
    ).run(AnnouncementPlan(least: least, every: .seconds(every.seconds), times: times))
  }
}

extension AnnouncementPlan.Severity: ExpressibleByArgument {}
