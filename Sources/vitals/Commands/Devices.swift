import ArgumentParser
import LocalAPI

struct Devices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.devices.inProcess, discussion: HelpText.devicesExamples.inProcess)

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let console = common.console
    let devices = try await common.client.devices()
    if console.json { return try console.document(devices) }
    if devices.isEmpty { return console.say(ListText.noDevices) }
    Self.table(devices, console).print(to: console)
  }

  static func table(_ devices: [Device], _ console: Console) -> Table {
    var table = Table(
      heads: [ListText.name, .person, .id, .profile, .lastSeen, .notes].map { console.text($0) })
    for device in devices {
      var notes: [String] = []
      if device.simulated { notes.append(console.text(ListText.simulated)) }
      if device.connected == true { notes.append(console.text(ListText.connected)) }
      if device.authentication == "unauthenticated", !device.simulated {
        notes.append(console.text(ListText.unprotected))
      }
      let name = device.name ?? [device.manufacturer, device.model].compactMap { $0 }.joined(separator: " ")
      table.rows.append(
        Table.Row(
          cells: [
            name.isEmpty ? "–" : name, device.patientName ?? device.patient ?? console.text(ListText.nobodyYet),
            device.id,
            device.profile, device.lastSeen?.shown(in: console.timeZone) ?? "–", notes.joined(separator: ", "),
          ], style: device.simulated ? .simulated : .plain))
    }
    return table
  }
}
