/// User Index (0x2A9A, User Data Service): whose data is open now. One octet.
package struct UserIndex: GATTCharacteristic {
  package static let uuid = "2A9A"
  package static let name = "User Index"

  /// Unknown when no consent was given.
  package let userID: UserID

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    userID = UserID(try reader.uint8("User Index"))
    try reader.end(after: "User Index")
  }

  package var json: JSON { .object([.init("userIndex", userID.json)]) }
}
