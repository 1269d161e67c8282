import BluetoothLE
import Foundation
import Observations
import WireFormats

/// What a visit reads beside the readings. Nothing of it is needed: what the device has not, or refuses, is left out.
extension GATTVisit {
  /// After a known device's first reading is safe: what a first visit reads before it subscribes, where an earlier visit
  /// did not come so far or the device has changed.
  mutating func readInformationIfNew() async throws(SessionFailure) {
    if hasDiscoveredAgain || !session.informationIsKnown { try await readInformation() }
  }

  /// Device Information Service (0x180A).
  mutating func readInformation() async throws(SessionFailure) {
    var information = DeviceInformation()
    information.manufacturer = try await text(.manufacturerName)
    information.model = try await text(.modelNumber)
    information.serial = try await text(.serialNumber)
    information.hardware = try await text(.hardwareRevision)
    information.firmware = try await text(.firmwareRevision)
    information.software = try await text(.softwareRevision)
    if let bytes = try await value(of: BluetoothUUID(0x2A23)) { information.systemID = (try? SystemID(bytes))?.eui64 }
    session.progress(.discovered(information))
    await session.sink.remember(information: information)
  }

  private mutating func text(_ kind: DeviceText.Kind) async throws(SessionFailure) -> String? {
    guard let uuid = BluetoothUUID(kind.rawValue), let bytes = try await value(of: uuid),
      let text = try? DeviceText(kind, bytes).text
    else { return nil }
    // It goes to terminals and records.
    let clean = String(text.unicodeScalars.filter { $0.properties.generalCategory != .control })
      .trimmingCharacters(in: .whitespaces)
    return clean.isEmpty ? nil : String(clean.prefix(120))
  }

  /// Battery Level (0x2A19), if the profile wants it.
  mutating func readBattery() async throws(SessionFailure) {
    guard session.profile.session.readsBattery, let bytes = try await value(of: BluetoothUUID(0x2A19)),
      let level = try? BatteryLevel(bytes)
    else { return }
    session.progress(.battery(Int(level.percent)))
    await session.sink.remember(battery: Int(level.percent))
  }

  /// What a device's clock showed, and when.
  struct ClockReading {
    /// The device's digits in the session's zone.
    var shown: Date
    /// Device clock minus ours, in seconds. Half the time between asking and the answer is taken off, so the error is at
    /// most that half, and the second that Date Time (0x2A08) does not divide.
    var offset: TimeInterval
  }

  /// The device's clock, from where the profile says; nil when it has none, or it shows no time.
  mutating func readClock() async throws(SessionFailure) -> ClockReading? {
    let dateTime = BluetoothUUID(0x2A08)
    let currentTime = BluetoothUUID(0x2A2B)
    let uuid: BluetoothUUID
    switch session.profile.session.clock {
    case .none: return nil
    case .automatic: uuid = database.characteristic(dateTime) == nil ? currentTime : dateTime
    case .characteristic(let chosen): uuid = chosen
    }
    let asked = session.receivedNow()
    guard let bytes = try await value(of: uuid) else { return nil }
    let answered = session.receivedNow()
    let shown = uuid == currentTime ? Self.currentTime(bytes) : (try? DateTime(bytes)).map { ($0, 0) }
    guard let (digits, fraction) = shown, digits.isPlausible,
      let date = DeviceTime(digits).date(in: session.timeZone)?.addingTimeInterval(fraction)
    else {
      session.progress(.clockUnusable)
      return nil
    }
    let ours = asked.addingTimeInterval(answered.timeIntervalSince(asked) / 2)
    let reading = ClockReading(shown: date, offset: date.timeIntervalSince(ours))
    session.progress(.clock(offset: reading.offset))
    await session.sink.remember(clockOffset: reading.offset, at: ours)
    return reading
  }

  /// The same, or nil where the answer takes longer: there are devices that answer nothing while they wait for a
  /// confirmation.
  mutating func readClock(within limit: Duration) async throws(SessionFailure) -> ClockReading? {
    let visit = self
    let reading = Task {
      var visit = visit
      return try await visit.readClock()
    }
    let timer = Task {
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      reading.cancel()
    }
    defer { timer.cancel() }
    do {
      return try await withTaskCancellationHandler {
        try await reading.value
      } onCancel: {
        reading.cancel()
      }
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
}
