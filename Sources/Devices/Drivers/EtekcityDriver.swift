package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// An Etekcity (Transtek) cuff, which notifies a measurement in two frames: the pressures with the user, then the pulse.
///
/// There is no date, and whether the device sends a measurement again nobody knows. So each is live, and one that equals an
/// earlier one octet by octet is kept and marked as a possible repeat.
package struct EtekcityDriver: DeviceDriver {
  package let name = "etekcity-frames"
  package let version = 1
  package let constants: [DriverConstant] = []

  private static let frames = BluetoothUUID(0xFFF1)
  /// Octets of the pressures' frame: with those of the pulse behind it, they are one measurement.
  fileprivate static let pressuresSize = 20

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [Self.frames] }

  /// One frame, or the two of a measurement one behind the other.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    let frames = Self.split(bytes)
    guard frames.count > 1 else { return try EtekcityNotification(bytes).json }
    return .array(try frames.map { (frame) throws(DecodingFailure) in try EtekcityNotification(frame).json })
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    var readings = EtekcityReadings(session: session, driver: nameAndVersion)
    let end = await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      try await visit.open { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        try await visit.readBattery()
      }
      var isFirst = !visit.isFirstVisit
      while let incoming = try await visit.next() {
        for frame in Self.split(incoming.bytes) { try await readings.take(frame, incoming, &visit) }
        try await visit.confirm(incoming.confirmation)
        guard isFirst, readings.count > 0 else { continue }
        isFirst = false
        await visit.learnSubscriptions(from: incoming)
        try await visit.lookAround()
      }
      return .idle
    }
    // Not in this task: when the gateway stops it is cancelled, and a cancelled task can't store.
    let rest = readings
    return await Task {
      var rest = rest
      return await rest.finish()
    }.value ?? end
  }

  /// A longer ATT_MTU than the device is known with would carry both frames of a measurement at once.
  fileprivate static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    guard bytes.count > pressuresSize, bytes.starts(with: [0xA5, 0x22, 0x02, 0x13]) else { return [bytes] }
    return [Array(bytes.prefix(pressuresSize)), Array(bytes.dropFirst(pressuresSize))]
  }
}

/// The measurements of one visit, put together from their frames.
private struct EtekcityReadings {
  private static let format = "etekcity-result"

  let session: DeviceSession
  let driver: String
  /// Measurements that were stored.
  private(set) var count = 0
  /// Pressures whose pulse has not come yet.
  private var waiting: (record: CuffRecord, receivedAt: Date)?

  init(session: DeviceSession, driver: String) {
    self.session = session
    self.driver = driver
  }

  mutating func take(
    _ frame: [UInt8], _ incoming: GATTVisit.Incoming, _ visit: inout GATTVisit
  ) async throws(SessionFailure) {
    let notification: EtekcityNotification
    do throws(DecodingFailure) {
      notification = try EtekcityNotification(frame)
    } catch {
      return try await keep(frame, incoming, "\(error)")
    }
    switch notification {
    case .displayUnit: return
    case .pressures(let user, let systolic, let diastolic):
      try await storeWaiting()
      waiting = (
        CuffRecord(
          .pressures(systolic: Int(systolic), diastolic: Int(diastolic), mean: nil, pulseRate: nil),
          // It counts its users from 0, and shows them from 1.
          userSlot: user == 0xFF ? nil : Int(user) + 1, bytes: frame),
        incoming.receivedAt
      )
    case .pulse(let rate, let flags):
      guard var (record, _) = waiting, case .pressures(let systolic, let diastolic, _, _) = record.result else {
        return try await keep(frame, incoming, "Pulse: the pressures before it did not come.")
      }
      record.result = .pressures(systolic: systolic, diastolic: diastolic, mean: nil, pulseRate: Int(rate))
      if flags & 0x01 != 0 { record.flags.insert(.bodyMovement) }
      if flags == 0x04 { record.flags.insert(.irregularPulse) }
      record.bytes += frame
      waiting = (record, incoming.receivedAt)
      try await storeWaiting()
    case .failure:
      try await storeWaiting()
      waiting = (CuffRecord(.notMeasured, bytes: frame), incoming.receivedAt)
      try await storeWaiting()
    }
  }

  /// Stores pressures whose pulse was lost with the link.
  ///
  /// - Returns: an end to be told instead, when they could not be stored.
  mutating func finish() async -> SessionEnd? {
    do throws(SessionFailure) {
      try await storeWaiting()
      return nil
    } catch {
      return error.end
    }
  }

  private mutating func storeWaiting() async throws(SessionFailure) {
    guard let (record, receivedAt) = waiting else { return }
    let normalisation = CuffNormalisation(session, driver: driver, format: Self.format, clockOffset: nil)
    var (observation, time) = normalisation.pushed(record, receivedAt: receivedAt)
    var pressures = record
    pressures.bytes = Array(record.bytes.prefix(EtekcityDriver.pressuresSize))
    // These pressures were kept once without their pulse: perhaps the device sends them again because the link broke.
    if pressures.bytes != record.bytes, await session.sink.holds(normalisation.identity(pressures)) {
      observation.marks.insert(.possibleRepeat)
    }
    let outcome: StoreOutcome
    do {
      outcome = try await session.sink.store(observation, live: time.isLive)
      waiting = nil
      try await session.sink.confirmationSent(outcome.id)
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    count += 1
    session.progress(.reading(observation, outcome))
  }

  private func keep(
    _ frame: [UInt8], _ incoming: GATTVisit.Incoming, _ reason: String
  ) async throws(SessionFailure) {
    let value = UndecodableValue(
      device: session.device, profile: session.profile.name, driver: driver, format: Self.format, bytes: frame,
      receivedAt: incoming.receivedAt, reason: reason, isSimulated: session.isSimulated)
    do {
      try await session.sink.keep(value)
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    session.progress(.undecodable(characteristic: incoming.characteristic, reason: reason))
  }
}
