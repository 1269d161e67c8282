import LocalAPI
import LocalServer
import Logging

/// Serves the page by which alerts are answered. That its port is taken stops nothing else.
struct AnswerPageService: Sendable {
  let page: Configuration.Answers.Page
  let desk: AnswerDesk
  let health: Health
  let logger: Logger
  /// As of ``LocalServer/AnswerServer``.
  var refill: Duration = .seconds(2)

  /// - Parameter ready: called with the port each time it can be reached.
  func run(ready: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async {
    while !Task.isCancelled {
      let server = AnswerServer(
        host: page.host, port: page.port, address: page.address, control: desk.control, logger: logger,
        refill: refill)
      do {
        try await server.run { port in
          health.clear(HealthWarning.Kind.answerPageDown)
          logger.info("the page for answers", metadata: ["host": "\(page.host)", "port": "\(port)"])
          ready(port)
        }
      } catch {
        health.warn(
          HealthWarning.Kind.answerPageDown, .warning, "The page for answers to alerts is not there: \(error).",
          remedy: "It is tried again by itself. Until then 'vitals ack --by NAME' answers at the box.")
      }
      guard (try? await Task.sleep(for: .seconds(30))) != nil else { return }
    }
  }
}
