/// PnP ID (0x2A50, Device Information Service 1.1 §3.9): who made the device, by number. Seven octets.
package struct PnPID: GATTCharacteristic {
  package static let uuid = "2A50"
  package static let name = "PnP ID"

  /// Who gave ``vendorID``: 1 Bluetooth SIG, 2 USB Implementer's Forum; others reserved.
  package let vendorIDSource: UInt8
  package let vendorID: UInt16
  package let productID: UInt16
  /// 0xJJMN: version JJ.M.N in binary-coded decimal.
  package let productVersion: UInt16

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    vendorIDSource = try reader.uint8("Vendor ID Source")
    vendorID = try reader.uint16("Vendor ID")
    productID = try reader.uint16("Product ID")
    productVersion = try reader.uint16("Product Version")
    try reader.end(after: "Product Version")
  }

  package var json: JSON {
    .object([
      .init("vendorIDSource", .integer(Int(vendorIDSource))),
      .init("vendorID", .integer(Int(vendorID))),
      .init("productID", .integer(Int(productID))),
      .init("productVersion", .integer(Int(productVersion))),
    ])
  }
}
