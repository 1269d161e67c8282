import Foundation
import Observations
import USBHost
package import WireFormats

/// An older Microlife on a cable (04B4:5500: BP3GX1-5X, BP A200): all records at each visit, which it writes as text. Nothing
/// is written to it, and what a person has called herself in it is not read.
///
/// Whose the records are it does not say but by that name, so they say no user.
package struct MicrolifeTextDriver: USBDeviceDriver {
  package let name = "microlife-text"
  package let version = 1
  package let interfaceClass: UInt8 = 0x03
  package var constants: [DriverConstant] { [Self.answerLimit] }

  static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the cuff may take for its whole answer; it is asked three times",
    standard: 20, range: 0.05...60)
  /// Without a report for so long its answer is over: nothing in it says where it ends. bpm_usb waits 0.1 s, py-bpddl 1 s.
  private static let quiet: Duration = .milliseconds(500)
  private static let format = "microlife-text"
  private static let asking = "Asking for its records"

  package init() {}

  /// One record of 32 digits, or a whole reply with all of them.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    bytes.count == MicrolifeTextRecord.size
      ? try MicrolifeTextRecord(bytes).json : try MicrolifeTextReply(bytes).json
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    do throws(SessionFailure) {
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      let reply = try await ask(try HIDReports(session, limit: limit), limit)
      var records: [CuffRecord] = []
      for digits in reply.records {
        do throws(DecodingFailure) {
          records.append(Self.record(try MicrolifeTextRecord(digits)))
        } catch {
          // One bad record must not cost the others.
          try await session.keep(digits, "\(error)", user: 0, driver: nameAndVersion, format: Self.format)
        }
      }
      try await session.store(records, CuffNormalisation(session, driver: nameAndVersion, format: Self.format))
      return .idle
    } catch {
      return error.end
    }
  }

  private static func record(_ record: MicrolifeTextRecord) -> CuffRecord {
    CuffRecord(
      .pressures(
        systolic: record.systolic, diastolic: record.diastolic, mean: nil, pulseRate: record.pulseRate),
      stamp: record.timeStamp.map(DeviceTime.init), stampIsPlausible: record.timeStamp?.isPlausible ?? false,
      bytes: record.raw, identifying: record.identifying)
  }

  /// Asks until there is an answer that is whole, ``HIDQuestions/tries`` times at most.
  private func ask(_ cuff: HIDReports, _ limit: Duration) async throws(SessionFailure) -> MicrolifeTextReply {
    var damage: String?
    for attempt in 0..<HIDQuestions.tries {
      do {
        if attempt > 0 { try await cuff.drain(Self.quiet) }
        for report in MicrolifeHIDReport.reports(MicrolifeTextCommand.records.bytes) { try await cuff.send(report) }
        return try MicrolifeTextReply(try await answer(cuff, limit))
      } catch let failure as DecodingFailure {
        damage = "\(failure)"
      } catch let failure as USBFailure {
        if case .overflow = failure { damage = "A report was longer than the device had declared." }
        try await cuff.recover(from: failure, Self.asking)
      } catch {
        throw SessionFailure(.cancelled)
      }
    }
    guard let damage else { throw SessionFailure(.noAnswer(to: Self.asking)) }
    throw SessionFailure(.damaged(what: Self.asking, reason: damage))
  }

  /// What comes until nothing comes for a while. Such converters also send reports that hold nothing.
  private func answer(_ cuff: HIDReports, _ limit: Duration) async throws -> [UInt8] {
    let last = ContinuousClock.now + limit
    var end = last
    var bytes: [UInt8] = []
    while bytes.count <= MicrolifeTextReply.longest {
      let report: [UInt8]
      do throws(USBFailure) {
        report = try await cuff.receive(before: end)
      } catch {
        guard case .timedOut = error, !bytes.isEmpty else { throw error }
        return bytes
      }
      let payload = try MicrolifeHIDReport.payload(report)
      guard !payload.isEmpty else { continue }
      bytes += payload
      end = min(last, .now + Self.quiet)
    }
    return bytes
  }
}
