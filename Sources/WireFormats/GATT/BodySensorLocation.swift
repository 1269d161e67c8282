/// Body Sensor Location (0x2A38): where a heart-rate sensor is worn. One octet.
package struct BodySensorLocation: GATTCharacteristic {
  package static let uuid = "2A38"
  package static let name = "Body Sensor Location"

  /// The places of the specification; its 0 is *other*.
  package enum Place: UInt8, Hashable, Sendable {
    case other, chest, wrist, finger, hand, earLobe, foot
  }

  /// As sent.
  package let rawValue: UInt8

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    rawValue = try reader.uint8("Body Sensor Location")
    try reader.end(after: "Body Sensor Location")
  }

  /// Nil for 7–255, reserved for future use.
  package var place: Place? { Place(rawValue: rawValue) }

  package var json: JSON {
    let name =
      switch place {
      case .other: "other"
      case .chest: "chest"
      case .wrist: "wrist"
      case .finger: "finger"
      case .hand: "hand"
      case .earLobe: "ear-lobe"
      case .foot: "foot"
      case nil: "reserved"
      }
    return .object([.init("raw", .integer(Int(rawValue))), .init("location", .string(name))])
  }
}
