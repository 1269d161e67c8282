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
        struct Content: Decodable {
          var rule: String
          var stage: String?
          var severity: String
          var at: String
          var value: Decimal?
        }
        var type: String
        var timestamp: String
        var data: Content
      }
      var path: String
      var id: String
      var verified: Bool
      var message: Message

      var words: String {
        let data = message.data
        return "\(path) \(message.timestamp) \(message.type) \(data.rule) \(data.stage ?? "-") \(data.severity) "
          + "\(data.at) \(data.value.map { "\($0)" } ?? "-")"
      }
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
      _ receiver: TestReceiver, pause: (ClosedRange<Double>) -> Duration?, longest: Double
    ) async throws -> (lines: [Line], kills: Int, time: Double) {
      let folder = try folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let before = receiver.lines(Line.self).count
      var kills = 0
      while true {
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
  }
}
