package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// A cuff with the Blood Pressure Service (0x1810): each indication of Blood Pressure Measurement (0x2A35) is a reading.
///
/// A value goes decode → normalise → store → confirm, one after the other, so the cuff is told only what is on disk. A
/// value that can't be decoded is not thrown away, and must not keep the cuff from its other readings either: its bytes
/// are kept (``ObservationSink/keep(_:)``), and only then it is confirmed. When they can't be kept, nothing is confirmed
/// and the visit ends.
package struct GATTBloodPressureDriver: DeviceDriver {
  package let name = "gatt-blood-pressure"
  package let version = 1
  package let characteristic = BluetoothUUID(0x2A35)
  package let constants: [DriverConstant] = []
  package var layouts: [String] { Layout.allCases.map(\.rawValue) }

  /// How a device departs from the layout of Blood Pressure Measurement.
  private enum Layout: String, CaseIterable {
    /// See ``BeurerBloodPressureMeasurement``.
    case beurer
  }

  package init() {}

  /// How long a reading waits for the device's clock before it is kept without.
  static let clockLimit: Duration = .seconds(3)

  package func decode(_ bytes: [UInt8], layout: String?) throws(DecodingFailure) -> JSON {
    try Self.measurement(bytes, layout: layout).json
  }

  static func measurement(_ bytes: [UInt8], layout: String?) throws(DecodingFailure) -> BloodPressureMeasurement {
    switch layout.flatMap(Layout.init) {
    case .beurer: try BeurerBloodPressureMeasurement(bytes).measurement
    case nil: try BloodPressureMeasurement(bytes)
    }
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      var readings = BloodPressureReadings(session: session, driver: nameAndVersion)
      try await visit.open { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        if let bytes = try await visit.value(of: BluetoothUUID(0x2A49)),
          let feature = try? BloodPressureFeature(bytes)
        {
          session.progress(.bloodPressureFeature(feature.rawValue))
        }
        try await visit.readBattery()
        _ = try await visit.readClock()
      }
      if let clock = visit.clock { readings.clockOffset = clock.offset }
      while let incoming = try await visit.next() {
        let isFirstValue = readings.count == 0
        let asksClockFirst =
          isFirstValue && !visit.isFirstVisit && !visit.hasAskedClock && readings.seemsOld(incoming)
        if asksClockFirst, let clock = try await visit.readClock(within: Self.clockLimit) {
          await readings.learn(clock)
        }
        try await readings.take(incoming, &visit)
        guard isFirstValue, !visit.isFirstVisit else { continue }
        await visit.learnSubscriptions(from: incoming)
        if !asksClockFirst, !visit.hasAskedClock, let clock = try await visit.readClock() {
          await readings.learn(clock)
        }
        try await visit.writeClock()
        try await visit.readBattery()
        try await visit.readInformationIfNew()
      }
      return .idle
    }
  }
}

/// The readings of one visit to a cuff.
struct BloodPressureReadings {
  /// One that was stored, and whose time may still be understood better.
  private struct Stored {
    var id: ObservationID
    var receivedAt: Date
    var time: ReadingTime
    /// The device's digits in the session's zone; nil without a usable stamp.
    var stamped: Date?
  }

  let session: DeviceSession
  let driver: String
  /// Device clock minus ours, in seconds.
  var clockOffset: TimeInterval?
  /// As an earlier visit measured it.
  private let rememberedOffset: TimeInterval?
  /// Values taken, decodable or not.
  private(set) var count = 0

  private var last: Stored?
  private var beforeClock: [Stored] = []

  init(session: DeviceSession, driver: String) {
    self.session = session
    self.driver = driver
    clockOffset = session.clockOffset
    rememberedOffset = session.clockOffset
  }

  /// By what is remembered of the clock this reading was not taken just now. That may be so, or the clock was set back
  /// since (new batteries): then a crisis of this minute would be told as one of years ago, and closed at once.
  func seemsOld(_ incoming: GATTVisit.Incoming) -> Bool {
    guard let measurement = try? decode(incoming) else { return false }
    return !normalised(measurement, incoming, clockOffset).time.isLive
  }

  private func decode(_ incoming: GATTVisit.Incoming) throws(DecodingFailure) -> BloodPressureMeasurement {
    try GATTBloodPressureDriver.measurement(incoming.bytes, layout: session.profile.layout)
  }

  private func normalised(
    _ measurement: BloodPressureMeasurement, _ incoming: GATTVisit.Incoming, _ offset: TimeInterval?
  ) -> (observation: Observation, time: ReadingTime) {
    BloodPressureNormalisation(
      device: session.device, profile: session.profile.name, driver: driver, authentication: session.authentication,
      isSimulated: session.isSimulated, clockOffset: offset, timeZone: session.timeZone
    ).observation(measurement, bytes: incoming.bytes, receivedAt: incoming.receivedAt)
  }

  /// With the offset as it is now; a stamp that would lie ahead of us by it was made before the clock was set, and is read
  /// by the offset of then. Where this visit set the clock, a stamp is of the clock as it was set only if by that it lies
  /// between the setting and its arrival; what the device had in its memory was stamped before.
  private func normalised(
    _ measurement: BloodPressureMeasurement, _ incoming: GATTVisit.Incoming, since writing: GATTVisit.ClockWriting?
  ) -> (observation: Observation, time: ReadingTime) {
    if let writing {
      let since = normalised(measurement, incoming, writing.offset)
      let earliest = writing.at.addingTimeInterval(-EffectiveTime.agreement)
      let latest = incoming.receivedAt.addingTimeInterval(EffectiveTime.agreement)
      let taken = since.time.effective
      if taken.basis != .received, earliest <= taken.end, taken.end <= latest { return since }
    }
    let now = normalised(measurement, incoming, clockOffset)
    guard now.time.stampIsUnusable, let rememberedOffset, rememberedOffset != clockOffset else { return now }
    let then = normalised(measurement, incoming, rememberedOffset)
    return then.time.stampIsUnusable ? now : then
  }

  /// Stores a value, then confirms it.
  mutating func take(_ incoming: GATTVisit.Incoming, _ visit: inout GATTVisit) async throws(SessionFailure) {
    count += 1
    let measurement: BloodPressureMeasurement
    do throws(DecodingFailure) {
      measurement = try decode(incoming)
    } catch {
      return try await keep(incoming, error, visit)
    }
    let (observation, time) = normalised(measurement, incoming, since: visit.clockWriting)
    let outcome: StoreOutcome
    do {
      outcome = try await session.sink.store(observation, live: time.isLive)
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    try await visit.confirm(
      incoming, storedAs: outcome.id, isUntimed: observation.provenance.deviceTime == nil)
    session.progress(.reading(observation, outcome))
    await reviseLast(beforeReadingAt: incoming.receivedAt)
    // What was there before this visit keeps the time it has.
    guard case .stored(let id) = outcome else { return last = nil }
    let stamped =
      time.effective.basis == .received ? nil : observation.provenance.deviceTime?.date(in: session.timeZone)
    let stored = Stored(id: id, receivedAt: incoming.receivedAt, time: time, stamped: stamped)
    last = stored
    if beforeClock.count < 64 { beforeClock.append(stored) }
  }

  private func keep(
    _ incoming: GATTVisit.Incoming, _ failure: DecodingFailure, _ visit: GATTVisit
  ) async throws(SessionFailure) {
    let value = UndecodableValue(
      device: session.device, profile: session.profile.name, driver: driver, format: BloodPressureMeasurement.uuid,
      bytes: incoming.bytes, receivedAt: incoming.receivedAt, reason: "\(failure)", isSimulated: session.isSimulated)
    do {
      try await session.sink.keep(value)
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    try await visit.confirm(incoming.confirmation)
    session.progress(.undecodable(characteristic: BluetoothUUID(0x2A35), reason: "\(failure)"))
  }

  /// The rule of ``ReadingTime/fromMemory(receivedAt:previousVisit:)``.
  private func reviseLast(beforeReadingAt date: Date) async {
    guard let last, last.time.effective.basis == .received,
      date.timeIntervalSince(last.receivedAt) < ReadingTime.shortestMeasurement
    else { return }
    await session.sink.revise(
      last.id,
      effective: ReadingTime.fromMemory(receivedAt: last.receivedAt, previousVisit: session.previousVisit),
      clockOffset: clockOffset)
  }

  /// A known device's clock is read after its first reading, which was placed by the offset of an earlier visit. A stamp
  /// that lies close before what the clock shows now was made by this clock as it stands: it is placed again.
  mutating func learn(_ clock: GATTVisit.ClockReading) async {
    let earlier = clockOffset
    clockOffset = clock.offset
    defer { beforeClock = [] }
    if let earlier, abs(earlier - clock.offset) <= EffectiveTime.agreement { return }
    for stored in beforeClock {
      guard let stamped = stored.stamped, (-2...600).contains(clock.shown.timeIntervalSince(stamped)) else { continue }
      let isRight = abs(clock.offset) <= EffectiveTime.agreement
      let date = isRight ? stamped : stamped.addingTimeInterval(-clock.offset)
      await session.sink.revise(
        stored.id,
        effective: EffectiveTime(span: .instant(date), basis: isRight ? .deviceClock : .deviceClockCorrected),
        clockOffset: clock.offset)
    }
  }
}
