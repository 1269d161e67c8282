import Foundation
import Observations
package import WireFormats

/// A Beurer BM96 (USB identifiers 314A:0102): the blood pressures of its two users, of which what is not known is stored.
///
/// In which order the memory gives its readings is not known, so each visit reads all. Electrocardiograms, whose curve
/// nobody has explained, are passed over. Nothing in its memory is changed.
package struct BeurerBM96Driver: USBDeviceDriver {
  package let name = "beurer-bm96"
  package let version = 1
  package let interfaceClass: UInt8 = 0x03
  package var constants: [DriverConstant] { [BeurerHIDDriver.answerLimit] }

  /// What a reading's octets are called in its provenance.
  static let format = "beurer-bm96"

  package init() {}

  /// One row, as the cuff answers to the question for it.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try BeurerBM96Record(bytes).json
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    await BeurerVisit(session: session, driver: nameAndVersion, format: Self.format)
      .run(limit: session.value(of: BeurerHIDDriver.answerLimit), ready: BeurerHIDCommand.ready) {
        (cuff, visit) throws(SessionFailure) in
        let counts: [UInt8] = try await visit.answer(cuff, .count, BeurerVisit.counting) {
          (bytes) throws(DecodingFailure) in
          guard !BeurerVisit.isFiller(bytes) else { return nil }
          var reader = ByteReader(bytes)
          return [try reader.uint8("Count of user 1"), try reader.uint8("Count of user 2")]
        }
        var number = 0
        let total = counts.reduce(0) { $0 + Int($1) }
        for (user, count) in counts.enumerated() {
          for row in 0..<count {
            number += 1
            try await visit.readRecord(cuff, .userReading(user: UInt8(user), row: row), number, of: total) {
              (bytes) throws(DecodingFailure) in
              guard !BeurerVisit.isFiller(bytes) else { return nil }
              let record = try BeurerBM96Record(bytes)
              guard Int(record.user) == user else {
                throw .outOfRange(
                  field: "User", offset: 0, value: Int(record.user), expected: "\(user), who was asked for")
              }
              return .some(CuffRecord(record))
            }
          }
        }
      }
  }
}
