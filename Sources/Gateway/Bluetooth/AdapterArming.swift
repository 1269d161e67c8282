package import BluetoothLE

/// What an adapter is given before it may connect to anything.
package struct AdapterKeys: Sendable {
  /// The address that bonds belong to: random static, the gateway's own.
  package var ownAddress: BluetoothAddress
  package var longTermKeys: [LongTermKey]
  package var identityResolvingKeys: [IdentityResolvingKey]

  package init(
    ownAddress: BluetoothAddress, longTermKeys: [LongTermKey], identityResolvingKeys: [IdentityResolvingKey]
  ) {
    self.ownAddress = ownAddress
    self.longTermKeys = longTermKeys
    self.identityResolvingKeys = identityResolvingKeys
  }
}

/// Brings one adapter from whatever state it is in to: powered, LE only, our address, our keys, no link of a previous life.
///
/// The order is the kernel's: address and BR/EDR change only while powered off; the list of identity resolving keys is
/// loaded even when it is empty, else the kernel reports none; links are ended before anything is armed, because a cuff on
/// a left-over link still waits for a confirmation that nobody will send.
package struct AdapterArming: Sendable {
  /// What the adapter turned out to be.
  package struct Outcome: Hashable, Sendable {
    /// The address links are made from; the public one where the adapter refused ours.
    package var address: BluetoothAddress
    /// The adapter would not take our address: bonds made here hold only for this adapter.
    package var refusedOwnAddress: Bool
    /// Links that were there and were ended.
    package var endedLinks: Int

    package init(address: BluetoothAddress, refusedOwnAddress: Bool, endedLinks: Int) {
      self.address = address
      self.refusedOwnAddress = refusedOwnAddress
      self.endedLinks = endedLinks
    }
  }

  /// How long one connection attempt may take. The kernel tries one device at a time; its own default of 4 to 20 s is most
  /// of a cuff's advertising window.
  package static let autoConnectTimeout: UInt16 = 2000

  package var management: Management
  package var index: AdapterIndex
  package var keys: AdapterKeys

  package init(management: Management, index: AdapterIndex, keys: AdapterKeys) {
    self.management = management
    self.index = index
    self.keys = keys
  }

  /// - Throws: ``AdapterFailure/noLowEnergy`` for an adapter without LE, else what the kernel answered.
  package func run() async throws -> Outcome {
    let information = try await management.readInformation(index)
    guard information.supported.contains(.lowEnergy) else { throw AdapterFailure.noLowEnergy }
    if information.current.contains(.powered) { try await management.send(.setPowered(false), to: index) }
    if !information.current.contains(.lowEnergy) { try await management.send(.setLowEnergy(true), to: index) }
    if information.current.contains(.classic) { try await management.send(.setClassic(false), to: index) }
    if information.supported.contains(.secureConnections) {
      try await management.send(.setSecureConnections(.on), to: index)
    }
    // Keys are made only while a person pairs; BluetoothService switches it on for that time.
    try await management.send(.setBondable(false), to: index)
    let refused = try await !setOwnAddress()
    try await management.send(.loadIdentityResolvingKeys(keys.identityResolvingKeys), to: index)
    try await management.send(.loadLongTermKeys(keys.longTermKeys), to: index)
    try await shortenConnectionAttempts()
    // What an earlier run awaited would be connected as soon as there is power, before anybody listens.
    try await forgetDevices()
    try await management.send(.setPowered(true), to: index)
    let links = try await management.connections(index)
    for peer in links { try await disconnect(peer) }
    let address = refused ? information.publicAddress ?? keys.ownAddress : keys.ownAddress
    return Outcome(address: address, refusedOwnAddress: refused, endedLinks: links.count)
  }

  private func setOwnAddress() async throws(ManagementError) -> Bool {
    do {
      try await management.send(.setStaticAddress(keys.ownAddress), to: index)
      return true
    } catch {
      guard case .refused(_, _, let status) = error, status != .permissionDenied else { throw error }
      return false
    }
  }

  private func shortenConnectionAttempts() async throws(ManagementError) {
    do {
      try await management.send(
        .setSystemConfiguration([.autoConnectTimeout(milliseconds: Self.autoConnectTimeout)]), to: index)
    } catch {
      // Kernels before 5.11 do not know the command, and some not this parameter: slower, not wrong.
      guard case .refused(_, _, let status) = error, status != .permissionDenied else { throw error }
    }
  }

  private func forgetDevices() async throws(ManagementError) {
    do {
      try await management.send(.removeDevice(nil), to: index)
    } catch {
      guard case .refused(_, _, let status) = error, status != .permissionDenied else { throw error }
    }
  }

  private func disconnect(_ peer: BluetoothAddress) async throws(ManagementError) {
    do {
      try await management.send(.disconnect(peer), to: index)
    } catch {
      // It may have ended by itself meanwhile.
      guard case .refused(_, _, let status) = error, status == .notConnected || status == .disconnected else {
        throw error
      }
    }
  }
}

/// Why an adapter cannot be used.
package enum AdapterFailure: Error, Hashable, Sendable, CustomStringConvertible {
  case noLowEnergy
  /// It was switched off while it was being set up.
  case lostPower

  package var description: String {
    switch self {
    case .noLowEnergy: "this adapter has no Bluetooth Low Energy; use one of version 4.0 or later"
    case .lostPower: "it was switched off while it was being set up; it is tried again by itself"
    }
  }
}
