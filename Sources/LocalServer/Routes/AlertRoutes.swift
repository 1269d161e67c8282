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
  }

  func add(to group: RouterGroup<LocalContext>) {
    group.get("alerts") { [self] request, context in
      let since = try request.querySince()
      var query = Query(since: since, limit: try request.queryLimit(since: since))
      if let patient = request.query("patient") { query.patient = try await Names.patient(patient, in: store).id }
      let wanted = query
      await context.noteRead(of: wanted.patient, in: store)
      guard request.queryFollow else { return try Response.json(await list(wanted).alerts) }
      return Response.lines(request, logger: context.logger) { lines in try await follow(wanted, &lines) }
    }
  }

  /// What the log has, and after it what was told from memory while the store could not write.
  private func list(_ query: Query) async throws -> (alerts: [Alert], last: Int64?) {
    let names = try await Names(store)
    let events = try await store.alertEvents(since: query.since, patient: query.patient, limit: query.limit)
    var alerts = events.map { Alert($0.transition, id: String($0.id), names) }
    for open in try await store.openAlerts() {
      guard let firing = open.firing, firing.notStored, query.patient == nil || firing.patient == query.patient,
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
        $0.notStored && (query.patient == nil || $0.patient == query.patient)
      }
      let new = unstored.filter { !told.contains($0.idempotencyKey) }
      told = Set(unstored.map(\.idempotencyKey))
      guard !events.isEmpty || !new.isEmpty else { continue }
      let names = try await Names(store)
      for firing in new { try await lines.write(Alert(firing, id: firing.idempotencyKey, names)) }
      for event in events {
        last = event.id
        guard query.patient == nil || event.transition.patient == query.patient else { continue }
        try await lines.write(Alert(event.transition, id: String(event.id), names))
      }
    }
  }
}
