import ArgumentParser
import LocalAPI

struct Devices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.devices.inProcess, discussion: HelpText.devicesExamples.inProcess)

  @Flag(help: ArgumentHelp(HelpText.supported.inProcess))
  var supported = false

  @OptionGroup var common: CommonOptions

  /// For `vitalsd`, with ``supported``.
  var arguments: [String] {
    ["supported", "--lang", (common.lang ?? .ofProcess).rawValue] + (common.json ? ["--json"] : [])
  }

  func run() async throws {
    if supported { try DaemonProgram.become(arguments, language: common.lang ?? .ofProcess) }
    let console = common.console
    let devices = try await common.client.devices()
    if console.json { return try console.document(devices) }
    Self.show(devices, console)
  }

  /// As a table; below it what is wrong with them, and what to do.
  static func show(_ devices: [Device], _ console: Console) {
    if devices.isEmpty { return console.say(ListText.noDevices) }
    Self.table(devices, console).print(to: console)
    VisitWords.show(
      devices.map { DeviceVisit(id: $0.id, name: $0.name, progress: $0.progress, lastEnd: $0.lastEnd) }, console)
    for warning in devices.compactMap(\.warning) {
      let words = HealthWords(warning, console.language)
      console.say(words.title, warning.severity == .error ? .bad : .warning)
      if let remedy = words.remedy { console.say("  " + console.text(StatusText.remedy, ["text": remedy])) }
    }
  }

  static func table(_ devices: [Device], _ console: Console) -> Table {
    var table = Table(
      heads: [ListText.name, .person, .id, .profile, .lastSeen, .notes].map { console.text($0) },
      flexible: [0, 1, 3, 5])
    for device in devices {
      var notes: [String] = []
      if device.simulated { notes.append(console.text(ListText.simulated)) }
      if device.connected == true { notes.append(console.text(ListText.connected)) }
      if device.warning != nil { notes.append(console.text(ListText.troubled)) }
      if device.authentication == "unauthenticated", !device.simulated {
        notes.append(console.text(ListText.unprotected))
      }
      let name = device.name ?? [device.manufacturer, device.model].compactMap { $0 }.joined(separator: " ")
      table.rows.append(
        Table.Row(
          cells: [
            name.isEmpty ? "–" : name, people(device, console), device.id,
            device.profile, device.lastSeen?.shown(in: console.timeZone) ?? "–", notes.joined(separator: ", "),
          ], style: device.simulated ? .simulated : .plain))
    }
    return table
  }

  /// `Mai, 2: Sơn`: whose readings without a number are, then who has which number.
  static func people(_ device: Device, _ console: Console) -> String {
    let users = device.users ?? []
    let numbered = users.compactMap { user in
      user.slot.map { number in
        console.text(
          OwnershipText.byNumber, ["number": String(number), "person": user.patientName ?? user.patient])
      }
    }
    let isDefault = users.isEmpty || users.contains { $0.slot == nil }
    let name = isDefault ? device.patientName ?? device.patient : nil
    let whole: String? =
      device.shared == true
      ? console.text(OwnershipText.shared)
      : name ?? (numbered.isEmpty ? console.text(ListText.nobodyYet) : nil)
    return ([whole].compactMap { $0 } + numbered).joined(separator: ", ")
  }
}
