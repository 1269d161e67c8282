import ArgumentParser
import Backups
import Foundation
import Gateway
import Logging

/// `vitalsd run`: the main job, until SIGTERM or SIGINT.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the daemon.")

  @Option(name: .shortAndLong, help: "The configuration file.")
  var config = "/etc/vitals/vitalsd.yaml"

  @Flag(help: "Print readings and alerts on standard output, for a person who watches.")
  var console = false

  @Option(help: "How much to log: trace, debug, info, notice, warning, error.")
  var logLevel = "info"

  func run() async throws {
    guard let level = Logger.Level(rawValue: logLevel) else {
      throw ValidationError("'\(logLevel)' is not a log level; one of: trace, debug, info, notice, warning, error")
    }
    let gate = BoundedLogHandler.Gate()
    LoggingSystem.bootstrap { label in
      let lines = StreamLogHandler(label: label, stream: LogLines.standardError)
      // Who looks closely wants all of it, and does so for an hour.
      return level < .info ? lines : BoundedLogHandler(lines, gate: gate)
    }
    var logger = Logger(label: "vitalsd")
    logger.logLevel = level
    if !CoreFiles.forbid() { logger.warning("core files could not be forbidden; one would hold readings and keys") }
    do {
      // First of all: a configuration of half a restore is nobody's.
      if try RestorePlan.finish(beside: URL(filePath: config).standardizedFileURL.path(percentEncoded: false)) {
        logger.notice("finished a restore that was interrupted")
      }
      let start = try ConfigurationStart.load(path: config)
      try await GatewayDaemon(start: start, printsToConsole: console, logger: logger).run()
    } catch let failure as RestorePlan.Failure {
      complain(failure.description)
      throw ExitCode(1)
    } catch let failure as ConfigurationFailure {
      complain(failure.description)
      throw ExitCode(1)
    } catch let failure as GatewayFailure {
      complain(failure.description)
      throw ExitCode(1)
    }
  }
}
