import LocalAPI
import LocalServer
import ServiceLifecycle

/// Serves the local record on its port. That the port is taken stops nothing else, and it is tried again.
struct RecordPortService: Sendable {
  let server: LoopbackServer
  let health: Health
  /// From a failure to the next try.
  var pause: Duration = .seconds(30)

  /// - Parameter ready: called with the port each time that it can be reached.
  func run(ready: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async {
    while !Task.isCancelled {
      do {
        try await server.run { [health] port in
          health.clear(HealthWarning.Kind.recordPort)
          ready(port)
        }
        return
      } catch {
        // A stop closes it too.
        if Task.isCancelled || Task.isShuttingDownGracefully { return }
        health.warn(
          HealthWarning.Kind.recordPort, .warning, "The local record is not answered on its port: \(error).",
          remedy:
            "It is tried again by itself. If another program has the port, stop that, or choose another port under 'record' "
            + "in vitalsd.yaml and restart the service.")
      }
      guard (try? await Task.sleep(for: pause)) != nil else { return }
    }
  }
}
