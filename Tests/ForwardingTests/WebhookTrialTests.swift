import Foundation
import Observations
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// What `vitals webhooks` asks for.
  @Suite struct WebhookTrialTests {
    @Test func aTestIsSignedSaysSoAndTellsWhatWasAnswered() async throws {
      try await Household.run { household in
        try await TestReceiver.run(
          "webhook_receiver", validating: true,
          arguments: ["--secret", Household.secret, "--schema", WebhookJudge.schema.path]
        ) { receiver in
          let settings = try household.webhookSettings(receiver.address)
          try await household.forwarding([Household.fhirSettings("http://127.0.0.1:1"), settings]) { service in
            let trial = try await service.testWebhook(Household.webhook)
            #expect(trial.outcome == .delivered)
            let arrived = try #require(try await receiver.journal(atLeast: 1).first)
            #expect(arrived.verified == true && arrived.message?.type == "test" && arrived.id == trial.message)
            let again = try await service.testWebhook(Household.webhook)
            #expect(again.message != trial.message, "a test is a new message each time")
            let webhooks = try await service.webhooks()
            #expect(webhooks.map(\.id) == [Household.webhook], "a health record is no webhook")
            #expect(webhooks.first?.address == receiver.address + "/…")
            #expect(webhooks.first?.lastSuccess != nil && webhooks.first?.nextAttempt == nil)

            try await receiver.control(#"{"mode": "503"}"#)
            let failed = try await service.testWebhook(Household.webhook)
            #expect(failed.outcome == .destinationFailed(after: nil, reason: "127.0.0.1 answered 503"))
            // The outbox knows nothing of it, and nothing of a test waits.
            #expect(try await household.store.deliveries(DeliveryFilter(destination: Household.webhook)) == [])
            await #expect(throws: WebhookRefusal.unknownDestination(known: ["daughter"])) {
              try await service.testWebhook(Household.fhir)
            }
          }
        }
      }
    }

    @Test func aMessageIsToldAgainUnderItsId() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          try await household.forwarding([try household.webhookSettings(receiver.address)]) { service in
            try await household.store(0..<1, systolic: 190)
            let first = try #require(try await receiver.journal(atLeast: 1).first)
            try await eventually { await service.status().first?.waiting == 0 }
            let record = try #require(
              try await household.store.deliveries(DeliveryFilter(destination: Household.webhook)).first)
            #expect(service.message(of: record.messageKey, for: record.destination) == first.id)
            let (destination, trial) = try await service.redeliver("\(record.id.rawValue)")
            #expect(destination == Household.webhook && trial.outcome == .delivered && trial.message == first.id)
            _ = try await service.redeliver(try #require(first.id))
            let journal = receiver.journal()
            #expect(journal.map(\.id) == [first.id, first.id, first.id])
            #expect(journal.map(\.new) == [true, false, false])
            for unknown in ["99", "0", "-1", "msg_0", "x"] {
              await #expect(throws: WebhookRefusal.unknownMessage) { _ = try await service.redeliver(unknown) }
            }
          }
        }
      }
    }

    @Test func whatWasRefusedForGoodArrivesAfterAll() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          try await receiver.control(#"{"mode": "410"}"#)
          try await household.forwarding([try household.webhookSettings(receiver.address)]) { service in
            try await household.store(0..<1, systolic: 190)
            let filter = DeliveryFilter(destination: Household.webhook)
            try await eventually { try await household.store.deliveries(filter).first?.state == .rejected }
            let id = try #require(try await household.store.deliveries(filter).first).id
            let refused = try await service.redeliver("\(id.rawValue)").trial
            guard case .rejected = refused.outcome else {
              Issue.record("\(refused)")
              return
            }
            #expect(try await household.store.deliveries(filter).first?.state == .rejected)
            try await receiver.control(#"{"mode": "up"}"#)
            #expect(try await service.redeliver("\(id.rawValue)").trial.outcome == .delivered)
            let record = try #require(try await household.store.deliveries(filter).first)
            #expect(record.state == .delivered && record.reason == nil)
          }
        }
      }
    }

    @Test func whatMayNotLeaveIsNotToldAgain() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          try await household.forwarding([try household.webhookSettings(receiver.address)]) { service in
            try await household.store(0..<1, systolic: 190)
            try await eventually { receiver.journal().count == 1 }
            try await eventually { await service.status().first?.waiting == 0 }
            _ = try await household.store.withdrawConsent(
              patient: household.patient.id, destination: Household.webhook, grantee: nil, at: Household.moment)
            let rows = try await household.store.deliveries(DeliveryFilter(destination: Household.webhook))
            let id = try #require(rows.first).id
            await #expect(throws: WebhookRefusal.notToBeTold) { _ = try await service.redeliver("\(id.rawValue)") }
            #expect(receiver.journal().count == 1)
          }
        }
      }
    }

    @Test(arguments: [
      ("https://hooks.example/services/T0/secret", "https://hooks.example/…"),
      ("https://hooks.example:8443/?token=secret", "https://hooks.example:8443/…"),
      ("https://hooks.example/", "https://hooks.example"), ("https://hooks.example", "https://hooks.example"),
    ])
    func anAddressIsShownWithoutItsSecret(_ text: String, _ shown: String) throws {
      #expect(try DestinationURL(text, allowsPrivate: false).redacted == shown)
    }
  }
}
