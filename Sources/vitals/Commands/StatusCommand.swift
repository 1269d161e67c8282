import ArgumentParser
import LocalAPI

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: HelpText.status.inProcess, discussion: HelpText.statusExamples.inProcess)

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let console = common.console
    let status = try await common.client.status()
    if console.json {
      try console.document(status)
    } else {
      Self.show(status, console)
    }
    // On standard error beside JSON, so that a person who pipes it sees it too.
    console.warn(unreachable: status.unreachable)
  }

  static func show(_ status: Status, _ console: Console) {
    console.say(
      StatusText.running, ["version": status.version, "time": status.startedAt.shown(in: console.timeZone)])
    console.say(
      StatusText.bluetooth, ["text": adapter(status.adapter, console.language)],
      status.adapter.state == .ready ? .good : status.adapter.state == .disabled ? .faint : .warning)
    for (link, key) in [(Status.AwaitedDevice.Link.connected, StatusText.connectedTo), (.awaited, .waitingFor)] {
      let names = status.bluetooth.filter { $0.link == link }.map { $0.name ?? $0.id }
      if !names.isEmpty { console.say(key, ["names": names.joined(separator: ", ")]) }
    }
    VisitWords.show(status.visits ?? [], console)
    if status.store.ok {
      console.say(StatusText.storeOK)
    } else {
      console.say(StatusText.storeFailing, ["text": status.store.sentence ?? ""], .bad)
    }
    if let room = status.store.room {
      console.say(StatusText.room, ["used": "\(room.used)", "budget": "\(room.budget)"])
      if let until = room.prunedUntil {
        console.say(
          StatusText.pruned, ["count": "\(room.prunedReadings)", "time": until.shown(in: console.timeZone)])
      }
    }
    if let copy = status.store.lastCopy {
      console.say(StatusText.lastCopy, ["time": copy.shown(in: console.timeZone)], .faint)
    }
    if status.destinations.isEmpty { console.say(StatusText.noDestinations) }
    for destination in status.destinations {
      var text = console.text(
        StatusText.destination,
        ["name": destination.name, "kind": destination.kind, "count": String(destination.waiting)])
      if let error = destination.lastError { text += ", " + console.text(StatusText.destinationError, ["text": error]) }
      console.say(text, destination.lastError == nil ? .plain : .warning)
    }
    if let heartbeat = status.heartbeat { show(heartbeat, console) }
    if let answers = status.answers, !answers.refused.isEmpty {
      let refused = answers.refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      console.say(
        StatusText.answersRefused, ["count": "\(answers.taken)", "refused": refused.joined(separator: ", ")])
    }
    // The red words at the end say these already.
    let warnings = status.warnings.filter {
      $0.kind != HealthWarning.Kind.alertsReachNobody || status.unreachable.isEmpty
    }
    if warnings.isEmpty, status.unreachable.isEmpty { console.say(StatusText.noWarnings, [:], .good) }
    for warning in warnings {
      let words = HealthWords(warning, console.language)
      console.say(
        StatusText.warningLine, ["title": words.title, "time": warning.since.shown(in: console.timeZone)],
        warning.severity == .error ? .bad : warning.severity == .warning ? .warning : .plain)
      if let remedy = words.remedy { console.say("  " + console.text(StatusText.remedy, ["text": remedy])) }
    }
  }

  private static func show(_ heartbeat: Status.Heartbeat, _ console: Console) {
    if let time = heartbeat.lastTaken {
      console.say(
        StatusText.heartbeatTaken, ["kind": heartbeat.kind, "time": time.shown(in: console.timeZone)])
    } else {
      console.say(StatusText.heartbeatNever, ["kind": heartbeat.kind])
    }
    if let withheld = heartbeat.withheld {
      console.say(StatusText.heartbeatWithheld, ["text": withheld.joined(separator: ", ")], .bad)
    } else if let error = heartbeat.lastError {
      console.say(StatusText.heartbeatNotTaken, ["text": error], .warning)
    }
  }

  /// The daemon's sentence in English; the state in other languages.
  static func adapter(_ adapter: Status.Adapter, _ language: Language) -> String {
    if language == .en, !adapter.sentence.isEmpty { return adapter.sentence }
    let key: StatusText =
      switch adapter.state {
      case .ready: .adapterReady
      case .starting: .adapterStarting
      case .absent: .adapterAbsent
      case .off: .adapterOff
      case .rival: .adapterRival
      case .disabled: .adapterDisabled
      case .failed: .adapterFailed
      }
    return language.text(key)
  }
}

/// A warning in a language: the daemon's own English, or our sentence for its kind.
struct HealthWords {
  var title: String
  var remedy: String?

  init(_ warning: HealthWarning, _ language: Language) {
    self.init(
      kind: warning.kind, parameters: warning.parameters, title: warning.title,
      remedy: warning.remedy.isEmpty ? nil : warning.remedy, language)
  }

  init(
    kind: String?, parameters: [String: String], title: String, remedy: String?, _ language: Language
  ) {
    self.title = title
    self.remedy = remedy
    var parameters = parameters
    if kind == HealthWarning.Kind.staleBond {
      // What to press is the profile's to say, where it does.
      let press = language == .vi ? parameters["pressVi"] : parameters["press"]
      parameters["press"] = press ?? language.text(PairingText.pressButton)
    }
    guard language != .en, let kind else { return }
    if let (title, remedy) = HealthText.pair(for: kind, parameters) {
      say(title, remedy, parameters, language)
    } else if let (title, remedy) = DoctorText.pair(for: kind) {
      say(title, remedy, parameters, language)
    }
  }

  private mutating func say(
    _ titleKey: some TextSet, _ remedyKey: (some TextSet)?, _ parameters: [String: String], _ language: Language
  ) {
    // A sentence with a hole in it is worse than one in another language.
    let needed = [titleKey.sentence.en, remedyKey?.sentence.en ?? ""].flatMap { Sentence.placeholders(of: $0) }
    guard needed.allSatisfy({ parameters[$0] != nil }) else { return }
    self.title = language.text(titleKey, parameters)
    self.remedy = remedyKey.map { language.text($0, parameters) }
  }
}
