import Foundation
import Observations
import Store
import Synchronization
import Testing

@testable import Forwarding

extension ReceiverTests {
  @Suite struct ForwardingServiceTests {
    @Test func whatWaitedWhileTheServersWereAwayArrivesInOrderOnce() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { fhir in
          try await TestReceiver.run("webhook_receiver") { webhook in
            try await fhir.control(#"{"mode": "503"}"#)
            // An answer: of what nobody answers it is not known whether it arrived, and it goes once more as it was.
            try await webhook.control(#"{"mode": "503"}"#)
            var hook = try household.webhookSettings(webhook.address)
            hook.retry = .exponential(first: .milliseconds(200), most: .seconds(1))
            try await household.forwarding([Household.fhirSettings(fhir.address), hook]) { service in
              // Every other reading begins an episode, the next ends it.
              for number in 0..<60 {
                try await household.store(number..<(number + 1), systolic: number % 2 == 0 ? 190 : 120)
              }
              try await fhir.journal(atLeast: 3)
              try await webhook.journal(atLeast: 3)
              let away = await service.status()
              #expect(away.map(\.isFailing) == [true, true])
              #expect(away.map(\.waiting) == [60, 60])
              #expect(away.first?.lastFailureReason == "127.0.0.1 answered 503")
              try await webhook.control(#"{"mode": "up"}"#)
              try await fhir.control(#"{"mode": "up"}"#)
              try await eventually { await service.status().allSatisfy { $0.waiting == 0 } }
              let back = await service.status()
              #expect(back.allSatisfy { !$0.isFailing && $0.lastSuccess != nil })
            }
            #expect(fhir.created() == (0..<60).map { household.identifier($0) })
            let told = webhook.journal().filter { $0.status == 204 }
            // Sixty changes are no sixty messages. How many is a matter of when each was tried first.
            #expect(told.count <= 6)
            #expect(told.allSatisfy { $0.new == true })
            let types = told.flatMap { $0.message?.told ?? [] }
            #expect(types == (0..<60).map { $0 % 2 == 0 ? "alert.firing" : "alert.resolved" })
          }
        }
      }
    }

    @Test func answersLostOnTheWayAddNothing() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "lose-answer", "times": 3}"#)
          try await household.store(0..<40)
          try await household.forwarding([Household.fhirSettings(receiver.address)]) { service in
            try await eventually { await service.status().first?.waiting == 0 }
          }
          #expect(receiver.journal().count > 4)
          #expect(receiver.created() == (0..<40).map { household.identifier($0) })
        }
      }
    }

    @Test func anAlertWaitsForNoFHIRServer() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { fhir in
          try await TestReceiver.run("webhook_receiver") { webhook in
            // The server takes the request and says nothing, for longer than this test may last.
            try await fhir.control(#"{"mode": "slow", "seconds": 600}"#)
            var record = Household.fhirSettings(fhir.address)
            record.timeLimit = .seconds(600)
            try await household.store(0..<5)
            try await household.forwarding([record, household.webhookSettings(webhook.address)]) { _ in
              try await household.store(5..<6, systolic: 200)
              try await webhook.journal(atLeast: 1)
              #expect(fhir.journal().isEmpty)
            }
          }
        }
      }
    }

    @Test func aMessageThatIsRefusedForNowHoldsNobodyUp() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "500", "times": 1}"#)
          var hook = try household.webhookSettings(webhook.address)
          hook.retry = .exponential(first: .seconds(1), most: .seconds(1))
          try await household.store(0..<1, systolic: 190)
          try await household.store(1..<2, systolic: 120)
          try await household.forwarding([hook]) { service in
            try await eventually { await service.status().first?.waiting == 0 }
            let types = webhook.journal().compactMap { $0.message?.type }
            #expect(types == ["alert.resolved", "alert.firing"])
          }
        }
      }
    }

    @Test func aStrangersCrisisIsToldWithoutAName() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          var stranger = household.reading(0, 190)
          stranger.patient = nil
          stranger.userSlot = 2
          let hook = try household.webhookSettings(webhook.address)
          _ = try await household.store.commit(stranger, policy: Household.policy, now: Household.moment, live: true)
          try await household.forwarding([Household.fhirSettings("http://127.0.0.1:1"), hook]) { _ in
            let message = try await webhook.journal(atLeast: 1).first?.message
            #expect(message?.type == "alert.firing")
            #expect(message?.data.unassigned == true)
            #expect(message?.data.patient == nil)
          }
          // The record gets nothing of it until it is claimed, and then with its own time.
          #expect(try await household.store.deliveries(DeliveryFilter(destination: Household.fhir)) == [])
          _ = try await household.store.claim(
            [stranger.id], for: household.patient.id, by: nil, policy: Household.policy,
            now: Household.moment.addingTimeInterval(86_400))
        }
        try await TestReceiver.run("fhir_receiver") { fhir in
          try await household.forwarding([Household.fhirSettings(fhir.address)]) { service in
            try await eventually { await service.status().first?.waiting == 0 }
          }
          #expect(fhir.created() == [household.identifier(0)])
        }
      }
    }

    @Test func whatCouldNotBeStoredIsToldFromMemoryUntilItIsOut() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "down", "times": 2}"#)
          var hook = try household.webhookSettings(webhook.address)
          hook.retry = .exponential(first: .milliseconds(200), most: .seconds(1))
          try await household.forwarding([hook]) { service in
            await service.tell([WebhookMessageTests.alert(notStored: true, patient: household.patient.id)])
            let journal = try await webhook.journal(atLeast: 3)
            #expect(journal.last?.message?.data.stored == false)
            try await eventually { await service.status().first?.waitingUnstored == 0 }
          }
        }
      }
    }

    /// The router is mended while a try that began before is still waiting for it.
    @Test(arguments: [true, false])
    func aTryThatSomebodyAsksForAmidAnotherFollowsIt(_ isStored: Bool) async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "slow", "seconds": 600, "note": true, "times": 1}"#)
          var hook = try household.webhookSettings(webhook.address)
          hook.retry = .exponential(first: .seconds(36000), most: .seconds(36000))
          hook.timeLimit = .seconds(3)
          if isStored { try await household.store(0..<1, systolic: 190) }
          try await household.forwarding([hook]) { service in
            if !isStored {
              await service.tell([WebhookMessageTests.alert(notStored: true, patient: household.patient.id)])
            }
            try await eventually { webhook.journal().contains { $0.mode == "slow" } }
            _ = try await service.retry(nil, id: nil)
            try await eventually { webhook.journal().contains { $0.status == 204 } }
          }
        }
      }
    }

    @Test func whatIsToldFromMemoryStopsWithTheConsent() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "down"}"#)
          var hook = try household.webhookSettings(webhook.address)
          hook.retry = .exponential(first: .milliseconds(200), most: .seconds(1))
          try await household.forwarding([hook]) { service in
            await service.tell([WebhookMessageTests.alert(notStored: true, patient: household.patient.id)])
            try await webhook.journal(atLeast: 1)
            _ = try await household.store.withdrawConsent(
              patient: household.patient.id, destination: Household.webhook, grantee: nil, at: Household.moment)
            try await webhook.control(#"{"mode": "up"}"#)
            try await eventually { await service.status().first?.waitingUnstored == 0 }
          }
          #expect(webhook.journal().allSatisfy { $0.status != 204 })
        }
      }
    }

    /// More alerts wait than one batch holds, so that at each try some that are due are not in it.
    @Test func aDestinationThatFailsIsNotAskedInALoop() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "503"}"#)
          try await household.forwarding([try household.webhookSettings(webhook.address)]) { service in
            for number in 0..<14 {
              try await household.store(number..<(number + 1), systolic: number % 2 == 0 ? 190 : 120)
            }
            try await webhook.journal(atLeast: 2)
            let (before, start) = (webhook.journal().count, ContinuousClock.now)
            try await Task.sleep(for: .seconds(6))
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            #expect(Double(webhook.journal().count - before) <= seconds + 2, "more than one try a second")
            try await webhook.control(#"{"mode": "up"}"#)
            try await eventually { await service.status().first?.waiting == 0 }
          }
          let told = webhook.journal().filter { $0.status == 204 }.flatMap { $0.message?.told ?? [] }
          #expect(told.count == 14)
        }
      }
    }

    /// It says when it wants to be asked again, and a new alert does not change that.
    @Test func whatADestinationAskedForIsKept() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "503", "retry-after": 5}"#)
          try await household.forwarding([try household.webhookSettings(webhook.address)]) { service in
            try await household.store(0..<1, systolic: 190)
            try await webhook.journal(atLeast: 1)
            let start = ContinuousClock.now
            try await household.store(1..<2, systolic: 120)
            try await webhook.journal(atLeast: 2)
            #expect(ContinuousClock.now - start > .seconds(4))
          }
        }
      }
    }

    /// The box started seven hours ahead, and the network set its clock right.
    @Test func aClockThatIsSetBackDelaysNothing() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "503", "times": 1}"#)
          var hook = try household.webhookSettings(webhook.address)
          hook.retry = .exponential(first: .seconds(3), most: .seconds(3))
          let ahead = Mutex(TimeInterval(7 * 3600))
          try await household.forwarding([hook], now: { Date().addingTimeInterval(ahead.withLock { $0 }) }) { service in
            try await household.store(0..<1, systolic: 190)
            try await webhook.journal(atLeast: 1)
            let rows = DeliveryFilter(destination: Household.webhook)
            try await eventually { try await household.store.deliveries(rows).first?.nextAttemptAt != nil }
            ahead.withLock { $0 = 0 }
            // Whatever wakes it; by itself it looks each minute.
            try await household.store(1..<2, systolic: 120)
            try await eventually(within: .seconds(60)) { await service.status().first?.waiting == 0 }
          }
        }
      }
    }

    /// A server that comes back while a fresh reading still waits for what the visit may tell of its time.
    @Test func whatSettlesIsNotSentEarlyWhenTheServerIsBack() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { fhir in
          try await fhir.control(#"{"mode": "503"}"#)
          try await household.store(0..<1)
          try await household.forwarding([Household.fhirSettings(fhir.address)]) { service in
            try await fhir.journal(atLeast: 1)
            var policy = Household.policy
            policy.settling = 8
            let stored = Date()
            _ = try await household.store.commit(household.reading(1), policy: policy, now: stored, live: true)
            try await fhir.control(#"{"mode": "up"}"#)
            try await eventually { await service.status().first?.waiting == 1 }
            #expect(fhir.created() == [household.identifier(0)])
            try await eventually { await service.status().first?.waiting == 0 }
            #expect(Date().timeIntervalSince(stored) >= 8)
          }
        }
      }
    }

    /// A secret that is not there is this destination's trouble, said in its status, and over when the file is there.
    @Test func aMissingSecretIsSaidAndHoldsUpNobodyElse() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { fhir in
          var hook = DestinationSettings(id: Household.webhook, kind: "webhook", url: "https://hooks.example/vitals")
          hook.secretFile = household.folder.appending(path: "no-such-secret").path
          try await household.store(0..<2, systolic: 190)
          try await household.forwarding([hook, Household.fhirSettings(fhir.address)]) { service in
            try await eventually { await service.status().last?.waiting == 0 }
            let status = try #require(await service.status().first)
            #expect(status.isFailing)
            #expect(status.lastFailureReason?.contains("no-such-secret") == true)
            #expect(status.waiting == 1)
          }
        }
      }
    }

    @Test func whatIsRefusedForGoodIsSaid() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "410"}"#)
          try await household.forwarding([try household.webhookSettings(webhook.address)]) { service in
            try await household.store(0..<1, systolic: 190)
            try await eventually { await service.status().first?.rejected == 1 }
            let status = try #require(await service.status().first)
            #expect(status.lastRejectionReason?.contains("410") == true)
            #expect(status.lastRejection != nil)
          }
        }
      }
    }

    @Test func aWithdrawnConsentStopsWhatWaits() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "503"}"#)
          try await household.store(0..<3)
          try await household.forwarding([Household.fhirSettings(receiver.address)]) { service in
            try await receiver.journal(atLeast: 1)
            _ = try await household.store.withdrawConsent(
              patient: household.patient.id, destination: Household.fhir, grantee: nil, at: Household.moment)
            try await receiver.control(#"{"mode": "up"}"#)
            try await eventually { await service.status().first?.waiting == 0 }
          }
          #expect(receiver.created().isEmpty)
        }
      }
    }
  }
}
