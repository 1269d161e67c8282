import ArgumentParser
import Foundation
import LocalAPI

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: RecordText.export.inProcess, discussion: RecordText.exportExamples.inProcess)

  @Flag(help: ArgumentHelp(RecordText.exportFHIR.inProcess))
  var fhir = false

  @Flag(help: ArgumentHelp(RecordText.exportCSV.inProcess))
  var csv = false

  @Flag(help: ArgumentHelp(RecordText.exportHL7.inProcess))
  var hl7 = false

  @Flag(help: ArgumentHelp(RecordText.exportQD831.inProcess))
  var qd831 = false

  @Flag(help: ArgumentHelp(RecordText.exportXML4.inProcess))
  var xml4 = false

  @Flag(help: ArgumentHelp(RecordText.exportPage.inProcess))
  var page = false

  @Option(help: ArgumentHelp(HelpText.since.inProcess, valueName: "time"))
  var since: StartingTime?

  @Option(help: ArgumentHelp(RecordText.exportUntil.inProcess, valueName: "time"))
  var until: StartingTime?

  @Option(help: ArgumentHelp(RecordText.exportPatient.inProcess, valueName: "id|name"))
  var patient: String?

  @Option(name: .shortAndLong, help: ArgumentHelp(RecordText.exportOutput.inProcess, valueName: "file"))
  var output: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard [fhir, csv, hl7, qd831, xml4].count(where: { $0 }) == 1 else {
      throw ValidationError.wrong(.oneOf, "--fhir, --csv, --hl7, --qd831, --xml4")
    }
    if common.json, output == nil {
      throw ValidationError.wrong(.jsonOfExport)
    }
    if page, !qd831 { throw ValidationError.wrong(.onlyWith, "--page", "--qd831") }
    if qd831, patient == nil { throw ValidationError.wrong(.needs, "--qd831", "--patient") }
    if xml4, patient == nil { throw ValidationError.wrong(.needs, "--xml4", "--patient") }
  }

  var query: ExportQuery {
    ExportQuery(
      fhir ? .fhir : csv ? .csv : hl7 ? .hl7 : xml4 ? .xml4 : page ? .qd831Page : .qd831, since: since?.query,
      until: until?.query, patient: patient)
  }

  /// What an export came to.
  struct Summary: Codable {
    /// How many were there when it began.
    var readings: Int
    /// How many the format has no place for; nil: none.
    var leftOut: Int?
    var lines: Int
    var octets: Int
    /// Nil: standard output.
    var file: String?
  }

  func run() async throws {
    let console = common.console
    do {
      let summary = try await export(common.client, console)
      if console.json { try console.document(summary) }
    } catch {
      throw Self.failure(error, console)
    }
  }

  private static func failure(_ error: any Error, _ console: Console) -> CommandFailure {
    switch error {
    case let failure as CommandFailure: failure
    case let error as LocalClientError: CommandFailure(error, in: console.language)
    case let failure as ExportFile.Failure: CommandFailure(failure, console)
    default: CommandFailure(.failed, "\(error)")
    }
  }

  private func export(_ client: LocalClient, _ console: Console) async throws -> Summary {
    let query = query
    // Before any file is made: a person who is not here is no reason for an empty one.
    let count = try await client.exportCount(query)
    let readings = count.readings
    if !console.json { console.complain(console.text(RecordText.exportBegins, ["count": String(readings)]), .faint) }
    let file = try ExportFile(path: output)
    var summary = Summary(readings: readings, leftOut: count.leftOut, lines: 0, octets: 0, file: output)
    var progress = Progress(console)
    do {
      try await client.export(query) { bytes in
        try file.write(bytes)
        summary.lines += bytes.count { $0 == UInt8(ascii: "\n") }
        summary.octets += bytes.count
        progress.show(summary)
      }
      try file.finish()
    } catch {
      file.discard()
      progress.end()
      throw error
    }
    progress.end()
    if !console.json { console.complain(console.text(RecordText.exportDone, Progress.values(summary)), .faint) }
    if !console.json, let leftOut = count.leftOut {
      console.complain(console.text(RecordText.exportLeftOut, ["count": String(leftOut)]), .warning)
    }
    return summary
  }

  /// How far it is, on one line of a terminal at most four times a second; nowhere else.
  private struct Progress {
    private let console: Console
    private let isShown: Bool
    private var last = ContinuousClock.now
    private var hasShown = false

    init(_ console: Console) {
      self.console = console
      isShown = !console.json && isatty(STDERR_FILENO) == 1
    }

    static func values(_ summary: Summary) -> [String: String] {
      ["count": String(summary.lines), "size": String((summary.octets + 500) / 1000)]
    }

    mutating func show(_ summary: Summary) {
      guard isShown, last.duration(to: .now) > .milliseconds(250) else { return }
      last = .now
      hasShown = true
      console.error.write("\r" + console.text(RecordText.exportProgress, Self.values(summary)) + "\u{1B}[K")
    }

    func end() { if hasShown { console.error.write("\r\u{1B}[K") } }
  }
}
