import ArgumentParser
import LocalAPI

/// `vitals`: asks the running daemon. One line here for each command.
@main
struct Vitals: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitals",
    abstract: HelpText.vitals.inProcess,
    discussion: HelpText.exitCodes.inProcess,
    version: Version.current,
    subcommands: [
      Pair.self, Scan.self, Unpair.self, Devices.self, Assign.self, Patients.self, Readings.self, Claim.self,
      Disown.self, Alerts.self, Announce.self, Ack.self, SilenceCommand.self, ConsentCommand.self, Webhooks.self,
      Deliveries.self, StatusCommand.self, Doctor.self, Check.self, ReloadCommand.self, Key.self, Decode.self,
      Learn.self, Rules.self, Export.self, Backup.self, Restore.self, Erase.self, Accesses.self, WhoAmICommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asking = command as? any AsyncParsableCommand {
        try await asking.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      end(failure)
    } catch let error as LocalClientError {
      end(CommandFailure(error, in: .ofProcess))
    } catch {
      let language = Language.ofProcess
      let (text, code) = (ParserWords.said(fullMessage(for: error), in: language), exitCode(for: error))
      let console = Console.ofProcess(language: language, json: false)
      // The answer to a question for help, or for the version; all other ends have another code.
      if code == .success {
        let words = Array(CommandLine.arguments.dropFirst())
        let need = words.contains("--version") ? nil : CommandNeed.helpLine(for: words, in: language)
        console.output.write(text + (need.map { "\n\n\($0)" } ?? "") + "\n")
      } else if !text.isEmpty {
        console.error.write(text + "\n")
      }
      exit(withError: code)
    }
  }

  private static func end(_ failure: CommandFailure) -> Never {
    let console = Console.ofProcess(language: nil, json: false)
    if !failure.sentence.isEmpty {
      console.complain(console.text(ErrorText.error, ["text": failure.sentence]), .bad)
    }
    if let remedy = failure.remedy { console.complain(remedy) }
    exit(withError: ExitCode(failure.status.rawValue))
  }
}
