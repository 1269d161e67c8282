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
      if let state = request.query("state") {
        guard let known = DeliveryState(rawValue: state) else {
          let names = DeliveryState.allCases.map(\.rawValue).joined(separator: ", ")
          throw RequestFailure(APIError.Code.invalid, "'state' is '\(state)'; expected one of \(names)")
        }
        filter.state = known
      }
      return try Response.json(await store.deliveries(filter).map { LocalAPI.Delivery($0) })
    }
  }
}
