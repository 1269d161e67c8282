import BluetoothLE
import Foundation
import Observations
import WireFormats

/// The device's clock: read, and written where the profile allows it. A clock that is written was read before, since
/// the readings in the device's memory were stamped by it as it was.
extension GATTVisit {
  /// What a device's clock showed, and when.
  struct ClockReading {
    /// The device's digits in the session's zone.
    var shown: Date
    /// Device clock minus ours, in seconds. Half the time between asking and the answer is taken off, so the error is
    /// at most that half, and the second that Date Time (0x2A08) does not divide.
    var offset: TimeInterval
  }

  /// What came of asking the device's clock.
  enum ClockAnswer {
    case unasked
    /// The device has none, or does not let it be read.
    case none
    /// Octets that are no time.
    case undecodable
    /// A time, but no date: a part of it is unknown, or no calendar has it.
    case unset
    case shown(ClockReading)
  }

  /// How a device's clock was set.
  struct ClockWriting {
    /// On our clock.
    var at: Date
    /// Device clock minus ours since, in seconds.
    var offset: TimeInterval
  }

  /// The clock as it was when this visit asked it; nil when it was not asked, or said nothing.
  var clock: ClockReading? {
    if case .shown(let reading) = clockAnswer { reading } else { nil }
  }

  var hasAskedClock: Bool {
    if case .unasked = clockAnswer { false } else { true }
  }

  /// Where the profile says that the clock is; nil for nowhere.
  private var clockCharacteristic: BluetoothUUID? {
    let dateTime = BluetoothUUID(0x2A08)
    return switch policy.clock {
    case .none: nil
    case .automatic: database.characteristic(dateTime) == nil ? BluetoothUUID(0x2A2B) : dateTime
    case .characteristic(let chosen): chosen
    }
  }

  // MARK: Reading

  /// The device's clock, from where the profile says; nil when it has none, or it shows no time. It is asked once a
  /// visit.
  mutating func readClock() async throws(SessionFailure) -> ClockReading? {
    if !hasAskedClock { clockAnswer = try await askClock() }
    return clock
  }

  private mutating func askClock() async throws(SessionFailure) -> ClockAnswer {
    guard let uuid = clockCharacteristic else { return .none }
    let asked = session.receivedNow()
    guard let bytes = try await value(of: uuid) else { return .none }
    let answered = session.receivedNow()
    let shown = uuid == BluetoothUUID(0x2A2B) ? Self.currentTime(bytes) : (try? DateTime(bytes)).map { ($0, 0) }
    guard let (digits, fraction) = shown, digits.isPlausible,
      let date = DeviceTime(digits).date(in: session.timeZone)?.addingTimeInterval(fraction)
    else {
      session.progress(.clockUnusable)
      return shown == nil ? .undecodable : .unset
    }
    let ours = asked.addingTimeInterval(answered.timeIntervalSince(asked) / 2)
    let reading = ClockReading(shown: date, offset: date.timeIntervalSince(ours))
    session.progress(.clock(offset: reading.offset))
    await session.sink.remember(clockOffset: reading.offset, at: ours)
    return .shown(reading)
  }

  /// The same, or nil where the answer takes longer: there are devices that answer nothing while they wait for a
  /// confirmation.
  mutating func readClock(within limit: Duration) async throws(SessionFailure) -> ClockReading? {
    let visit = self
    let reading = Task {
      var visit = visit
      _ = try await visit.readClock()
      return visit.clockAnswer
    }
    let timer = Task {
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      reading.cancel()
    }
    defer { timer.cancel() }
    do {
      clockAnswer = try await withTaskCancellationHandler {
        try await reading.value
      } onCancel: {
        reading.cancel()
      }
      return clock
    } catch let failure as SessionFailure {
      guard case .cancelled = failure.end, !Task.isCancelled else { throw failure }
      return nil
    } catch {
      throw SessionFailure(.cancelled)
    }
  }

  private static func currentTime(_ bytes: [UInt8]) -> (DateTime, TimeInterval)? {
    guard let time = try? CurrentTime(bytes) else { return nil }
    return (time.dateTime, TimeInterval(time.fractions256) / 256)
  }

  // MARK: Writing

  /// Sets the device's clock from ours, if the profile allows it and it was not done on this visit. While ours may be wrong
  /// only a device that wants it at every visit is written to: its own time, or ours where it shows none. A device that
  /// refuses is left as it is.
  mutating func writeClock() async throws(SessionFailure) {
    guard policy.clockWrite != .never, clockWriting == nil,
      session.ourClockIsRight || policy.clockWrite == .always
    else { return }
    _ = try await readClock()
    var ahead: TimeInterval = 0
    switch clockAnswer {
    case .unset: break
    case _ where policy.clockWrite == .unsetOnly: return
    // A device whose clock is written at every visit may go off without it, and its readings with it. While ours may be
    // wrong it is given its own time again, which spoils nothing.
    case .shown(let reading) where !session.ourClockIsRight: ahead = reading.offset
    case .unasked, .none, .undecodable, .shown: break
    }
    guard let uuid = clockCharacteristic, let characteristic = database.characteristic(uuid),
      !characteristic.properties.isDisjoint(with: [.write, .writeWithoutResponse])
    else { return }
    let timeZone = session.timeZone
    let now = session.receivedNow
    let written = try await ask("Writing the clock") { [gate, ahead] client in
      // To the nearest second: cut off, it would be half a second late in the mean.
      let date = Date(
        timeIntervalSinceReferenceDate: (now().timeIntervalSinceReferenceDate + ahead).rounded())
      try await gate.write(
        Self.bytes(date, timeZone, uuid), to: characteristic, isRequest: characteristic.properties.contains(.write),
        by: client)
      return date
    }
    guard let written else { return }
    let heard = session.receivedNow()
    let writing = ClockWriting(at: heard, offset: written.timeIntervalSince(heard))
    clockWriting = writing
    session.progress(.clockWritten)
    await session.sink.remember(clockOffset: writing.offset, at: heard)
  }

  /// What Date Time (0x2A08) or Current Time (0x2A2B) holds for this instant; the latter names an external reference as
  /// the reason.
  private static func bytes(_ date: Date, _ timeZone: TimeZone, _ uuid: BluetoothUUID) -> [UInt8] {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
    let year = UInt16(clamping: parts.year ?? 0)
    var bytes = [UInt8(year & 0xFF), UInt8(year >> 8)]
    bytes += [parts.month, parts.day, parts.hour, parts.minute, parts.second].map { UInt8(clamping: $0 ?? 0) }
    guard uuid == BluetoothUUID(0x2A2B) else { return bytes }
    // Here Sunday is 1; there Monday is.
    let day = UInt8(((parts.weekday ?? 1) + 5) % 7 + 1)
    return bytes + [day, 0, 0x02]
  }
}
