package import Foundation
package import Logging
package import Observations
package import Store
import Synchronization

/// How readings and alerts leave the house: one task a destination, none of which waits for another.
package final class ForwardingService: Sendable {
  /// One destination, and the task that brings its rows out; nil: not begun.
  private struct Lane {
    var settings: DestinationSettings
    var queue: DestinationQueue
    var task: Task<Void, Never>?
  }

  private struct State {
    var lanes: [Lane]
    var surroundings: ForwarderSurroundings
    var isRunning = false
  }

  let store: Store
  private let http: OutboundHTTP
  private let log: Logger
  private let clock: ForwardingClock
  private let state: Mutex<State>

  /// In the order of configuration.
  var queues: [DestinationQueue] { state.withLock { $0.lanes.map(\.queue) } }

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

  /// - Parameter clock: what time is, and how it passes.
  /// - Throws: as of ``init(store:destinations:surroundings:log:now:)``.
  package init(
    store: Store, destinations: [DestinationSettings], surroundings: ForwarderSurroundings, log: Logger,
    clock: ForwardingClock
  ) throws(DestinationFault) {
    var surroundings = surroundings
    surroundings.store = store
    var lanes: [Lane] = []
    for settings in destinations {
      lanes.append(Lane(settings: settings, queue: try Self.queue(settings, surroundings, store, log, clock)))
    }
    self.store = store
    self.log = log
    self.clock = clock
    http = surroundings.http
    state = Mutex(State(lanes: lanes, surroundings: surroundings))
  }

  private static func queue(
    _ settings: DestinationSettings, _ surroundings: ForwarderSurroundings, _ store: Store, _ log: Logger,
    _ clock: ForwardingClock
  ) throws(DestinationFault) -> DestinationQueue {
    var log = log
    log[metadataKey: "destination"] = "\(settings.id)"
    return try DestinationQueue(settings, surroundings, store: store, log: log, clock: clock)
  }

  /// Delivers until the task is cancelled; what is under way then is given up, and comes again at the next start.
  package func run() async {
    let changes = store.changes()
    state.withLock { state in
      state.isRunning = true
      Self.begin(&state)
    }
    for await change in changes {
      switch change {
      case .outbox, .missed: for queue in queues { queue.wake.ring() }
      case .observation, .alert: break
      }
    }
    let tasks = state.withLock { state in
      state.isRunning = false
      return state.lanes.compactMap(\.task)
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    await http.shutdown()
  }

  private static func begin(_ state: inout State) {
    for index in state.lanes.indices where state.lanes[index].task == nil {
      let queue = state.lanes[index].queue
      state.lanes[index].task = Task { await queue.run() }
    }
  }

  /// Goes by other destinations from now on. One that is as it was goes on undisturbed, and is tried at once where only
  /// somebody could mend it; of one that is another or no more, what is under way is given up, and comes again if it still has
  /// a row that waits.
  ///
  /// - Throws: as of the initialiser; nothing was changed.
  package func adopt(
    _ destinations: [DestinationSettings], timeZone: TimeZone, answers: AnswerWays?
  ) async throws(DestinationFault) {
    // In one step: of lanes that were copied out, `run()` could begin the others meanwhile, and two tasks would bring out
    // the same rows. What is not begun yet begins below, or with `run()`.
    let change = state.withLock { state in
      Result { () throws(DestinationFault) in
        try exchange(&state, for: destinations, timeZone: timeZone, answers: answers)
      }
    }
    let (before, lanes) = try change.get()
    for lane in lanes { await lane.queue.lookAgain() }
    // The old ones are over before the new ones begin: two would bring out the same rows.
    for lane in before { lane.task?.cancel() }
    for lane in before { _ = await lane.task?.value }
    for lane in before {
      guard let successor = lanes.first(where: { $0.settings.id == lane.settings.id }) else { continue }
      await successor.queue.tell(await lane.queue.untold)
    }
    state.withLock { state in
      guard state.isRunning else { return }
      Self.begin(&state)
    }
  }

  /// - Returns: the lanes that are left, and those that are.
  private func exchange(
    _ state: inout State, for destinations: [DestinationSettings], timeZone: TimeZone, answers: AnswerWays?
  ) throws(DestinationFault) -> (before: [Lane], now: [Lane]) {
    var (before, surroundings) = (state.lanes, state.surroundings)
    let isSame: Bool =
      switch (surroundings.answers, answers) {
      case (nil, nil): true
      case (let old?, let new?): old.offersSame(as: new)
      default: false
      }
    let areSame = isSame && surroundings.timeZone == timeZone
    (surroundings.timeZone, surroundings.answers) = (timeZone, answers)
    var lanes: [Lane] = []
    for settings in destinations {
      if areSame, let index = before.firstIndex(where: { $0.settings == settings }) {
        lanes.append(before.remove(at: index))
      } else {
        lanes.append(Lane(settings: settings, queue: try Self.queue(settings, surroundings, store, log, clock)))
      }
    }
    (state.lanes, state.surroundings) = (lanes, surroundings)
    return (before, lanes)
  }

  /// Deliveries that have no outbox row because the store could not commit
  /// (``Store/unstoredDeliveries(of:policy:now:)``): tried at once and until they are out or the process ends. Those
  /// of an unknown destination are dropped.
  package func tell(_ deliveries: [Delivery]) async {
    let told = queues
    for queue in told { await queue.tell(deliveries.filter { $0.destination == queue.id }) }
    // One that was replaced meanwhile may have handed over before it was told: better twice, by the same name, than never.
    for queue in queues where !told.contains(where: { $0 === queue }) {
      let known = Set(await queue.untold.map(\.idempotencyKey))
      await queue.tell(
        deliveries.filter { $0.destination == queue.id && !known.contains($0.idempotencyKey) })
    }
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
