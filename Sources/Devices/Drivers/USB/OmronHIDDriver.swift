import Foundation
import Observations
package import WireFormats

/// An Omron cuff with the USB identifiers 0590:0028: the readings of its two users, newest first, as far back as they are
/// not known.
///
/// Only readings are asked for; the weekly averages that it keeps too are none. Nothing in its memory is changed.
package struct OmronHIDDriver: USBDeviceDriver {
  package let name = "omron-hid"
  package let version = 1
  package let interfaceClass: UInt8 = 0x03
  package var constants: [DriverConstant] { [Self.answerLimit] }

  static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the cuff may take for one answer; it is asked five times",
    standard: 2, range: 0.05...30)
  /// Banks of the users A and B. The third that the cuff takes is thought to be both together.
  static let banks: [UInt8] = [0, 1]
  /// What a reading's octets are called in its provenance.
  static let format = "omron-hid"

  package init() {}

  /// One record, without `OK` and checksum.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try OmronHIDRecord(bytes).json
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    do throws(SessionFailure) {
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      let cuff = try OmronHIDConversation(session, limit: limit)
      do throws(SessionFailure) {
        try await read(cuff, session)
      } catch {
        // A cuff that still hears us goes on showing that it is connected until it is told the end.
        if case .linkEnded = error.end { throw error }
        await cuff.end()
        throw error
      }
      await cuff.end()
      return .idle
    } catch {
      return error.end
    }
  }

  private func read(_ cuff: OmronHIDConversation, _ session: USBSession) async throws(SessionFailure) {
    try await cuff.begin(.information)
    if case .answer(.data(let text)) = try await cuff.ask(.version, "Asking the cuff for its model") {
      await remember(text, session)
    }
    try await cuff.begin(.readings)
    for bank in Self.banks { try await read(bank, cuff, session) }
  }

  private func remember(_ text: [UInt8], _ session: USBSession) async {
    let words = String(decoding: text.filter { 0x20...0x7E ~= $0 }, as: UTF8.self)
      .split(separator: " ", maxSplits: 1).map(String.init)
    var information = DeviceInformation()
    information.manufacturer = "Omron"
    information.model = words.first
    if words.count > 1 { information.firmware = words[1] }
    session.progress(.discovered(information))
    await session.sink.remember(information: information)
  }

  private func read(_ bank: UInt8, _ cuff: OmronHIDConversation, _ session: USBSession) async throws(SessionFailure) {
    let user = Int(bank) + 1
    let counting = "Asking how many readings user \(user) has"
    let count: UInt8
    switch try await cuff.ask(.count(bank: bank), counting) {
    // The last of the four octets; what the second is has not been found.
    case .answer(.data(let data)): count = data.last ?? 0
    // A cuff for one person.
    case .answer: return session.progress(.memoryRefused(user: user))
    case .damaged(_, let reason): throw SessionFailure(.damaged(what: counting, reason: reason))
    }
    let normalisation = OmronHIDNormalisation(
      device: session.device, profile: session.profile.name, driver: nameAndVersion, format: Self.format,
      isSimulated: session.isSimulated, timeZone: session.timeZone, previousVisit: session.previousVisit)
    // A reading that is stored has all older ones stored: so they go in oldest first, and nothing goes in while a newer one
    // could hide an older one that was not read yet.
    var new: [OmronHIDRecord] = []
    for index in 0..<count {
      session.progress(.record(number: Int(index) + 1, of: Int(count)))
      let reading = "Reading record \(Int(index) + 1) of \(count) of user \(user)"
      switch try await cuff.ask(.reading(bank: bank, index: index), reading) {
      case .answer(.data(let bytes)):
        let record: OmronHIDRecord
        do throws(DecodingFailure) {
          record = try OmronHIDRecord(bytes)
        } catch {
          try await keep(bytes, "\(error)", user, session)
          continue
        }
        if await session.sink.holds(normalisation.identity(record)) {
          return try await store(new, user, normalisation, session)
        }
        new.append(record)
      case .answer:
        // It has counted this one: to store what is newer would hide it from the next visit.
        throw SessionFailure(.damaged(what: reading, reason: "The cuff refused a reading that it has."))
      case .damaged(let bytes, let reason):
        try await keep(bytes, reason, user, session)
      }
    }
    try await store(new, user, normalisation, session)
  }

  /// - Parameter new: newest first.
  private func store(
    _ new: [OmronHIDRecord], _ user: Int, _ normalisation: OmronHIDNormalisation, _ session: USBSession
  ) async throws(SessionFailure) {
    for record in new.reversed() {
      let (observation, isLive) = normalisation.observation(record, user: user, receivedAt: session.receivedNow())
      try await session.store(observation, live: isLive)
    }
  }

  /// One bad record must not cost the others.
  private func keep(
    _ bytes: [UInt8], _ reason: String, _ user: Int, _ session: USBSession
  ) async throws(SessionFailure) {
    do {
      try await session.sink.keep(
        UndecodableValue(
          device: session.device, profile: session.profile.name, driver: nameAndVersion, format: Self.format,
          bytes: bytes, receivedAt: session.receivedNow(), reason: reason, isSimulated: session.isSimulated))
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    session.progress(.recordUnreadable(user: user, reason: reason))
  }
}
