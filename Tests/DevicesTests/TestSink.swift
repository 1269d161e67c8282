import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations

/// A sink that can be made to wait before it commits, or to fail; the rest is a ``ReplayCollector``.
actor TestSink: ObservationSink {
  struct DiskFull: Error, CustomStringConvertible {
    let description = "The disk is full."
  }

  let collector = ReplayCollector()
  private var isHeld = false
  private var tellsWhatIsHeld = true
  private var failures = 0
  private var failing: Int?
  private var forgetsConfirmations = false
  private var forgetsDatabases = false
  private(set) var attempts = 0
  private(set) var revisions: [EffectiveTime] = []
  private var waiters: [CheckedContinuation<Void, Never>] = []

  /// Every commit waits from now on.
  func hold() { isHeld = true }

  func release() {
    isHeld = false
    wake()
  }

  /// The next `count` commits fail.
  func fail(_ count: Int) { failures = count }

  /// The commit after the next `count` fails.
  func fail(after count: Int) { failing = attempts + count + 1 }

  func awaitAttempts(_ count: Int) async {
    while attempts < count { await withCheckedContinuation { waiters.append($0) } }
  }

  private func wake() {
    let woken = waiters
    waiters = []
    for waiter in woken { waiter.resume() }
  }

  /// From now on it can't be written that a confirmation is sent.
  func forgetConfirmations() { forgetsConfirmations = true }

  /// From now on no database can be remembered.
  func forgetDatabases() { forgetsDatabases = true }

  private func commit() async throws {
    attempts += 1
    wake()
    while isHeld { await withCheckedContinuation { waiters.append($0) } }
    guard attempts != failing else { throw DiskFull() }
    guard failures == 0 else {
      failures -= 1
      throw DiskFull()
    }
  }

  func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome {
    try await commit()
    return await collector.store(observation, live: live)
  }

  func holds(_ identity: ReadingIdentity) async -> Bool { tellsWhatIsHeld ? await collector.holds(identity) : false }

  /// From now on it cannot say what is on disk.
  func forgetWhatIsHeld() { tellsWhatIsHeld = false }

  func keep(_ value: UndecodableValue) async throws {
    try await commit()
    await collector.keep(value)
  }

  func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) async {
    revisions.append(effective)
    await collector.revise(id, effective: effective, clockOffset: clockOffset)
  }

  func confirmationSent(_ id: ObservationID) async throws {
    guard !forgetsConfirmations else { throw DiskFull() }
    await collector.confirmationSent(id)
  }
  func confirmationArrived(_ id: ObservationID) async { await collector.confirmationArrived(id) }
  func live(_ sample: LiveSample) async { await collector.live(sample) }
  func remember(database: GATTDatabase) async throws {
    guard !forgetsDatabases else { throw DiskFull() }
    await collector.remember(database: database)
  }
  func remember(keepsSubscriptions: Bool) async { await collector.remember(keepsSubscriptions: keepsSubscriptions) }
  func remember(clockOffset: TimeInterval, at date: Date) async {
    await collector.remember(clockOffset: clockOffset, at: date)
  }
  func remember(information: DeviceInformation) async { await collector.remember(information: information) }
  func remember(battery: Int) async { await collector.remember(battery: battery) }
}
