import Foundation
import Observations
@testable import Store
import Testing

@Suite struct SettingsTests {
  @Test func settingsAreKept() async throws {
    let house = try await House.open()
    #expect(try await house.store.setting("x") == nil)
    try await house.store.setSetting("x", to: "1")
    try await house.store.setSetting("x", to: "2")
    #expect(try await house.store.setting("x") == "2")
  }

  @Test func theGatewaysAddressIsStaticRandomAndStays() async throws {
    let house = try await House.open()
    let address = try await house.store.staticRandomAddress()
    let octets = address.split(separator: ":").compactMap { UInt8($0, radix: 16) }
    #expect(octets.count == 6)
    #expect(octets[0] & 0xc0 == 0xc0)
    #expect(address == address.uppercased())
    #expect(try await house.store.staticRandomAddress() == address)
    #expect(try await house.afterCrash().store.staticRandomAddress() == address)
  }

  @Test func theKeyOfMemoriesIsMadeOnceAndStays() async throws {
    let house = try await House.open()
    let key = try await house.store.memoryKey()
    #expect(key.count == 16 && Set(key).count > 1)
    #expect(try await house.store.memoryKey() == key)
    #expect(try await house.afterCrash().store.memoryKey() == key)
    let other = try await House.open()
    #expect(try await other.store.memoryKey() != key)
    for bad in ["", "0", "zz", String(repeating: "0", count: 31)] {
      try await other.store.setSetting("memory-key", to: bad)
      await #expect(throws: StoreFailure.corrupt(detail: "setting memory-key"), "\(bad)") {
        try await other.store.memoryKey()
      }
    }
  }

  @Test func randomAddressesHaveBothBitsAtTheTop() {
    for _ in 0..<1000 { #expect(Settings.staticRandomAddress()[0] >> 6 == 3) }
  }

  @Test func theGatewaysNameIsLocallyAdministeredAndStays() async throws {
    let house = try await House.open()
    let gateway = try await house.store.gatewayDescription(softwareVersion: "1.0")
    #expect(gateway.systemID.count == 8)
    #expect(gateway.systemID[0] & 0x03 == 0x02)
    #expect(gateway.softwareVersion == "1.0")
    let later = try await house.afterCrash().store.gatewayDescription(softwareVersion: "1.1")
    #expect(later.systemID == gateway.systemID)
    #expect(later.softwareVersion == "1.1")
  }
}
