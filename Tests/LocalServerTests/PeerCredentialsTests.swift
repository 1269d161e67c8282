import Foundation
import Glibc
import LocalAPI
import LocalServer
import Logging
import Testing

@Suite(.timeLimit(.minutes(2))) struct PeerCredentialsTests {
  /// Gives each line's metadata away.
  private struct Listening: LogHandler {
    let said: Log<String>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      guard "\(event.message)" == "local connection", let metadata = event.metadata else { return }
      said.add("uid \(metadata["uid"] ?? "") pid \(metadata["pid"] ?? "")")
    }
  }

  @Test func whoConnectsIsLogged() async throws {
    let said = Log<String>()
    try await Served.with { (served) async throws in
      let path = served.socketPath + "2"
      let server = LocalServer(
        socketPath: path, store: served.store, control: .quiet(),
        logger: Logger(label: "listening") { _ in Listening(said: said) })
      try await withThrowingTaskGroup(of: Void.self) { (group) async throws in
        let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
        group.addTask {
          defer { continuation.finish() }
          try await server.run { continuation.finish() }
        }
        for await _ in ready {}
        _ = try await LocalClient(socketPath: path).status()
        #expect(await said.next() == "uid \(getuid()) pid \(getpid())")
        group.cancelAll()
      }
    }
  }
}
