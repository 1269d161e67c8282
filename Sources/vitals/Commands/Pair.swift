import ArgumentParser
import Foundation
import LocalAPI

struct Pair: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.pair.inProcess, discussion: HelpText.pairExamples.inProcess)

  @Option(help: ArgumentHelp(HelpText.address.inProcess))
  var address: String?

  @Option(help: ArgumentHelp(HelpText.again.inProcess, valueName: "device"))
  var again: String?

  @Option(help: ArgumentHelp(HelpText.profile.inProcess, valueName: "vendor/model"))
  var profile: String?

  @Option(help: ArgumentHelp(HelpText.patientOption.inProcess, valueName: "id|name"))
  var patient: String?

  @Flag(help: ArgumentHelp(HelpText.yes.inProcess))
  var yes = false

  @Flag(help: ArgumentHelp(HelpText.passkeyStdin.inProcess))
  var passkeyStdin = false

  @Option(help: ArgumentHelp(HelpText.wait.inProcess, valueName: "time"))
  var wait: LengthOfTime?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if again != nil, address != nil || profile != nil || patient != nil {
      throw ValidationError(PairingText.againAlone.inProcess)
    }
  }

  func run() async throws {
    let console = common.console
    let client = common.client
    let isTerminal = isatty(STDIN_FILENO) == 1
    let listener: PairingConversation.Listener = passkeyStdin ? .passkeys : isTerminal ? .person : .nobody
    let takesFirst = yes || wait != nil
    let isNamed = address != nil || again != nil
    if listener != .person, !isNamed, !takesFirst {
      throw Self.wrong(.sayHow, console)
    }
    var request = PairingRequest(
      address: address?.uppercased(), again: again, profile: profile, patient: patient, waitSeconds: wait?.seconds)
    if patient == nil, again == nil, listener != .person || takesFirst {
      // Asked before, not after somebody has waited a day for a device.
      let patients = try await client.patients()
      guard patients.count == 1, let only = patients.first else {
        throw Self.wrong(.sayWho, console)
      }
      request.patient = only.id
    }
    let pairing = try await client.startPairing(request)
    let conversation = PairingConversation(
      language: console.language, timeZone: console.timeZone, listener: listener, takesFirst: takesFirst,
      addressNamed: isNamed, waits: wait?.words)
    let status = try await PairingDialogue(client: client, console: console, id: pairing.id, conversation: conversation)
      .run(input: STDIN_FILENO)
    // What is said last is what is remembered: that alerts reach nobody is worth it. A daemon that has gone meanwhile
    // does not change how the pairing ended.
    if let now = try? await client.status() { console.warn(unreachable: now.unreachable) }
    if status != .done { throw CommandFailure.silent(status) }
  }

  private static func wrong(_ key: PairingText, _ console: Console) -> CommandFailure {
    CommandFailure(.wrongArguments, console.text(key), remedy: console.text(PairingText.seeHelp))
  }
}

/// Does what a ``PairingConversation`` says: one stream of what the gateway and the person say, read in order.
struct PairingDialogue {
  var client: LocalClient
  var console: Console
  var id: String
  var conversation: PairingConversation

  /// - Parameter input: the descriptor that lines are read from.
  /// - Returns: how it ended.
  func run(input: Int32) async throws -> CommandStatus {
    try await PairingSpeech.listen(to: id, client, input: input, talk)
  }

  private func talk(_ heard: AsyncStream<PairingSpeech>, _ reader: LineReader) async throws -> CommandStatus {
    var conversation = conversation
    var isReading = false
    var promptIsOpen = false
    for await next in heard {
      let actions: [PairingConversation.Action]
      switch next {
      case .event(let event):
        if console.json { try console.line(event) }
        actions = conversation.receive(event)
      case .line(let line):
        isReading = false
        promptIsOpen = false
        actions = conversation.type(line)
      case .over(let error):
        throw error ?? LocalClientError.brokenOff(path: client.socketPath)
      }
      let fails = actions.contains { if case .end(let status) = $0 { status != .done } else { false } }
      for action in actions {
        if promptIsOpen, !isAnswer(action) {
          console.say("")
          promptIsOpen = false
        }
        switch action {
        // With the pairing's end comes why it failed, and what to do.
        case .say(let text, let style): fails ? console.complain(text, style) : console.say(text, style)
        case .ask(let text):
          console.ask(text)
          promptIsOpen = true
          fallthrough
        case .read:
          if !isReading { reader.request() }
          isReading = true
        case .answer(let answer):
          try await client.answerPairing(id, answer)
        case .answerNewPerson(let name):
          let person = try await client.addPatient(NewPatient(name: name))
          console.say(ListText.patientAdded, ["name": person.name, "id": person.id])
          try await client.answerPairing(id, .patient(person.id))
        case .end(let status): return status
        }
      }
    }
    throw CancellationError()
  }

  private func isAnswer(_ action: PairingConversation.Action) -> Bool {
    switch action {
    case .answer, .answerNewPerson, .read: true
    case .say, .ask, .end: false
    }
  }
}
