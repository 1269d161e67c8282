import ArgumentParser
import LocalAPI

struct Claim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.claim.inProcess, discussion: HelpText.claimExamples.inProcess)

  @Argument(help: ArgumentHelp(HelpText.readingIDs.inProcess))
  var readings: [String] = []

  @Option(help: ArgumentHelp(HelpText.claimPatient.inProcess, valueName: "id|name"))
  var patient: String

  @Option(help: ArgumentHelp(HelpText.claimDevice.inProcess, valueName: "id|name"))
  var device: String?

  @Option(help: ArgumentHelp(HelpText.userNumber.inProcess, valueName: "number"))
  var user: UserNumber?

  @Option(help: ArgumentHelp(HelpText.since.inProcess, valueName: "time"))
  var since: StartingTime?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard readings.isEmpty == (device != nil) else { throw ValidationError.wrong(.readingsOrDevice) }
    if device == nil, user != nil || since != nil {
      throw ValidationError.wrong(.onlyWith, "--user, --since", "--device")
    }
    if device != nil, user == nil, since == nil { throw ValidationError.wrong(.deviceWith) }
  }

  var request: ClaimRequest {
    ClaimRequest(
      readings: device == nil ? readings : nil, device: device, user: user?.number, since: since?.query,
      patient: patient)
  }

  func run() async throws {
    let console = common.console
    let answer = try await common.client.claim(request)
    if console.json { return try console.document(answer) }
    Self.show(answer, console)
  }

  static func show(_ answer: OwnershipAnswer, _ console: Console) {
    if answer.readings.isEmpty { return console.say(OwnershipText.nothingToClaim) }
    ReadingWords(language: console.language, timeZone: console.timeZone).table(answer.readings, ids: true)
      .print(to: console)
    let person = answer.readings.first.flatMap { $0.patientName ?? $0.patient } ?? ""
    console.say(
      answer.changed.isEmpty ? OwnershipText.claimedBefore : .claimed,
      ["count": String(answer.changed.count), "person": person], .good)
    console.warn(told: answer.told)
  }
}

extension Console {
  /// Who has, or may have, something under the wrong name.
  func warn(told: [String]) {
    guard !told.isEmpty else { return }
    say(OwnershipText.told, ["destinations": told.joined(separator: ", ")], .warning)
    say(OwnershipText.toldRemedy, [:], .warning)
  }
}
