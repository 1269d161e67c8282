/// The payload of a reply to ``MicrolifeCommand/patientID``: which of the two users is chosen, and their names.
package struct MicrolifePatientID: Hashable, Sendable {
  /// 1 or 2, as sent.
  package let user: UInt8
  /// The name of user 1: the printable ASCII of 20 octets, without blanks at its ends; empty when none was set.
  package let first: String
  /// The name of user 2, likewise.
  package let second: String

  /// - Parameter payload: of a ``MicrolifeReply``; offsets count from its first octet. What follows the names is ignored.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)``.
  package init(payload: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(payload)
    _ = try reader.uint8("Command")
    user = try reader.uint8("User")
    first = Self.text(try reader.octets(20, "Patient ID 1"))
    _ = try reader.uint8("Separator")
    second = Self.text(try reader.octets(20, "Patient ID 2"))
  }

  private static func text(_ octets: [UInt8]) -> String {
    let printable = octets.filter { 0x20...0x7E ~= $0 }
    let start = printable.firstIndex { $0 != 0x20 } ?? printable.endIndex
    let end = printable.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? start
    return String(decoding: printable[start..<end], as: UTF8.self)
  }

  package var json: JSON {
    .object([
      .init("user", .integer(Int(user))), .init("patientID1", .string(first)), .init("patientID2", .string(second)),
    ])
  }
}
