import Foundation
import HealthRecords
import LocalAPI
import LocalServer
import Logging
import Observations
import Store

extension GatewayDaemon {
  /// The household's record, in the names that the configuration gives it and the time zone that holds when it is asked.
  func localRecord(of gateway: GatewayDescription, _ running: RunningConfiguration) -> LocalRecord {
    let naming = FHIRNaming(patientSystem: configuration.record.patientSystem)
    // Evaluated with each request.
    return LocalRecord(
      held: HeldRecord(gateway: gateway, naming: naming, timeZone: running.configuration.timeZone),
      softwareVersion: Version.current, startedAt: Date())
  }

  /// What answers on a port; nil: the configuration names none.
  func loopbackServer(_ store: Store, _ record: LocalRecord, _ logger: Logger) -> LoopbackServer? {
    guard let port = configuration.record.port else { return nil }
    let file = configuration.record.tokenFile
    return LoopbackServer(port: port, token: { file.flatMap(Self.token) }, store: store, record: record, logger: logger)
  }

  /// The first line of a file that is neither empty nor a comment.
  static func token(inFile path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
      .map { $0.trimmingCharacters(in: .whitespaces) }.first { !$0.isEmpty && !$0.hasPrefix("#") }
  }
}
