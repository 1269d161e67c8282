package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// A strap with the Heart Rate Service (0x180D): every notification of Heart Rate Measurement (0x2A37) goes to the live
/// stream, and what is kept is one observation a window.
///
/// A notification asks for no confirmation, so a window that can't be stored is held and tried again with the next one,
/// and the stream goes on: its alerts must not stop because a disk is full.
package struct GATTHeartRateDriver: DeviceDriver {
  package let name = "gatt-heart-rate"
  package let version = 1
  package var constants: [DriverConstant] { [Self.window] }

  static let window = DriverConstant(
    name: "window", meaning: "seconds of stream that one observation holds", standard: 60, range: 10...3600)

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [BluetoothUUID(0x2A37)] }

  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try HeartRateMeasurement(bytes).json
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    let length = NSDecimalNumber(decimal: session.value(of: Self.window)).doubleValue
    var stream = HeartRateStream(session: session, driver: nameAndVersion, length: length)
    let end = await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      try await visit.open { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        try await visit.readBattery()
      }
      var hasLearned = visit.isFirstVisit
      while let incoming = try await visit.next() {
        await stream.take(incoming)
        // A strap should notify; one that indicates waits for this, and its value lives on in the window.
        try await visit.confirm(incoming.confirmation)
        guard !hasLearned else { continue }
        hasLearned = true
        await visit.learnSubscriptions(from: incoming)
        try await visit.lookAround()
      }
      return .idle
    }
    // Not in this task: when the gateway stops it is cancelled, and a cancelled task can't store.
    let rest = stream
    return await Task {
      var rest = rest
      return await rest.finish()
    }.value ?? end
  }
}

/// The stream of one visit to a strap.
struct HeartRateStream {
  let session: DeviceSession
  let driver: String
  private var windows: HeartRateWindows
  private var store: WindowStore

  init(session: DeviceSession, driver: String, length: TimeInterval) {
    self.session = session
    self.driver = driver
    windows = HeartRateWindows(length: length)
    store = WindowStore(session: session)
  }

  mutating func take(_ incoming: GATTVisit.Incoming) async {
    let measurement: HeartRateMeasurement
    do throws(DecodingFailure) {
      measurement = try HeartRateMeasurement(incoming.bytes)
    } catch {
      session.progress(.undecodable(characteristic: BluetoothUUID(0x2A37), reason: "\(error)"))
      return
    }
    let rate = measurement.rate
    await session.sink.live(
      LiveSample(
        device: session.device, at: incoming.receivedAt, beatsPerMinute: rate,
        rrIntervals: rate == nil ? [] : (measurement.rrIntervals ?? []).map { Double($0) / 1024 },
        isSimulated: session.isSimulated))
    if let window = windows.add(measurement, at: incoming.receivedAt) { await keep(window) }
  }

  /// Stores the window that the end cut short, and what waits.
  ///
  /// - Returns: an end to be told instead, when something could not be stored.
  mutating func finish() async -> SessionEnd? {
    if let window = windows.finish() { await keep(window) }
    return await store.finish(what: "heart rate")
  }

  private mutating func keep(_ window: HeartRateWindows.Window) async {
    await store.keep(
      window.observation(
        of: session.device, profile: session.profile.name, driver: driver, authentication: session.authentication,
        isSimulated: session.isSimulated, receivedAt: session.receivedNow()))
  }
}
