import Foundation
import Glibc
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// Tests/Story, killed at random points: every change of an alert is told at least once, none is lost, and by its
  /// `webhook-id` a receiver makes of it exactly what an undisturbed run tells.
  ///
  /// `VITALS_LONG=1` kills 200 times instead of 12; `VITALS_SEED` kills at other points.
  @Suite struct KilledStoryTests {
    private struct Line: Decodable {
      struct Message: Decodable {
        struct Change: Decodable {
          var message: String
          var type: String
          var rule: String
          var stage: String?
          var severity: String
          var at: String
          var value: Decimal?
        }
        struct Content: Decodable {
          var rule: String
          var stage: String?
          var severity: String
          var at: String
          var value: Decimal?
          var changes: [Change]?
        }
        var type: String
        var timestamp: String
        var data: Content
      }
      var path: String
      var id: String
      var verified: Bool
      var message: Message

      /// The message with all the changes that it tells.
      var words: String {
        // What time alone moves in one step has no order of its own.
        ([own] + (message.data.changes ?? []).map(said).sorted()).joined(separator: " + ")
      }

      private var own: String {
        let data = message.data
        return "\(path) \(message.timestamp) \(message.type) \(data.rule) \(data.stage ?? "-") \(data.severity) "
          + "\(data.at) \(data.value.map { "\($0)" } ?? "-")"
      }

      private func said(_ change: Message.Change) -> String {
        "\(change.type) \(change.rule) \(change.stage ?? "-") \(change.severity) \(change.at) "
          + "\(change.value.map { "\($0)" } ?? "-")"
      }

      /// Each change that it tells.
      var told: [String] {
        let data = message.data
        let changes =
          data.changes ?? [
            Message.Change(
              message: id, type: message.type, rule: data.rule, stage: data.stage, severity: data.severity, at: data.at,
              value: data.value)
          ]
        return changes.map { "\(path) \(said($0))" }
      }

      /// The names that its changes have by themselves.
      var changes: [String] { message.data.changes?.map(\.message) ?? [id] }
    }

    private static let environment = ProcessInfo.processInfo.environment
    static let kills = environment["VITALS_LONG"] == "1" ? 200 : 12
    static let seed = UInt64(environment["VITALS_SEED"] ?? "1") ?? 1

    /// SplitMix64 (Steele, Lea, Flood 2014): the same points for the same seed.
    struct Numbers: RandomNumberGenerator {
      var state: UInt64
      mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
      }
    }

    private static let secret = "whsec_c3RvcnktdGhhdC1pcy1raWxsZWQtc3Rvcnk="

    /// Beside the tests' own program.
    static var program: URL {
      get throws {
        let test = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = test.deletingLastPathComponent()
        for _ in 0..<4 {
          let program = folder.appending(path: "vitals-story")
          if FileManager.default.isExecutableFile(atPath: program.path) { return program }
          folder.deleteLastPathComponent()
        }
        let built = PackageFiles.root.appending(path: ".build/debug/vitals-story")
        guard FileManager.default.isExecutableFile(atPath: built.path) else {
          throw TestReceiver.Failure(description: "vitals-story is not built")
        }
        return built
      }
    }

    private static func start(_ directory: URL, _ receiver: TestReceiver) throws -> Process {
      let process = Process()
      process.executableURL = try program
      process.arguments = [
        directory.appending(path: "data").path, receiver.address + "/", directory.appending(path: "secret").path,
      ]
      try process.run()
      return process
    }

    private static func folder() throws -> URL {
      let folder = FileManager.default.temporaryDirectory.appending(path: "story-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data((secret + "\n").utf8).write(to: folder.appending(path: "secret"))
      return folder
    }

    /// Whether the process ended within the time; it is waited for in any case.
    static func ended(_ process: Process, within limit: Duration) async throws -> Bool {
      let end = ContinuousClock.now + limit
      while process.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
      return !process.isRunning
    }

    /// One run of the story on fresh data, killed after each of the pauses that `pause` gives, until it ends by itself.
    private static func tell(
      _ receiver: TestReceiver, pause: (ClosedRange<Double>) -> Duration?, longest: Double,
      before prepare: () async throws -> Void = {}
    ) async throws -> (lines: [Line], kills: Int, time: Double) {
      let folder = try folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let before = receiver.lines(Line.self).count
      var kills = 0
      while true {
        try await prepare()
        let begin = ContinuousClock.now
        let process = try start(folder, receiver)
        let pause = pause(0.02...longest)
        let isOver = try await ended(process, within: pause ?? .seconds(120))
        if !isOver {
          kill(process.processIdentifier, SIGKILL)
          process.waitUntilExit()
          try #require(pause != nil, "the story did not end within two minutes")
          kills += 1
          continue
        }
        try #require(process.terminationStatus == 0 && process.terminationReason == .exit)
        let time = (ContinuousClock.now - begin) / .seconds(1)
        return (Array(receiver.lines(Line.self).dropFirst(before)), kills, time)
      }
    }

    @Test(.timeLimit(.minutes(30)))
    func killedAnywhereItTellsWhatItWouldHaveTold() async throws {
      try await TestReceiver.run("webhook_receiver", validating: true, arguments: ["--secret", Self.secret]) {
        receiver in
        let undisturbed = try await Self.tell(receiver, pause: { _ in nil }, longest: 0.05)
        let expected = undisturbed.lines.map(\.words).sorted()
        // It is a story in which all that a ladder can do is done.
        for stage in ["escalated", "acknowledged", "reopened", "confirmed", "not-repeated", "first"] {
          let isTold = expected.contains { $0.contains(" \(stage) ") }
          #expect(isTold, "\(stage)")
        }
        #expect(Set(expected).count == expected.count && expected.count > 40)
        // Some readings did several things, and those are one message.
        let together = undisturbed.lines.filter { $0.changes.count > 1 }
        #expect(together.count > 5)
        let every = undisturbed.lines.flatMap(\.changes)
        #expect(Set(every).count == every.count)
        var numbers = Numbers(state: Self.seed)
        var (kills, stories, repeated) = (0, 0, 0)
        while kills < Self.kills {
          let limit = Self.kills - kills
          var mine = 0
          let told = try await Self.tell(
            receiver,
            pause: { range in
              guard mine < limit else { return nil }
              mine += 1
              return .seconds(Double.random(in: range, using: &numbers))
            }, longest: max(0.1, undisturbed.time * 0.6))
          kills += told.kills
          stories += 1
          var first: [String: Line] = [:]
          for line in told.lines {
            if first[line.id] == nil { first[line.id] = line } else { repeated += 1 }
          }
          // Each change by one message, whatever was killed between the two.
          let changes = first.values.flatMap(\.changes)
          #expect(Set(changes).count == changes.count)
          let words = first.values.map(\.words).sorted()
          #expect(words == expected)
          let unverified = told.lines.filter { !$0.verified }.map(\.words)
          #expect(unverified == [])
          // Told again under one id it is the same message.
          let changed = told.lines.filter { first[$0.id]?.words != $0.words }.map(\.words)
          #expect(changed == [])
        }
        print("\(kills) kills in \(stories) stories of \(expected.count) messages; \(repeated) were told twice")
      }
    }

    /// The same while the receiver refuses some of it, so that what waited is put together anew: each change arrives by
    /// one message, whatever was killed between the two.
    @Test(.timeLimit(.minutes(30)))
    func killedAndRefusedItTellsEachChangeByOneMessage() async throws {
      try await TestReceiver.run("webhook_receiver", validating: true, arguments: ["--secret", Self.secret]) {
        receiver in
        let undisturbed = try await Self.tell(receiver, pause: { _ in nil }, longest: 0.05)
        let expected = undisturbed.lines.flatMap(\.told).sorted()
        var numbers = Numbers(state: Self.seed &+ 1)
        var (kills, stories, merged) = (0, 0, 0)
        while kills < Self.kills {
          let limit = min(6, Self.kills - kills)
          var mine = 0
          var refusals: [Int] = (0...limit).map { _ in Int.random(in: 1...6, using: &numbers) }
          let told = try await Self.tell(
            receiver,
            pause: { range in
              guard mine < limit else { return nil }
              mine += 1
              return .seconds(Double.random(in: range, using: &numbers))
            }, longest: max(0.1, undisturbed.time * 2),
            before: {
              try await receiver.control(#"{"mode": "503", "times": \#(refusals.popLast() ?? 1)}"#)
            })
          kills += told.kills
          stories += 1
          // A story that ended by itself before its last kill makes no more of them.
          if told.kills == 0 { kills += 1 }
          var first: [String: Line] = [:]
          for line in told.lines where first[line.id] == nil { first[line.id] = line }
          #expect(first.values.flatMap(\.told).sorted() == expected)
          let changed = told.lines.filter { first[$0.id]?.words != $0.words }.map(\.words)
          #expect(changed == [])
          merged += first.count
        }
        print("\(kills) kills in \(stories) refused stories of \(expected.count) changes; \(merged) messages")
      }
    }
  }
}
