package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// A Viatom (Wellue) BP2 cuff, whose records are read as a file.
///
/// Some commands of this protocol inflate the cuff, erase it or reset it. What is not one of ``ViatomCommand``'s packets is
/// refused at the one place that writes (``WriteGate``), also when a profile names it.
package struct ViatomFileDriver: DeviceDriver {
  package let name = "viatom-files"
  package let version = 1
  package let needsEveryCharacteristic = true
  package var constants: [DriverConstant] { [Self.answerLimit] }

  private static let heard = BluetoothUUID(high: 0x0734_594A_A8E7_4B1A, low: 0xA6B1_CD52_4305_9A57)
  private static let written = BluetoothUUID(high: 0x8B00_ACE7_EB0B_49B0, low: 0xBBE9_9AEE_0A26_E1A3)
  private static let format = "viatom-record"
  private static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the device may take for one answer", standard: 5, range: 0.1...60)

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [Self.heard] }

  package func permits(_ value: [UInt8], to characteristic: BluetoothUUID) -> Bool {
    characteristic == Self.written && ViatomCommand.isPacket(value)
  }

  /// One record of 37 octets, or the whole file.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    bytes.count > 37 ? try ViatomBloodPressureFile(bytes).json : try ViatomBloodPressureRecord(bytes).json
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      var cuff = ViatomConversation(
        FramedConversation(
          written: Self.written, heard: Self.heard, limit: limit, assembler: ViatomPacket.assembler()))
      try await visit.openForCommands { _ in }
      let offset = try await lookAround(&cuff, &visit)
      if try await cuff.hasFile(.bloodPressureRecords, &visit) {
        let file = try await cuff.read(.bloodPressureRecords, &visit)
        let normalisation = CuffNormalisation(
          session, driver: nameAndVersion, format: Self.format, clockOffset: offset ?? session.clockOffset,
          earlierOffset: session.clockOffset)
        try await visit.store(Self.records(file), normalisation)
      }
      try await writeClock(isUnset: offset == nil, &cuff, &visit)
      try await visit.leave()
      return .idle
    }
  }

  /// Device clock minus ours in seconds; nil when it shows no time.
  private func lookAround(
    _ cuff: inout ViatomConversation, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> TimeInterval? {
    let session = visit.session
    let asked = session.receivedNow()
    let device = try await cuff.deviceInformation(&visit)
    let ours = asked.addingTimeInterval(session.receivedNow().timeIntervalSince(asked) / 2)
    if visit.isFirstVisit || !session.informationIsKnown {
      var information = DeviceInformation()
      information.model = device.model.isEmpty ? nil : device.model
      information.serial = device.serialNumber.isEmpty ? nil : device.serialNumber
      session.progress(.discovered(information))
      await session.sink.remember(information: information)
    }
    guard device.clock.isPlausible, let shown = DeviceTime(device.clock).date(in: session.timeZone) else {
      session.progress(.clockUnusable)
      return nil
    }
    let offset = shown.timeIntervalSince(ours)
    session.progress(.clock(offset: offset))
    await session.sink.remember(clockOffset: offset, at: ours)
    return offset
  }

  /// Oldest first: the places of the file are a ring, and nobody says where it begins.
  private static func records(_ file: ViatomBloodPressureFile) -> [CuffRecord] {
    file.records.enumerated().sorted { ($0.element.timestamp, $0.offset) < ($1.element.timestamp, $1.offset) }.map {
      let record = $0.element
      // Zero is what a clock shows that was never set.
      let stamp = record.timestamp == 0 ? nil : DeviceTime(secondsSince1970: record.timestamp)
      return CuffRecord(
        .pressures(
          systolic: Int(record.systolic), diastolic: Int(record.diastolic), mean: Int(record.meanArterialPressure),
          pulseRate: Int(record.pulseRate)),
        stamp: stamp, userSlot: Int(record.userID), flags: record.irregularPulse ? [.irregularPulse] : [],
        bytes: record.raw)
    }
  }

  /// After the records are on disk: their dates are of the clock as it was.
  private func writeClock(
    isUnset: Bool, _ cuff: inout ViatomConversation, _ visit: inout GATTVisit
  ) async throws(SessionFailure) {
    let session = visit.session
    let isWanted = visit.policy.clockWrite == .always || visit.policy.clockWrite == .unsetOnly && isUnset
    guard isWanted, session.ourClockIsRight else { return }
    let now = session.receivedNow()
    do throws(SessionFailure) {
      try await cuff.setTime(DateTime(now, in: session.timeZone), &visit)
    } catch {
      // The readings are safe, and the next visit tries again.
      guard error.concernsOneCommand else { throw error }
      return
    }
    session.progress(.clockWritten)
    let offset = now.timeIntervalSinceReferenceDate.rounded() - now.timeIntervalSinceReferenceDate
    await session.sink.remember(clockOffset: offset, at: now)
  }
}

extension DeviceTime {
  /// What a clock showed that counts seconds since 1970 without a zone: the digits that they are in UTC.
  fileprivate init(secondsSince1970 seconds: UInt32) {
    let digits = DateTime(Date(timeIntervalSince1970: TimeInterval(seconds)), in: .gmt)
    self.init(digits)
  }
}
