import BluetoothLE
import Foundation
import Observations
import WireFormats

/// How the values of one characteristic become observations: what ``VisitReadings`` has to know of them.
protocol ReadingFormat: Sendable {
  associatedtype Measurement: Sendable
  /// The characteristic's short UUID.
  var uuid: String { get }
  func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> Measurement
  /// - Parameter clockOffset: device clock minus ours, in seconds; nil when it was never measured.
  func observation(
    _ measurement: Measurement, bytes: [UInt8], receivedAt: Date, clockOffset: TimeInterval?
  ) -> (observation: Observation, time: ReadingTime)
}

/// The readings of one visit, each stored and then confirmed.
///
/// A value goes decode → normalise → store → confirm, one after the other, so the device is told only what is on disk. A
/// value that can't be decoded is not thrown away, and must not keep the device from its other readings either: its bytes
/// are kept (``ObservationSink/keep(_:)``), and only then it is confirmed. When they can't be kept, nothing is confirmed
/// and the visit ends.
struct VisitReadings<Format: ReadingFormat> {
  /// One that was stored, and whose time may still be understood better.
  private struct Stored {
    var id: ObservationID
    var receivedAt: Date
    var time: ReadingTime
    /// The device's digits in the session's zone; nil without a usable stamp.
    var stamped: Date?
  }

  /// How long a reading waits for the device's clock before it is kept without.
  private static var clockLimit: Duration { .seconds(3) }

  let session: DeviceSession
  let driver: String
  let format: Format
  /// Device clock minus ours, in seconds.
  var clockOffset: TimeInterval?
  /// As an earlier visit measured it.
  private let rememberedOffset: TimeInterval?
  /// Values taken, decodable or not.
  private var count = 0

  private var last: Stored?
  private var beforeClock: [Stored] = []

  init(session: DeviceSession, driver: String, format: Format) {
    self.session = session
    self.driver = driver
    self.format = format
    clockOffset = session.clockOffset
    rememberedOffset = session.clockOffset
  }

  /// Takes a value, and after a known device's first one asks for what a first visit asks before.
  mutating func takeNext(_ incoming: GATTVisit.Incoming, _ visit: inout GATTVisit) async throws(SessionFailure) {
    let isFirstValue = count == 0
    if isFirstValue, let clock = visit.clock { clockOffset = clock.offset }
    let asksClockFirst = isFirstValue && !visit.isFirstVisit && !visit.hasAskedClock && seemsOld(incoming)
    if asksClockFirst, let clock = try await visit.readClock(within: Self.clockLimit) { await learn(clock) }
    try await take(incoming, &visit)
    guard isFirstValue, !visit.isFirstVisit else { return }
    await visit.learnSubscriptions(from: incoming)
    if !asksClockFirst, !visit.hasAskedClock, let clock = try await visit.readClock() { await learn(clock) }
    try await visit.lookAround()
  }

  /// By what is remembered of the clock this reading was not taken just now. That may be so, or the clock was set back
  /// since (new batteries): then a crisis of this minute would be told as one of years ago, and closed at once.
  private func seemsOld(_ incoming: GATTVisit.Incoming) -> Bool {
    guard let measurement = try? format.decode(incoming.bytes) else { return false }
    return !normalised(measurement, incoming, clockOffset).time.isLive
  }

  private func normalised(
    _ measurement: Format.Measurement, _ incoming: GATTVisit.Incoming, _ offset: TimeInterval?
  ) -> (observation: Observation, time: ReadingTime) {
    format.observation(
      measurement, bytes: incoming.bytes, receivedAt: incoming.receivedAt, clockOffset: offset)
  }

  /// With the offset as it is now; a stamp that would lie ahead of us by it was made before the clock was set, and is read
  /// by the offset of then. Where this visit set the clock, a stamp is of the clock as it was set only if by that it lies
  /// between the setting and its arrival; what the device had in its memory was stamped before.
  private func normalised(
    _ measurement: Format.Measurement, _ incoming: GATTVisit.Incoming, since writing: GATTVisit.ClockWriting?
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
  private mutating func take(_ incoming: GATTVisit.Incoming, _ visit: inout GATTVisit) async throws(SessionFailure) {
    count += 1
    let measurement: Format.Measurement
    do throws(DecodingFailure) {
      measurement = try format.decode(incoming.bytes)
    } catch {
      return try await keep(incoming, error, visit)
    }
    var (observation, time) = normalised(measurement, incoming, since: visit.clockWriting)
    // A device that opens one user's readings need not say in each of them whose it is.
    observation.userSlot = observation.userSlot ?? incoming.user
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
      device: session.device, profile: session.profile.name, driver: driver, format: format.uuid,
      bytes: incoming.bytes, receivedAt: incoming.receivedAt, reason: "\(failure)", isSimulated: session.isSimulated)
    do {
      try await session.sink.keep(value)
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    try await visit.confirm(incoming.confirmation)
    session.progress(.undecodable(characteristic: incoming.characteristic, reason: "\(failure)"))
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
  private mutating func learn(_ clock: GATTVisit.ClockReading) async {
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
