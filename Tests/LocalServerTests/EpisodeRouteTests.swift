import AlertRules
import Foundation
import LocalAPI
import LocalServer
import Observations
import Store
import Testing

@Suite(.timeLimit(.minutes(2))) struct EpisodeRouteTests {
  private static let policy = IngestPolicy(
    rules: [
      AlertRule(
        id: RuleID(rawValue: "crisis"),
        kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
        source: "test")
    ],
    destinations: [
      DestinationPolicy(
        id: DestinationID(rawValue: "clinic"), takesObservations: false, takesAlerts: true, takesSimulated: false)
    ],
    escalation: EscalationPlan(
      contacts: [
        Contact(
          id: ContactID(rawValue: "dr-lan"), role: .clinician, destinations: [DestinationID(rawValue: "clinic")])
      ],
      steps: [EscalationPlan.Step(contacts: [ContactID(rawValue: "dr-lan")], wait: .seconds(600))]))

  private func household(_ body: (Served) async throws -> Void) async throws {
    var control = GatewayControl.quiet(policy: Self.policy)
    control.webhooks.message = { key, destination in "msg_\(destination)_\(key)" }
    try await Served.with(control) { (served) async throws in
      try await served.pairCuff()
      _ = try await served.client.addPatient(NewPatient(name: "Mai"))
      _ = try await served.client.grantConsent(
        ConsentRequest(patient: "Mai", destination: "clinic", who: "Dr Lan", relationship: "doctor"))
      _ = try await served.client.assign("UA-651", AssignRequest(patient: "Mai"))
      try await body(served)
    }
  }

  @Test func fromFiringToHistory() async throws {
    try await household { served in
      #expect(try await served.client.episodes().isEmpty)
      let nothing = try await refusal { _ = try await served.client.acknowledge(AcknowledgementRequest()) }
      #expect((nothing.status, nothing.error.error) == (404, APIError.Code.notFound))

      try await served.commit(Observation.cuff(1, systolic: 190), Self.policy)
      let open = try #require(try await served.client.episodes().first)
      #expect(open.alert.value == 190)
      // The ladder called; nothing has arrived.
      #expect((open.called, open.told) == (["dr-lan"], []))
      let waiting = try await served.store.dueDeliveries(
        for: DestinationID(rawValue: "clinic"), at: Date(), limit: 10)
      try await served.store.recordDelivered(waiting.map(\.id), at: Date())
      #expect(try await served.client.episodes().map(\.told) == [["dr-lan"]])
      #expect(open.step == 1)
      #expect(open.nextAt != nil)

      let stranger = try await refusal {
        _ = try await served.client.acknowledge(AcknowledgementRequest(by: "dr-no"))
      }
      #expect((stranger.status, stranger.error.error) == (404, APIError.Code.notFound))

      // By the beginning of its name.
      let answer = try await served.client.acknowledge(
        AcknowledgementRequest(episode: String(open.id.prefix(8)), by: "dr-lan"))
      #expect(answer.stopsLadder)
      #expect(answer.episodes.map(\.acknowledgedBy) == ["dr-lan"])
      #expect(answer.episodes.map(\.nextAt) == [nil])

      let history = try await served.client.alertHistory(episode: open.id)
      #expect(history.map(\.alert.state) == ["firing", "acknowledged"])
      #expect(history.map(\.alert.by) == [nil, "dr-lan"])
      #expect(history.flatMap(\.tellings).map(\.contacts) == [["dr-lan"], ["dr-lan"]])
      #expect(history.flatMap(\.tellings).map(\.state) == ["delivered", "waiting"])
      let keys = try await served.store.deliveries().filter { $0.observation == nil }.map(\.messageKey)
      #expect(history.flatMap(\.tellings).map(\.message) == keys.map { "msg_clinic_\($0)" })
    }
  }

  @Test func anAlertThatNeverWasHasNoHistory() async throws {
    try await household { served in
      #expect(try await served.client.alertHistory().isEmpty)
      let nothing = try await refusal { _ = try await served.client.alertHistory(episode: "zzz") }
      #expect((nothing.status, nothing.error.error) == (404, APIError.Code.notFound))
    }
  }

  @Test func somebodyAtTheBoxStopsNothing() async throws {
    try await household { served in
      try await served.commit(Observation.cuff(1, systolic: 190), Self.policy)
      let answer = try await served.client.acknowledge(AcknowledgementRequest(patient: "Mai"))
      #expect(!answer.stopsLadder)
      #expect(answer.episodes.map(\.acknowledgedBy) == [Episode.somebody])
      #expect(answer.episodes.allSatisfy { $0.nextAt != nil })
    }
  }

  @Test func silences() async throws {
    try await household { served in
      for (request, code) in [
        (SilenceRequest(seconds: 30, reason: "x"), APIError.Code.invalid),
        (SilenceRequest(seconds: 90_000, reason: "x", urgent: true), APIError.Code.invalid),
        (SilenceRequest(seconds: 3600, reason: " "), APIError.Code.invalid),
        (SilenceRequest(rule: "nothing", seconds: 3600, reason: "x"), APIError.Code.notFound),
        (SilenceRequest(patient: "nobody", seconds: 3600, reason: "x"), APIError.Code.notFound),
      ] {
        let refused = try await refusal { _ = try await served.client.silence(request) }
        #expect(refused.error.error == code)
      }
      let silence = try await served.client.silence(
        SilenceRequest(rule: "crisis", patient: "Mai", seconds: 3600, reason: "hospital", urgent: true))
      #expect(try await served.client.silences().map(\.id) == [silence.id])
      // The silence began just now.
      _ = try await served.store.commit(
        Observation.cuff(1, systolic: 190, at: Date()), policy: Self.policy, now: Date(), live: true)
      #expect(try await served.client.episodes().map(\.held) == ["silence \(silence.id)"])
      #expect(try await served.client.deliveries().isEmpty)
      _ = try await served.client.liftSilence(silence.id)
      #expect(try await served.client.deliveries().count == 1)
      #expect(try await served.client.silences().isEmpty)
      let gone = try await refusal { _ = try await served.client.liftSilence(silence.id) }
      #expect((gone.status, gone.error.error) == (404, APIError.Code.notFound))
    }
  }
}
