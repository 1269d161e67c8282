import Foundation
import Observations
package import WireFormats

/// A Microlife cuff on a cable (04D9:B554: BP B3 Comfort PC, BP A6 PC): all records at each visit, by the frames that its
/// relatives speak over Bluetooth. Nothing is written to it.
///
/// Which user is chosen is asked as over Bluetooth. Nobody has said that a cuff on a cable answers: one that does not is read
/// all the same, and its records say no user.
package struct MicrolifeHIDDriver: USBDeviceDriver {
  package let name = "microlife-hid"
  package let version = 1
  package let interfaceClass: UInt8 = 0x03
  package var constants: [DriverConstant] { [Self.answerLimit] }

  static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the cuff may take for one whole answer; it is asked three times",
    standard: 10, range: 0.05...60)
  private static let format = "microlife-record"

  package init() {}

  /// One record, or a whole reply with all of them.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try MicrolifeDriver().decode(bytes, of: profile)
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    do throws(SessionFailure) {
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      let cuff = try HIDQuestions(session, limit: limit)
      let user = try await user(HIDQuestions(session, limit: min(limit, .seconds(1))))
      let records: [MicrolifeRecord] = try await ask(cuff, .records, "Asking for its records") {
        (payload) throws(DecodingFailure) in
        payload.first == 0x00 ? try MicrolifeRecords(payload: payload).records : nil
      }
      try await session.store(
        records.map { MicrolifeDriver.record($0, of: user) },
        CuffNormalisation(session, driver: nameAndVersion, format: Self.format))
      return .idle
    } catch {
      return error.end
    }
  }

  private func user(_ cuff: HIDQuestions) async throws(SessionFailure) -> Int? {
    do throws(SessionFailure) {
      return try await ask(cuff, .patientID, "Asking which user is chosen") { (payload) throws(DecodingFailure) in
        payload.first == 0x05 ? Int(try MicrolifePatientID(payload: payload).user) : nil
      }
    } catch {
      guard error.concernsOneCommand else { throw error }
      return nil
    }
  }

  private func ask<Answer: Sendable>(
    _ cuff: HIDQuestions, _ command: MicrolifeCommand, _ what: String,
    _ take: ([UInt8]) throws(DecodingFailure) -> Answer?
  ) async throws(SessionFailure) -> Answer {
    try await cuff.ask(
      MicrolifeHIDReport.reports(command.bytes), what, MicrolifeReply.assembler(),
      payload: { (report) throws(DecodingFailure) in try MicrolifeHIDReport.payload(report) }
    ) { (frame) throws(DecodingFailure) in try take(MicrolifeReply(frame).payload) }
  }
}
