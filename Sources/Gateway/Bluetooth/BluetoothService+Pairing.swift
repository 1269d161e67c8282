import BluetoothLE
import Devices
import Foundation
package import LocalAPI
import LocalServer
import Logging
package import Observations
import Store

/// What a pairing asks of the adapter and of the store.
extension BluetoothService {
  /// Runs a pairing to its end.
  package func pair(_ request: PairingRequest, _ conversation: PairingConversation) async {
    var procedure = PairingProcedure(service: self, request: request, conversation: conversation)
    await procedure.run()
  }

  func requireAdapter() throws(PairingFault) {
    guard armed == nil else { return }
    throw .bluetoothUnavailable(
      adapterStatus.sentence, remedy: health.adapterWarning?.remedy ?? "Run: vitals doctor")
  }

  /// - Parameter name: id or name; nil gives nil.
  func patient(named name: String?) async throws(PairingFault) -> PatientID? {
    guard let name else { return nil }
    if let patient = try? await registry.store.patient(PatientID(rawValue: name)) { return patient.id }
    guard let patient = try? await registry.store.patient(named: name) else { throw .noSuchPatient }
    return patient.id
  }

  func patients() async -> [LocalAPI.Patient] {
    ((try? await registry.store.patients()) ?? []).map { LocalAPI.Patient($0) }
  }

  func isKnown(_ address: BluetoothAddress) -> Bool { devices[address] != nil }

  func known(_ address: BluetoothAddress) -> KnownDevice? { devices[address] }

  /// The device that is to be paired again.
  ///
  /// - Parameter id: nil gives nil.
  func knownDevice(_ id: String?) async throws(PairingFault) -> KnownDevice? {
    guard let id else { return nil }
    guard let record = try? await registry.store.device(DeviceID(rawValue: id)) else { throw .noSuchDevice }
    guard let device = await registry.device(record.id) else {
      throw .noSuchProfile(record.description.profile, known: registry.library.profiles.map(\.name))
    }
    return device
  }

  /// Whether anybody has said whose a known device's readings are.
  func isSomebodys(_ device: KnownDevice) async -> Bool {
    guard let record = try? await registry.store.device(device.id) else { return false }
    return record.isShared || !record.users.isEmpty
  }

  /// A person looks for a known device: until ``letGo(_:)`` it is not linked to with the keys that it has.
  ///
  /// - Throws: ``PairingFault/busy`` while somebody else pairs it, ``PairingFault/beingForgotten``.
  func holdBack(_ device: KnownDevice) async throws(PairingFault) {
    try requireStaying(device.id)
    guard pairings[device.address] == nil, heldBack.insert(device.address).inserted else { throw .busy }
    await forget(device.address)
    await endSession(device.address)
  }

  func letGo(_ device: KnownDevice) async {
    heldBack.remove(device.address)
    // A pairing that failed may have left it without its keys; the one that goes on has its own.
    if pairings[device.address] == nil { await restore(device.address) }
  }

  func isBonded(_ address: BluetoothAddress) -> Bool {
    devices[address].map { $0.authentication != .unauthenticated } ?? false
  }

  // MARK: Looking for devices

  /// What a search is ended with.
  struct Search {
    var number: Int
    var pump: Task<Void, Never>
  }

  /// Scans actively; `body` gets every advertisement of a device with one of `services` (none: of any) until
  /// ``endSearch(_:)``, or `lost` when the adapter went before.
  ///
  /// - Parameter outlivesAdapter: the search goes on with the next adapter.
  func search(
    _ services: [BluetoothUUID], outlivesAdapter: Bool = false,
    _ body: @escaping @Sendable (Advertisement) -> Void, lost: @escaping @Sendable () -> Void
  ) async throws(PairingFault) -> Search {
    try requireAdapter()
    let (number, advertisements) = discovery.add(outlivesAdapter: outlivesAdapter)
    let pump = Task {
      for await advertisement in advertisements { body(advertisement) }
      if !Task.isCancelled { lost() }
    }
    await startDiscovery()
    return Search(number: number, pump: pump)
  }

  func endSearch(_ search: Search) async {
    // In this order: what ends by being cancelled was not lost.
    search.pump.cancel()
    discovery.remove(search.number)
    guard !discovery.isWanted, discovery.isRunning else { return }
    await reply(.stopDiscovery)
  }

  func startDiscovery() async {
    guard let management, let armed, !discovery.isRunning else { return }
    do {
      // Unfiltered: the kernel's filter drops devices whose services stand only in the scan response.
      try await management.send(.startDiscovery, to: armed.index)
      discovery.noteRunning(true)
      sayings.forget("looking")
    } catch {
      let isNews = sayings.isNews(of: "looking", "\(error)")
      logger.log(level: isNews ? .info : .debug, "looking for devices: \(error)")
      // The kernel may be busy connecting; nothing tells when it is not.
      Task {
        try? await Task.sleep(for: .seconds(2))
        if self.discovery.isWanted { await self.startDiscovery() }
      }
    }
  }

  /// The kernel ends a discovery after some seconds; it goes on while somebody looks.
  func discoveryChanged(_ running: Bool) async {
    discovery.noteRunning(running)
    if !running, discovery.isWanted { await startDiscovery() }
  }

  /// Devices as they are heard for as long as the request says; ends early when the adapter goes or nobody reads on.
  package func scan(_ request: ScanRequest) async throws(APIError) -> AsyncStream<FoundDevice> {
    let matcher = DeviceMatcher(registry.library)
    let known = Set(devices.keys)
    let (stream, continuation) = AsyncStream.makeStream(of: FoundDevice.self)
    let search: Search
    do throws(PairingFault) {
      search = try await self.search([]) { advertisement in
        let match = matcher.match(advertisement)
        guard match != nil || request.all else { return }
        continuation.yield(
          FoundDevice(
            address: "\(advertisement.address)", name: advertisement.localName, profile: match?.profile.name,
            score: match?.score, rssi: advertisement.rssi ?? -127, known: known.contains(advertisement.address)))
      } lost: {
        continuation.finish()
      }
    } catch {
      let failure = error.failure
      throw APIError(APIError.Code.bluetoothUnavailable, failure.reason, remedy: failure.remedy)
    }
    let timer = Task {
      // Ended early or not, the search is given back.
      try? await Task.sleep(for: .milliseconds(Int64(request.seconds * 1000)))
      await self.endSearch(search)
      continuation.finish()
    }
    continuation.onTermination = { _ in timer.cancel() }
    return stream
  }

  // MARK: Making keys

  /// From here on what the kernel asks about `peer` belongs to `pairing`.
  func beginPairing(_ peer: BluetoothAddress, _ pairing: PairingLink) async throws(PairingFault) {
    try requireAdapter()
    try requireStaying(KnownDevice.id(of: peer))
    guard pairings[peer] == nil else { throw .busy }
    pairings[peer] = pairing
    // What is known of it must not connect in between, nor refuse a second pairing.
    await forget(peer)
    await endSession(peer)
    await dropKeys(peer)
    await disconnect(peer)
  }

  /// Starts Pair Device; its end comes to the pairing through the stream of events.
  func startPairing(_ peer: BluetoothAddress, _ pairing: PairingLink) async {
    let attempt = pairing.beginAttempt()
    // After that: until then the end of another pairing may switch it off.
    await reply(.setBondable(true))
    guard let management, let armed else { return pairing.adapterLost() }
    let command = Task {
      do throws(ManagementError) {
        // The person is there: the limit is the procedure's, which then cancels.
        try await management.send(.pair(peer, .keyboardDisplay), to: armed.index, limit: .seconds(120))
      } catch {
        // The kernel's answer has mostly come as an event; one that names no device, or no answer, ends the try here.
        pairing.end(error.status ?? .failed, attempt: attempt)
      }
    }
    pairing.hold(command)
  }

  /// The pairing has its keys, or does without: from here on the kernel makes none for it.
  func keysAreMade(_ pairing: PairingLink) async {
    pairing.closeKeys()
    if !pairings.values.contains(where: \.takesKeys) { await reply(.setBondable(false)) }
  }

  /// - Parameter failed: the device, when the pairing came to nothing: what was known of it before is awaited again.
  func endPairing(_ pairing: PairingLink, failed peer: BluetoothAddress?) async {
    // A device that was found under a private address has two.
    let addresses = pairings.filter { $0.value === pairing }.map(\.key)
    pairings = pairings.filter { $0.value !== pairing }
    await keysAreMade(pairing)
    guard let peer else {
      for address in addresses { await awaitDevice(address) }
      return
    }
    await disconnect(peer)
    guard let known = try? await storedDevices() else { return }
    for address in addresses {
      devices[address] = known[address]
      // Its keys left the kernel when the pairing began.
      await restore(address)
    }
  }

  /// Stores the device and its keys, and awaits it from now on.
  func keep(_ device: KnownDevice, _ pairing: PairingLink, patient: PatientID?) async throws(PairingFault) {
    do {
      try await registry.keep(
        device, longTermKeys: pairing.longTermKeys, identityResolvingKey: pairing.identityResolvingKey,
        patient: patient)
    } catch {
      throw .notStored("\(error)")
    }
    pairing.markKept()
    devices[device.address] = device
    listChanges += 1
    backoff[device.address] = nil
    brokenLinks[device.address] = nil
    resting[device.address] = nil
    heldBack.remove(device.address)
    pairings[device.address] = pairing
    await bondHolds(device)
    health.clear(HealthWarning.Kind.strangerPairing, about: device.address.description)
    await awaitDevice(device.address)
  }

  /// Undoes ``keep(_:_:patient:)``.
  func forgetFailed(_ device: KnownDevice) async {
    leaving.insert(device.id)
    defer { hasLeft(device.id) }
    devices[device.address] = nil
    await forget(device.address)
    await registry.remove(device.id)
    await endSession(device.address)
    await reply(.unpair(device.address, disconnect: true))
    await bondHolds(device)
    health.clear(HealthWarning.Kind.consentRefused, about: device.id.rawValue)
  }

  /// Takes keys from the kernel that were made just now and are not wanted.
  func discard(_ pairing: PairingLink) async {
    for peer in Set(pairing.longTermKeys.map(\.address)) { await reply(.unpair(peer, disconnect: true)) }
    pairing.discardKeys()
  }

  /// A further visit while the person still watches: as any visit of a known device, and told.
  func beginLaterVisit(
    _ link: IncomingLink, _ peer: BluetoothAddress,
    _ tell: @escaping @Sendable (PairingConversation.Input) -> Void
  ) {
    begin(peer) {
      guard let device = await self.devices[peer] else { return link.channel.close() }
      let end = await self.serve(link, device, askConsent: Self.asking(tell)) { tell(.progress($0)) }
      if let end { tell(.visitEnded(end)) }
    }
  }

  /// Ends whatever link there is to `peer`, and waits until the kernel says that it is gone.
  ///
  /// - Returns: false when it did not go within some seconds.
  func disconnectAndWait(_ peer: BluetoothAddress) async -> Bool {
    guard let management, let armed else { return false }
    for _ in 0..<50 {
      let links = (try? await management.connections(armed.index)) ?? []
      guard links.contains(peer) else { return true }
      // The answer to Disconnect comes when the link is gone, or says that it was already.
      await disconnect(peer)
      guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return false }
    }
    return false
  }

  func beginFirstVisit(
    _ link: IncomingLink, _ device: KnownDevice,
    _ tell: @escaping @Sendable (PairingConversation.Input) -> Void
  ) {
    begin(device.address) {
      do {
        try await self.secure(link, device)
      } catch {
        link.channel.close()
        await link.channel.closed()
        await self.disconnect(device.address)
        tell(.visitEnded(VisitEnd(readings: 0, isOrderly: false, sentence: "\(error)")))
        return
      }
      let end = await self.visit(link, device, isFirst: true, askConsent: Self.asking(tell)) { tell(.progress($0)) }
      await self.pause(device)
      tell(.visitEnded(end))
    }
  }

  /// Puts what a visit asks before the person.
  private static func asking(_ tell: @escaping @Sendable (PairingConversation.Input) -> Void) -> ConsentAsking {
    { question in await PendingConsent.ask(question) { tell(.consentAsked($0)) } }
  }

  // MARK: Saying it

  func reading(_ observation: Observation) async -> Reading {
    Reading(
      observation, patientName: await patientName(observation.patient),
      deviceName: devices.values.first { $0.id == observation.device }?.name)
  }

  private func patientName(_ id: PatientID?) async -> String? {
    guard let id else { return nil }
    return (try? await registry.store.patient(id))?.name
  }

  func described(_ device: KnownDevice) async -> LocalAPI.Device {
    let patients = (try? await registry.store.patients()) ?? []
    let record = (try? await registry.store.device(device.id)) ?? registry.record(of: device)
    return LocalAPI.Device(record, patients: patients, connected: running[device.address] != nil)
  }

  /// Forgets a device: its keys leave the kernel and the store; its readings stay. A link that it has is ended first, with
  /// nothing more taken from it. Without an adapter the store alone is told: the next one is given only the keys that the
  /// store has.
  ///
  /// - Throws: `StoreFailure.unknownDevice`; `APIError` while it is being paired, or forgotten already.
  package func unpair(_ id: DeviceID) async throws {
    guard !leaving.contains(id) else {
      throw APIError(
        APIError.Code.busy, "this device is being forgotten already",
        remedy: "wait some seconds, and see 'vitals devices'")
    }
    guard !pairings.keys.contains(where: { KnownDevice.id(of: $0) == id }),
      !heldBack.contains(where: { KnownDevice.id(of: $0) == id })
    else {
      throw APIError(
        APIError.Code.busy, "this device is being paired", remedy: "wait until the pairing has ended, or stop it")
    }
    leaving.insert(id)
    guard let known = devices.values.first(where: { $0.id == id }) else {
      defer { hasLeft(id) }
      return try await registry.unpair(id)
    }
    devices[known.address] = nil
    await forget(known.address)
    await endSession(known.address)
    var failure: (any Error)?
    do {
      try await registry.unpair(id)
    } catch {
      guard await isGone(id) else {
        // In one step: a list that is read from here on has it again.
        hasLeft(id)
        devices[known.address] = known
        await awaitDevice(known.address)
        throw error
      }
      failure = error
    }
    await forgetRemains(of: known)
    hasLeft(id)
    if let failure { throw failure }
  }

  /// What the kernel and this service have of a device that the store has no more.
  private func forgetRemains(of known: KnownDevice) async {
    backoff[known.address] = nil
    brokenLinks[known.address] = nil
    resting[known.address] = nil
    await reply(.unpair(known.address, disconnect: true))
    await bondHolds(known)
    health.clear(HealthWarning.Kind.consentRefused, about: known.id.rawValue)
    health.clear(HealthWarning.Kind.strangerPairing, about: known.address.description)
  }

  /// Whether the store has a device no more, although removing it failed: what failed may be what comes after. Who asked
  /// for it may be gone, and the store refuses a cancelled task: it is asked by another.
  private func isGone(_ id: DeviceID) async -> Bool {
    let store = registry.store
    return (try? await Task { try await store.device(id) == nil }.value) ?? false
  }

  private func hasLeft(_ id: DeviceID) {
    leaving.remove(id)
    listChanges += 1
  }

  /// - Throws: ``PairingFault/beingForgotten``: the keys that are made now would go with the old ones.
  func requireStaying(_ id: DeviceID) throws(PairingFault) {
    guard !leaving.contains(id) else { throw .beingForgotten }
  }

  /// The devices that are to be awaited: the store's, as it is when this returns, without those that are being forgotten.
  func storedDevices() async throws -> [BluetoothAddress: KnownDevice] {
    while true {
      let before = listChanges
      let stored = try await registry.devices()
      guard listChanges == before else { continue }
      return stored.filter { !leaving.contains($0.value.id) }
    }
  }
}

extension DeviceRegistry {
  /// The installed profiles; with a name, that one.
  func profiles(named name: String?) throws(PairingFault) -> [DeviceProfile] {
    guard let name else { return library.profiles }
    guard let profile = library.profile(named: name) else {
      throw .noSuchProfile(name, known: library.profiles.map(\.name))
    }
    return [profile]
  }
}
