import Devices
import Foundation
import Testing
import WireFormats

/// Values that are laid out otherwise than the standard says, for `vitals decode --profile`.
@Suite struct LayoutTests {
  /// 127/82, pulse 71 and an irregular pulse with the high octet first, user 2 without its flag.
  static let bytes: [UInt8] = [
    0x56, 0x7F, 0, 0x52, 0, 0, 0, 0xEA, 0x07, 11, 22, 7, 28, 0, 0x00, 0x47, 2, 0x00, 0x04,
  ]

  static func profile(_ layout: String?) -> DeviceProfile {
    var profile = Visit.profile()
    profile.layout = layout
    return profile
  }

  @Test func theProfilesLayoutIsDecoded() throws {
    let driver = try #require(Drivers.named("gatt-blood-pressure"))
    let text = try driver.decode(Self.bytes, of: Self.profile("beurer")).text
    #expect(text.contains(#""pulseRate":71"#))
    #expect(text.contains(#""irregularPulse":true"#))
    #expect(!text.contains("trailing"))
    // By the standard it decodes too, to a pulse that nobody has.
    let other = try driver.decode(Self.bytes, of: Self.profile(nil)).text
    #expect(!other.contains(#""pulseRate":71"#))
    #expect(other.contains("trailing"))
  }

  @Test func everyPrefixNamesTheFieldThatFailed() throws {
    let driver = try #require(Drivers.named("gatt-blood-pressure"))
    for length in 0..<Self.bytes.count {
      #expect(throws: DecodingFailure.self) {
        try driver.decode(Array(Self.bytes.prefix(length)), of: Self.profile("beurer"))
      }
    }
  }

  @Test func onlyTheProfileThatSaysSoHasALayout() {
    let library = ProfileLibrary.load([EveryProfileTests.directory]).library
    #expect(library.profiles.filter { $0.layout != nil }.map(\.name) == ["beurer/bm85"])
  }
}
