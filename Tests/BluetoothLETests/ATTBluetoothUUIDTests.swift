import Foundation
import Testing

@testable import BluetoothLE

@Suite struct ATTBluetoothUUIDTests {
  @Test func `a 16-bit UUID and its long form are one`() throws {
    let short = BluetoothUUID(0x2A35)
    let long = try #require(BluetoothUUID("00002a35-0000-1000-8000-00805f9b34fb"))
    #expect(short == long)
    #expect(long.description == "2A35")
    #expect(long.short == 0x2A35)
    #expect(long.wire == [0x35, 0x2A])
    #expect(BluetoothUUID("2a35") == short)
    #expect(BluetoothUUID(wire: [0x35, 0x2A]) == short)
    #expect(BluetoothUUID(wire: [0x35, 0x2A, 0, 0]) == short)
    #expect(BluetoothUUID(wire: hex("FB 34 9B 5F 80 00 00 80 00 10 00 00 35 2A 00 00")) == short)
  }

  @Test func `a UUID of a vendor keeps its octets`() throws {
    let uuid = try #require(BluetoothUUID("49123040-AEE8-11E1-A74D-0002A5D5C51B"))
    #expect(uuid.description == "49123040-aee8-11e1-a74d-0002a5d5c51b")
    #expect(text(uuid.wire) == "1B C5 D5 A5 02 00 4D A7 E1 11 E8 AE 40 30 12 49")
    #expect(BluetoothUUID(wire: uuid.wire) == uuid)
    #expect(uuid.short == nil)
  }

  @Test func `a 32-bit UUID has a long form only`() {
    let uuid = BluetoothUUID(assigned: 0x1234_5678)
    #expect(uuid.description == "12345678-0000-1000-8000-00805f9b34fb")
    #expect(uuid.wire.count == 16)
  }

  @Test(arguments: [
    "", "2A3", "2A355", "+A35", "2A3G", "49123040aee811e1a74d0002a5d5c51b", "49123040-aee8-11e1-a74d-0002a5d5c51",
    "49123040-aee8-11e1-a74d0-002a5d5c51b", "-9123040-aee8-11e1-a74d-0002a5d5c51b",
  ])
  func `other text is no UUID`(text: String) {
    #expect(BluetoothUUID(text) == nil)
  }

  @Test(arguments: [0, 1, 3, 5, 15, 17]) func `other lengths are no UUID`(length: Int) {
    #expect(BluetoothUUID(wire: [UInt8](repeating: 1, count: length)) == nil)
  }

  @Test func `in JSON it is its text`() throws {
    #expect(try JSONDecoder().decode([BluetoothUUID].self, from: Data(#"["180D"]"#.utf8)) == [BluetoothUUID(0x180D)])
    #expect(String(decoding: try JSONEncoder().encode([BluetoothUUID(0x180D)]), as: UTF8.self) == #"["180D"]"#)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([BluetoothUUID].self, from: Data(#"["x"]"#.utf8)) }
  }
}
