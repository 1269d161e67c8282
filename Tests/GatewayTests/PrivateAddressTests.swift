import BluetoothLE
import Devices
import Foundation
import Logging
import Observations
import Store
import Testing

@testable import Gateway

/// A device with a resolvable private address is known by its identity: the kernel resolves with the keys that it is given.
@Suite struct PrivateAddressTests {
  private static let sessionPolicy = SessionPolicy(
    bond: .required, subscribe: [BluetoothUUID(0x2A35)])

  @Test("an identity resolving key is there again after a restart, in the words of Load Identity Resolving Keys")
  func keysAreKept() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let profile = DeviceProfile(
      name: "test/cuff", title: "A cuff", recognition: Recognition(services: [BluetoothUUID(0x1810)]),
      driver: "gatt-blood-pressure", session: Self.sessionPolicy)
    let identity = try #require(BluetoothAddress("F0:F1:F2:F3:F4:71", kind: .random))
    let value: [UInt8] = Array(0xA0...0xAF)
    do {
      let store = try await Store.open(directory: directory.path(percentEncoded: false))
      let registry = DeviceRegistry(store: store, library: ProfileLibrary([profile]), logger: quiet)
      let device = KnownDevice(
        id: KnownDevice.id(of: identity), address: identity, name: "A cuff", profile: profile, authentication: .bonded,
        database: nil, informationIsKnown: false, keepsSubscriptions: nil, clockOffset: nil, previousVisit: nil)
      try await registry.keep(
        device, longTermKeys: [], identityResolvingKey: IdentityResolvingKey(address: identity, value: value),
        patient: nil)
    }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let registry = DeviceRegistry(store: store, library: ProfileLibrary([profile]), logger: quiet)
    #expect(try await registry.devices().keys.map { $0 } == [identity])
    // Count, then address with its octets turned round, type 2 (LE random), key.
    #expect(
      ManagementCommand.loadIdentityResolvingKeys(try await registry.identityResolvingKeys()).parameters
        == [1, 0, 0x71, 0xF4, 0xF3, 0xF2, 0xF1, 0xF0, 2] + value)
    try await registry.unpair(KnownDevice.id(of: identity))
    #expect(try await registry.identityResolvingKeys().isEmpty)
  }
}
