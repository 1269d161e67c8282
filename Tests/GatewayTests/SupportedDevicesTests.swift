import Foundation
import Testing

@testable import Gateway

@Suite struct SupportedDevicesTests {
  static let profiles = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "DeviceProfiles").path(percentEncoded: false)

  @Test("every installed profile is listed, with the evidence for its memory map")
  func listed() throws {
    let supported = SupportedDevices(profileDirectories: [Self.profiles])
    #expect(supported.entries.map(\.name) == supported.entries.map(\.name).sorted())
    let standard = try #require(supported.entries.first { $0.name == "sig/blood-pressure" })
    #expect(standard.evidence == nil)
    #expect(!standard.isNamedByPerson)
    let omron = supported.entries.filter { $0.driver == "omron-eeprom" }
    #expect(omron.count >= 9)
    #expect(omron.allSatisfy { $0.isNamedByPerson })
    #expect(Set(omron.compactMap(\.evidence)) == ["verified", "reported", "derived"])
    #expect(supported.text().contains("omron/hem-7322t"))
    #expect(supported.json.contains(#""name":"and/ua-651ble""#))
  }
}
