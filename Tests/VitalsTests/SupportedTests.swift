import ArgumentParser
import Testing

@testable import vitals

@Suite struct SupportedTests {
  @Test func supportedModelsAreTheDaemonsToList() throws {
    let plain = try #require(try Vitals.parseAsRoot(["devices", "--supported", "--lang", "en"]) as? Devices)
    #expect(plain.supported)
    #expect(plain.arguments == ["supported", "--lang", "en"])
    let json = try #require(try Vitals.parseAsRoot(["devices", "--supported", "--json", "--lang", "en"]) as? Devices)
    #expect(json.arguments == ["supported", "--lang", "en", "--json"])
    #expect(try #require(try Vitals.parseAsRoot(["devices"]) as? Devices).supported == false)
  }
}
