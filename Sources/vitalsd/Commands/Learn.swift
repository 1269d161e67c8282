import ArgumentParser
import Gateway

/// `vitalsd learn`: what `vitals learn` runs when it has a log or a recording.
struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Begin a device profile from a phone's Bluetooth log, or from a recording.",
    discussion: """
      EXAMPLES
        vitalsd learn --import btsnoop_hci.log --address F0:F1:F2:F3:F4:F5 --out DeviceProfiles --name acme/bp1
      """)

  @Option(name: .customLong("import"), help: "A btsnoop log (Android, btmon -w), or a recording.jsonl.")
  var file: String

  @Option(help: "The device's address; not needed where the log has one device only.")
  var address: String?

  @Option(help: "The directory of profiles; the folder is vendor/model below it.")
  var out: String

  @Option(help: "vendor/model of the new profile.")
  var name = "unknown/device"

  @Option(help: "The beginning of the device's name that belongs to the model and is kept.")
  var keepNamePrefix = ""

  @Flag(help: "Measured values stand in session.yaml as they came.")
  var keepValues = false

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: "The language of what is printed: en or vi.")
  var lang = "en"

  func run() throws {
    do {
      let report = try LearnRequest(
        file: file, address: address?.uppercased(), directory: out, name: name, namePrefix: keepNamePrefix,
        keepsValues: keepValues
      ).run()
      print(json ? report.json : LearnWords(isVietnamese: lang == "vi").text(report))
      if let damage = report.damage {
        complain(LearnWords(isVietnamese: lang == "vi").damage(damage, of: file))
        throw ExitCode(1)
      }
    } catch let failure as LearnRequest.Failure {
      complain(failure.sentence(isVietnamese: lang == "vi"))
      throw ExitCode(1)
    }
  }
}
