import ArgumentParser
import Gateway

/// `vitalsd key`: the key of SMART Backend Services.
struct Key: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a P-384 key to ask for tokens with, and print what to register at the server.",
    discussion: """
      The file is made if it is not there, readable by its owner only. What is printed is the public half, as a JWK Set:
      whoever runs the server registers it for this gateway, and says which client-id to write into vitalsd.yaml.

      EXAMPLE
        vitalsd key /etc/vitals/credentials/record
      """)

  @Option(help: "The language of what is said of a failure: en or vi.")
  var lang = "en"

  @Argument(help: "The key's file.")
  var file: String

  func run() throws {
    do throws(SigningKeyFile.Failure) {
      print(try SigningKeyFile(path: file).publicKeySet)
    } catch {
      complain(error.sentence(isVietnamese: lang == "vi"))
      throw ExitCode.failure
    }
  }
}
