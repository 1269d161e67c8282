package import Foundation

/// A number that a numeric object observed (IEEE 11073-20601 Annex A: NuObsValue, SimpleNuObsValue, BasicNuObsValue).
package struct NumericValue: Hashable, Sendable {
  /// As sent: an SFLOAT or a FLOAT.
  package enum Number: Hashable, Sendable {
    case basic(SFLOAT)
    case simple(FLOAT)

    /// Exact; nil for a special value.
    package var value: Decimal? {
      switch self {
      case .basic(let number): number.value
      case .simple(let number): number.value
      }
    }

    package var special: SpecialValue? {
      switch self {
      case .basic(let number): number.special
      case .simple(let number): number.special
      }
    }

    package var json: JSON { JSON(value, special) }
  }

  /// What a NuObsValue says beside its number.
  package struct Description: Hashable, Sendable {
    /// In the partition of the object's type.
    package let metricID: UInt16
    /// MeasurementStatus.
    package let state: UInt16
    /// A term of the dimension partition (4).
    package let unit: UInt16
  }

  package let number: Number
  /// Nil where the object's attributes say it.
  package let description: Description?

  init(basic: SFLOAT) {
    number = .basic(basic)
    description = nil
  }

  init(simple: FLOAT) {
    number = .simple(simple)
    description = nil
  }

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    description = Description(
      metricID: try reader.uint16("NuObsValue.metric-id"), state: try reader.uint16("NuObsValue.state"),
      unit: try reader.uint16("NuObsValue.unit-code"))
    number = .simple(try reader.float("NuObsValue.value"))
  }

  package var json: JSON {
    var members: [JSON.Member] = []
    if let description {
      members += [
        .init("metricID", .integer(Int(description.metricID))), .init("state", .integer(Int(description.state))),
        .init("unit", .integer(Int(description.unit))),
      ]
    }
    return .object(members + [.init("value", number.json)])
  }
}

/// What an enumeration object observed (EnumObsValue and its simple forms).
package struct EnumerationValue: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    /// A term of the partition of the object's type, or of Enum-Observed-Value-Partition.
    case term(UInt16)
    case text([UInt8])
    /// 32 bits, or 16 as they are sent: the highest bit sent is bit 0 of the standard.
    case bits(UInt32)
    /// A choice that is not known here.
    case other(choice: UInt16, [UInt8])
  }

  package let content: Content
  /// What an EnumObsValue says beside its value.
  package struct Description: Hashable, Sendable {
    /// In the partition of the object's type.
    package let metricID: UInt16
    /// MeasurementStatus.
    package let state: UInt16
  }

  /// Nil in the simple forms, where the object's attributes say it.
  package let description: Description?

  init(_ content: Content) {
    self.content = content
    description = nil
  }

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    description = Description(
      metricID: try reader.uint16("EnumObsValue.metric-id"), state: try reader.uint16("EnumObsValue.state"))
    let choice = try reader.uint16("EnumVal.choice")
    var window = try reader.window("EnumVal")
    switch choice {
    case 0x0001: content = .term(try window.uint16("EnumVal.enum-obj-id"))
    case 0x0002: content = .text(try window.octetString("EnumVal.enum-text-string"))
    case 0x0010: content = .bits(try window.uint32("EnumVal.enum-bit-str"))
    default: content = .other(choice: choice, try window.octets(window.remaining, "EnumVal"))
    }
    try window.end(after: "EnumVal")
  }

  package var json: JSON {
    var members: [JSON.Member] = []
    if let description {
      members += [
        .init("metricID", .integer(Int(description.metricID))), .init("state", .integer(Int(description.state))),
      ]
    }
    switch content {
    case .term(let term): members.append(.init("term", .integer(Int(term))))
    case .text(let octets): members.append(.init("text", .octets(octets)))
    case .bits(let bits): members.append(.init("bits", .integer(Int(bits))))
    case .other(let choice, let octets):
      members += [.init("choice", .integer(Int(choice))), .init("octets", .octets(octets))]
    }
    return .object(members)
  }
}
