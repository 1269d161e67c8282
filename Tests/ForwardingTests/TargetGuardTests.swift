import Testing

@testable import Forwarding

@Suite struct TargetGuardTests {
  @Test(arguments: [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.10", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1",
    "::ffff:127.0.0.1", "64:ff9b::a00:1", "fc00::1", "fd12:3456::1", "fe80::1", "ff02::1", "2001::1", "2001:db8::1",
    "2002:a00:1::", "3fff::1", "100::1", "no address", "",
  ])
  func aPrivateAddressIsRefused(_ address: String) {
    #expect(!TargetGuard.isPublic(address))
  }

  @Test(arguments: [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
    "2a00:1450:4001::200e", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
  ])
  func aPublicAddressIsNot(_ address: String) {
    #expect(TargetGuard.isPublic(address))
  }

  @Test func oneAddressInsideRefusesTheName() async throws {
    let rebinding = TargetGuard { _ in ["8.8.8.8", "192.168.1.1"] }
    await #expect(throws: TargetGuard.Refusal.privateAddress(host: "x.example")) {
      try await rebinding.check("x.example")
    }
    let public_ = TargetGuard { _ in ["8.8.8.8", "8.8.4.4"] }
    #expect(try await public_.check("x.example") == "8.8.8.8")
    let unknown = TargetGuard { _ in [] }
    await #expect(throws: TargetGuard.Refusal.unknownHost("x.example")) { try await unknown.check("x.example") }
  }

  @Test func aLookupThatWasGivenUpSaysNothingOfTheHost() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await TargetGuard { _ in [] }.check("x.example")
    }
    await #expect(throws: OutboundHTTP.Failure.cancelled) { try await task.value }
  }

  // The C library reads each of these as an address of this machine or net.
  @Test(arguments: ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "192.168.1", "::1"])
  func theSystemsResolverSeesThroughDisguises(_ host: String) async {
    await #expect(throws: TargetGuard.Refusal.privateAddress(host: host)) { try await TargetGuard().check(host) }
  }
}
