import ArgumentParser
import Testing

@testable import vitals

@Suite struct SupportedTests {
  @Test func supportedModelsAreTheDaemonsToList() throws {
    let plain = try #require(try Vitals.parseAsRoot(["devices", "--supported"]) as? Devices)
    #expect(plain.supported)
    #expect(plain.arguments == ["supported"])
    let json = try #require(try Vitals.parseAsRoot(["devices", "--supported", "--json"]) as? Devices)
    #expect(json.arguments == ["supported", "--json"])
    #expect(try #require(try Vitals.parseAsRoot(["devices"]) as? Devices).supported == false)
  }
}
