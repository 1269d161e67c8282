import ArgumentParser
import Gateway

/// `vitalsd supported`: what `vitals devices --supported` runs.
struct Supported: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the device models that can be read, and how well each is known.",
    discussion: """
      EXAMPLES
        vitalsd supported
        vitalsd supported --json --profiles DeviceProfiles
      """)

  @Flag(help: "Print a JSON array of {name, title, driver, evidence, namedByPerson}.")
  var json = false

  @Option(help: "Where the profiles are. Default: the installed ones.")
  var profiles: [String] = []

  @Option(help: "The language of what is printed: en or vi.")
  var lang = "en"

  func run() {
    let supported = SupportedDevices(profileDirectories: profiles)
    print(json ? supported.json : supported.text(isVietnamese: lang == "vi"))
  }
}
