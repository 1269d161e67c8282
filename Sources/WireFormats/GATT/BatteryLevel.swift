/// Battery Level (0x2A19, Battery Service 1.0 §3.1): percent of full. One octet.
package struct BatteryLevel: GATTCharacteristic {
  package static let uuid = "2A19"
  package static let name = "Battery Level"

  /// 0–100.
  package let percent: UInt8

  /// - Throws: also ``DecodingFailure/outOfRange(field:offset:value:expected:)``: 101–255 are reserved, and there is nothing
  ///   else in the value to be kept.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    percent = try reader.uint8("Battery Level")
    try reader.end(after: "Battery Level")
    guard percent <= 100 else {
      throw .outOfRange(field: "Battery Level", offset: 0, value: Int(percent), expected: "0–100 percent")
    }
  }

  package var json: JSON { .object([.init("percent", .integer(Int(percent)))]) }
}
