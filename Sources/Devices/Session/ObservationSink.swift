package import BluetoothLE
package import Foundation
package import Observations

/// What became of an observation that was given to be kept.
package enum StoreOutcome: Hashable, Sendable {
  case stored(ObservationID)
  /// The same reading was there before; this is its name.
  case duplicate(ObservationID)

  package var id: ObservationID {
    switch self {
    case .stored(let id), .duplicate(let id): id
    }
  }
}

extension ObservationID {
  /// Whether this name of a duplicate stands for a reading without a time that was kept once and was erased since: nothing is
  /// kept under it. Names that the store gives have no colon.
  var standsForErased: Bool { rawValue.hasPrefix("erased:") }
}

/// Where a visit's findings go. Two real ones: the gateway's ingest, and the collector of a replay.
///
/// Calls come one at a time, in the order of the visit.
package protocol ObservationSink: Sendable {
  /// Keeps an observation. Returns only when it is on disk: the device is told that its reading was taken as soon as
  /// this returns. Throws when it could not be kept; then nothing is confirmed.
  ///
  /// - Parameter live: measured just now, so that its news matter now; false for one from the device's memory.
  func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome

  /// Keeps readings of a device's memory together, so that the disk is waited for once; what became of each, in their order.
  /// All are on disk when it returns. When it throws, the sink may have kept some, and the device has been told of none.
  func store(_ readings: [MemoryReading]) async throws -> [StoreOutcome]

  /// Whether a reading of this identity is on disk. A device that would hand out its whole memory is then asked for what
  /// came since. False also where the sink cannot tell: then all is read, and what was there is a duplicate.
  func holds(_ identity: ReadingIdentity) async -> Bool

  /// Keeps the bytes of a value that cannot be decoded, so that it can be confirmed and is not lost; returns only when
  /// they are on disk. Throws when they could not be kept; then nothing is confirmed.
  func keep(_ value: UndecodableValue) async throws

  /// Corrects the time of an observation that this visit stored: what came after it told more about when it was taken.
  ///
  /// - Parameter clockOffset: what its provenance is to say, device clock minus ours in seconds.
  func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) async

  /// The confirmation of this reading is handed to the kernel: of one without a time stamp just before, and then this
  /// returns only when that is on disk, or throws, and nothing is confirmed; of others just after.
  func confirmationSent(_ id: ObservationID) async throws
  /// The device has the confirmation of this reading: it sent what it may only send afterwards, or the link stood on.
  func confirmationArrived(_ id: ObservationID) async

  /// One notification of a live stream.
  func live(_ sample: LiveSample) async

  /// What discovery found, for the next visit's cache; returns when that is on disk, or throws.
  func remember(database: GATTDatabase) async throws
  /// Whether the device keeps its subscriptions.
  func remember(keepsSubscriptions: Bool) async
  /// Device clock minus ours in seconds, measured at `date`.
  func remember(clockOffset: TimeInterval, at date: Date) async
  func remember(information: DeviceInformation) async
  /// Percent of full, 0–100.
  func remember(battery: Int) async
}

extension ObservationSink {
  /// One after the other.
  package func store(_ readings: [MemoryReading]) async throws -> [StoreOutcome] {
    var outcomes: [StoreOutcome] = []
    for reading in readings { outcomes.append(try await store(reading.observation, live: reading.live)) }
    return outcomes
  }
}

/// A reading of a device's memory.
package struct MemoryReading: Hashable, Sendable {
  package var observation: Observation
  /// Measured so lately that its news matter now.
  package var live: Bool

  package init(_ observation: Observation, live: Bool) {
    self.observation = observation
    self.live = live
  }

  /// So many are kept in one transaction: a reading of another device waits for no longer than for a few of its own.
  package static let most = 32
}

/// A value that the driver could not decode.
package struct UndecodableValue: Hashable, Sendable {
  package var device: DeviceID
  package var profile: String
  /// The driver's name and version.
  package var driver: String
  /// The characteristic's short UUID.
  package var format: String
  package var bytes: [UInt8]
  package var receivedAt: Date
  /// The field that failed and where; no value of a measurement is in it.
  package var reason: String
  package var isSimulated: Bool
}

/// One notification of a stream of heart rates, or of an oximeter's pulse rates.
package struct LiveSample: Hashable, Sendable {
  package var device: DeviceID
  /// When it arrived.
  package var at: Date
  /// Beats per minute; nil when the sensor has no contact or counted nothing: no data, and not a rate of zero.
  package var beatsPerMinute: Int?
  /// Times between beats in seconds, oldest first; empty when the sensor sends none or has no contact.
  package var rrIntervals: [Double]
  package var isSimulated: Bool

  package init(device: DeviceID, at: Date, beatsPerMinute: Int?, rrIntervals: [Double], isSimulated: Bool) {
    self.device = device
    self.at = at
    self.beatsPerMinute = beatsPerMinute
    self.rrIntervals = rrIntervals
    self.isSimulated = isSimulated
  }
}
