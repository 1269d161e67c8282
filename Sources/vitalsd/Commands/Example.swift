import ArgumentParser
import Gateway

/// `vitalsd example`: a configuration to start from.
struct Example: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print an example configuration that keeps everything below one directory.")

  @Option(help: "The directory for database and socket.")
  var data = "/var/lib/vitals"

  func run() { print(ExampleConfiguration.text(data: data), terminator: "") }
}
