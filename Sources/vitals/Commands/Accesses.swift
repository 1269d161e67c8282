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
      heads: [RecordText.when, .who, .what, .whose, .requests].map { console.text($0) },
      rows: accesses.map { access in
        Table.Row(cells: [
          access.until.shown(in: console.timeZone), access.uid.map { String($0) } ?? console.text(RecordText.byPort),
          Self.word(access.action, console),
          access.patientName ?? access.patient ?? console.text(RecordText.everybody), String(access.count),
        ])
      }
    ).print(to: console)
  }

  private static func word(_ action: String, _ console: Console) -> String {
    switch action {
    case "read": console.text(RecordText.read)
    case "export": console.text(RecordText.exported)
    case "erase": console.text(RecordText.erasedWord)
    default: action
    }
  }
}
