/// What a Contec cuff sends before a user's readings: whose they are, and how many. Fourteen octets; the report has more. Source:
/// MarkMLl/contec08a, `consoleapp.pas`.
package struct ContecHeader: Hashable, Sendable {
  /// What it begins with.
  package static let kind: UInt8 = 0x46
  /// What a cuff holds for one user, by its manual.
  package static let mostReadings = 100

  /// 1–3.
  package let user: UInt8
  /// 0–100.
  package let count: Int

  /// - Throws: ``DecodingFailure`` naming the field.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let kind = try reader.uint8("Kind")
    guard kind == Self.kind else {
      throw .outOfRange(field: "Kind", offset: 0, value: Int(kind), expected: "70 (0x46, a user's readings follow)")
    }
    let type = try reader.uint8("Device Type")
    guard type == ContecIdentity.contec08A else {
      throw .outOfRange(field: "Device Type", offset: 1, value: Int(type), expected: "65 (0x41, a Contec 08A)")
    }
    let first = try ContecOctet.group(
      &reader, ["Upper Bits 1", "Count High", "Count", "Octet 5", "Octet 6", "Octet 7", "Octet 8", "Octet 9"])
    let second = try ContecOctet.group(&reader, ["Upper Bits 2", "Octet 11", "Octet 12", "User"])
    count = Int(first[0]) << 8 | Int(first[1])
    guard 0...Self.mostReadings ~= count else {
      throw .outOfRange(field: "Count", offset: 3, value: count, expected: "0–\(Self.mostReadings) readings")
    }
    user = second[2]
    guard 1...3 ~= user else { throw .outOfRange(field: "User", offset: 13, value: Int(user), expected: "1–3") }
  }

  package var json: JSON {
    .object([.init("user", .integer(Int(user))), .init("count", .integer(count))])
  }
}
