package import Foundation
package import Logging
package import Observations
package import Store

/// How readings and alerts leave the house: one task a destination, none of which waits for another.
package final class ForwardingService: Sendable {
  let queues: [DestinationQueue]
  let store: Store
  private let http: OutboundHTTP

  /// - Parameters:
  ///   - surroundings: its ``ForwarderSurroundings/http`` is shut down when ``run()`` ends.
  ///   - now: the wall clock that time tables are kept by.
  /// - Throws: ``DestinationFault/unknownKind(_:known:)``; whatever else is wrong with a destination is in its status.
  package convenience init(
    store: Store, destinations: [DestinationSettings], surroundings: ForwarderSurroundings, log: Logger,
    now: @escaping @Sendable () -> Date = { Date() }
  ) throws(DestinationFault) {
    try self.init(
      store: store, destinations: destinations, surroundings: surroundings, log: log,
      clock: ForwardingClock(wall: now))
  }

  init(
    store: Store, destinations: [DestinationSettings], surroundings: ForwarderSurroundings, log: Logger,
    clock: ForwardingClock
  ) throws(DestinationFault) {
    var queues: [DestinationQueue] = []
    var surroundings = surroundings
    surroundings.store = store
    for settings in destinations {
      var log = log
      log[metadataKey: "destination"] = "\(settings.id)"
      queues.append(try DestinationQueue(settings, surroundings, store: store, log: log, clock: clock))
    }
    self.queues = queues
    self.store = store
    http = surroundings.http
  }

  /// Delivers until the task is cancelled; what is under way then is given up, and comes again at the next start.
  package func run() async {
    let changes = store.changes()
    await withTaskGroup(of: Void.self) { group in
      for queue in queues { group.addTask { await queue.run() } }
      group.addTask { [queues] in
        for await change in changes {
          switch change {
          case .outbox, .missed: for queue in queues { queue.wake.ring() }
          case .observation, .alert: break
          }
        }
      }
      await group.waitForAll()
    }
    await http.shutdown()
  }

  /// Deliveries that have no outbox row because the store could not commit
  /// (``Store/unstoredDeliveries(of:policy:now:)``): tried at once and until they are out or the process ends. Those
  /// of an unknown destination are dropped.
  package func tell(_ deliveries: [Delivery]) async {
    for queue in queues { await queue.tell(deliveries.filter { $0.destination == queue.id }) }
  }

  /// How each destination stands, in the order of configuration.
  package func status() async -> [DestinationStatus] {
    let counts = try? await store.outboxCounts()
    return await standing().map { one in
      var one = one
      one.waiting = counts.map { $0[one.id]?.waiting ?? 0 }
      return one
    }
  }

  /// The same without how many wait, which is counted in a table that only grows.
  package func standing() async -> [DestinationStatus] {
    var statuses: [DestinationStatus] = []
    for queue in queues { statuses.append(await queue.status(waiting: nil)) }
    return statuses
  }

  /// What was refused waits again, and what waits is tried now, at the destination as it is now: what was known of its
  /// Patients and Devices is forgotten.
  ///
  /// - Parameters:
  ///   - destination: nil: each one.
  ///   - id: only this row; nil: every one.
  /// - Returns: how many rows are to be tried.
  /// - Throws: ``StoreFailure``.
  package func retry(_ destination: DestinationID?, id: DeliveryID?) async throws -> Int {
    let tried = try await store.retryDeliveries(to: destination, id: id)
    for queue in queues where destination == nil ? (tried[queue.id] != nil || id == nil) : queue.id == destination {
      try await store.forgetRecordResources(of: queue.id, type: "Patient")
      try await store.forgetRecordResources(of: queue.id, type: "Device")
      await queue.tryAnew()
    }
    return tried.values.reduce(0, +)
  }
}
