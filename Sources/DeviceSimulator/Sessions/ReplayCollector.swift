package import BluetoothLE
package import Devices
package import Foundation
package import Observations

/// A sink that keeps everything in memory, for replays.
package actor ReplayCollector: ObservationSink {
  /// One observation with what the driver said about it.
  package struct Collected: Hashable, Sendable {
    package var observation: Observation
    package var live: Bool
  }

  package private(set) var collected: [Collected] = []
  package private(set) var undecodable: [UndecodableValue] = []
  package private(set) var samples: [LiveSample] = []
  package private(set) var sent: [ObservationID] = []
  package private(set) var arrived: [ObservationID] = []
  package private(set) var databases: [GATTDatabase] = []
  package private(set) var keepsSubscriptions: Bool?
  package private(set) var clockOffset: TimeInterval?
  package private(set) var information: DeviceInformation?
  package private(set) var battery: Int?

  private var passedOver = 0
  private var isOver = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  package init() {}

  /// A reading without a time stamp is never taken for another; any other with a known identity is a repeat.
  package func store(_ observation: Observation, live: Bool) -> StoreOutcome {
    if let known = collected.first(where: { $0.observation.identity == observation.identity }),
      observation.provenance.deviceTime != nil
    {
      return .duplicate(known.observation.id)
    }
    collected.append(Collected(observation: observation, live: live))
    return .stored(observation.id)
  }

  package func holds(_ identity: ReadingIdentity) -> Bool {
    collected.contains { $0.observation.identity == identity }
  }

  package func keep(_ value: UndecodableValue) { undecodable.append(value) }

  package func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) {
    guard let index = collected.firstIndex(where: { $0.observation.id == id }) else { return }
    collected[index].observation.effective = effective
    collected[index].observation.provenance.clockOffset = clockOffset
    if effective.basis == .betweenVisits { collected[index].live = false }
  }

  package func confirmationSent(_ id: ObservationID) { sent.append(id) }
  package func confirmationArrived(_ id: ObservationID) { arrived.append(id) }

  package func live(_ sample: LiveSample) {
    samples.append(sample)
    wake()
  }

  package func remember(database: GATTDatabase) { databases.append(database) }
  package func remember(keepsSubscriptions: Bool) { self.keepsSubscriptions = keepsSubscriptions }
  package func remember(clockOffset: TimeInterval, at date: Date) { self.clockOffset = clockOffset }
  package func remember(information: DeviceInformation) { self.information = information }
  package func remember(battery: Int) { self.battery = battery }

  /// A notification that gave no sample.
  func sampleWasPassedOver() {
    passedOver += 1
    wake()
  }

  /// Waits until `count` notifications have been taken, or the visit is over.
  func awaitNotifications(_ count: Int) async {
    while !isOver, samples.count + passedOver < count {
      await withCheckedContinuation { waiters.append($0) }
    }
  }

  func visitIsOver() {
    isOver = true
    wake()
  }

  private func wake() {
    let woken = waiters
    waiters = []
    for waiter in woken { waiter.resume() }
  }
}
