import AlertRules
import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/alerts?since=&patient=&limit=&follow=true`.
struct AlertRoutes {
  let store: Store

  private struct Query {
    var since: Date?
    var patient: PatientID?
    var limit: Int?
    var scope: Scope

    func takes(_ transition: AlertTransition) -> Bool {
      (patient == nil || transition.patient == patient) && scope.takes(transition.patient)
    }
  }

  func add(to routes: Routes) {
    routes.own(.get, "alerts", noting: .read) { [self] request, context, scope in
      let since = try request.querySince()
      var query = Query(since: since, limit: try request.queryLimit(since: since), scope: scope)
      if let patient = request.query("patient") {
        query.patient = try await context.patient(patient, in: store, for: scope).id
      }
      let wanted = query
      guard request.queryFollow else { return try Response.json(await list(wanted).alerts) }
      return Response.lines(request, context) { lines in try await follow(wanted, &lines) }
    }
  }

  /// What the log has, and after it what was told from memory while the store could not write.
  private func list(_ query: Query) async throws -> (alerts: [Alert], last: Int64?) {
    let names = try await Names(store, for: query.scope)
    let events = try await store.alertEvents(
      since: query.since, patient: query.patient, within: query.scope.patients, limit: query.limit)
    var alerts = events.map { Alert($0.transition, id: String($0.id), names) }
    for open in try await store.openAlerts() {
      guard let firing = open.firing, firing.notStored, query.takes(firing),
        query.since.map({ firing.at >= $0 }) ?? true
      else { continue }
      alerts.append(Alert(firing, id: firing.idempotencyKey, names))
    }
    if let limit = query.limit { alerts = alerts.suffix(limit) }
    return (alerts, events.last?.id)
  }

  private func follow(_ query: Query, _ lines: inout LineWriter) async throws {
    let changes = store.changes()
    var last = try await store.alertEvents(limit: 1).last?.id ?? 0
    let (alerts, lastListed) = try await list(query)
    for alert in alerts { try await lines.write(alert) }
    last = max(last, lastListed ?? 0)
    var told = Set(alerts.map(\.id))
    for await change in changes where change == .alert || change == .missed {
      let events = try await store.alertEvents(after: last)
      // Told from memory while the store could not write: in no row, and a crisis all the same.
      let unstored = try await store.openAlerts().compactMap(\.firing).filter {
        $0.notStored && query.takes($0)
      }
      let new = unstored.filter { !told.contains($0.idempotencyKey) }
      told = Set(unstored.map(\.idempotencyKey))
      guard !events.isEmpty || !new.isEmpty else { continue }
      let names = try await Names(store, for: query.scope)
      for firing in new { try await lines.write(Alert(firing, id: firing.idempotencyKey, names)) }
      for event in events {
        last = event.id
        guard query.takes(event.transition) else { continue }
        try await lines.write(Alert(event.transition, id: String(event.id), names))
      }
    }
  }
}
