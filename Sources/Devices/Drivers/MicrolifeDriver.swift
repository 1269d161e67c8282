package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// A Microlife cuff that is asked for the records of the user who is chosen on it, all of them at each visit, over the
/// maker's service 0xFFF0.
///
/// Its clock can be written and not read. So the time of a record is *unchecked*, and that the clock was never set is
/// seen from the newest record having no date. Nothing is deleted.
package struct MicrolifeDriver: DeviceDriver {
  package let name = "microlife-memory"
  package let version = 1
  package let needsEveryCharacteristic = true
  package var constants: [DriverConstant] { [Self.answerLimit] }

  private static let heard = BluetoothUUID(0xFFF1)
  private static let written = BluetoothUUID(0xFFF2)
  private static let format = "microlife-record"
  private static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the device may take for one whole answer", standard: 30,
    range: 0.1...120)

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [Self.heard] }

  /// One record, or a whole reply with all of them.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    guard bytes.starts(with: [0x4D, 0x3A]) else { return try MicrolifeRecord(bytes).json }
    return try MicrolifeRecords(payload: MicrolifeReply(bytes).payload).json
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      var cuff = FramedConversation(
        written: Self.written, heard: Self.heard, limit: limit, assembler: MicrolifeReply.assembler())
      try await visit.openForCommands { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        try await visit.readBattery()
      }
      let user = try await user(&cuff, &visit)
      let records = try await records(&cuff, &visit)
      // No offset: nobody can read this clock, and that it was right once says little of today.
      let normalisation = CuffNormalisation(session, driver: nameAndVersion, format: Self.format, clockOffset: nil)
      try await visit.store(records.map { Self.record($0, of: user) }, normalisation)
      try await writeClock(newest: records.last, &cuff, &visit)
      if !visit.isFirstVisit { try await visit.readInformationIfNew() }
      try await visit.leave()
      return .idle
    }
  }

  /// Without it nobody could say whose the records are, so a device that does not answer is not read.
  private func user(_ cuff: inout FramedConversation, _ visit: inout GATTVisit) async throws(SessionFailure) -> Int {
    let command = MicrolifeCommand.patientID.bytes
    return try await cuff.ask(command, "Asking which user is chosen", &visit) { (frame) throws(DecodingFailure) in
      let payload = try MicrolifeReply(frame).payload
      return payload.first == 0x05 ? Int(try MicrolifePatientID(payload: payload).user) : nil
    }
  }

  private func records(
    _ cuff: inout FramedConversation, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> [MicrolifeRecord] {
    let command = MicrolifeCommand.records.bytes
    return try await cuff.ask(command, "Asking for its records", &visit) { (frame) throws(DecodingFailure) in
      let payload = try MicrolifeReply(frame).payload
      return payload.first == 0x00 ? try MicrolifeRecords(payload: payload).records : nil
    }
  }

  /// - Parameter user: nil where the cuff did not say.
  static func record(_ record: MicrolifeRecord, of user: Int?) -> CuffRecord {
    var flags: Set<MeasurementFlag> = []
    if record.irregularPulse { flags.insert(.irregularPulse) }
    if !record.cuffFitted { flags.insert(.cuffTooLoose) }
    return CuffRecord(
      record.cuffFitted
        ? .pressures(
          systolic: Int(record.systolic), diastolic: Int(record.diastolic), mean: nil, pulseRate: Int(record.pulseRate))
        : .notMeasured,
      stamp: record.timeStamp.map(DeviceTime.init), stampIsPlausible: record.timeStamp?.isPlausible ?? false,
      userSlot: user, flags: flags, bytes: record.raw)
  }

  /// After the records are on disk: their dates are of the clock as it was.
  private func writeClock(
    newest: MicrolifeRecord?, _ cuff: inout FramedConversation, _ visit: inout GATTVisit
  ) async throws(SessionFailure) {
    let session = visit.session
    let isWanted =
      switch visit.policy.clockWrite {
      case .never: false
      case .unsetOnly: newest.map { $0.timeStamp == nil } ?? false
      case .always: true
      }
    guard isWanted, session.ourClockIsRight else { return }
    let time = DateTime(session.receivedNow(), in: session.timeZone)
    do throws(SessionFailure) {
      _ = try await cuff.ask(MicrolifeCommand.setTime(time).bytes, "Writing the clock", &visit) {
        (frame) throws(DecodingFailure) in try MicrolifeReply(frame).isAcknowledgement ? true : nil
      }
      session.progress(.clockWritten)
    } catch {
      // The readings are safe, and the next visit tries again.
      guard error.concernsOneCommand else { throw error }
    }
  }
}
