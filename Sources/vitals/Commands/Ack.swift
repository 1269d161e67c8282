import ArgumentParser
import LocalAPI

struct Ack: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.ack.inProcess, discussion: HelpText.ackExamples.inProcess)

  @Argument(help: ArgumentHelp(HelpText.ackEpisode.inProcess))
  var alert: String?

  @Option(help: ArgumentHelp(HelpText.patientFilter.inProcess, valueName: "id|name"))
  var patient: String?

  @Option(help: ArgumentHelp(HelpText.ackBy.inProcess, valueName: "contact"))
  var by: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if alert != nil, patient != nil { throw ValidationError.wrong(.alertOrPatient) }
    if alert?.isEmpty == true { throw ValidationError.wrong(.emptyAlert) }
  }

  func run() async throws {
    let console = common.console
    let answer = try await common.client.acknowledge(
      AcknowledgementRequest(episode: alert, patient: patient, by: by))
    if console.json { return try console.document(answer) }
    EpisodeWords.table(answer.episodes, console).print(to: console)
    if let by, answer.stopsLadder {
      console.say(EpisodeText.acknowledged, ["contact": by], .good)
    } else {
      console.say(by == nil ? EpisodeText.acknowledgedByNobody : .acknowledgedByPatient, [:], .warning)
    }
  }
}

/// Alerts that fire, as a table.
enum EpisodeWords {
  static func table(_ episodes: [Episode], _ console: Console) -> Table {
    Table(
      heads: [
        console.text(EpisodeText.alert), console.text(ListText.time), console.text(ListText.person),
        console.text(ListText.severity), console.text(EpisodeText.reading), console.text(EpisodeText.told),
        console.text(EpisodeText.next),
      ], flexible: [2], rows: episodes.map { row($0, console) })
  }

  static func row(_ episode: Episode, _ console: Console) -> Table.Row {
    let alert = Alerts.row(episode.alert, console)
    return Table.Row(
      cells: [
        String(episode.id.prefix(8)), alert.cells[0], alert.cells[1], alert.cells[3], alert.cells[4],
        called(episode, console), next(episode, console),
      ], style: episode.alert.simulated ? .simulated : episode.acknowledgedBy == nil ? .bad : .plain)
  }

  /// Whose turn came: by name who has it, and of the others that they have nothing.
  private static func called(_ episode: Episode, _ console: Console) -> String {
    episode.called.map { contact in
      if episode.told.contains(contact) { return contact }
      let key: EpisodeText = episode.alert.simulated ? .notSentSimulated : .notDelivered
      return console.text(key, ["contact": contact])
    }.joined(separator: ", ")
  }

  /// The daemon's `silence ID` and `hidden by RULE`, said.
  private static func why(_ held: String, _ console: Console) -> String {
    if let match = held.wholeMatch(of: #/hidden by (.+)/#) {
      return console.text(EpisodeText.hiddenBy, ["rule": String(match.1)])
    }
    guard let match = held.wholeMatch(of: #/silence (.+)/#) else { return held }
    return console.text(EpisodeText.bySilence, ["id": String(match.1)])
  }

  private static func next(_ episode: Episode, _ console: Console) -> String {
    if let held = episode.held { return console.text(EpisodeText.held, ["why": why(held, console)]) }
    if episode.unanswered { return console.text(EpisodeText.unanswered) }
    let known = episode.acknowledgedBy.map { by in
      console.text(
        by == Episode.somebody ? EpisodeText.knownToSomebody : .knownTo,
        ["contact": by, "time": episode.acknowledgedAt?.shown(in: console.timeZone) ?? ""])
    }
    let next = episode.nextAt.map {
      console.text(EpisodeText.nextAt, ["time": $0.shown(in: console.timeZone), "step": String(episode.step ?? 1)])
    }
    return [known, next].compactMap { $0 }.joined(separator: "; ")
  }
}
