import ArgumentParser
import LocalAPI

struct Accesses: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: RecordText.accesses.inProcess, discussion: RecordText.accessesExamples.inProcess)

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let console = common.console
    let accesses = try await common.client.accesses()
    if console.json { return try console.document(accesses) }
    if accesses.isEmpty { return console.say(RecordText.noAccesses) }
    Table(
      heads: [RecordText.when, .who, .what, .whose, .requests].map { console.text($0) }, flexible: [1, 2, 3],
      rows: accesses.map { access in
        Table.Row(cells: [
          access.until.shown(in: console.timeZone),
          access.uid.map { UserName.shown($0) } ?? console.text(RecordText.byPort),
          Self.words(access, console),
          access.patientName ?? access.patient ?? console.text(RecordText.everybody), String(access.count),
        ])
      }
    ).print(to: console)
  }

  private static func words(_ access: AccessRecord, _ console: Console) -> String {
    var words = word(access.action).map { console.text($0) } ?? access.action
    if let subject = access.subject { words += " \(subject)" }
    return access.refused == true ? console.text(RecordText.refusedWord, ["what": words]) : words
  }

  /// Nil for one that is newer than this program.
  private static func word(_ action: String) -> RecordText? {
    switch action {
    case "read": .read
    case "export": .exported
    case "erase": .erasedWord
    case "pair": .pairedWord
    case "unpair": .unpairedWord
    case "assign": .assignedWord
    case "claim": .claimedWord
    case "disown": .disownedWord
    case "patient": .patientWord
    case "acknowledge": .acknowledgedWord
    case "silence": .silencedWord
    case "consent": .consentWord
    case "withdraw": .withdrawnWord
    case "deliver": .deliveredWord
    case "scan": .scannedWord
    case "reload": .reloadedWord
    case "backup": .backedUpWord
    case "restore": .restoredWord
    default: nil
    }
  }
}
