/// What A&D's custom characteristic holds when it answers an ``ANDCommand``: size, type, command, value, and zeros up to the
/// 20 octets of the characteristic.
///
/// Only the value of the buffer is known to mean something; the others are given as sent.
package struct ANDFrame: Hashable, Sendable {
  /// What the frame is for.
  package enum Kind: UInt8, Hashable, Sendable {
    case read, write, response
  }

  /// As sent; see ``kind``.
  package let rawKind: UInt8
  /// The command that this belongs to, 0xA6 or 0xD6 for the buffer.
  package let command: UInt8
  package let value: [UInt8]
  /// What follows the frame: the zeros up to the characteristic's size.
  package let trailing: [UInt8]

  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for `Size`, `Type`, `Command` or `Value`;
  ///   ``DecodingFailure/outOfRange(field:offset:value:expected:)`` for a `Size` that is not 2–19.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let size = Int(try reader.uint8("Size"))
    guard 2...19 ~= size else {
      throw .outOfRange(field: "Size", offset: 0, value: size, expected: "2–19 octets")
    }
    rawKind = try reader.uint8("Type")
    command = try reader.uint8("Command")
    value = try reader.octets(size - 2, "Value")
    trailing = reader.rest()
  }

  /// Nil for a type that is not known.
  package var kind: Kind? { Kind(rawValue: rawKind) }

  /// Whether measurements are kept; nil when this does not answer ``ANDCommand/readBuffer``.
  package var bufferIsOn: Bool? {
    kind == .response && command == 0xD6 ? value.first.map { $0 != 0 } : nil
  }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("type", kind.map { .string("\($0)") } ?? .integer(Int(rawKind))),
      .init("command", .integer(Int(command))),
      .init("value", .octets(value)),
    ]
    if let bufferIsOn { members.append(.init("bufferIsOn", .boolean(bufferIsOn))) }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
