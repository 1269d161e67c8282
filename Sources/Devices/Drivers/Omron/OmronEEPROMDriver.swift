package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// An Omron cuff whose memory is read over the maker's own service: its records, for each user, and its clock.
///
/// The cuff is never told that a record was read: nothing is written to its memory, neither its counters of unread records
/// nor its clock, and its subscriptions are left as they are. So there is nothing to acknowledge, and the maker's app finds
/// all that it would have found.
package struct OmronEEPROMDriver: DeviceDriver {
  package let name = "omron-eeprom"
  package let version = 1
  package let needsMemory = true
  /// Half an answer is none.
  package let needsEveryCharacteristic = true
  package var constants: [DriverConstant] { [Self.answerLimit] }

  static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the cuff may take for one answer; it is asked three times",
    standard: 3,
    range: 0.1...30)

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] {
    profile.memory.map(OmronCharacteristics.heard) ?? []
  }

  /// One slot of the memory.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    // Profiles are refused without a memory map: this is for one that was made by hand.
    try OmronSlot(bytes, layout: profile.memory?.record ?? .littleEndian14).json
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      guard let map = session.profile.memory else {
        throw SessionFailure(.requestFailed(what: "Reading its memory", reason: "Its profile has no map of it."))
      }
      let limit = Duration.seconds(NSDecimalNumber(decimal: session.value(of: Self.answerLimit)).doubleValue)
      let cuff = OmronConversation(map, key: session.memoryKey, limit: limit)
      try await visit.openForCommands { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        try await visit.readBattery()
      }
      try await cuff.unlock(&visit)
      try await cuff.open(&visit)
      do throws(SessionFailure) {
        try await read(cuff, &visit)
      } catch {
        // A cuff that still hears us goes on showing that it is connected until it is told the end.
        if error.leavesLink { try? await cuff.close(&visit) }
        throw error
      }
      try await cuff.close(&visit)
      if !visit.isFirstVisit {
        try await visit.readBattery()
        try await visit.readInformationIfNew()
      }
      return .idle
    }
  }

  private func read(_ cuff: OmronConversation, _ visit: inout GATTVisit) async throws(SessionFailure) {
    let offset = try await cuff.readClock(&visit)
    let index = try await cuff.readIndex(&visit)
    let session = visit.session
    let normalisation = OmronNormalisation(
      device: session.device, profile: session.profile.name, driver: nameAndVersion, format: cuff.map.recordFormat,
      authentication: session.authentication, isSimulated: session.isSimulated,
      clockOffset: offset ?? session.clockOffset, earlierOffset: session.clockOffset, timeZone: session.timeZone,
      previousVisit: session.previousVisit)
    for (number, bank) in cuff.map.users.enumerated() {
      var reading = OmronBankReading(
        user: number + 1, bank: bank, newest: index?.users[number].lastSlot(of: bank.slots), cuff: cuff,
        normalisation: normalisation)
      try await reading.run(&visit)
    }
  }
}

extension SessionFailure {
  /// Whether the cuff can still be told the end: the link stands, it answers, and the visit is still wanted.
  fileprivate var leavesLink: Bool {
    switch end {
    case .linkEnded, .cancelled, .noAnswer: false
    default: true
    }
  }
}
