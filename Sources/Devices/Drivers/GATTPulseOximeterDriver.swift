package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// An oximeter with the Pulse Oximeter Service (0x1822). Each indication of PLX Spot-Check Measurement (0x2A5E) is a
/// reading, and is confirmed when it is stored. Notifications of PLX Continuous Measurement (0x2A5F) are a stream: what is
/// kept of it is one observation a window, as of a strap's. A device has one of the two or both.
package struct GATTPulseOximeterDriver: DeviceDriver {
  package let name = "gatt-pulse-oximeter"
  package let version = 1
  package var constants: [DriverConstant] { [GATTHeartRateDriver.window] }

  private static let spotCheck = BluetoothUUID(0x2A5E)
  private static let continuous = BluetoothUUID(0x2A5F)

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [Self.spotCheck, Self.continuous] }

  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try PLXSpotCheckMeasurement(bytes).json
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    let length = NSDecimalNumber(decimal: session.value(of: GATTHeartRateDriver.window)).doubleValue
    var stream = OximetryStream(session: session, driver: nameAndVersion, length: length)
    let end = await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      var readings = VisitReadings(
        session: session, driver: nameAndVersion, format: SpotCheckFormat(session: session, driver: nameAndVersion))
      try await visit.open { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        try await visit.readBattery()
        _ = try await visit.readClock()
      }
      var hasStreamed = visit.isFirstVisit
      while let incoming = try await visit.next() {
        guard incoming.characteristic == Self.continuous else {
          try await readings.takeNext(incoming, &visit)
          continue
        }
        await stream.take(incoming)
        try await visit.confirm(incoming.confirmation)
        guard !hasStreamed else { continue }
        hasStreamed = true
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

/// PLX Spot-Check Measurement (0x2A5E).
private struct SpotCheckFormat: ReadingFormat {
  let session: DeviceSession
  let driver: String
  let uuid = PLXSpotCheckMeasurement.uuid

  func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> PLXSpotCheckMeasurement {
    try PLXSpotCheckMeasurement(bytes)
  }

  func observation(
    _ measurement: PLXSpotCheckMeasurement, bytes: [UInt8], receivedAt: Date, clockOffset: TimeInterval?
  ) -> (observation: Observation, time: ReadingTime) {
    OximetryNormalisation(
      device: session.device, profile: session.profile.name, driver: driver, authentication: session.authentication,
      isSimulated: session.isSimulated, clockOffset: clockOffset, timeZone: session.timeZone
    ).observation(measurement, bytes: bytes, receivedAt: receivedAt)
  }
}

/// The stream of one visit to an oximeter.
private struct OximetryStream {
  let session: DeviceSession
  let driver: String
  private var windows: OximetryWindows
  private var store: WindowStore

  init(session: DeviceSession, driver: String, length: TimeInterval) {
    self.session = session
    self.driver = driver
    windows = OximetryWindows(length: length)
    store = WindowStore(session: session)
  }

  mutating func take(_ incoming: GATTVisit.Incoming) async {
    let measurement: PLXContinuousMeasurement
    do throws(DecodingFailure) {
      measurement = try PLXContinuousMeasurement(incoming.bytes)
    } catch {
      session.progress(.undecodable(characteristic: incoming.characteristic, reason: "\(error)"))
      return
    }
    let pulse = measurement.values?.pulseRate
    await session.sink.live(
      LiveSample(
        device: session.device, at: incoming.receivedAt,
        beatsPerMinute: pulse.map { Int(truncating: $0 as NSDecimalNumber) },
        rrIntervals: [], isSimulated: session.isSimulated))
    if let window = windows.add(measurement, at: incoming.receivedAt) { await keep(window) }
  }

  /// Stores the window that the end cut short, and what waits.
  ///
  /// - Returns: an end to be told instead, when something could not be stored.
  mutating func finish() async -> SessionEnd? {
    if let window = windows.finish() { await keep(window) }
    return await store.finish(what: "oxygen saturation")
  }

  private mutating func keep(_ window: OximetryWindows.Window) async {
    await store.keep(
      window.observation(
        of: session.device, profile: session.profile.name, driver: driver, authentication: session.authentication,
        isSimulated: session.isSimulated, receivedAt: session.receivedNow()))
  }
}
