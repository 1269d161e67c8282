import ArgumentParser
import LocalAPI

struct Scan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.scan.inProcess, discussion: HelpText.scanExamples.inProcess)

  @Option(name: .customLong("for"), help: ArgumentHelp(HelpText.seconds.inProcess, valueName: "time"))
  var time = LengthOfTime(seconds: 30, words: "30s")

  @Flag(help: ArgumentHelp(HelpText.all.inProcess))
  var all = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard time.seconds <= 600 else { throw ValidationError.wrong(.atMost, "--for", "10m") }
  }

  func run() async throws {
    let console = common.console
    if !console.json { console.say(ListText.scanning, ["time": time.words], .faint) }
    var shown: [String: FoundDevice] = [:]
    try await common.client.scan(ScanRequest(seconds: time.seconds, all: all)) { event in
      if console.json {
        try console.line(event)
        return
      }
      guard case .found(let device) = event else { return }
      // Signal strength changes with every packet; only what says more about the device is worth another line.
      let before = shown[device.address]
      if let before, before.name == device.name, before.profile == device.profile { return }
      shown[device.address] = device
      console.say(Self.line(device, console.language), device.known == true ? .faint : .plain)
    }
    guard !console.json else { return }
    if shown.isEmpty {
      console.say(ListText.scanNothing)
    } else {
      console.say(ListText.scanFound, ["count": String(shown.count)], .faint)
    }
  }

  /// `F0:F1:F2:F3:F4:F5   -62 dBm  A&D UA-651  sig/blood-pressure`.
  static func line(_ device: FoundDevice, _ language: Language) -> String {
    var signal = "\(device.rssi) dBm"
    signal = String(repeating: " ", count: max(0, 8 - signal.count)) + signal
    var parts = [device.address, signal, device.name ?? language.text(PairingText.foundUnnamed)]
    if let profile = device.profile { parts.append(profile) }
    if device.known == true { parts.append("(\(language.text(ListText.paired)))") }
    return parts.joined(separator: "  ")
  }
}
