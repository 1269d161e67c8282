import Foundation
import Observations
import Store
import Testing

@testable import Forwarding

/// Against receivers in processes of their own; one after the other.
@Suite(.serialized) struct ReceiverTests {}

extension ReceiverTests {
  @Suite struct FHIRForwarderTests {
    private func deliver(
      _ household: Household, _ receiver: TestReceiver, _ deliveries: [Delivery],
      _ change: (inout DestinationSettings) -> Void = { _ in }
    ) async throws -> [DeliveryOutcome] {
      var settings = Household.fhirSettings(receiver.address)
      change(&settings)
      return try await FHIRForwarder(settings, Household.surroundings(receiver.http)).deliver(deliveries)
    }

    @Test func aBatchIsTakenOnceHoweverOftenItIsSent() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true) { receiver in
          let batch = (0..<3).map { household.delivery($0) }
          for _ in 0..<2 {
            let outcomes = try await deliver(household, receiver, batch)
            #expect(outcomes == [.delivered, .delivered, .delivered])
          }
          #expect(receiver.created() == (0..<3).map { household.identifier($0) })
        }
      }
    }

    @Test func aLostAnswerIsAFailureAndNoSecondObservation() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "lose-answer", "times": 1}"#)
          let failed = try await deliver(household, receiver, [household.delivery(0)])
          #expect(
            failed == [.destinationFailed(after: nil, reason: "127.0.0.1 ended the connection without an answer")])
          let again = try await deliver(household, receiver, [household.delivery(0)])
          #expect(again == [.delivered])
          #expect(receiver.created() == [household.identifier(0)])
        }
      }
    }

    @Test func oneBadReadingLeavesTheOthersAlone() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true) { receiver in
          var bad = household.delivery(1)
          var reading = household.reading(1)
          // Nothing that a driver makes: a unit that the profile does not know.
          reading.components[0].value = .quantity(Quantity(187, UCUMUnit(rawValue: "mmHg")))
          bad.content = .observation(reading, household.patient, Household.cuff)
          let outcomes = try await deliver(household, receiver, [household.delivery(0), bad, household.delivery(2)])
          #expect(outcomes.count == 3)
          #expect(outcomes.first == .delivered && outcomes.last == .delivered)
          guard case .rejected(let reason) = outcomes[1] else {
            Issue.record("\(outcomes)")
            return
          }
          #expect(reason.hasPrefix("127.0.0.1 answered 422: invalid, Bundle.entry["))
          #expect(!reason.contains("187") && !reason.contains(household.patient.id.rawValue))
          #expect(receiver.created() == [household.identifier(0), household.identifier(2)])
        }
      }
    }

    @Test(arguments: [408, 429, 500, 502, 503])
    func aStatusOfTheServersIsTriedAgain(_ status: Int) async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "\#(status)", "retry-after": 7}"#)
          let outcomes = try await deliver(household, receiver, [household.delivery(0), household.delivery(1)])
          #expect(outcomes.count == 2)
          for outcome in outcomes {
            guard case .destinationFailed(let after, let reason) = outcome else {
              Issue.record("\(outcome)")
              continue
            }
            #expect(after == .seconds(7))
            #expect(reason.hasPrefix("127.0.0.1 answered \(status)"))
          }
        }
      }
    }

    /// Who we are, or the address, is wrong: nothing is set aside, and somebody is told.
    @Test(arguments: [301, 302, 401, 403, 404, 405, 410, 415])
    func aStatusThatSomebodyHasToMendHoldsEverything(_ status: Int) async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "\#(status)"}"#)
          let outcomes = try await deliver(household, receiver, [household.delivery(0), household.delivery(1)])
          #expect(outcomes.count == 2)
          for outcome in outcomes {
            guard case .destinationRefuses(let reason) = outcome else {
              Issue.record("\(outcome)")
              continue
            }
            #expect(reason.hasPrefix("127.0.0.1 answered \(status)"))
          }
        }
      }
    }

    @Test func aProxysPageRefusesNothing() async throws {
      // 400 and 422 without an OperationOutcome: the readings are not to blame, and stay.
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "400"}"#)
          let outcomes = try await deliver(household, receiver, [household.delivery(0)])
          #expect(outcomes == [.destinationFailed(after: nil, reason: "127.0.0.1 answered 400")])
        }
      }
    }

    @Test func aSilentServerIsGivenUpInTime() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "slow", "seconds": 60, "times": 1}"#)
          let outcomes = try await deliver(household, receiver, [household.delivery(0)]) {
            $0.timeLimit = .milliseconds(300)
          }
          #expect(outcomes == [.destinationFailed(after: nil, reason: "127.0.0.1 did not answer in time")])
        }
        let http = OutboundHTTP()
        // Port 9 is nobody's.
        let forwarder = try FHIRForwarder(
          Household.fhirSettings("http://127.0.0.1:9/fhir/secret-path"), Household.surroundings(http))
        let refused = try await forwarder.deliver([household.delivery(0)])
        #expect(refused == [.destinationFailed(after: nil, reason: "no connection to 127.0.0.1: Connection refused")])
        await http.shutdown()
      }
    }

    @Test func anAnswerThatStopsAfterItsHeadIsGivenUpInTime() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.control(#"{"mode": "stall", "seconds": 600, "times": 1}"#)
          let outcomes = try await deliver(household, receiver, [household.delivery(0)]) { $0.timeLimit = .seconds(3) }
          #expect(outcomes == [.destinationFailed(after: nil, reason: "127.0.0.1 did not answer in time")])
          #expect(receiver.journal().last?.mode == "stall", "the head was sent")
        }
      }
    }

    @Test func aTokenGoesAlongAndAlertsAndPlayedReadingsDoNot() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          let token = household.folder.appending(path: "token")
          try Data("abc123\n".utf8).write(to: token)
          var played = household.delivery(1)
          var reading = household.reading(1)
          reading.provenance.isSimulated = true
          played.content = .observation(reading, household.patient, Household.cuff)
          let batch = [WebhookMessageTests.alert(), played, household.delivery(2)]
          let outcomes = try await deliver(household, receiver, batch) { $0.secretFile = token.path }
          #expect(
            outcomes == [
              .rejected(reason: "a FHIR destination takes readings, not alerts"),
              .rejected(reason: "a simulated reading, and this destination does not take them"), .delivered,
            ])
          #expect(receiver.journal().last?.authorization == "Bearer abc123")
          #expect(receiver.created() == [household.identifier(2)])
        }
      }
    }
  }

  @Suite struct WebhookForwarderTests {
    @Test func anIndependentLibraryVerifiesEveryAttempt() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver", validating: true, arguments: ["--secret", Household.secret]) {
          receiver in
          // Two secrets, the receiver's second: while one is being changed, both sign.
          let settings = try household.webhookSettings(
            receiver.address, secrets: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n" + Household.secret)
          let forwarder = try WebhookForwarder(settings, Household.surroundings(receiver.http))
          for _ in 0..<2 {
            let outcomes = try await forwarder.deliver([WebhookMessageTests.alert()])
            #expect(outcomes == [.delivered])
          }
          let journal = receiver.journal()
          #expect(journal.map(\.new) == [true, false])
          #expect(journal.map(\.verified) == [true, true])
          #expect(Set(journal.map(\.id)).count == 1)
          #expect(journal.first?.message?.type == "alert.firing")
        }
        try await TestReceiver.run(
          "webhook_receiver", validating: true, arguments: ["--secret", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"]
        ) { receiver in
          let settings = try household.webhookSettings(receiver.address)
          let forwarder = try WebhookForwarder(settings, Household.surroundings(receiver.http))
          let outcomes = try await forwarder.deliver([WebhookMessageTests.alert()])
          #expect(
            outcomes == [.destinationFailed(after: nil, reason: "127.0.0.1 answered 401: check the secret")])
        }
      }
    }

    @Test(arguments: [
      (
        "301",
        DeliveryOutcome.destinationFailed(
          after: nil, reason: "127.0.0.1 answered 301, a redirect; set url to where it points")
      ),
      (
        "410",
        .rejected(
          reason: "127.0.0.1 answered 410: it wants no more webhooks; remove this destination or ask for a new address")
      ),
      ("429", .destinationFailed(after: .seconds(9), reason: "127.0.0.1 answered 429")),
      ("503", .destinationFailed(after: .seconds(9), reason: "127.0.0.1 answered 503")),
      ("500", .retry(after: .seconds(9), reason: "127.0.0.1 answered 500")),
      ("400", .retry(after: .seconds(9), reason: "127.0.0.1 answered 400")),
    ])
    func onlySuccessIsSuccess(_ status: String, _ outcome: DeliveryOutcome) async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          try await receiver.control(#"{"mode": "\#(status)", "retry-after": 9}"#)
          let forwarder = try WebhookForwarder(
            try household.webhookSettings(receiver.address), Household.surroundings(receiver.http))
          let outcomes = try await forwarder.deliver([WebhookMessageTests.alert()])
          #expect(outcomes == [outcome])
        }
      }
    }

    @Test func withoutLeaveNothingIsSentInside() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          var settings = try household.webhookSettings(receiver.address)
          settings.allowsPrivate = false
          let forwarder = try WebhookForwarder(settings, Household.surroundings(receiver.http))
          let outcomes = try await forwarder.deliver([WebhookMessageTests.alert(), WebhookMessageTests.alert()])
          #expect(
            outcomes == [
              .destinationFailed(
                after: nil,
                reason: "127.0.0.1 is in a private net; if that is meant, set allow-private: true for this destination")
            ])
          #expect(receiver.journal().isEmpty)
        }
      }
    }

    @Test func theConnectionGoesToTheAddressThatWasLookedAt() async throws {
      // A name that is nobody's: only an address given beforehand can reach the receiver.
      try await TestReceiver.run("webhook_receiver") { receiver in
        let port = receiver.address.split(separator: ":").last ?? ""
        let url = try DestinationURL("http://pinned.invalid:\(port)/hook", allowsPrivate: true)
        let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", "1")]
        let answer = try await receiver.http.post(
          Array("{}".utf8), to: url, headers: headers, limit: .seconds(60), at: "127.0.0.1")
        #expect(answer.status == 204)
      }
    }
  }
}
