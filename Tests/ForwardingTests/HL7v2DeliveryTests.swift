import Foundation
import Glibc
import Observations
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// From the store to a receiver of HL7 v2, with all that goes wrong between.
  @Suite struct HL7v2DeliveryTests {
    /// Answers are lost, cut, late to come and refused; the service is stopped and started anew in the midst of it. By
    /// MSH-10 the receiver has each reading once, and the order is theirs.
    @Test func whateverHappensTheReceiverHasEachReadingOnce() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver", validating: true) { receiver in
          let orders = [
            #"{"mode": "lose-answer", "times": 2}"#, #"{"mode": "half-answer", "times": 2}"#,
            #"{"mode": "down", "times": 2}"#, #"{"mode": "AR", "times": 2, "code": 207}"#,
            #"{"mode": "garbage", "times": 1}"#, #"{"mode": "joined", "times": 3}"#,
            #"{"mode": "split", "times": 3}"#, #"{"mode": "CA+AA", "times": 3}"#,
          ]
          var stored = 0
          for order in orders {
            try await receiver.control(order)
            let before = receiver.messages.count
            try await household.forwarding([Household.hl7Settings(receiver)]) { _ in
              try await household.store(stored..<stored + 5)
              // Stopped wherever it then is. One that is put off keeps the person's others waiting behind it.
              let enough = order.contains("AR") ? 1 : 3
              try await eventually { receiver.messages.count >= before + enough }
            }
            stored += 5
          }
          try await receiver.control(#"{"mode": "up"}"#)
          try await household.forwarding([Household.hl7Settings(receiver)]) { _ in
            try await eventually {
              try await household.store.outboxCounts()[Household.fhir]?.waiting == 0
            }
          }
          let counts = try await household.store.outboxCounts()[Household.fhir]
          #expect(counts?.delivered == stored && counts?.rejected == 0)
          let kept = receiver.kept
          #expect(kept.count == stored && Set(kept.map(\.control)).count == stored)
          // One reading, one MSH-10, one message: to the byte, at every attempt.
          let texts = Dictionary(grouping: receiver.messages, by: \.control).mapValues { Set($0.map(\.message)) }
          #expect(texts.count == stored && texts.values.allSatisfy { $0.count == 1 })
          #expect(receiver.messages.allSatisfy { $0.problems == [] })
          #expect(receiver.messages.count > stored)
        }
      }
    }

    @Test func withoutConsentNothingLeaves() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          _ = try await household.store.withdrawConsent(
            patient: household.patient.id, destination: Household.fhir, at: Household.moment)
          try await household.forwarding([Household.hl7Settings(receiver)]) { _ in
            try await household.store(0..<3)
            try await household.store.grantConsent(
              patient: household.patient.id, destination: Household.fhir, grantee: "somebody",
              relationship: "doctor", at: Household.moment)
            try await household.store(3..<4)
            try await eventually { receiver.messages.count >= 1 }
            try await eventually { try await household.store.outboxCounts()[Household.fhir]?.waiting == 0 }
          }
          #expect(receiver.kept.count == 1)
        }
      }
    }

    /// A refusal is said by the destination's status and by the row.
    @Test func whatIsSetAsideIsSeen() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          try await receiver.control(#"{"mode": "AE", "times": 1, "code": 103, "location": "OBX^7^3"}"#)
          try await household.forwarding([Household.hl7Settings(receiver)]) { service in
            try await household.store(0..<3)
            try await eventually { try await household.store.outboxCounts()[Household.fhir]?.waiting == 0 }
            let status = await service.status().first
            #expect(status?.kind == "hl7v2" && status?.rejected == 1)
            #expect(status?.lastRejectionReason == "127.0.0.1 answered AE: 103, OBX^7^3")
          }
          let set = try await household.store.deliveries(DeliveryFilter(destination: Household.fhir, state: .rejected))
          #expect(set.map(\.reason) == ["127.0.0.1 answered AE: 103, OBX^7^3"])
          #expect(receiver.kept.count == 2)
        }
      }
    }

    @Test func aDisownedReadingIsWithdrawnAndOneClaimedAgainIsSaidAgain() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver", validating: true) { receiver in
          try await household.forwarding([Household.hl7Settings(receiver)]) { _ in
            try await household.store(0..<2)
            try await eventually { receiver.kept.count == 2 }
            let readings = try await household.store.observations()
            let guest = try #require(readings.first { $0.provenance.bytes.first == 0 })
            try await eventually { try await household.store.outboxCounts()[Household.fhir]?.waiting == 0 }
            try await receiver.control(#"{"mode": "lose-answer", "times": 1}"#)
            _ = try await household.store.disown([guest.id], by: nil, policy: Household.policy, now: Household.moment)
            try await eventually { try await household.store.uncorrected([guest.id]) == [:] }
            #expect(receiver.kept.count == 3)
            _ = try await household.store.claim(
              [guest.id], for: household.patient.id, by: nil, policy: Household.policy, now: Household.moment)
            try await eventually { receiver.kept.count == 4 }
          }
          let kept = receiver.kept
          func order(_ arrival: HL7Arrival) -> Substring? {
            arrival.message.split(separator: "\r").first { $0.hasPrefix("OBR|") }?.split(separator: "|")[2]
          }
          // Three messages of one reading: told, taken back without its values, and told once more.
          let told = try #require(kept.first { $0.systolic == "130" && order($0) == order(kept[2]) })
          #expect(kept[2].systolic == "" && kept[2].message.contains("|1.0.1.1|||||||W"))
          #expect(kept[3].systolic == "130" && kept[3].message.contains("|C"))
          #expect(order(kept[3]) == order(told) && Set(kept.map(\.control)).count == 4)
          #expect(receiver.messages.allSatisfy { $0.problems == [] })
        }
      }
    }
  }

  /// Tests/Story to a record, killed at random points while the receiver loses answers: by MSH-10 it has exactly what an
  /// undisturbed run tells. `VITALS_LONG=1` kills 200 times instead of 12.
  @Suite struct KilledRecordTests {
    private static func start(_ directory: URL, _ receiver: TestReceiver) throws -> Process {
      let process = Process()
      process.executableURL = try KilledStoryTests.program
      process.arguments = [directory.appending(path: "data").path, receiver.mllp, "none"]
      try process.run()
      return process
    }

    /// One story to a receiver of its own; `pause` after each of which it is killed, until there is none.
    private static func tell(
      longest: Double, _ pause: (ClosedRange<Double>) -> Duration?
    ) async throws -> (messages: [HL7Arrival], kills: Int, time: Double) {
      let folder = FileManager.default.temporaryDirectory.appending(path: "story-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      return try await TestReceiver.run("mllp_receiver", validating: true) { receiver in
        var kills = 0
        let losses = [
          #"{"mode": "lose-answer", "times": 1}"#, #"{"mode": "half-answer", "times": 1}"#, #"{"mode": "up"}"#,
        ]
        while true {
          let begin = ContinuousClock.now
          let process = try start(folder, receiver)
          let pause = pause(0.02...longest)
          if try await KilledStoryTests.ended(process, within: pause ?? .seconds(300)) {
            try #require(process.terminationStatus == 0 && process.terminationReason == .exit)
            return (receiver.messages, kills, (ContinuousClock.now - begin) / .seconds(1))
          }
          kill(process.processIdentifier, SIGKILL)
          process.waitUntilExit()
          try #require(pause != nil, "the story did not end within five minutes")
          kills += 1
          try await receiver.control(losses[kills % losses.count])
        }
      }
    }

    @Test(.timeLimit(.minutes(30)))
    func killedAnywhereTheRecordIsWhatItWouldHaveBeen() async throws {
      let undisturbed = try await Self.tell(longest: 0.05) { _ in nil }
      let expected = undisturbed.messages.map(\.control)
      #expect(expected.count == 40 && Set(expected).count == 40)
      #expect(undisturbed.messages.prefix(5).map(\.systolic) == ["128", "152", "158", "149", "139"])
      var numbers = KilledStoryTests.Numbers(state: KilledStoryTests.seed)
      var (kills, stories, repeated) = (0, 0, 0)
      while kills < KilledStoryTests.kills {
        var left = KilledStoryTests.kills - kills
        let told = try await Self.tell(longest: max(0.1, undisturbed.time * 0.6)) { range in
          guard left > 0 else { return nil }
          left -= 1
          return .seconds(Double.random(in: range, using: &numbers))
        }
        kills += told.kills
        stories += 1
        let kept = told.messages.filter { $0.new == true }
        #expect(kept.map(\.control).sorted() == expected.sorted())
        repeated += told.messages.count - kept.count
        let texts = Dictionary(grouping: told.messages, by: \.control).mapValues { Set($0.map(\.message)) }
        #expect(texts.values.allSatisfy { $0.count == 1 })
        #expect(told.messages.allSatisfy { $0.problems == [] })
      }
      print("\(kills) kills in \(stories) stories of \(expected.count) readings; \(repeated) were told twice")
    }
  }
}
