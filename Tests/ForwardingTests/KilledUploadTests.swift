import Foundation
import Glibc
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// Forty readings brought to a record three times over, each time by a gateway that remembers nothing of the last, is
  /// killed where chance wants it, and whose answers are lost after the server has stored: what the server has does not
  /// change after the first time.
  @Suite struct KilledUploadTests {
    private static let readings = 40

    private static func deliver(
      _ directory: URL, _ receiver: TestReceiver, _ numbers: inout KilledStoryTests.Numbers
    ) async throws -> Int {
      var kills = 0
      while true {
        let process = Process()
        process.executableURL = try KilledStoryTests.program
        process.arguments = ["deliver", directory.path, receiver.address]
        try process.run()
        // Eight kills, then in peace; between them every third answer or so is lost.
        let isKilled = kills < 8
        if isKilled, Bool.random(using: &numbers) {
          try await receiver.control(#"{"mode": "lose-answer", "times": 2}"#)
        }
        let limit: Duration = isKilled ? .milliseconds(Int.random(in: 100...1500, using: &numbers)) : .seconds(300)
        let end = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
        if process.isRunning {
          kill(process.processIdentifier, SIGKILL)
          process.waitUntilExit()
          try #require(isKilled, "it did not end within five minutes")
          kills += 1
          continue
        }
        try #require(process.terminationStatus == 0 && process.terminationReason == .exit)
        return kills
      }
    }

    @Test(.timeLimit(.minutes(30)))
    func deliveredThreeTimesItIsThereOnce() async throws {
      try await Household.run { household in
        try await household.store(0..<Self.readings)
        // One gateway, three times: its own name is made when it is first asked for.
        _ = try await household.store.gatewayDescription(softwareVersion: "story")
        try await household.store.close()
        try await TestReceiver.run("fhir_receiver") { receiver in
          var numbers = KilledStoryTests.Numbers(state: 2)
          var kills = 0
          for round in 0..<3 {
            let copy = household.folder.appending(path: "round-\(round)")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: household.folder.path)
            where name.hasPrefix("vitals.sqlite") {
              try FileManager.default.copyItem(
                at: household.folder.appending(path: name), to: copy.appending(path: name))
            }
            kills += try await Self.deliver(copy, receiver, &numbers)
            let stats = try await receiver.stats()
            #expect(stats == ["Patient": 1, "Device": 2, "Observation": Self.readings], "round \(round)")
          }
          let journal = receiver.journal()
          let lost = journal.count { $0.mode == "lose-answer" }
          #expect(kills > 5 && lost > 3)
          #expect(receiver.created().sorted() == (0..<Self.readings).map { household.identifier($0) }.sorted())
          print("\(kills) kills, \(lost) lost answers, \(journal.count) requests; \(Self.readings) readings once")
        }
      }
    }
  }
}
