import Foundation
import Testing

@testable import BluetoothLE

@Suite struct GAPBluetoothAddressTests {
  @Test func `text, octets and wire octets`() throws {
    let address = try #require(BluetoothAddress("f0:F1:f2:03:F4:f5", kind: .random))
    #expect(address.description == "F0:F1:F2:03:F4:F5")
    #expect(address.octets == [0xF0, 0xF1, 0xF2, 0x03, 0xF4, 0xF5])
    #expect(address.wire == [0xF5, 0xF4, 0x03, 0xF2, 0xF1, 0xF0])
    #expect(BluetoothAddress(wire: [0xF5, 0xF4, 0x03, 0xF2, 0xF1, 0xF0], kind: .random) == address)
    #expect(BluetoothAddress("F0:F1:F2:03:F4:F5", kind: .public) != address)
  }

  @Test(arguments: [
    "", "F0:F1:F2:F3:F4", "F0:F1:F2:F3:F4:F5:F6", "F0F1F2F3F4F5", "F0:F1:F2:F3:F4:+5", "F0:F1:F2:F3:F4:5",
  ])
  func `other text is no address`(text: String) {
    #expect(BluetoothAddress(text, kind: .public) == nil)
  }

  @Test func `five or seven octets are no address`() {
    #expect(BluetoothAddress(wire: [1, 2, 3, 4, 5], kind: .public) == nil)
    #expect(BluetoothAddress(wire: [1, 2, 3, 4, 5, 6, 7], kind: .public) == nil)
  }

  @Test(arguments: [
    ("C0:00:00:00:00:01", BluetoothAddress.RandomKind.static), ("7F:00:00:00:00:01", .resolvablePrivate),
    ("3F:00:00:00:00:01", .nonResolvablePrivate), ("80:00:00:00:00:01", .reserved),
  ])
  func `the two highest bits tell what a random address is`(text: String, kind: BluetoothAddress.RandomKind) throws {
    let random = try #require(BluetoothAddress(text, kind: .random))
    #expect(random.randomKind == kind)
    #expect(random.isIdentity == (kind == .static))
    let `public` = try #require(BluetoothAddress(text, kind: .public))
    #expect(`public`.randomKind == nil)
    #expect(`public`.isIdentity)
  }

  @Test func `in JSON it is its text and its kind`() throws {
    let json = Data(#"{"address":"F0:F1:F2:F3:F4:F5","kind":"random"}"#.utf8)
    let address = try JSONDecoder().decode(BluetoothAddress.self, from: json)
    #expect(address == BluetoothAddress("F0:F1:F2:F3:F4:F5", kind: .random))
    #expect(try JSONDecoder().decode(BluetoothAddress.self, from: JSONEncoder().encode(address)) == address)
    let bad = Data(#"{"address":"F0:F1","kind":"random"}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(BluetoothAddress.self, from: bad) }
  }
}
