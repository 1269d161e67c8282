import ArgumentParser
import LocalAPI

struct Alerts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.alerts.inProcess, discussion: HelpText.alertsExamples.inProcess)

  @Option(help: ArgumentHelp(HelpText.since.inProcess, valueName: "time"))
  var since: StartingTime?

  @Option(help: ArgumentHelp(HelpText.patientFilter.inProcess, valueName: "id|name"))
  var patient: String?

  @Option(help: ArgumentHelp(HelpText.limit.inProcess, valueName: "count"))
  var limit: Int?

  @Flag(help: ArgumentHelp(HelpText.follow.inProcess))
  var follow = false

  @Flag(help: ArgumentHelp(HelpText.alertsOpen.inProcess))
  var open = false

  @Option(help: ArgumentHelp(HelpText.alertsHistory.inProcess, valueName: "alert|all"))
  var history: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError.wrong(.atLeast, "--limit", "1") }
    if [follow, open, history != nil].count(where: { $0 }) > 1 {
      throw ValidationError.wrong(.onlyOneOf, "--follow, --open, --history")
    }
    if history?.isEmpty == true { throw ValidationError.wrong(.empty, "--history") }
    if open, since != nil || limit != nil || patient != nil {
      throw ValidationError.wrong(.notWith, "--since, --limit, --patient", "--open")
    }
  }

  func run() async throws {
    let console = common.console
    if open {
      let episodes = try await common.client.episodes()
      if console.json { return try console.document(episodes) }
      if episodes.isEmpty { return console.say(EpisodeText.nothingFires, [:], .good) }
      return EpisodeWords.table(episodes, console).print(to: console)
    }
    if let history { return try await show(history: history == "all" ? nil : history, console) }
    if follow {
      let limit = since == nil && limit == nil ? 10 : limit
      try await common.client.followAlerts(since: since?.query, patient: patient, limit: limit) { alert in
        if console.json { return try console.line(alert) }
        let row = Self.row(alert, console)
        console.say(row.cells.filter { !$0.isEmpty }.joined(separator: "  "), row.style)
      }
      return
    }
    let alerts = try await common.client.alerts(since: since?.query, patient: patient, limit: limit)
    if console.json { return try console.document(alerts) }
    if alerts.isEmpty { return console.say(ListText.noAlerts) }
    Table(
      heads: [ListText.time, .person, .state, .severity, .alert, .notes].map { console.text($0) }, flexible: [1, 5],
      rows: alerts.map { Self.row($0, console) }
    ).print(to: console)
  }

  /// Who was told what, when, and who answered.
  private func show(history: String?, _ console: Console) async throws {
    let lines = try await common.client.alertHistory(
      episode: history, since: since?.query, patient: patient, limit: limit)
    if console.json { return try console.document(lines) }
    if lines.isEmpty { return console.say(ListText.noAlerts) }
    Table(
      heads: [
        console.text(ListText.time), console.text(EpisodeText.alert), console.text(ListText.person),
        console.text(EpisodeText.change), console.text(EpisodeText.where_),
      ], flexible: [2],
      rows: lines.map { line in
        let alert = Self.row(line.alert, console)
        return Table.Row(
          cells: [
            line.decidedAt.shown(in: console.timeZone), String(line.alert.episode.prefix(8)), alert.cells[1],
            "\(alert.cells[2]) \(alert.cells[4])",
            line.tellings.isEmpty
              ? console.text(EpisodeText.none)
              : line.tellings.map { Self.words($0, console) }.joined(separator: "; "),
          ], style: alert.style)
      }
    ).print(to: console)
  }

  static func words(_ telling: AlertHistoryLine.Telling, _ console: Console) -> String {
    let who =
      telling.contacts.isEmpty
      ? telling.destination : "\(telling.contacts.joined(separator: ", ")) (\(telling.destination))"
    var values = ["who": who, "count": String(telling.attempts)]
    values["time"] = (telling.finishedAt ?? telling.waitsUntil)?.shown(in: console.timeZone) ?? ""
    let text: EpisodeText =
      switch telling.state {
      case "delivered": .delivered
      case "rejected": .rejected
      case "cancelled": .cancelled
      default: telling.attempts == 0 && telling.waitsUntil != nil ? .waitsUntil : .waiting
      }
    return [console.text(text, values), telling.message].compactMap { $0 }.joined(separator: ", ")
  }

  static func row(_ alert: Alert, _ console: Console) -> Table.Row {
    var notes: [String] = []
    if alert.simulated { notes.append(console.text(ListText.simulated)) }
    if !alert.stored { notes.append(console.text(ListText.notStored)) }
    if alert.timeUncertain == true { notes.append(console.text(ListText.timeUncertain)) }
    let fires = alert.state == "firing"
    let nobody = ConditionText(alert.component) == nil ? console.text(ListText.nobodyYet) : ""
    return Table.Row(
      cells: [
        alert.at.shown(in: console.timeZone),
        alert.patientName ?? alert.patient ?? nobody,
        // Nothing is open after a summary.
        alert.since == nil ? word(alert.state, console) : "", word(alert.severity, console), sentence(alert, console),
        notes.joined(separator: ", "),
      ], style: alert.simulated ? .simulated : fires ? .bad : .plain)
  }

  /// `systolic 185 mmHg (≥ 180)`.
  static func sentence(_ alert: Alert, _ console: Console) -> String {
    if let condition = ConditionText(alert.component) {
      let line = [console.text(condition), alert.about].compactMap { $0 }.joined(separator: ": ")
      guard let stage = stage(alert, console) else { return line }
      return console.text(ListText.alertStage, ["line": line, "stage": stage])
    }
    if let since = alert.since {
      return console.text(
        ListText.oldReadings, ["count": "\(alert.value)", "since": since.shown(in: console.timeZone)])
    }
    let component = ListText(measure: alert.component)
    let sign =
      switch alert.comparison {
      case "at-least": "≥"
      case "above": ">"
      case "at-most": "≤"
      case "below": "<"
      default: alert.comparison
      }
    // A number of readings or days has its unit in its name.
    let unit = ["readings", "days"].contains(alert.component) ? "" : " \(alert.unit)"
    let line = console.text(
      ListText.alertLine,
      [
        "what": component.map { console.text($0) } ?? alert.component, "value": "\(alert.value)\(unit)",
        "limit": "\(sign) \(alert.limit)",
      ])
    guard let stage = stage(alert, console) else { return line }
    return console.text(ListText.alertStage, ["line": line, "stage": stage])
  }

  /// Nil: it has none. One that this program does not know is shown as it came.
  private static func stage(_ alert: Alert, _ console: Console) -> String? {
    switch alert.stage {
    case "first": console.text(ListText.stageFirst)
    case "confirmed": console.text(ListText.stageConfirmed)
    case "not-confirmed": console.text(ListText.stageNotConfirmed)
    case "not-repeated": console.text(ListText.stageNotRepeated)
    case "still": console.text(ListText.stageStill)
    case "rule-changed": console.text(ListText.stageRuleChanged)
    case "acknowledged":
      switch alert.way {
      case "reply": console.text(EpisodeText.stageRepliedTo, ["contact": alert.by ?? ""])
      case "link": console.text(EpisodeText.stageLinkPressed, ["contact": alert.by ?? ""])
      default:
        alert.by == nil || alert.by == Episode.somebody
          ? console.text(EpisodeText.stageSomebody)
          : console.text(EpisodeText.stageAcknowledged, ["contact": alert.by ?? ""])
      }
    case "escalated": console.text(EpisodeText.stageEscalated)
    case "unanswered": console.text(EpisodeText.stageUnanswered)
    case "reopened": console.text(EpisodeText.stageReopened)
    default: alert.stage
    }
  }

  private static func word(_ word: String, _ console: Console) -> String {
    if word == "acknowledged" { return console.text(EpisodeText.acknowledgedState) }
    let key: ListText? =
      switch word {
      case "firing": .firing
      case "resolved": .resolved
      case "notice": .noticeSeverity
      case "warning": .warningSeverity
      case "urgent": .urgentSeverity
      default: nil
      }
    return key.map { console.text($0) } ?? word
  }
}
