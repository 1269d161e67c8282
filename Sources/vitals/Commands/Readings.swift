import ArgumentParser
import LocalAPI

struct Readings: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.readings.inProcess, discussion: HelpText.readingsExamples.inProcess)

  @Option(help: ArgumentHelp(HelpText.since.inProcess, valueName: "time"))
  var since: StartingTime?

  @Option(help: ArgumentHelp(HelpText.patientFilter.inProcess, valueName: "id|name"))
  var patient: String?

  @Option(help: ArgumentHelp(HelpText.deviceFilter.inProcess, valueName: "id|name"))
  var device: String?

  @Flag(help: ArgumentHelp(HelpText.unassigned.inProcess))
  var unassigned = false

  @Flag(help: ArgumentHelp(HelpText.ids.inProcess))
  var ids = false

  @Option(help: ArgumentHelp(HelpText.limit.inProcess, valueName: "count"))
  var limit: Int?

  @Flag(help: ArgumentHelp(HelpText.follow.inProcess))
  var follow = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError.wrong(.atLeast, "--limit", "1") }
    if unassigned, patient != nil { throw ValidationError.wrong(.notWith, "--unassigned", "--patient") }
  }

  func run() async throws {
    let console = common.console
    var query = ReadingQuery(
      since: since?.query, patient: patient, device: device, unassigned: unassigned, limit: limit)
    let words = ReadingWords(language: console.language, timeZone: console.timeZone)
    if follow {
      if since == nil, limit == nil { query.limit = 10 }
      try await common.client.followReadings(query) { reading in
        if console.json { return try console.line(reading) }
        let row = words.row(reading, ids: ids || unassigned)
        console.say(row.cells.filter { !$0.isEmpty }.joined(separator: "  "), row.style)
      }
      return
    }
    let readings = try await common.client.readings(query)
    if console.json { return try console.document(readings) }
    if readings.isEmpty { return console.say(ListText.noReadings) }
    words.table(readings, ids: ids || unassigned).print(to: console)
  }
}
