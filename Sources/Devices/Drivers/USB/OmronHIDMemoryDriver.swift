import Foundation
import Observations
package import WireFormats

/// An Omron cuff with the USB identifiers 0590:0090 (HEM-7322U, HEM-7131U): what its two users' memory holds, by the frames
/// and records that its relatives have over Bluetooth.
///
/// Both models say the same of themselves on the cable, and differ in where the second user's memory begins. Without
/// ``slots`` only what is the first user's on both is taken. Nothing is written to the memory.
package struct OmronHIDMemoryDriver: USBDeviceDriver {
  package let name = "omron-hid-memory"
  package let version = 1
  package let interfaceClass: UInt8 = 0x03
  package var constants: [DriverConstant] { [Self.answerLimit, Self.slots] }

  static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the cuff may take for one answer; it is asked three times",
    standard: 1, range: 0.05...30)
  static let slots = DriverConstant(
    name: "slots",
    meaning: "how many readings each of its two users has room for: 100 on a HEM-7322U, 60 on a HEM-7131U; 0 where it "
      + "is not known which of them it is",
    standard: 0, range: 0...100)
  /// Where the first user's memory begins; the second's follows it.
  static let start = 0x02AC
  /// Octets that are read at once.
  static let block = 0x28
  /// As many as a HEM-7131U has for each user: on both models these are the first user's.
  static let fewestSlots = 60
  /// That the year has eight bits is obpm's; it reads none of the flags, which are disputed over Bluetooth too.
  static let layout = OmronRecordLayout.bigEndian14(yearBits: .eight)
  /// As over Bluetooth.
  static let format = "omron-be-14"

  package init() {}

  /// One slot of the memory.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try OmronSlot(bytes, layout: Self.layout).json
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    do throws(SessionFailure) {
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      let cuff = try HIDQuestions(session, limit: limit, number: OmronEEPROMReport.number)
      do throws(SessionFailure) {
        _ = try await ask(cuff, .start, "Opening the cuff's memory")
        try await read(cuff, session)
      } catch {
        // A cuff that still hears us goes on showing that it is connected until it is told.
        if case .linkEnded = error.end { throw error }
        try? await cuff.send(OmronEEPROMReport.abort)
        throw error
      }
      // That it answers is not needed: all is read.
      try? await cuff.send(OmronEEPROMReport.report(.end))
      return .idle
    } catch {
      return error.end
    }
  }

  private func read(_ cuff: HIDQuestions, _ session: USBSession) async throws(SessionFailure) {
    let size = Self.layout.size.rawValue
    let slots = NSDecimalNumber(decimal: session.value(of: Self.slots)).intValue
    guard slots == 0 else {
      for user in 1...2 {
        let start = Self.start + (user - 1) * slots * size
        try await store(try await self.slots(cuff, from: start, count: slots), user: user, session)
      }
      return
    }
    try await store(try await self.slots(cuff, from: Self.start, count: Self.fewestSlots), user: 1, session)
    // What follows is either user's. Both fill their memory from its beginning: where the next sixty slots are empty, the
    // second user of neither model has a reading.
    let next = try await self.slots(cuff, from: Self.start + Self.fewestSlots * size, count: Self.fewestSlots)
    guard next.isEmpty else {
      throw SessionFailure(
        .requestFailed(
          what: "Reading the second user's readings",
          reason: "A HEM-7322U and a HEM-7131U look the same on the cable, and whose these are depends on it. "
            + "Set constants.slots in a profile of your own: 100 for a HEM-7322U, 60 for a HEM-7131U."))
    }
  }

  /// The octets of those that are taken.
  private func slots(_ cuff: HIDQuestions, from start: Int, count: Int) async throws(SessionFailure) -> [[UInt8]] {
    let size = Self.layout.size.rawValue
    var octets: [UInt8] = []
    while octets.count < count * size {
      let part = min(Self.block, count * size - octets.count)
      octets += try await self.block(cuff, start + octets.count, part)
    }
    return stride(from: 0, to: octets.count, by: size).compactMap { offset in
      let slot = Array(octets[offset..<offset + size])
      // Three octets say that it is empty; the others are not looked at.
      guard !slot.prefix(3).allSatisfy({ $0 == 0xFF }) else { return nil }
      // One that cannot be read is not empty.
      if let known = try? OmronSlot(slot, layout: Self.layout), known.record == nil { return nil }
      return slot
    }
  }

  private func block(_ cuff: HIDQuestions, _ address: Int, _ count: Int) async throws(SessionFailure) -> [UInt8] {
    let what = "Reading the cuff's memory"
    let frame: OmronFrame
    do throws(OmronEncodingFailure) {
      frame = try .read(address: UInt16(address), count: UInt8(count))
    } catch {
      throw SessionFailure(.requestFailed(what: what, reason: "\(error)"))
    }
    return try await ask(cuff, frame, what)
  }

  private func ask(_ cuff: HIDQuestions, _ frame: OmronFrame, _ what: String) async throws(SessionFailure) -> [UInt8] {
    let reply = try await cuff.ask(OmronEEPROMReport.report(frame), what) {
      (bytes) throws(DecodingFailure) -> OmronAnswer? in
      let answer = try OmronEEPROMReport.frame(bytes).answer(to: frame)
      guard answer != .unrelated else { return nil }
      guard answer != .withoutData else { throw .truncated(field: "Data", offset: 6, need: Int(frame.count), have: 0) }
      return answer
    }
    switch reply {
    case .answer(.done(let data)): return data
    case .answer(.refused(let result)):
      throw SessionFailure(.requestFailed(what: what, reason: "The cuff refused (result \(result))."))
    case .answer: throw SessionFailure(.noAnswer(to: what))
    case .damaged(_, let reason): throw SessionFailure(.damaged(what: what, reason: reason))
    }
  }

  /// - Parameter slots: those that are taken; one that cannot be read is kept as it came, and costs no other.
  private func store(
    _ slots: [[UInt8]], user: Int, _ session: USBSession
  ) async throws(SessionFailure) {
    let normalisation = OmronNormalisation(
      device: session.device, profile: session.profile.name, driver: nameAndVersion, format: Self.format,
      authentication: .wired, isSimulated: session.isSimulated, clockOffset: nil, earlierOffset: nil,
      timeZone: session.timeZone, previousVisit: session.previousVisit)
    for (index, bytes) in slots.enumerated() {
      session.progress(.record(number: index + 1, of: slots.count))
      let slot: OmronSlot
      do throws(DecodingFailure) {
        slot = try OmronSlot(bytes, layout: Self.layout)
      } catch {
        try await session.keep(bytes, "\(error)", user: user, driver: nameAndVersion, format: Self.format)
        continue
      }
      guard let record = slot.record, !(await session.sink.holds(normalisation.identity(record))) else { continue }
      let (observation, isLive) = normalisation.observation(record, user: user, receivedAt: session.receivedNow())
      try await session.store(observation, live: isLive)
    }
  }
}
