import LocalServer
import Logging
import ServiceLifecycle

/// Serves the local socket. That it cannot be served at the start ends the daemon, and systemd says why; that it fails later
/// does not: a restart would end visits of devices, and readings are kept and told without it.
struct LocalSocketService: Sendable {
  let server: LocalServer
  let logger: Logger
  /// From a failure to the next try.
  var pause: Duration = .seconds(5)

  /// - Parameter ready: called each time that clients can connect.
  /// - Throws: ``LocalServer/LocalServerFailure`` as long as it never served.
  func run(ready: @escaping @Sendable () -> Void) async throws {
    var said = ""
    while !Task.isCancelled {
      do {
        try await server.run(ready: ready)
        return
      } catch let failure as LocalServerFailure {
        // A stop closes it too.
        if Task.isCancelled || Task.isShuttingDownGracefully { return }
        if case .stoppedListening = failure { said = "" } else if said.isEmpty { throw failure }
        if said != "\(failure)" {
          logger.error(
            """
            the local socket is not there: \(failure); readings are kept and told all the same. It is tried again every \
            \(pause); if it does not come back, restart the service ('systemctl restart vitalsd')
            """)
        }
        said = "\(failure)"
      }
      guard (try? await Task.sleep(for: pause)) != nil else { return }
    }
  }
}
