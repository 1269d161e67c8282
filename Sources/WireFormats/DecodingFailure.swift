/// Why bytes are not what they should be: always the field of the specification that failed, and where.
///
/// Carries no value of a measurement, so that it can be logged and shown. Offsets count octets from 0.
package enum DecodingFailure: Error, Hashable, Sendable {
  /// The value ends inside `field`: it starts at `offset` and takes `need` octets, of which `have` are there.
  case truncated(field: String, offset: Int, need: Int, have: Int)
  /// `field` holds a number that its definition forbids. Only for values that say nothing about a person.
  case outOfRange(field: String, offset: Int, value: Int, expected: String)
  /// `count` octets follow `field`, the last one of a value whose size is fixed.
  case trailing(field: String, offset: Int, count: Int)
  /// `field` is text, and the octet at `offset` starts no UTF-8 character.
  case malformedText(field: String, offset: Int)
  /// `field`, the frame's checksum at `offset`, does not fit the octets before it. Neither number is said: they are made
  /// from the measurement.
  case checksum(field: String, offset: Int)

  /// The field's name in the specification, `Pulse Rate`; a part of a time stamp as `Time Stamp: Month`.
  package var field: String {
    switch self {
    case .truncated(let field, _, _, _), .outOfRange(let field, _, _, _), .trailing(let field, _, _),
      .malformedText(let field, _), .checksum(let field, _):
      field
    }
  }

  /// Where the field starts, or the first octet that should not be there.
  package var offset: Int {
    switch self {
    case .truncated(_, let offset, _, _), .outOfRange(_, let offset, _, _), .trailing(_, let offset, _),
      .malformedText(_, let offset), .checksum(_, let offset):
      offset
    }
  }
}

extension DecodingFailure: CustomStringConvertible {
  package var description: String {
    func octets(_ count: Int) -> String { count == 1 ? "1 octet" : "\(count) octets" }
    switch self {
    case .truncated(let field, let offset, let need, let have):
      let rest = have == 0 ? "none is left" : "only \(octets(have)) left"
      return "\(field): cut off: needs \(octets(need)) at offset \(offset), \(rest). "
        + "Check that the whole value was received."
    case .outOfRange(let field, let offset, let value, let expected):
      return "\(field): \(value) at offset \(offset) is out of range: expected \(expected)."
    case .trailing(let field, let offset, let count):
      let more = count == 1 ? "1 more octet stands" : "\(count) more octets stand"
      return "\(field): the value should end after it, but \(more) at offset \(offset). "
        + "Check that these bytes belong to this characteristic."
    case .malformedText(let field, let offset):
      return "\(field): not UTF-8 text at offset \(offset)."
    case .checksum(let field, let offset):
      return "\(field): the checksum at offset \(offset) does not fit the octets before it. "
        + "They were damaged or mixed up on the way: ask the device for them again."
    }
  }
}
