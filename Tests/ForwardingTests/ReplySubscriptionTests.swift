import Foundation
import Synchronization
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// Against `ntfy_receiver.py`, which is written after ntfy's documentation.
  @Suite struct ReplySubscriptionTests {
    private struct Line: Decodable {
      struct Event: Decodable { var message: String }
      var subscribed: String?
      var since: String?
      var published: String?
      var refused: String?
    }

    /// What was read, in order.
    private final class Readings: Sendable {
      let messages = Mutex<[String]>([])
      let states = Mutex<[ReplySubscription.State]>([])
      let position = Mutex<ReplyPosition?>(nil)
      var all: [String] { messages.withLock { $0 } }
    }

    private func settings(_ receiver: TestReceiver, secretFile: String? = nil) -> ReplySettings {
      ReplySettings(url: receiver.address + "/answers", secretFile: secretFile, allowsPrivate: true)
    }

    private func publish(_ text: String, _ receiver: TestReceiver, token: String? = nil) async throws {
      let url = try DestinationURL(receiver.address + "/answers", allowsPrivate: true)
      let answer = try await receiver.http.post(
        Array(text.utf8), to: url, headers: token.map { [("Authorization", "Bearer \($0)")] } ?? [],
        limit: .seconds(60))
      #expect(answer.status == 200)
    }

    private func drop(_ receiver: TestReceiver) async throws {
      let url = try DestinationURL(receiver.address + "/_drop", allowsPrivate: true)
      _ = try await receiver.http.post([], to: url, headers: [], limit: .seconds(60))
    }

    /// Reads about `body`; `failing`: messages that are thrown back once.
    private func reading(
      _ settings: ReplySettings, _ http: OutboundHTTP, from position: ReplyPosition? = nil, failing: Set<String> = [],
      _ body: (Readings) async throws -> Void
    ) async throws {
      let readings = Readings()
      let left = Mutex(failing)
      // No pause between two tries.
      let clock = ForwardingClock(wall: { Date() }, wait: { _, _ in await Task.yield() }, chance: { 0.5 })
      let subscription = try ReplySubscription(settings, http: http, clock: clock)
      let task = Task {
        await subscription.run(
          from: position, note: { state in readings.states.withLock { $0.append(state) } },
          take: { message, position in
            if left.withLock({ $0.remove(message) }) != nil { throw TestReceiver.Failure(description: "not now") }
            readings.messages.withLock { $0.append(message) }
            readings.position.withLock { $0 = position }
          })
      }
      do { try await body(readings) } catch {
        task.cancel()
        throw error
      }
      task.cancel()
      await task.value
    }

    /// What cannot be kept is no reason to ask a public server once a second for ever.
    @Test func aMessageThatIsNotTakenIsAskedForMoreAndMoreSeldom() async throws {
      try await TestReceiver.run("ntfy_receiver", arguments: ["--keepalive", "0.2"]) { receiver in
        try await publish("one", receiver)
        let pauses = Mutex<[Duration]>([])
        let states = Mutex<[ReplySubscription.State]>([])
        let clock = ForwardingClock(
          wall: { Date() },
          wait: { bell, pause in
            let count = pauses.withLock { pauses in
              pauses.append(pause)
              return pauses.count
            }
            if count == 5 { await bell.wait(for: nil) }
          }, chance: { 0.5 })
        let subscription = try ReplySubscription(settings(receiver), http: receiver.http, clock: clock)
        let task = Task {
          await subscription.run(
            from: nil, note: { state in states.withLock { $0.append(state) } },
            take: { _, _ in throw TestReceiver.Failure(description: "the disk is full") })
        }
        try await eventually { pauses.withLock { $0.count } == 5 }
        task.cancel()
        await task.value
        #expect(pauses.withLock { $0 } == [1, 2, 5, 10, 30].map { .seconds($0) })
        #expect(states.withLock { $0 }.filter { $0 == .connected }.count == 1, "whoever counts failures counts on")
      }
    }

    @Test func whatWasWrittenBeforeAndWhatIsWrittenNowIsReadOnce() async throws {
      try await TestReceiver.run("ntfy_receiver", arguments: ["--keepalive", "0.2"]) { receiver in
        try await publish("one", receiver)
        try await publish("two", receiver)
        try await reading(settings(receiver), receiver.http) { readings in
          try await eventually { readings.all == ["one", "two"] }
          try await publish("three", receiver)
          try await eventually { readings.all == ["one", "two", "three"] }
          // The stream ends, as a proxy ends it; what comes meanwhile is not lost, and nothing is read twice.
          for round in 0..<5 {
            try await drop(receiver)
            try await publish("round \(round)", receiver)
            try await eventually { readings.all.last == "round \(round)" }
          }
          #expect(readings.all == ["one", "two", "three"] + (0..<5).map { "round \($0)" })
          #expect(readings.states.withLock { $0 }.allSatisfy { $0 == .connected })
        }
        #expect(receiver.lines(Line.self).first { $0.subscribed != nil }?.since == "all")
      }
    }

    /// The box was off while somebody answered.
    @Test func itGoesOnWhereItWas() async throws {
      try await TestReceiver.run("ntfy_receiver") { receiver in
        try await publish("before", receiver)
        var position: ReplyPosition?
        try await reading(settings(receiver), receiver.http) { readings in
          try await eventually { readings.all == ["before"] }
          position = readings.position.withLock { $0 }
        }
        try await publish("while it was off", receiver)
        let kept = try #require(position)
        #expect(try JSONDecoder().decode(ReplyPosition.self, from: JSONEncoder().encode(kept)) == kept)
        try await reading(settings(receiver), receiver.http, from: kept) { readings in
          try await eventually { !readings.all.isEmpty }
          try await publish("now", receiver)
          try await eventually { readings.all.last == "now" }
          #expect(readings.all == ["while it was off", "now"])
        }
      }
    }

    @Test func whatCouldNotBeTakenComesAgain() async throws {
      try await TestReceiver.run("ntfy_receiver") { receiver in
        for text in ["a", "b", "c"] { try await publish(text, receiver) }
        try await reading(settings(receiver), receiver.http, failing: ["b"]) { readings in
          try await eventually { readings.all.count == 3 }
          #expect(readings.all == ["a", "b", "c"])
          #expect(readings.states.withLock { $0 }.contains(.failing(reason: "not now")))
        }
      }
    }

    @Test func aTokenIsReadFromItsFileAtEachConnection() async throws {
      try await TestReceiver.run("ntfy_receiver", arguments: ["--token", "tk_right"]) { receiver in
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("tk_wrong\n".utf8).write(to: file)
        try await publish("hello", receiver, token: "tk_right")
        try await reading(settings(receiver, secretFile: file.path), receiver.http) { readings in
          try await eventually {
            readings.states.withLock { $0 }.contains(
              .failing(reason: "127.0.0.1 does not let the box read there; check the access token"))
          }
          #expect(readings.all == [])
          try Data("# the telephone has another\ntk_right\n".utf8).write(to: file)
          try await eventually { readings.all == ["hello"] }
        }
      }
    }

    /// What no ntfy sends: passed over, or the connection made anew; never an end.
    @Test func aServerThatIsNoneIsSaid() async throws {
      try await TestReceiver.run("services_receiver") { receiver in
        try await reading(settings(receiver), receiver.http) { readings in
          try await eventually { readings.states.withLock { $0.count } >= 2 }
          #expect(readings.states.withLock { $0 }.first == .failing(reason: "127.0.0.1 answered 404"))
        }
      }
    }

    @Test func anAddressInThePrivateNetIsAskedForFirst() async throws {
      var settings = ReplySettings(url: "https://localhost:9/answers")
      try await withHTTP { http in
        try await reading(settings, http) { readings in
          try await eventually { !readings.states.withLock { $0.isEmpty } }
          guard case .failing(let reason) = readings.states.withLock({ $0[0] }) else {
            Issue.record("connected")
            return
          }
          #expect(reason.contains("allow-private"))
        }
        settings.url = "http://ntfy.example/answers"
        #expect(throws: DestinationFault.plainHTTP(host: "ntfy.example")) {
          try ReplySubscription(settings, http: http)
        }
      }
    }

    private func withHTTP(_ body: (OutboundHTTP) async throws -> Void) async throws {
      let http = OutboundHTTP()
      do { try await body(http) } catch {
        await http.shutdown()
        throw error
      }
      await http.shutdown()
    }
  }
}
