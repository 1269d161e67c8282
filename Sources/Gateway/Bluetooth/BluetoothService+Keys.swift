import BluetoothLE
import LocalAPI
import Logging

/// Keys and questions of the kernel's pairing. Each belongs to a pairing that a person started, or is refused.
extension BluetoothService {
  func keyArrived(_ key: LongTermKey, store: Bool) async {
    guard let pairing = pairings[key.address], pairing.takesKeys else {
      // A key that nobody asked for: the kernel has it, we never will.
      await refusePairing(by: key.address, ending: .unpair(key.address, disconnect: true))
      return await restore(key.address)
    }
    guard store, key.kind != .debug else { return }
    pairing.keep(key)
  }

  func identityArrived(_ key: IdentityResolvingKey, seenAs seen: BluetoothAddress?, store: Bool) {
    guard let pairing = pairings[key.address] ?? seen.flatMap({ pairings[$0] }), pairing.takesKeys else { return }
    // The device was found under a private address; from here on the kernel calls it by its identity.
    pairings[key.address] = pairing
    if store { pairing.keep(key) }
  }

  func confirmationAsked(_ peer: BluetoothAddress, hint: Bool, value: Passkey?) async {
    guard let pairing = pairing(of: peer) else {
      return await refusePairing(by: peer, answering: .confirmationReply(peer, accept: false))
    }
    // Just works: there is nothing to compare, and a person has asked for this pairing.
    guard !hint, let value else { return await reply(.confirmationReply(peer, accept: true)) }
    pairing.ask(.compare(value), by: peer)
  }

  func passkeyAsked(_ peer: BluetoothAddress) async {
    guard let pairing = pairing(of: peer) else {
      return await refusePairing(by: peer, answering: .passkeyReply(peer, nil))
    }
    pairing.ask(.type, by: peer)
  }

  func passkeyShown(_ peer: BluetoothAddress, _ passkey: Passkey?) async {
    // There is no answer to this one but to end the link.
    guard let pairing = pairing(of: peer) else { return await refusePairing(by: peer, ending: .cancelPair(peer)) }
    guard let passkey else { return }
    pairing.ask(.show(passkey), by: peer)
  }

  func reply(_ command: ManagementCommand) async {
    guard let management, let armed else { return }
    do {
      try await management.send(command, to: armed.index)
      sayings.forget(command.name)
    } catch {
      let isNews = sayings.isNews(of: command.name, "\(error)")
      logger.log(level: isNews ? .info : .debug, "\(command.name): \(error)")
    }
  }

  /// Says no to a pairing that nobody here started, and ends the link.
  ///
  /// - Parameters:
  ///   - answer: the no that the kernel waits for.
  ///   - end: what ends the link and more.
  func refusePairing(
    by peer: BluetoothAddress, answering answer: ManagementCommand? = nil, ending end: ManagementCommand? = nil
  ) async {
    if let answer { await reply(answer) }
    // The session first: the kernel must not end a link under an open socket.
    await endSession(peer)
    if let end { await reply(end) }
    await disconnect(peer)
    if devices[peer] != nil { await rest(peer) }
    health.warn(
      HealthWarning.Kind.strangerPairing, about: peer.description, .warning,
      "\(peer) wanted to pair although nobody had started a pairing; it was refused.",
      remedy: devices[peer] == nil
        ? "If it is your device, pair it with: vitals pair"
        : "If it is your device, pair it again with: vitals pair --again \(peer)",
      parameters: ["device": peer.description], lasting: 86_400)
  }

  /// Ends what is read of a device, and returns when its socket is closed and what was heard of it is stored.
  func endSession(_ peer: BluetoothAddress) async {
    await endListening(peer)
    guard let session = running[peer] else { return }
    session.task.cancel()
    await session.task.value
  }

  /// The keys that the kernel is to have: Load Long Term Keys replaces all. Of a device that is being paired the stored
  /// ones are those of before, with which the kernel would refuse to pair, and the new ones are not stored yet.
  func keysForKernel() async throws -> [LongTermKey] {
    let stored = try await registry.longTermKeys()
    var keys = stored.filter { pairings[$0.address]?.isKept ?? true }
    for pairing in pairings.values where !pairing.isKept {
      for key in pairing.longTermKeys where !keys.contains(key) { keys.append(key) }
    }
    return keys
  }

  /// The same of the keys that resolve private addresses. Of a device that is being paired again the stored one stays beside
  /// it until the new one comes: by it the kernel finds the device.
  func identityKeysForKernel() async throws -> [IdentityResolvingKey] {
    let new = pairings.values.filter { !$0.isKept }.compactMap(\.identityResolvingKey)
    let stored = try await registry.identityResolvingKeys().filter { key in
      !new.contains { $0.address == key.address }
    }
    // A device that was found under a private address has its pairing twice.
    return new.reduce(into: stored) { keys, key in if !keys.contains(key) { keys.append(key) } }
  }

  /// Unpair Device takes a device's keys and also its place in the kernel's list: gives a known device both again.
  func restore(_ peer: BluetoothAddress) async {
    guard devices[peer] != nil else { return }
    if let keys = try? await keysForKernel() { await reply(.loadLongTermKeys(keys)) }
    if let keys = try? await identityKeysForKernel() { await reply(.loadIdentityResolvingKeys(keys)) }
    await awaitDevice(peer)
  }

  /// The kernel must forget the keys of a device before it makes new ones: with a key it refuses to pair. The stored ones
  /// stay until there are others; the identity resolving key stays, since by it the kernel finds a device under its private
  /// address.
  func dropKeys(_ peer: BluetoothAddress) async {
    guard devices[peer] != nil, let keys = try? await keysForKernel() else {
      // Also where we know of none: a pairing that failed may have left one.
      return await reply(.unpair(peer, disconnect: true))
    }
    await reply(.loadLongTermKeys(keys))
  }

  /// The pairing that a person has started and for which the kernel makes keys right now. One that is over, and whose
  /// first visit is still watched, answers no questions: whoever asks then is not whom the person paired.
  func pairing(of peer: BluetoothAddress) -> PairingLink? {
    pairings[peer].flatMap { $0.isAsking ? $0 : nil }
  }
}
