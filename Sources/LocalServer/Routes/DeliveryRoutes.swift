import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/deliveries?destination=&limit=`: 100 unless a limit is given.
struct DeliveryRoutes {
  let store: Store

  func add(to group: RouterGroup<LocalContext>) {
    group.get("deliveries") { [store] request, _ in
      var filter = DeliveryFilter(
        destination: request.query("destination").map { DestinationID(rawValue: $0) },
        limit: try request.queryLimit() ?? 100)
      filter.state = try request.queryDeliveryState()
      return try Response.json(await store.deliveries(filter).map { LocalAPI.Delivery($0) })
    }
  }
}
