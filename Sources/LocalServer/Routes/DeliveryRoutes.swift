import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/deliveries?destination=&state=&limit=` (100 unless a limit is given), `GET /v1/deliveries/{id}`,
/// `POST /v1/deliveries/retry`.
struct DeliveryRoutes {
  let store: Store
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.operate(.get, "deliveries") { [store, control] request, _ in
      var filter = DeliveryFilter(
        destination: request.query("destination").map { DestinationID(rawValue: $0) },
        limit: try request.queryLimit() ?? 100)
      filter.state = try request.queryDeliveryState()
      let found = try await store.deliveries(filter)
      if found.isEmpty, let destination = filter.destination {
        try await Self.check(destination, control.policy().destinations.map(\.id), in: store)
      }
      return try Response.json(found.map { LocalAPI.Delivery($0) })
    }
    routes.operate(.get, "deliveries/{id}") { [store] _, context in
      let record = try await Self.record(try context.part("id"), in: store)
      return try Response.json(
        DeliveryDetail(delivery: LocalAPI.Delivery(record), answer: await store.answer(to: record.id)))
    }
    routes.operate(.post, "deliveries/retry", noting: .deliver) { [store, control] request, context in
      var request = request
      let wanted = try await request.decoded(DeliveryRetry.self)
      guard (wanted.destination == nil) != (wanted.id == nil) else {
        throw RequestFailure(APIError.Code.invalid, "expected one of 'destination' and 'id'")
      }
      var destination = wanted.destination.map { DestinationID(rawValue: $0) }
      var id: DeliveryID?
      if let text = wanted.id {
        let record = try await Self.record(text, in: store)
        (destination, id) = (record.destination, record.id)
        context.note(subject: record.destination.rawValue)
      }
      return try Response.json(DeliveryRetried(count: await control.retryDeliveries(destination, id)))
    }
  }

  /// - Throws: ``APIError``: it neither is a destination nor was one to which something was to go.
  private static func check(_ destination: DestinationID, _ known: [DestinationID], in store: Store) async throws {
    guard !known.contains(destination),
      try await store.deliveries(DeliveryFilter(destination: destination, limit: 1)).isEmpty
    else { return }
    throw APIError.unknownDestination(destination.rawValue, known: known.map(\.rawValue))
  }

  private static func record(_ text: String, in store: Store) async throws -> DeliveryRecord {
    guard let number = Int64(text), let record = try await store.deliveryRecord(DeliveryID(rawValue: number)) else {
      throw RequestFailure(
        APIError.Code.notFound, "there is no delivery '\(text)'", remedy: "'vitals deliveries list' shows them")
    }
    return record
  }
}
