import ArgumentParser
import Gateway

/// `vitalsd decode`: what `vitals decode` runs.
struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what the bytes of a device mean.",
    discussion: """
      EXAMPLES
        vitalsd decode --characteristic 2A35 1e8a00580078000000041114293b3c00012700
        vitalsd decode --profile sig/heart-rate 0055
      """)

  @Flag(help: "Accepted for symmetry: the output is JSON always.")
  var json = false

  @Option(help: "The short UUID of a standard characteristic, for example 2A35.")
  var characteristic: String?

  @Option(help: "A device profile, vendor/model.")
  var profile: String?

  @Option(help: "Where the profiles are. Default: the installed ones.")
  var profiles: [String] = []

  @Option(help: "The language of what is said of a failure: en or vi.")
  var lang = "en"

  @Argument(help: "The bytes in hexadecimal; spaces and colons are ignored.")
  var hex: [String]

  func validate() throws {
    if (characteristic == nil) == (profile == nil) {
      throw ValidationError("say either --characteristic UUID or --profile VENDOR/MODEL")
    }
  }

  func run() throws {
    do {
      print(
        try DecodeRequest(
          characteristic: characteristic, profile: profile, profileDirectories: profiles, hex: hex.joined()
        ).json())
    } catch {
      complain(error.sentence(isVietnamese: lang == "vi"))
      throw ExitCode(1)
    }
  }
}
