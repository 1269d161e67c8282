import ArgumentParser
import Foundation
import LocalAPI

/// What every command that asks the daemon takes.
struct CommonOptions: ParsableArguments {
  @Flag(help: ArgumentHelp(HelpText.json.inProcess))
  var json = false

  @Option(help: ArgumentHelp(HelpText.lang.inProcess, valueName: "en|vi"))
  var lang: Language?

  @Option(help: ArgumentHelp(HelpText.socket.inProcess, valueName: "path"))
  var socket: String?

  /// `--socket`, else `VITALS_SOCKET`, else the default.
  func socketPath(environment: [String: String]) -> String {
    if let socket { return socket }
    if let named = environment["VITALS_SOCKET"], !named.isEmpty { return named }
    return LocalClient.defaultSocketPath
  }

  var client: LocalClient { LocalClient(socketPath: socketPath(environment: ProcessInfo.processInfo.environment)) }
  var console: Console { .ofProcess(language: lang, json: json) }
}

/// A length of time as an argument: `90s`, `30m`, `24h`, `7d`.
struct LengthOfTime: ExpressibleByArgument, Hashable, Sendable {
  var seconds: Double
  var words: String

  init(seconds: Double, words: String) {
    self.seconds = seconds
    self.words = words
  }

  init?(argument: String) {
    guard let match = try? #/([1-9]\d{0,5})([smhd])/#.wholeMatch(in: argument), let count = Double(match.1) else {
      return nil
    }
    let unit: Double =
      switch match.2 {
      case "s": 1
      case "m": 60
      case "h": 3600
      default: 86_400
      }
    seconds = count * unit
    words = argument
  }

  var defaultValueDescription: String { words }
}

/// From when on, checked when the arguments are read, so that a mistake is a wrong argument.
struct StartingTime: ExpressibleByArgument, Hashable, Sendable {
  var date: Date

  init?(argument: String) {
    // Before 1970 nothing was measured by what is read here, and what is far before has no digits for its year.
    guard let date = try? Since.date(argument, now: Date(), timeZone: .current), date.timeIntervalSince1970 >= 0 else {
      return nil
    }
    self.date = date
  }

  /// For a request: absolute, since "24h" and a bare date are in this program's zone and hour, not the daemon's.
  var query: String { Timestamp(date).text(in: .gmt) }
}
