import ArgumentParser
import Foundation
import LocalAPI

struct Learn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.learn.inProcess, discussion: HelpText.learnExamples.inProcess)

  @Option(help: ArgumentHelp(HelpText.learnAddress.inProcess))
  var address: String?

  @Option(help: ArgumentHelp(HelpText.learnOut.inProcess, valueName: "dir"))
  var out: String

  @Option(help: ArgumentHelp(HelpText.learnName.inProcess, valueName: "vendor/model"))
  var name = "unknown/device"

  @Option(help: ArgumentHelp(HelpText.learnMinutes.inProcess, valueName: "n"))
  var minutes = 5

  @Option(name: .customLong("import"), help: ArgumentHelp(HelpText.learnImport.inProcess, valueName: "file"))
  var file: String?

  @Option(help: ArgumentHelp(HelpText.learnKeepNamePrefix.inProcess, valueName: "text"))
  var keepNamePrefix: String?

  @Flag(help: ArgumentHelp(HelpText.learnKeepValues.inProcess))
  var keepValues = false

  @Flag(name: .customLong("no-pair"), help: ArgumentHelp(HelpText.learnUnpaired.inProcess))
  var unpaired = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard file != nil || address != nil else { throw ValidationError.wrong(.either, "--address", "--import") }
    guard (1...60).contains(minutes) else { throw ValidationError.wrong(.between, "--minutes", "1", "60") }
    guard name.wholeMatch(of: #/[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*/#) != nil else {
      throw ValidationError.wrong(.expectedName)
    }
    if let address, address.wholeMatch(of: #/([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}/#) == nil {
      throw ValidationError.wrong(.expected, "--address", "F0:F1:F2:F3:F4:F5")
    }
  }

  /// For `vitalsd`, which makes the folder.
  func arguments(file: String, address: String?) -> [String] {
    var arguments = ["learn", "--import=\(file)", "--out=\(out)", "--name=\(name)"]
    if let address { arguments.append("--address=\(address)") }
    if let keepNamePrefix { arguments.append("--keep-name-prefix=\(keepNamePrefix)") }
    if keepValues { arguments.append("--keep-values") }
    if common.json { arguments.append("--json") }
    return arguments + ["--lang=\((common.lang ?? .ofProcess).rawValue)"]
  }

  func run() async throws {
    let language = common.lang ?? .ofProcess
    if let file { try DaemonProgram.become(arguments(file: file, address: address), language: language) }
    let console = common.console
    let writer = try RecordingWriter(directory: out + "/" + name, language: language)
    let request = PairingRequest(
      address: address?.uppercased(),
      recording: RecordingRequest(
        seconds: Double(minutes * 60), namePrefix: keepNamePrefix, unpaired: unpaired))
    let isTerminal = isatty(STDIN_FILENO) == 1
    do {
      let recording = try await common.client.startPairing(request)
      let dialogue = RecordingDialogue(
        client: common.client, console: console, id: recording.id, writer: writer, minutes: minutes,
        address: address?.uppercased() ?? "", listener: isTerminal ? .person : .nobody)
      try await dialogue.run(input: STDIN_FILENO)
    } catch {
      writer.end()
      // A recording in which nothing happened is not worth a file; anything more is.
      if Self.hasEntries(writer.path) {
        console.complain(
          console.text(LearnText.finishLater, ["path": writer.path, "out": out, "name": name]), .warning)
      } else {
        unlink(writer.path)
      }
      throw error
    }
    writer.end()
    try DaemonProgram.become(arguments(file: writer.path, address: nil), language: language)
  }

  private static func hasEntries(_ path: String) -> Bool {
    (try? String(contentsOfFile: path, encoding: .utf8))?.contains("fromDevice") ?? false
  }
}

/// Writes what a recording says, tells the gateway that it is written, and asks for digits where the device wants them.
struct RecordingDialogue {
  var client: LocalClient
  var console: Console
  var id: String
  var writer: RecordingWriter
  var minutes: Int
  var address: String
  var listener: PairingConversation.Listener

  /// - Throws: ``CommandFailure`` when there is no recording to go on with.
  func run(input: Int32) async throws {
    try await PairingSpeech.listen(to: id, client, input: input, talk)
  }

  private func talk(_ heard: AsyncStream<PairingSpeech>, _ reader: LineReader) async throws {
    var conversation = PairingConversation(
      language: console.language, timeZone: console.timeZone, listener: listener, takesFirst: true, addressNamed: true)
    var values = 0
    for await next in heard {
      switch next {
      case .over(let error): throw error ?? LocalClientError.brokenOff(path: client.socketPath)
      case .line(let line): try await act(conversation.type(line), reader)
      case .event(.searching): console.say(LearnText.looking, ["address": address])
      case .event(.waitingForReading): console.say(LearnText.connected, ["count": String(minutes)])
      case .event(.recorded(let line)):
        try writer.write(line.line, language: console.language)
        try writer.sync(language: console.language)
        // The gateway may have ended it meanwhile; then nobody waits for this.
        if line.value {
          values += 1
          console.say(LearnText.value, ["count": String(values)], .faint)
          try? await client.answerPairing(id, .written(through: line.number))
        }
      case .event(.recordingEnded(let end)):
        console.say(LearnText.ended, ["count": String(end.values), "text": end.reason], .good)
        if end.unconfirmed > 0 { console.say(LearnText.unconfirmed, ["count": String(end.unconfirmed)], .warning) }
        if end.wantedSecurity > 0 {
          console.say(LearnText.wantsPairing, ["count": String(end.wantedSecurity)], .warning)
        }
        return
      case .event(let event): try await act(conversation.receive(event), reader)
      }
    }
    throw CancellationError()
  }

  private func act(_ actions: [PairingConversation.Action], _ reader: LineReader) async throws {
    let fails = actions.contains { if case .end(let status) = $0 { status != .done } else { false } }
    for action in actions {
      switch action {
      case .say(let text, let style): fails ? console.complain(text, style) : console.say(text, style)
      case .ask(let text):
        console.ask(text)
        reader.request()
      case .read: reader.request()
      case .answer(let answer): try await client.answerPairing(id, answer)
      case .answerNewPerson: break
      case .end(let status): throw CommandFailure.silent(status)
      }
    }
  }
}
