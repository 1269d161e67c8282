package import BluetoothLE
package import Devices
import Foundation
package import Logging
package import Observations
package import Store
import Synchronization
import WireFormats

/// The store's devices and keys in Bluetooth's own terms.
package struct DeviceRegistry: Sendable {
  package let store: Store
  private let libraries: LibraryShelf
  private let logger: Logger
  private let keyring = Keyring()

  package init(store: Store, library: ProfileLibrary, logger: Logger) {
    self.store = store
    libraries = LibraryShelf(library)
    self.logger = logger
  }

  /// The profiles as they are now.
  package var library: ProfileLibrary { libraries.library }

  /// Goes by other profiles: who asks from now on is given them.
  package func adopt(_ library: ProfileLibrary) { libraries.library = library }

  /// The Bluetooth devices that are to be awaited. One whose profile is not installed any more is left out and named in the
  /// log.
  package func devices() async throws -> [BluetoothAddress: KnownDevice] {
    var known: [BluetoothAddress: KnownDevice] = [:]
    for record in try await store.devices() {
      guard let device = knownDevice(record) else { continue }
      known[device.address] = device
    }
    return known
  }

  package func device(_ id: DeviceID) async -> KnownDevice? {
    guard let record = try? await store.device(id) else { return nil }
    return knownDevice(record)
  }

  private func knownDevice(_ record: DeviceRecord) -> KnownDevice? {
    guard record.id.rawValue.hasPrefix("ble:"), let kind = record.addressKind.flatMap(BluetoothAddress.Kind.init),
      let address = record.description.address.flatMap({ BluetoothAddress($0, kind: kind) })
    else { return nil }
    guard let profile = library.profile(named: record.description.profile) else {
      logger.warning("\(address) is not awaited: its profile \(record.description.profile) is not installed")
      return nil
    }
    return KnownDevice(
      id: record.id, address: address, name: record.description.name, profile: profile,
      authentication: record.authentication,
      database: record.gattCache.flatMap { try? JSONDecoder().decode(GATTDatabase.self, from: $0) },
      // Its system identifier outlives a pairing.
      informationIsKnown: record.description.information
        != DeviceInformation(systemID: record.description.information.systemID),
      keepsSubscriptions: record.keepsSubscriptions, clockOffset: record.clockOffset, previousVisit: record.lastVisit)
  }

  /// Every key; read once and then remembered, since each link begins with loading them into the kernel.
  package func longTermKeys() async throws -> [LongTermKey] {
    if let known = keyring.keys { return known }
    let change = keyring.change
    let keys: [LongTermKey] = try await store.keys(.longTerm).compactMap { decode($0) }
    keyring.remember(keys, ifUnchangedSince: change)
    return keys
  }

  package func identityResolvingKeys() async throws -> [IdentityResolvingKey] {
    try await store.keys(.identityResolving).compactMap { decode($0) }
  }

  /// The consents of a device's users, by their numbers; those that cannot be read are left out.
  package func consents(of address: BluetoothAddress) async throws -> [UserConsent] {
    try await store.keys(.consent).filter { $0.address == "\(address)" }.compactMap { stored in
      guard let user = UInt8(stored.kind), let number = UInt16(String(decoding: stored.value, as: UTF8.self)),
        let code = UserControlPoint.ConsentCode(number)
      else {
        logger.error("\(stored) cannot be read; pair the device again")
        return nil
      }
      return UserConsent(user: user, code: code)
    }.sorted { $0.user < $1.user }
  }

  /// Keeps a consent in place of what was known of this user.
  func keep(_ consent: UserConsent, of address: BluetoothAddress) async throws {
    try await store.saveKey(
      .consent, address: "\(address)", kind: "\(consent.user)", value: Data("\(consent.code.number)".utf8))
  }

  /// A key that cannot be read is one device that must be paired again, and no reason to lose the others.
  private func decode<Key: Decodable>(_ stored: StoredKey) -> Key? {
    do {
      return try JSONDecoder().decode(Key.self, from: stored.value)
    } catch {
      logger.error("\(stored) cannot be read; pair the device again")
      return nil
    }
  }

  /// Keeps a device that was just paired, in place of what was known of it.
  package func keep(
    _ device: KnownDevice, longTermKeys: [LongTermKey], identityResolvingKey: IdentityResolvingKey?,
    patient: PatientID?
  ) async throws {
    let address = "\(device.address)"
    defer { keyring.forget() }
    let encoder = JSONEncoder()
    var keys: [(table: KeyTable, key: StoredKey)] = []
    for key in longTermKeys {
      // Legacy pairing gives two keys, told apart by their role.
      let kind = "\(key.address.kind.rawValue)/\(key.kind.rawValue)/\(key.central)"
      keys.append((.longTerm, StoredKey(address: address, kind: kind, value: try encoder.encode(key))))
    }
    if let key = identityResolvingKey {
      keys.append(
        (
          .identityResolving,
          StoredKey(address: address, kind: key.address.kind.rawValue, value: try encoder.encode(key))
        ))
    }
    try await store.keepPaired(record(of: device), keys: keys, user: patient)
  }

  /// A device that was paired just now, as the store keeps it.
  func record(of device: KnownDevice) -> DeviceRecord {
    DeviceRecord(
      description: DeviceDescription(
        id: device.id, address: "\(device.address)", name: device.name, profile: device.profile.name,
        information: DeviceInformation()),
      addressKind: device.address.kind.rawValue, authentication: device.authentication, pairedAt: Date())
  }

  /// Forgets a device whose pairing came to nothing.
  package func remove(_ id: DeviceID) async {
    do {
      try await unpair(id)
    } catch {
      logger.warning("\(id) could not be removed: \(error)")
    }
  }

  /// Forgets a device and its keys; its readings stay.
  ///
  /// - Throws: `StoreFailure.unknownDevice`.
  package func unpair(_ id: DeviceID) async throws(StoreFailure) {
    defer { keyring.forget() }
    try await store.removeDevice(id)
  }

  /// The setting that names the devices whose bond was refused, as a JSON array.
  private static let staleBondsSetting = "stale-bonds"

  /// The devices whose bond was refused, also before the gateway was started. What cannot be read is nobody.
  package func staleBonds() async -> Set<DeviceID> {
    guard let text = try? await store.setting(Self.staleBondsSetting),
      let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    else { return [] }
    return Set(names.map { DeviceID(rawValue: $0) })
  }

  /// Remembers whose bonds are refused, over a start of the gateway.
  package func keepStaleBonds(_ ids: Set<DeviceID>) async {
    do {
      let text = try JSONEncoder().encode(ids.map(\.rawValue).sorted())
      try await store.setSetting(Self.staleBondsSetting, to: String(decoding: text, as: UTF8.self))
    } catch {
      logger.warning("which bonds are stale was not stored: \(error)")
    }
  }

  /// Whether the device was paired with a key that resolves private addresses.
  func usesPrivateAddresses(_ address: BluetoothAddress) async -> Bool {
    let keys = try? await identityResolvingKeys()
    return keys?.contains { $0.address == address } ?? false
  }
}

/// The profiles that every copy of a registry shares.
private final class LibraryShelf: Sendable {
  private let shelf: Mutex<ProfileLibrary>

  init(_ library: ProfileLibrary) { shelf = Mutex(library) }

  var library: ProfileLibrary {
    get { shelf.withLock { $0 } }
    set { shelf.withLock { $0 = newValue } }
  }
}
