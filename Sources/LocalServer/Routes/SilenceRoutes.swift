import AlertRules
import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET` and `POST /v1/silences`, `DELETE /v1/silences/{id}`.
struct SilenceRoutes {
  let store: Store
  let control: GatewayControl

  /// The longest silence, in seconds.
  private static let longest = 31 * 86_400

  func add(to routes: Routes) {
    routes.own(.get, "silences") { [store] _, _, scope in
      let names = try await Names(store, for: scope)
      return try Response.json(
        await store.silences(at: Date()).filter { scope.takes($0.patient) }.map { LocalAPI.Silence($0, names) })
    }
    routes.operate(.post, "silences", noting: .silence) { [self] request, context in
      var request = request
      let wanted = try await request.decoded(SilenceRequest.self)
      let policy = control.policy()
      guard (60...Self.longest).contains(wanted.seconds) else {
        throw RequestFailure(
          APIError.Code.invalid, "a silence lasts from a minute to 31 days", remedy: "say how long, such as 2h",
          kind: APIError.Kind.silenceLength)
      }
      guard !wanted.urgent || Double(wanted.seconds) <= AlertRules.Silence.longestUrgent else {
        throw RequestFailure(
          APIError.Code.invalid, "what is urgent is silenced for at most 24 hours",
          remedy: "look again tomorrow, or leave what is urgent out", kind: APIError.Kind.urgentSilenceTooLong)
      }
      guard !wanted.reason.allSatisfy(\.isWhitespace) else {
        throw RequestFailure(APIError.Code.invalid, "'reason' is empty", remedy: "say why, for whoever asks later")
      }
      let rule = wanted.rule.map { RuleID(rawValue: $0) }
      if let rule, !policy.rules.contains(where: { $0.id == rule }) {
        throw RequestFailure(
          APIError.Code.notFound, "no rule is called '\(rule)'",
          remedy: "known: \(policy.rules.map(\.id.rawValue).joined(separator: ", "))")
      }
      var patient: PatientID?
      if let name = wanted.patient { patient = try await context.patient(name, in: store).id }
      let now = Date()
      let silence = AlertRules.Silence(
        id: SilenceID(rawValue: String(SilenceID.random().rawValue.prefix(6))), rule: rule, patient: patient, from: now,
        until: now.addingTimeInterval(Double(wanted.seconds)), reason: wanted.reason, coversUrgent: wanted.urgent)
      context.note(subject: silence.id.rawValue)
      try await store.silence(silence, by: context.uid, policy: policy, now: now)
      return try Response.json(LocalAPI.Silence(silence, try await Names(store)), status: .created)
    }
    routes.operate(.delete, "silences/{id}", noting: .silence) { [self] _, context in
      let id = SilenceID(rawValue: try context.part("id"))
      let now = Date()
      let names = try await Names(store)
      guard let silence = try await store.silences(at: now).first(where: { $0.id == id }),
        try await store.liftSilence(id, by: context.uid, policy: control.policy(), now: now)
      else {
        throw RequestFailure(
          APIError.Code.notFound, "no silence '\(id)' holds", remedy: "'vitals silence list' shows those that hold")
      }
      context.note(silence.patient)
      context.note(subject: id.rawValue)
      return try Response.json(LocalAPI.Silence(silence, names))
    }
  }
}

extension LocalAPI.Silence {
  init(_ silence: AlertRules.Silence, _ names: Names) {
    self.init(
      id: silence.id.rawValue, rule: silence.rule?.rawValue, patient: silence.patient?.rawValue,
      patientName: names.name(silence.patient), from: Timestamp(silence.from), until: Timestamp(silence.until),
      reason: silence.reason, urgent: silence.coversUrgent)
  }
}
