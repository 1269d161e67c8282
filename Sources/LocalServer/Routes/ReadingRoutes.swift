import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/readings?since=&patient=&device=&unassigned=true&limit=&follow=true`.
struct ReadingRoutes {
  let store: Store

  func add(to group: RouterGroup<LocalContext>) {
    group.get("readings") { [self] request, context in
      let since = try request.querySince()
      var filter = ObservationFilter(since: since, limit: try request.queryLimit(since: since))
      if let patient = request.query("patient") { filter.patient = try await Names.patient(patient, in: store).id }
      if let device = request.query("device") { filter.device = try await Names(store).deviceFilter(device) }
      filter.unassigned = request.query("unassigned") == "true"
      await context.noteRead(of: filter.patient, in: store)
      guard request.queryFollow else {
        let observations = try await store.observations(filter)
        return try Response.json(await Reading.list(observations, store, withHints: filter.unassigned))
      }
      let wanted = filter
      return Response.lines(request, logger: context.logger) { lines in try await follow(wanted, &lines) }
    }
  }

  private func follow(_ filter: ObservationFilter, _ lines: inout LineWriter) async throws {
    // Before the list is read: what is stored meanwhile comes as a tick, and is told from the list by its id.
    let changes = store.changes()
    // By effective time, so not surely the last that was stored; it serves only when ticks were lost, where saying a
    // reading twice is better than not at all.
    var last = try await store.observations(ObservationFilter(limit: 1)).last?.id
    var listed: Set<ObservationID> = []
    let names = try await Names(store)
    for observation in try await store.observations(filter) {
      listed.insert(observation.id)
      try await lines.write(Reading(observation, names))
    }
    for await change in changes {
      let new: [Observation]
      switch change {
      case .observation(let id): new = try await store.observation(id).map { [$0] } ?? []
      case .missed:
        new = try await store.observations(
          ObservationFilter(after: last ?? ObservationID(rawValue: "")))
      case .alert, .outbox: continue
      }
      for observation in new {
        last = observation.id
        guard filter.takes(observation), listed.insert(observation.id).inserted else { continue }
        // Names again: somebody may have been added since.
        try await lines.write(Reading(observation, try await Names(store)))
      }
    }
  }
}

extension ObservationFilter {
  /// Whether a new observation is one of these; `limit` and `after` are about lists.
  func takes(_ observation: Observation) -> Bool {
    (patient == nil || observation.patient == patient) && (!unassigned || observation.patient == nil)
      && (device == nil || observation.device == device) && (since.map { observation.effective.end >= $0 } ?? true)
  }
}
