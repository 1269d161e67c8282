import AlertRules
import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/episodes`, `POST /v1/acknowledgements`, `GET /v1/alert-history?episode=&since=&patient=&limit=`.
struct EpisodeRoutes {
  let store: Store
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.own(.get, "episodes", noting: .read) { [self] _, _, scope in
      return try Response.json(
        await shown(store.episodes().filter { scope.takes($0.firing.patient) }, Names(store, for: scope)))
    }
    routes.operate(.post, "acknowledgements", noting: .acknowledge) { [self] request, context in
      var request = request
      let wanted = try await request.decoded(AcknowledgementRequest.self)
      let policy = control.policy()
      let contact = try wanted.by.map { try self.contact($0, policy.escalation) }
      var patient: PatientID?
      if let name = wanted.patient { patient = try await context.patient(name, in: store).id }
      let outcome = try await store.acknowledge(
        episode: try wanted.episode.map { try episode($0) }, patient: patient, by: contact, policy: policy, now: Date())
      guard let outcome else {
        throw RequestFailure(
          APIError.Code.notFound, wanted.episode.map { "no alert '\($0)' fires" } ?? "no alert fires",
          remedy: "'vitals alerts --open' shows what fires",
          kind: wanted.episode == nil ? APIError.Kind.nothingFires : APIError.Kind.notFiring,
          wanted.episode.map { ["id": $0] })
      }
      let names = try await Names(store)
      for episode in outcome.episodes { context.note(episode.firing.patient) }
      let acknowledged = Set(outcome.episodes.map(\.id))
      let episodes = store.episodes().filter { acknowledged.contains($0.id) }
      return try await Response.json(
        AcknowledgementAnswer(
          episodes: shown(episodes, names), stopsLadder: contact?.role.stopsLadder == true))
    }
    routes.own(.get, "alert-history", noting: .read) { [self] request, context, scope in
      let since = try request.querySince()
      var patient: PatientID?
      if let name = request.query("patient") { patient = try await context.patient(name, in: store, for: scope).id }
      let entries = try await store.alertHistory(
        episode: try request.query("episode").map { try episode($0, for: scope) }, since: since, patient: patient,
        within: scope.patients, limit: try request.queryLimit(since: since))
      let names = try await Names(store, for: scope)
      if entries.isEmpty, let name = request.query("episode") { try await check(name, for: scope) }
      let plan = control.policy().escalation
      return try Response.json(entries.map { AlertHistoryLine($0, names, plan, control.webhooks.message) })
    }
  }

  /// With who was told: the contacts of whose destinations one has taken something of it.
  private func shown(_ episodes: [AlertEpisode], _ names: Names) async throws -> [Episode] {
    let delivered = try await store.delivered(of: episodes.map(\.id))
    let plan = control.policy().escalation
    return episodes.map { episode in
      Episode(episode, told: Set((delivered[episode.id] ?? []).flatMap { plan.owners(of: $0).map(\.id) }), names)
    }
  }

  /// By its whole name, or by a beginning that only one that fires has: names are long, and people type them.
  private func episode(_ text: String, for scope: Scope = .everybody) throws -> EpisodeID {
    let found = store.episodes().filter { scope.takes($0.firing.patient) }.map(\.id)
      .filter { $0.rawValue.hasPrefix(text.lowercased()) }
    guard found.count <= 1 else {
      throw RequestFailure(
        APIError.Code.ambiguous, "'\(text)' could be \(found.map(\.rawValue).joined(separator: " or "))",
        remedy: "say more of it")
    }
    return found.first ?? EpisodeID(rawValue: text)
  }

  /// - Throws: ``RequestFailure``: no alert of this name was ever told of anybody in scope.
  private func check(_ name: String, for scope: Scope) async throws {
    let id = try episode(name, for: scope)
    let known = try await store.alertEvents(within: scope.patients, episode: id, limit: 1)
    let open = store.episodes().filter { scope.takes($0.firing.patient) }.map(\.id.rawValue)
    // One that fires from memory, on a full disk, has none yet.
    guard known.isEmpty, !open.contains(id.rawValue) else { return }
    throw RequestFailure(
      APIError.Code.notFound, "no alert is called '\(name)'",
      remedy: (open.isEmpty ? "" : "known: \(open.map { $0.prefix(8) }.joined(separator: ", ")); ")
        + "'vitals alerts --history all' shows those that are over")
  }

  private func contact(_ name: String, _ plan: EscalationPlan) throws -> Contact {
    if let contact = plan.contact(ContactID(rawValue: name)) { return contact }
    let known = plan.contacts.map(\.id.rawValue)
    throw RequestFailure(
      APIError.Code.notFound, "no contact is called '\(name)'",
      remedy: known.isEmpty
        ? "name them under 'contacts' in the configuration" : "known: \(known.joined(separator: ", "))",
      kind: known.isEmpty ? APIError.Kind.noContacts : APIError.Kind.unknownContact,
      ["name": name, "names": known.joined(separator: ", ")])
  }
}

extension Episode {
  /// - Parameter told: the contacts to whom something of it was delivered.
  init(_ episode: AlertEpisode, told: Set<ContactID>, _ names: Names) {
    let held: String? =
      switch episode.hold {
      case nil: nil
      case .silenced(let id, _): "silence \(id)"
      case .inhibited(let rule): "hidden by \(rule)"
      }
    self.init(
      id: episode.id.rawValue, alert: Alert(episode.firing, id: episode.firing.idempotencyKey, names),
      told: episode.told.filter { told.contains($0) }.map(\.rawValue), called: episode.told.map(\.rawValue),
      step: episode.ladder.map { $0.step + 1 },
      nextAt: (episode.isAcknowledged ? nil : episode.ladder?.nextAt).map { Timestamp($0) },
      acknowledgedBy: episode.acknowledgement.map(\.name),
      acknowledgedAt: episode.acknowledgement.map { Timestamp($0.at) }, unanswered: episode.isUnanswered, held: held)
  }
}

extension AlertHistoryLine {
  init(
    _ entry: AlertHistoryEntry, _ names: Names, _ plan: EscalationPlan, _ message: (String, DestinationID) -> String?
  ) {
    self.init(
      alert: Alert(entry.event.transition, id: String(entry.event.id), names),
      decidedAt: Timestamp(entry.event.transition.decidedAt),
      tellings: entry.tellings.map { telling in
        Telling(
          destination: telling.destination.rawValue,
          contacts: plan.owners(of: telling.destination).map(\.id.rawValue), state: telling.state.rawValue,
          attempts: telling.attempts, finishedAt: telling.finishedAt.map { Timestamp($0) },
          waitsUntil: telling.waitsUntil.map { Timestamp($0) },
          message: message(telling.messageKey, telling.destination))
      })
  }
}
