import Foundation
import Observations
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  @Suite struct ForwardingServiceTests {
    @Test func whatWaitedWhileTheServersWereAwayArrivesInOrderOnce() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { fhir in
          try await TestReceiver.run("webhook_receiver") { webhook in
            try await fhir.control(#"{"mode": "503"}"#)
            try await webhook.control(#"{"mode": "down"}"#)
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
            #expect(told.count == 60)
            #expect(told.allSatisfy { $0.new == true })
            let types = told.map { $0.message?.type }
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

    @Test func whatCouldNotBeStoredIsToldFromMemoryUntilItIsOut() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { webhook in
          try await webhook.control(#"{"mode": "down", "times": 2}"#)
          var hook = try household.webhookSettings(webhook.address)
          hook.retry = .exponential(first: .milliseconds(200), most: .seconds(1))
          try await household.forwarding([hook]) { service in
            await service.tell([WebhookMessageTests.alert(notStored: true)])
            let journal = try await webhook.journal(atLeast: 3)
            #expect(journal.last?.message?.data.stored == false)
            try await eventually { await service.status().first?.waitingUnstored == 0 }
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
