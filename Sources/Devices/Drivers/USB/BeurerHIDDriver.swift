import Foundation
import Observations
package import WireFormats

/// A Beurer cuff with the USB identifiers 0C45:7406 (BM55, BM58, BM65): all that its two users' memory holds, of which
/// what is not known is stored.
///
/// In which order the memory gives its readings is not known, so each visit reads all. Nothing in it is changed.
package struct BeurerHIDDriver: USBDeviceDriver {
  package let name = "beurer-hid"
  package let version = 1
  package let interfaceClass: UInt8 = 0x03
  package var constants: [DriverConstant] { [Self.answerLimit, Self.yearFlag, Self.monthFlag] }

  static let answerLimit = DriverConstant(
    name: "answer-limit", meaning: "seconds that the cuff may take for one answer; it is asked three times",
    standard: 5, range: 0.05...30)
  static let yearFlag = DriverConstant(
    name: "year-flag-is-irregular",
    meaning: "1 where bit 7 of the year's octet tells an irregular heartbeat, as on a BM55 and a BM58; 0 where it is "
      + "not known",
    standard: 0, range: 0...1)
  static let monthFlag = DriverConstant(
    name: "month-flag-is-movement",
    meaning: "1 where bit 7 of the month's octet tells that the person moved, as on a BM55; 0 where that is not known",
    standard: 0, range: 0...1)
  /// What a reading's octets are called in its provenance.
  static let format = "beurer-hid"

  package init() {}

  /// One record, as the cuff answers to the question for it.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try BeurerHIDRecord(bytes).json
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    let meaning = BeurerFlags(
      yearIsIrregular: session.value(of: Self.yearFlag) == 1, monthIsMovement: session.value(of: Self.monthFlag) == 1)
    return await BeurerVisit(session: session, driver: nameAndVersion, format: Self.format)
      .run(limit: session.value(of: Self.answerLimit)) { (cuff, visit) throws(SessionFailure) in
        let count: UInt8 = try await visit.answer(cuff, .count, BeurerVisit.counting) {
          (bytes) throws(DecodingFailure) in
          var reader = ByteReader(bytes)
          return try reader.uint8("Count")
        }
        for number in 0..<count {
          try await visit.readRecord(cuff, .reading(number + 1), Int(number) + 1, of: Int(count)) {
            (bytes) throws(DecodingFailure) in
            .some(CuffRecord(try BeurerHIDRecord(bytes), meaning))
          }
        }
      }
  }
}
