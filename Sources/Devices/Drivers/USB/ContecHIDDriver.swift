import Foundation
import Observations
package import WireFormats

/// A Contec 08A (USB identifiers 0483:5750): all that its three users' memory holds, of which what is not known is stored.
///
/// In which order the memory gives its readings is not known for sure, so each visit reads all. Nothing in it is changed. A
/// reading whose systolic pressure is disputed (see ``ContecReading``) is kept as it came and not stored as a blood pressure.
///
/// The identifiers are those that ST gives to whoever builds a device of its own, so another one may have them. It is told the
/// two commands that come before what the device is, and no other unless it says that it is a Contec 08A.
package struct ContecHIDDriver: USBDeviceDriver {
  package let name = "contec-hid"
  package let version = 1
  package let interfaceClass: UInt8 = 0x03
  package var constants: [DriverConstant] { [Self.answerLimit] }

  static let answerLimit = DriverConstant(
    name: "answer-limit",
    meaning: "seconds that the cuff may take for one answer, the longest of which is all readings of a user; it is "
      + "asked three times",
    standard: 10, range: 0.05...60)
  /// What a reading's octets are called in its provenance.
  static let format = "contec-hid"
  static let disputed =
    "The systolic pressure cannot be told: its octet does not say whether it is 128 mmHg more, and the octet in front and "
    + "the mean pressure do not agree. Read it from the cuff's display."

  package init() {}

  /// One reading, as the cuff sends it.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try ContecReading(bytes).json
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    do throws(SessionFailure) {
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      let cuff = try HIDQuestions(session, limit: limit)
      try await open(cuff)
      var refused = 0
      var failure: SessionFailure?
      for user in ContecCommand.User.allCases {
        do throws(SessionFailure) {
          if let items = try await items(of: user, cuff) {
            try await store(items, of: user, session)
          } else {
            refused += 1
            session.progress(.memoryRefused(user: Int(user.rawValue)))
          }
        } catch {
          // One user's readings cost no other's.
          guard error.concernsOneCommand else { throw error }
          failure = failure ?? error
        }
      }
      if let failure { throw failure }
      guard refused < ContecCommand.User.allCases.count else {
        throw SessionFailure(
          .requestFailed(
            what: "Reading the cuff's memory",
            reason: "The cuff is switched off. Switch it on, then unplug it and plug it in again."))
      }
      return .idle
    } catch {
      return error.end
    }
  }

  private func open(_ cuff: HIDQuestions) async throws(SessionFailure) {
    // Twice, as the maker's program does.
    for _ in 0..<2 {
      let _: Bool = try await answer(cuff, .begin, "Opening the cuff's memory") { _ in true }
    }
    let _: ContecIdentity = try await answer(cuff, .identify, "Asking the cuff what it is") {
      (bytes) throws(DecodingFailure) in bytes.first == ContecIdentity.kind ? try ContecIdentity(bytes) : nil
    }
  }

  /// An answer without which there is no visit.
  private func answer<Answer: Sendable>(
    _ cuff: HIDQuestions, _ command: ContecCommand, _ what: String,
    _ take: ([UInt8]) throws(DecodingFailure) -> Answer?
  ) async throws(SessionFailure) -> Answer {
    switch try await cuff.ask(command.bytes, what, take) {
    case .answer(let answer): return answer
    case .damaged(_, let reason): throw SessionFailure(.damaged(what: what, reason: reason))
    }
  }

  /// Nil where the cuff gives nothing of this user.
  private func items(
    of user: ContecCommand.User, _ cuff: HIDQuestions
  ) async throws(SessionFailure) -> [ContecDump.Item]? {
    let what = "Asking for the readings of user \(user.rawValue)"
    var dump = ContecDump(of: user)
    // The last that was whole, with readings in it that cannot be read.
    var damaged: [ContecDump.Item]?
    let reply: HIDQuestions.Reply<ContecDump.Answer> = try await cuff.ask(
      ContecCommand.readings(user).bytes, what
    ) { (report) throws(DecodingFailure) in
      guard let answer = try dump.append(report) else { return nil }
      // What was damaged on its way is not damaged the next time.
      if case .readings(let items) = answer {
        for case .failure(let failure) in items.map(\.reading) {
          damaged = items
          throw failure
        }
      }
      return answer
    }
    switch reply {
    case .answer(.readings(let items)): return items
    case .answer(.refused): return nil
    case .damaged(_, let reason):
      guard let damaged else { throw SessionFailure(.damaged(what: what, reason: reason)) }
      return damaged
    }
  }

  /// One bad reading costs no other.
  private func store(
    _ items: [ContecDump.Item], of user: ContecCommand.User, _ session: USBSession
  ) async throws(SessionFailure) {
    var records: [CuffRecord] = []
    for item in items {
      let reason: String
      switch item.reading {
      case .success(let reading):
        if let record = CuffRecord(reading, of: user) {
          records.append(record)
          continue
        }
        reason = Self.disputed
      case .failure(let failure): reason = "\(failure)"
      }
      try await session.keep(
        Array(item.bytes.prefix(ContecReading.size)), reason, user: Int(user.rawValue), driver: nameAndVersion,
        format: Self.format)
    }
    try await session.store(records, CuffNormalisation(session, driver: nameAndVersion, format: Self.format))
  }
}
