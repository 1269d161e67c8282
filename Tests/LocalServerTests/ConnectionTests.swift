import Foundation
import Glibc
import LocalAPI
import Logging
import NIOCore
import Observations
import Store
import Testing

@testable import LocalServer

/// How many connections are let in, for how long, and what becomes of them when the listener fails.
@Suite(.timeLimit(.minutes(10))) struct ConnectionTests {
  @Test func whoComesBeyondTheLimitWaitsUntilAConnectionCloses() async throws {
    let lines = Log<String>()
    try await Served.with(logger: .writing(to: lines), set: { $0.mostConnections = 2 }) { (served) async throws in
      let first = try RawConnection(served.socketPath)
      #expect(try await first.answers("/v1/status"))
      var second: RawConnection? = try RawConnection(served.socketPath)
      #expect(try await second?.answers("/v1/status") == true)
      // The kernel has taken it; nobody reads what it asks.
      let third = try RawConnection(served.socketPath)
      try third.ask("/v1/status")
      for _ in 0..<20 { #expect(try await first.answers("/v1/status")) }
      #expect(try third.come() == nil)
      #expect(lines.all.contains { $0.hasPrefix("warning all 2 connections") })

      second = nil
      #expect(try await third.isAnswered())
      #expect(try await first.answers("/v1/status"))
    }
  }

  @Test func manyMoreThanTheLimitAreAllAnsweredInTheEnd() async throws {
    try await Served.with(set: { $0.mostConnections = 4 }) { (served) async throws in
      var open: [RawConnection] = []
      for _ in 0..<40 {
        let connection = try RawConnection(served.socketPath)
        try connection.ask("/v1/status")
        open.append(connection)
      }
      // Each closes when it has its answer. In which order they are let in is the kernel's matter: the order they came in.
      while !open.isEmpty { #expect(try await open.removeFirst().isAnswered()) }
      #expect(try await served.client.status().version == "1.2.3")
    }
  }

  @Test func aConnectionThatAsksNothingIsClosedAndAQuietStreamIsNot() async throws {
    try await Served.with(set: { $0.idleTimeout = .seconds(2) }) { (served) async throws in
      let heard = Log<Int>()
      try await served.commit(.cuff(1))
      let client = served.client
      let follower = Task {
        // A machine that is very slow may be too slow to ask within two seconds: then once more. What has begun must not end.
        while heard.all.isEmpty {
          do {
            try await client.followReadings(ReadingQuery()) { _ in heard.add(heard.all.count) }
          } catch {
            guard heard.all.isEmpty else { throw error }
          }
        }
        heard.add(-1)
      }
      #expect(await heard.next() == 0)
      // Came later, and asks nothing; twice, as one may have come while the machine was slow.
      for _ in 0..<2 { #expect(try await RawConnection(served.socketPath).next() == "") }
      try await served.commit(.cuff(2))
      #expect(await heard.next() == 1, "the stream has ended")
      follower.cancel()
      _ = await follower.result
    }
  }

  /// More than the kernel takes ahead, by one write and as a stream; read when the idle timeout has long closed the connection.
  @Test(arguments: ["/fhir/Observation?_count=1000", "/v1/readings?limit=1000"])
  func anAnswerThatIsReadLateComesWhole(_ path: String) async throws {
    var control = GatewayControl.quiet()
    control.record = .sample
    // Reads nothing, ever; a stop waits for nobody.
    var stuck: RawConnection?
    try await Served.with(control, set: { $0.idleTimeout = .seconds(1) }) { (served) async throws in
      let mai = try await served.store.addPatient(name: "Mai", at: Date())
      for number in 0..<900 { try await served.commit(.cuff(number, patient: mai.id)) }
      let late = try RawConnection(served.socketPath)
      try late.ask(path)
      stuck = try RawConnection(served.socketPath)
      try stuck?.ask(path)
      // Connections that came later and ask nothing are closed meanwhile: three times the timeout has passed.
      for _ in 0..<3 { #expect(try await RawConnection(served.socketPath).next() == "") }
      let length = try await late.octetsOfTheAnswer()
      #expect(length > 400_000)
    }
    #expect(stuck != nil)
  }

  /// As NIO tells it when accept(2) finds no descriptor left. (Really to take them all would be answered by libdispatch, which ends
  /// the process when it finds none: `Decisions/LocalConnections.md`.)
  @Test func thatNothingCanBeAcceptedIsSaidOnceAndTheSocketAnswersAgain() async throws {
    let lines = Log<String>()
    let (channels, continuation) = AsyncStream.makeStream(of: (any Channel).self)
    let set = { (server: inout LocalServer) in server.listening = { continuation.yield($0) } }
    try await Served.with(logger: .writing(to: lines), set: set) { (served) async throws in
      let early = try RawConnection(served.socketPath)
      #expect(try await early.answers("/v1/status"))
      var iterator = channels.makeAsyncIterator()
      let channel = try #require(await iterator.next())
      for _ in 0..<3 { channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept")) }
      let said = try #require(await lines.next())
      #expect(said.hasPrefix("error a connection to \(served.socketPath) could not be accepted"), "\(said)")
      #expect(try await early.answers("/v1/status"))
      let late = try RawConnection(served.socketPath)
      #expect(try await late.answers("/v1/status"))
      #expect(lines.all.count == 1)
    }
  }

  @Test func aListenerThatFailsIsToldWhateverIsOpen() async throws {
    let (channels, continuation) = AsyncStream.makeStream(of: (any Channel).self)
    try await Served.with { (served) async throws in
      let path = served.socketPath + "2"
      var server = LocalServer(
        socketPath: path, store: served.store, control: .quiet(), logger: Logger(label: "test", level: .critical))
      server.listening = { continuation.yield($0) }
      let running = Task { [server] in try await server.run() }
      var iterator = channels.makeAsyncIterator()
      let channel = try #require(await iterator.next())
      let (heard, hear) = AsyncStream.makeStream(of: Void.self)
      try await served.commit(.cuff(1))
      let follower = Task {
        try await LocalClient(socketPath: path).followReadings(ReadingQuery()) { _ in hear.yield() }
      }
      for await _ in heard.prefix(1) {}
      channel.close(promise: nil)
      await #expect(throws: LocalServerFailure.stoppedListening(path: path)) { try await running.value }
      await #expect(throws: LocalClientError.self) { try await follower.value }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}

extension Logger {
  /// Each line as its level and its text.
  static func writing(to log: Log<String>) -> Logger {
    Logger(label: "test") { _ in LoggedLines(lines: log) }
  }
}

private struct LoggedLines: LogHandler {
  let lines: Log<String>
  var logLevel = Logger.Level.warning
  var metadata: Logger.Metadata = [:]

  init(lines: Log<String>) { self.lines = lines }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
}
