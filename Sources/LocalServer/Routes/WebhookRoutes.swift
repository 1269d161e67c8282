import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/webhooks`, `GET /v1/webhooks/{name}/messages?state=&limit=` (the newest 20 first unless a limit is given),
/// `POST /v1/webhooks/{name}/test`, `POST /v1/webhooks/messages/{id}/redeliver`.
struct WebhookRoutes {
  let store: Store
  let control: GatewayControl

  func add(to routes: Routes) {
    let webhooks = control.webhooks
    routes.operate(.get, "webhooks") { _, _ in try Response.json(await webhooks.list()) }
    routes.operate(.get, "webhooks/{name}/messages") { [store] request, context in
      let name = try context.part("name")
      let known = try await webhooks.list().map(\.name)
      guard known.contains(name) else {
        throw RequestFailure(
          APIError.Code.notFound, "no webhook is called '\(name)'",
          remedy: known.isEmpty ? nil : "known: \(known.joined(separator: ", "))")
      }
      let filter = DeliveryFilter(
        destination: DestinationID(rawValue: name), state: try request.queryDeliveryState(),
        limit: try request.queryLimit() ?? 20, newestFirst: true)
      return try Response.json(
        await store.deliveries(filter).map { record in
          var delivery = LocalAPI.Delivery(record)
          delivery.message = webhooks.message(record.messageKey, record.destination)
          return delivery
        })
    }
    routes.operate(.post, "webhooks/{name}/test", noting: .deliver) { _, context in
      let trial = try await webhooks.test(try context.part("name"))
      context.note(subject: trial.webhook)
      return try Response.json(trial)
    }
    routes.operate(.post, "webhooks/messages/{id}/redeliver", noting: .deliver) { _, context in
      try Response.json(await webhooks.redeliver(try context.part("id")))
    }
  }
}

extension Request {
  /// - Throws: ``RequestFailure`` when it is no state.
  func queryDeliveryState() throws -> DeliveryState? {
    guard let state = query("state") else { return nil }
    guard let known = DeliveryState(rawValue: state) else {
      let names = DeliveryState.allCases.map(\.rawValue).joined(separator: ", ")
      throw RequestFailure(APIError.Code.invalid, "'state' is '\(state)'; expected one of \(names)")
    }
    return known
  }
}
