import Foundation
import Testing

@testable import BluetoothLE

/// Keys and passkeys must not reach a log by any of the ways in which Swift prints values.
@Suite struct ManagementSecretsTests {
  static let address = BluetoothAddress(value: 0xF0F1_F2F3_F4F5, kind: .random)

  /// Everything that printing can make of a value.
  static func printed(_ value: some Any) -> String {
    var dumped = ""
    dump(value, to: &dumped)
    return "\(value)|\(String(reflecting: value))|\([value])|\(Optional(value) as Any)|\(dumped)"
  }

  @Test func keysAreNotPrinted() throws {
    // 171 = 0xAB and 93 = 0x5D stand nowhere else in what is printed.
    let key = try #require(
      LongTermKey(
        address: Self.address, kind: .unauthenticatedSecureConnections, central: 0, size: 16, diversifier: 0,
        random: [UInt8](repeating: 93, count: 8), value: [UInt8](repeating: 171, count: 16)))
    let identity = try #require(
      IdentityResolvingKey(address: Self.address, value: [UInt8](repeating: 171, count: 16)))
    for text in [
      Self.printed(key), Self.printed(identity), Self.printed(ManagementEvent.newLongTermKey(key, store: true)),
      Self.printed(ManagementEvent.newIdentityResolvingKey(identity, randomAddress: nil, store: true)),
      Self.printed(ManagementCommand.loadLongTermKeys([key])),
      Self.printed(ManagementCommand.loadIdentityResolvingKeys([identity])),
    ] {
      #expect(!text.lowercased().contains("171"))
      #expect(!text.lowercased().contains("abab"))
      #expect(!text.contains("93"))
      #expect(text.contains("F0:F1:F2:F3:F4:F5"))
    }
  }

  @Test func passkeysAreNotPrinted() throws {
    let passkey = try #require(Passkey(digits: "042017"))
    #expect(passkey.number == 42017)
    #expect(passkey.digits == "042017")
    for text in [
      Self.printed(passkey), Self.printed(ManagementCommand.passkeyReply(Self.address, passkey)),
      Self.printed(ManagementEvent.passkeyNotify(Self.address, passkey, entered: 0)),
    ] { #expect(!text.contains("42017")) }
  }

  @Test(arguments: ["", "12345", "1234567", "12345a", "-12345", "１２３４５６"])
  func otherTextIsNoPasskey(text: String) { #expect(Passkey(digits: text) == nil) }

  @Test func aMillionIsNoPasskey() { #expect(Passkey(number: 1_000_000) == nil) }

  @Test func keysSurviveJSON() throws {
    let key = try #require(ManagementCommandTests.longTermKey)
    #expect(try JSONDecoder().decode(LongTermKey.self, from: JSONEncoder().encode(key)) == key)
    let identity = try #require(ManagementCommandTests.identityKey)
    #expect(try JSONDecoder().decode(IdentityResolvingKey.self, from: JSONEncoder().encode(identity)) == identity)
    let short = #"{"address": {"address": "F0:F1:F2:F3:F4:F5", "kind": "random"}, "value": [1, 2]}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(IdentityResolvingKey.self, from: Data(short.utf8))
    }
  }
}
