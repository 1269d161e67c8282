import Foundation
import LocalAPI
import Observations
import Store
import Testing

@testable import LocalServer

@Suite struct WebhookRouteTests {
  private var control: GatewayControl {
    var control = GatewayControl.quiet()
    control.webhooks = WebhookControl(
      list: {
        [
          Webhook(
            name: "daughter", address: "https://hooks.example/…", waiting: 2, failing: true, lastError: "down",
            nextAttempt: Timestamp(Date(timeIntervalSince1970: 1_795_307_400)))
        ]
      },
      test: { name in
        guard name == "daughter" else { throw APIError(APIError.Code.notFound, "no webhook is called '\(name)'") }
        return WebhookTrial(
          webhook: name, message: "msg_test_1", delivered: false, answer: "hooks.example answered 503")
      },
      redeliver: { id in WebhookTrial(webhook: "daughter", message: "msg_\(id)", delivered: true) },
      message: { "msg_\($1)_\($0)" })
    return control
  }

  @Test func webhooksAreListedTestedAndToldAgain() async throws {
    try await Served.with(control) { (served) async throws in
      let webhooks = try await served.client.webhooks()
      #expect(webhooks.first?.name == "daughter" && webhooks.first?.waiting == 2)
      // That it failed is the answer, and no error of the request.
      let trial = try await served.client.testWebhook("daughter")
      #expect(!trial.delivered && trial.answer == "hooks.example answered 503")
      let again = try await served.client.redeliver("7")
      #expect(again == WebhookTrial(webhook: "daughter", message: "msg_7", delivered: true))
      await #expect(throws: LocalClientError.self) { try await served.client.testWebhook("son") }
      await #expect(throws: LocalClientError.self) { try await served.client.webhookMessages(of: "son") }
      await #expect(throws: LocalClientError.self) {
        try await served.client.webhookMessages(of: "daughter", state: "lost")
      }
    }
  }

  @Test func messagesHaveTheirIdAndTheNewestIsFirst() async throws {
    try await Served.with(control) { (served) async throws in
      let mai = try await served.client.addPatient(NewPatient(name: "Mai"))
      try await served.pairCuff()
      try await served.store.grantConsent(
        patient: PatientID(rawValue: mai.id), destination: DestinationID(rawValue: "daughter"), grantee: "Lan",
        relationship: "daughter", at: Date(timeIntervalSince1970: 1_795_307_000))
      let policy = IngestPolicy(destinations: [
        DestinationPolicy(
          id: DestinationID(rawValue: "daughter"), takesObservations: true, takesAlerts: true, takesSimulated: false)
      ])
      for number in 1...3 {
        try await served.commit(Observation.cuff(number, patient: PatientID(rawValue: mai.id)), policy)
      }
      let messages = try await served.client.webhookMessages(of: "daughter", limit: 2)
      #expect(messages.map(\.id) == ["3", "2"])
      let keys = try await served.store.deliveries(DeliveryFilter(limit: 2, newestFirst: true)).map(\.messageKey)
      #expect(messages.map(\.message) == keys.map { "msg_daughter_\($0)" })
      #expect(try await served.client.webhookMessages(of: "daughter", state: "delivered").isEmpty)
    }
  }
}
