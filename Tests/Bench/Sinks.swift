import BluetoothLE
import Devices
import Foundation
import Observations
import Store

/// Takes readings, and leaves everything else that a driver tells where it is.
protocol ReadingSink: ObservationSink {}

extension ReadingSink {
  func keep(_ value: UndecodableValue) async throws {}
  func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) async {}
  func confirmationSent(_ id: ObservationID) async throws {}
  func confirmationArrived(_ id: ObservationID) async {}
  func live(_ sample: LiveSample) async {}
  func remember(database: GATTDatabase) async {}
  func remember(keepsSubscriptions: Bool) async {}
  func remember(clockOffset: TimeInterval, at date: Date) async {}
  func remember(information: DeviceInformation) async {}
  func remember(battery: Int) async {}
}

/// Remembers what it was given.
actor MemorySink: ReadingSink {
  private var known: Set<ReadingIdentity> = []

  var count: Int { known.count }

  func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome {
    known.insert(observation.identity).inserted ? .stored(observation.id) : .duplicate(observation.id)
  }

  func holds(_ identity: ReadingIdentity) async -> Bool { known.contains(identity) }
}

/// Commits every reading to a store on the disk, one by one, as the gateway does. No rule looks at them.
struct StoreSink: ReadingSink {
  let store: Store

  func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome {
    switch try await store.commit(observation, policy: IngestPolicy(), now: Date(), live: live) {
    case .stored(let kept, _): .stored(kept.id)
    case .duplicate(let id): .duplicate(id)
    }
  }

  func holds(_ identity: ReadingIdentity) async -> Bool { (try? await store.holds(identity)) ?? false }
}
