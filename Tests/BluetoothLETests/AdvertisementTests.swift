import Testing

@testable import BluetoothLE

@Suite struct AdvertisementTests {
  private static let address = BluetoothAddress(value: 0xF0F1_F2F3_F4F5, kind: .random)

  private static func decode(_ octets: String, rssi: Int8 = -60) -> Advertisement {
    Advertisement(address: address, rssi: rssi, data: hex(octets))
  }

  /// Layouts of Core Specification Supplement Part A §1; the name is "BP-1".
  private static let cuff =
    "02 01 06 03 03 10 18 05 09 42 50 2D 31 02 0A F6 03 19 80 03 07 FF 0E 02 01 09 B8 00 04 16 0F 18 64"

  @Test func `a cuff's advertisement`() {
    let cuff = Self.decode(Self.cuff)
    #expect(cuff.address == Self.address)
    #expect(cuff.rssi == -60)
    #expect(cuff.flags == [.generalDiscoverable, .noBREDR])
    #expect(cuff.serviceUUIDs == [BluetoothUUID(0x1810)])
    #expect(!cuff.hasMoreServices)
    #expect(cuff.localName == "BP-1")
    #expect(cuff.hasCompleteName)
    #expect(cuff.transmitPower == -10)
    #expect(cuff.appearance == 0x0380)
    #expect(cuff.manufacturerData == [0x020E: [0x01, 0x09, 0xB8, 0x00]])
    #expect(cuff.serviceData == [BluetoothUUID(0x180F): [0x64]])
    #expect(!cuff.isMalformed)
  }

  @Test func `service lists of every width, complete or not, each service once`() {
    let found = Self.decode(
      "05 02 10 18 0A 18 05 04 78 56 34 12 11 07 1B C5 D5 A5 02 00 4D A7 E1 11 E8 AE 40 30 12 49 03 03 10 18")
    #expect(
      found.serviceUUIDs == [
        BluetoothUUID(0x1810), BluetoothUUID(0x180A), BluetoothUUID(assigned: 0x1234_5678), PDUExamples.longUUID,
      ])
    #expect(found.hasMoreServices)
    #expect(!found.isMalformed)
  }

  @Test func `service data of every width`() {
    let found = Self.decode(
      "03 16 0D 18 06 20 78 56 34 12 AA 12 21 1B C5 D5 A5 02 00 4D A7 E1 11 E8 AE 40 30 12 49 BB")
    #expect(
      found.serviceData == [
        BluetoothUUID(0x180D): [], BluetoothUUID(assigned: 0x1234_5678): [0xAA], PDUExamples.longUUID: [0xBB],
      ])
  }

  @Test func `the complete name stands before the shortened one`() {
    #expect(Self.decode("03 08 42 50 05 09 42 50 2D 31").localName == "BP-1")
    #expect(Self.decode("05 09 42 50 2D 31 03 08 42 50").localName == "BP-1")
    let short = Self.decode("03 08 42 50")
    #expect(short.localName == "BP")
    #expect(!short.hasCompleteName)
    #expect(Self.decode("06 09 42 50 00 00 00").localName == "BP")
    #expect(Self.decode("03 09 42 FF").localName == "B\u{FFFD}")
  }

  @Test func `a structure that runs over the end is left out, what came before stands`() {
    let found = Self.decode("02 01 06 03 03 10 18 0A 09 42 50")
    #expect(found.isMalformed)
    #expect(found.flags == [.generalDiscoverable, .noBREDR])
    #expect(found.serviceUUIDs == [BluetoothUUID(0x1810)])
    #expect(found.localName == nil)
  }

  @Test(arguments: ["01 01", "04 03 10 18 0A", "02 0A", "01 0A", "02 19 80", "02 16 0F", "02 FF 0E", "FF", "05"])
  func `a length that its type cannot have is said`(octets: String) {
    #expect(Self.decode(octets).isMalformed)
  }

  @Test func `a list keeps its whole entries`() {
    #expect(Self.decode("04 03 10 18 0A").serviceUUIDs == [BluetoothUUID(0x1810)])
  }

  @Test func `filling between advertising data and scan response is passed over`() {
    let found = Self.decode("02 01 06 00 00 00 00 03 09 42 50")
    #expect(found.localName == "BP")
    #expect(!found.isMalformed)
  }

  @Test func `127 is no signal strength`() {
    #expect(Self.decode("", rssi: 127).rssi == nil)
  }

  @Test func `unknown types are passed over, the first structure of a company stands`() {
    let found = Self.decode("03 24 01 02 04 FF 6B 00 01 04 FF 6B 00 02")
    #expect(found.manufacturerData == [0x006B: [1]])
  }

  @Test func `every prefix keeps the structures that are whole`() {
    let whole = hex(Self.cuff)
    for length in 0...whole.count {
      let found = Advertisement(address: Self.address, rssi: 0, data: Array(whole.prefix(length)))
      #expect((found.flags != nil) == (length >= 3))
      #expect(found.serviceUUIDs.isEmpty == (length < 7))
      #expect((found.localName != nil) == (length >= 13))
      #expect(found.manufacturerData.isEmpty == (length < 28))
      #expect(found.isMalformed == ![0, 3, 7, 13, 16, 20, 28, 33].contains(length))
    }
  }

  @Test func `random octets never crash`() {
    var random = SeededGenerator(seed: 0x4741_5001)
    for _ in 0..<20_000 {
      let data = (0..<Int.random(in: 0...62, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let found = Advertisement(address: Self.address, rssi: 0, data: data)
      #expect(found.serviceUUIDs.count <= data.count / 2)
    }
  }
}
