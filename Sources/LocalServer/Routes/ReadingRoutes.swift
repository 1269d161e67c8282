import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/readings?since=&patient=&device=&unassigned=true&limit=&follow=true`.
struct ReadingRoutes {
  let store: Store

  func add(to routes: Routes) {
    routes.own(.get, "readings", noting: .read) { [self] request, context, scope in
      let since = try request.querySince()
      var filter = ObservationFilter(since: since, limit: try request.queryLimit(since: since))
      filter.within = scope.patients
      if let patient = request.query("patient") {
        filter.patient = try await context.patient(patient, in: store, for: scope).id
      }
      if let device = request.query("device") {
        filter.device = try await Names(store, for: scope).deviceFilter(device)
      }
      filter.unassigned = request.query("unassigned") == "true"
      guard request.queryFollow else {
        let observations = try await store.observations(filter)
        return try Response.json(await Reading.list(observations, store, for: scope, withHints: filter.unassigned))
      }
      let wanted = filter
      return Response.lines(request, context) { lines in try await follow(wanted, scope, &lines) }
    }
  }

  private func follow(_ filter: ObservationFilter, _ scope: Scope, _ lines: inout LineWriter) async throws {
    // Before the list is read: what is stored meanwhile comes as a tick, and is told from the list by its id.
    let changes = store.changes()
    // By effective time, so not surely the last that was stored; it serves only when ticks were lost, where saying a
    // reading twice is better than not at all.
    var last = try await store.observations(ObservationFilter(limit: 1)).last?.id
    var listed: Set<ObservationID> = []
    let names = try await Names(store, for: scope)
    for observation in try await store.observations(filter) {
      listed.insert(observation.id)
      try await lines.write(Reading(observation, names))
    }
    for await change in changes {
      let new: [Observation]
      switch change {
      // Its tick comes once: what was told of it by a list needs to be remembered no longer, nor what is told by its tick.
      case .observation(let id):
        last = id
        guard listed.remove(id) == nil else { continue }
        new = try await store.observation(id).map { [$0] } ?? []
      case .missed:
        new = try await store.observations(
          ObservationFilter(after: last ?? ObservationID(rawValue: ""))
        ).filter { listed.insert($0.id).inserted }
      case .alert, .outbox: continue
      }
      for observation in new {
        last = observation.id
        guard filter.takes(observation) else { continue }
        // Names again: somebody may have been added since.
        try await lines.write(Reading(observation, try await Names(store, for: scope)))
      }
    }
  }
}

extension ObservationFilter {
  /// Whether a new observation is one of these; `limit` and `after` are about lists.
  func takes(_ observation: Observation) -> Bool {
    (patient == nil || observation.patient == patient) && (!unassigned || observation.patient == nil)
      && Scope(patients: within).takes(observation.patient)
      && (device == nil || observation.device == device) && (since.map { observation.effective.end >= $0 } ?? true)
  }
}
