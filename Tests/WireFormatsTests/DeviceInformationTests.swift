import Testing
import WireFormats

@Suite struct DeviceInformationTests {
  @Test func batteryLevel() throws {
    #expect(try BatteryLevel([0]).percent == 0)
    #expect(try BatteryLevel([100]).percent == 100)
    #expect(
      throws: DecodingFailure.outOfRange(field: "Battery Level", offset: 0, value: 101, expected: "0–100 percent")
    ) {
      try BatteryLevel([101])
    }
    #expect(throws: DecodingFailure.trailing(field: "Battery Level", offset: 1, count: 1)) {
      try BatteryLevel([50, 0])
    }
    #expect(throws: DecodingFailure.truncated(field: "Battery Level", offset: 0, need: 1, have: 0)) {
      try BatteryLevel([])
    }
  }

  /// The example of the Device Information Service: 0x123456FFFE9ABCDE, sent with its least significant octet first.
  @Test func systemID() throws {
    let id = try SystemID(Hexadecimal.bytes("debc9afeff563412"))
    #expect(id.organizationallyUniqueIdentifier == 0x12_3456)
    #expect(id.manufacturerIdentifier == 0xFF_FE9A_BCDE)
    #expect(id.eui64 == [0x12, 0x34, 0x56, 0xFF, 0xFE, 0x9A, 0xBC, 0xDE])
    #expect(throws: DecodingFailure.truncated(field: "Manufacturer Identifier", offset: 0, need: 5, have: 4)) {
      try SystemID([1, 2, 3, 4])
    }
    #expect(
      throws: DecodingFailure.truncated(field: "Organizationally Unique Identifier", offset: 5, need: 3, have: 2)
    ) { try SystemID([1, 2, 3, 4, 5, 6, 7]) }
  }

  @Test func pnpID() throws {
    let id = try PnPID([0x02, 0x34, 0x12, 0x78, 0x56, 0x13, 0x02])
    #expect(id.vendorIDSource == 2 && id.vendorID == 0x1234 && id.productID == 0x5678 && id.productVersion == 0x0213)
    #expect(throws: DecodingFailure.truncated(field: "Product ID", offset: 3, need: 2, have: 1)) {
      try PnPID([0x02, 0x34, 0x12, 0x78])
    }
  }

  @Test(arguments: [
    ([UInt8](), ""), ([0, 0], ""), (Array("UA-651".utf8), "UA-651"), (Array("UA-651".utf8) + [0, 0, 0], "UA-651"),
    ([0x41, 0x00, 0x42, 0x00], "A\u{0}B"), ([0x20, 0x41, 0x20], " A "), ([0xF0, 0x9F, 0xA9, 0xBA], "🩺"),
  ])
  func text(bytes: [UInt8], text: String) throws {
    #expect(try DeviceText(.modelNumber, bytes).text == text)
  }

  /// A character of Latin-1, one cut short, a surrogate, an overlong form, and one above U+10FFFF.
  @Test(
    arguments: [
      ([0x41, 0xE9, 0x41], 1), ([0x41, 0x42, 0xE1, 0xBA], 2), ([0xED, 0xA0, 0x80], 0), ([0x41, 0xC0, 0x80], 1),
      ([0xC3, 0xA9, 0xF4, 0x90, 0x80, 0x80], 2),
    ] as [([UInt8], Int)])
  func notText(bytes: [UInt8], offset: Int) {
    #expect(throws: DecodingFailure.malformedText(field: "Manufacturer Name String", offset: offset)) {
      try DeviceText(.manufacturerName, bytes)
    }
  }
}
