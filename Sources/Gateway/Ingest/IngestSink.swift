import BluetoothLE
package import Devices
import Foundation
package import Logging
package import Observations
import Store
import Synchronization

/// The sink of one device's visits.
struct IngestSink: ObservationSink {
  let ingest: Ingest
  let device: DeviceID
  let logger: Logger
  private let comparison = Comparison()

  init(ingest: Ingest, device: DeviceID, logger: Logger) {
    self.ingest = ingest
    self.device = device
    self.logger = logger
  }

  func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome {
    try await ingest.commit(
      observation, live: live, compared: comparison.compared(observation.provenance.clockOffset))
  }

  func store(_ readings: [MemoryReading]) async throws -> [StoreOutcome] {
    try await ingest.commit(
      readings.map { reading in
        Ingest.Arrival(
          observation: reading.observation, live: reading.live,
          compared: comparison.compared(reading.observation.provenance.clockOffset))
      })
  }

  /// A store that cannot say makes the visit longer, and nothing worse.
  func holds(_ identity: ReadingIdentity) async -> Bool { (try? await ingest.store.holds(identity)) ?? false }

  func keep(_ value: UndecodableValue) async throws {
    do throws(StoreFailure) {
      try await ingest.store.keepUndecodable(
        device: value.device, profile: value.profile, driver: value.driver, format: value.format, bytes: value.bytes,
        receivedAt: value.receivedAt, reason: value.reason)
    } catch {
      ingest.noteWriting(error)
      throw error
    }
    ingest.noteWriting(nil)
    logger.warning(
      "a value of \(value.device) could not be decoded (\(value.reason)); its bytes were kept",
      metadata: ["characteristic": "\(value.format)"])
  }

  func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) async {
    await note {
      try await ingest.store.revise(
        id, effective: effective, clockOffset: clockOffset, compared: comparison.compared(clockOffset))
    }
  }

  func confirmationSent(_ id: ObservationID) async throws {
    do throws(StoreFailure) {
      try await ingest.store.confirmationSent(id, at: Date())
    } catch {
      ingest.noteWriting(error)
      throw error
    }
  }

  func confirmationArrived(_ id: ObservationID) async {
    await note { try await ingest.store.confirmationArrived(id) }
  }

  func live(_ sample: LiveSample) async { await ingest.live(sample) }

  func remember(database: GATTDatabase) async throws {
    let data = try JSONEncoder().encode(database)
    do {
      try await ingest.store.updateDevice(device) { $0.gattCache = data }
    } catch {
      logger.warning("the services of \(device) were not noted: \(error)")
      throw error
    }
  }

  func remember(keepsSubscriptions: Bool) async {
    await update { $0.keepsSubscriptions = keepsSubscriptions }
  }

  /// One that was measured against a clock that is not known to be right says nothing at the next visit.
  func remember(clockOffset: TimeInterval, at date: Date) async {
    let wrong = ingest.clock.wrongDifference(at: date)
    comparison.note(clockOffset, wrong)
    guard wrong == nil else { return }
    await update {
      $0.clockOffset = clockOffset
      $0.clockReadAt = date
    }
  }

  func remember(information: DeviceInformation) async {
    await update {
      var information = information
      // It names the device at the record: a read that failed once must not give it another name.
      information.systemID = information.systemID ?? $0.description.information.systemID
      $0.description.information = information
    }
  }

  func remember(battery: Int) async {
    await update { $0.battery = battery }
  }

  /// What is only convenient to know may fail: the next visit learns it again.
  private func update(_ change: @escaping @Sendable (inout DeviceRecord) -> Void) async {
    await note { try await ingest.store.updateDevice(device, change) }
  }

  private func note(_ body: () async throws -> Void) async {
    do {
      try await body()
    } catch {
      logger.warning("not noted of \(device): \(error)")
    }
  }
}

/// How the device's clock was last compared with ours on this visit.
private final class Comparison: Sendable {
  private let last = Mutex<(offset: TimeInterval, compared: TimeInterval?)?>(nil)

  func note(_ offset: TimeInterval, _ compared: TimeInterval?) { last.withLock { $0 = (offset, compared) } }

  /// As of ``UncertainTime/compared``, of a reading that was placed by `offset`: by another than the last one measured, it
  /// was placed by what an earlier visit left, which was right.
  func compared(_ offset: TimeInterval?) -> TimeInterval? {
    last.withLock { $0?.offset == offset ? $0?.compared : nil }
  }
}

extension Ingest {
  /// Where the findings of a visit to `device` go.
  package func sink(for device: DeviceID, logger: Logger) -> any ObservationSink {
    IngestSink(ingest: self, device: device, logger: logger)
  }
}
