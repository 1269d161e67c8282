import ArgumentParser
import Foundation
import LocalAPI

struct SilenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence", abstract: HelpText.silence.inProcess, discussion: HelpText.silenceExamples.inProcess,
    subcommands: [Add.self, List.self, Lift.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.silenceAdd.inProcess, discussion: HelpText.silenceExamples.inProcess)

    @Option(name: .customLong("for"), help: ArgumentHelp(HelpText.silenceFor.inProcess, valueName: "time"))
    var span: Span

    @Option(help: ArgumentHelp(HelpText.silenceReason.inProcess))
    var reason: String

    @Option(help: ArgumentHelp(HelpText.silenceRule.inProcess))
    var rule: String?

    @Option(help: ArgumentHelp(HelpText.patientFilter.inProcess, valueName: "id|name"))
    var patient: String?

    @Flag(help: ArgumentHelp(HelpText.silenceUrgent.inProcess))
    var urgent = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if span.seconds > 31 * 86_400 { throw ValidationError.wrong(.atMost, "--for", "31d") }
      if urgent, span.seconds > 86_400 { throw ValidationError.wrong(.urgentFor) }
      if reason.allSatisfy(\.isWhitespace) { throw ValidationError.wrong(.empty, "--reason") }
    }

    func run() async throws {
      let console = common.console
      let silence = try await common.client.silence(
        SilenceRequest(rule: rule, patient: patient, seconds: span.seconds, reason: reason, urgent: urgent))
      if console.json { return try console.document(silence) }
      console.say(
        EpisodeText.silenced, ["until": silence.until.shown(in: console.timeZone), "id": silence.id], .good)
      console.say(silence.urgent ? EpisodeText.silencedUrgent : .urgentStays, [:], .warning)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.silenceList.inProcess, discussion: HelpText.silenceExamples.inProcess)

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let silences = try await common.client.silences()
      if console.json { return try console.document(silences) }
      if silences.isEmpty { return console.say(EpisodeText.noSilences) }
      Table(
        heads: [
          console.text(EpisodeText.name), console.text(EpisodeText.until), console.text(EpisodeText.rule),
          console.text(ListText.person), console.text(EpisodeText.alsoUrgent), console.text(EpisodeText.reason),
        ], flexible: [2, 3, 5],
        rows: silences.map { silence in
          Table.Row(
            cells: [
              silence.id, silence.until.shown(in: console.timeZone),
              silence.rule ?? console.text(EpisodeText.everything),
              silence.patientName ?? silence.patient ?? console.text(EpisodeText.everybody),
              console.text(silence.urgent ? EpisodeText.yes : .no), silence.reason,
            ], style: silence.urgent ? .warning : .plain)
        }
      ).print(to: console)
    }
  }

  struct Lift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.silenceLift.inProcess, discussion: HelpText.silenceExamples.inProcess)

    @Argument(help: ArgumentHelp(HelpText.silenceID.inProcess))
    var id: String

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if id.isEmpty { throw ValidationError.wrong(.emptySilence) }
    }

    func run() async throws {
      let console = common.console
      let silence = try await common.client.liftSilence(id)
      if console.json { return try console.document(silence) }
      console.say(EpisodeText.lifted, ["id": silence.id], .good)
    }
  }
}

/// A span of time as an argument: a whole number and `m`, `h` or `d`.
struct Span: ExpressibleByArgument, Hashable, Sendable {
  var seconds: Int

  init?(argument: String) {
    let units = ["m": 60, "h": 3600, "d": 86_400]
    guard let unit = argument.last.flatMap({ units[String($0)] }), let number = Int(argument.dropLast()), number > 0,
      number < 100_000
    else { return nil }
    seconds = number * unit
  }
}
