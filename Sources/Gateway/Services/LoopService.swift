import Logging
import ServiceLifecycle

/// One loop of the daemon: runs until the service group shuts down.
struct LoopService: Service {
  let name: String
  let logger: Logger
  let body: @Sendable () async throws -> Void

  func run() async throws {
    logger.debug("\(name) begins")
    try await cancelWhenGracefulShutdown {
      do {
        try await body()
      } catch is CancellationError {}
      // A loop that has nothing to do must not end: the group takes that for a failure.
      while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }
    logger.debug("\(name) has ended")
  }
}
