import Foundation
import Glibc
import LocalAPI
import LocalServer
import Logging
import Store
import Testing

@Suite(.timeLimit(.minutes(2))) struct SocketTests {
  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func theSocketIsForItsOwnerAndGroup() async throws {
    var path = ""
    try await Served.with { (served) async throws in
      path = served.socketPath
      #expect(try mode(path) == 0o660)
      // Nothing else is left beside it.
      let directory = (path as NSString).deletingLastPathComponent
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["data", "vitals.sock"])
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aSecondServerIsRefusedAndTheFirstGoesOn() async throws {
    try await Served.with { (served) async throws in
      let second = LocalServer(
        socketPath: served.socketPath, store: served.store, control: .quiet(),
        logger: Logger(label: "second", level: .critical))
      await #expect(throws: LocalServerFailure.alreadyServed(path: served.socketPath)) { try await second.run() }
      #expect(try await served.client.status().version == "1.2.3")
      #expect(try mode(served.socketPath) == 0o660)
    }
  }

  @Test func aStaleSocketIsReplaced() async throws {
    try await Served.with { (served) async throws in
      let stale = served.socketPath + "2"
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: stale.utf8) }
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(bound == 0)
      close(descriptor)
      // As a daemon that died leaves it: the file is there, nobody listens.
      await #expect(throws: LocalClientError.nobodyListens(path: stale)) {
        try await LocalClient(socketPath: stale).status()
      }
      let server = LocalServer(
        socketPath: stale, store: served.store, control: .quiet(), logger: Logger(label: "new", level: .critical))
      try await withThrowingTaskGroup(of: Void.self) { (group) async throws in
        let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
        group.addTask {
          defer { continuation.finish() }
          try await server.run { continuation.finish() }
        }
        for await _ in ready {}
        #expect(try await LocalClient(socketPath: stale).status().version == "1.2.3")
        group.cancelAll()
      }
    }
  }

  @Test func whatIsNoSocketIsLeftAlone() async throws {
    try await Served.with { (served) async throws in
      let path = served.socketPath + ".txt"
      try Data("letter".utf8).write(to: URL(filePath: path))
      let server = LocalServer(
        socketPath: path, store: served.store, control: .quiet(), logger: Logger(label: "x", level: .critical))
      await #expect(throws: LocalServerFailure.notASocket(path: path)) { try await server.run() }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "letter")
    }
  }

  @Test func aStoppedServerEndsOpenStreams() async throws {
    var follower: Task<Void, any Error>?
    try await Served.with { (served) async throws in
      let (heard, continuation) = AsyncStream.makeStream(of: Void.self)
      try await served.commit(.cuff(1))
      let client = served.client
      follower = Task { try await client.followReadings(ReadingQuery()) { _ in continuation.yield() } }
      for await _ in heard.prefix(1) {}
      // The server is cancelled with the stream open, and `with` waits for it.
    }
    let open = try #require(follower)
    await #expect(throws: LocalClientError.self) { try await open.value }
  }

  @Test func missingSocketIsSaid() async {
    let path = "/tmp/v-nothing-here/vitals.sock"
    await #expect(throws: LocalClientError.socketMissing(path: path)) {
      try await LocalClient(socketPath: path).status()
    }
    let long = "/tmp/" + String(repeating: "x", count: 120)
    await #expect(throws: LocalClientError.pathTooLong(path: long)) {
      try await LocalClient(socketPath: long).status()
    }
  }
}
