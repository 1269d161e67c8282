package import BluetoothLE
import Devices
package import Foundation
package import LocalAPI
package import Logging
import Observations

/// The gateway's Bluetooth: one adapter kept armed, known devices awaited, each of their links served by a session.
///
/// What happens is told by three streams (the kernel's events, who owns `org.bluez`, links that arrive), each read by one
/// task. What must be done about the adapter is decided in one place, ``reconcile()``, one run at a time: events only wake
/// it.
package actor BluetoothService {
  /// An adapter that waits for devices.
  struct Armed {
    var index: AdapterIndex
    var address: BluetoothAddress
    var listener: ATTListener
    var links: Task<Void, Never>
  }

  /// A link being served.
  struct Running {
    var number: Int
    var task: Task<Void, Never>
  }

  let registry: DeviceRegistry
  let ingest: Ingest
  let visits: VisitBoard
  let health: Health
  let logger: Logger
  private(set) var timeZone: TimeZone
  let ownAddress: BluetoothAddress
  /// Driver constants that configuration sets.
  private(set) var constants: [String: Decimal]

  var management: Management?
  var armed: Armed?
  var devices: [BluetoothAddress: KnownDevice] = [:]
  var running: [BluetoothAddress: Running] = [:]
  /// Devices whose values are heard right now, or were until a moment ago.
  var listenings: [BluetoothAddress: Listening] = [:]
  var pairings: [BluetoothAddress: PairingLink] = [:]
  var discovery = Discovery()
  var backoff: [BluetoothAddress: Backoff] = [:]
  /// Links in a row that broke while they were being encrypted, without a word about the key.
  var brokenLinks: [BluetoothAddress: Int] = [:]
  /// What the log was told.
  var sayings = Sayings()
  /// Devices that are not awaited for a while, since their links led to nothing.
  ///
  /// Until when: a link that came about all the same may have made it longer.
  var resting: [BluetoothAddress: ContinuousClock.Instant] = [:]
  /// Known devices that a person looks for, to pair them again: a link with the old keys would only be in the way.
  var heldBack: Set<BluetoothAddress> = []
  /// Devices that are being forgotten: the store may still have them, and nobody awaits or pairs them any more.
  var leaving: Set<DeviceID> = []
  /// Rises with each device that was forgotten or kept: a list that was read before is not the store's any more.
  var listChanges = 0
  /// Devices whose bond is said to be stale.
  var staleBonds: Set<DeviceID> = []
  /// Devices that the kernel did not take into its list: tried again.
  private var unawaited: Set<BluetoothAddress> = []
  /// The kernel's last word on a device's link, of the link that is served or of none.
  var lastDisconnect: [BluetoothAddress: ManagementEvent.DisconnectReason] = [:]

  private var adapter = Status.Adapter(state: .starting, sentence: "The Bluetooth adapter is being set up.")
  /// Whether another Bluetooth service runs; nil until the bus has answered.
  private var rival: Bool?
  private var nextSession = 0
  /// The address, as a number, whose turn it was last in ``keepScanning()``.
  private var lastAdded: UInt64 = 0
  private var linkWatch = LinkWatch()
  private var seenLinks: [KernelLink] = []
  /// Wakes the one task that runs ``reconcile()``; made anew with each management channel, since a stream whose reader was
  /// cancelled has ended.
  private var wake: AsyncStream<Void>.Continuation?
  /// The end of an earlier arming, while it is not over.
  private var disarming: Task<Void, Never>?

  package init(
    registry: DeviceRegistry, ingest: Ingest, visits: VisitBoard, health: Health, timeZone: TimeZone,
    ownAddress: BluetoothAddress, constants: [String: Decimal], logger: Logger
  ) {
    self.registry = registry
    self.ingest = ingest
    self.visits = visits
    self.health = health
    self.timeZone = timeZone
    self.ownAddress = ownAddress
    self.constants = constants
    self.logger = logger
  }

  // MARK: Another configuration

  /// Goes by other profiles and settings: a visit that goes on keeps what it began with, and the next one has these. A
  /// device whose profile is no more goes on with the one it has until the service is started again.
  package func adopt(timeZone: TimeZone, constants: [String: Decimal]) async {
    (self.timeZone, self.constants) = (timeZone, constants)
    guard armed != nil, let known = try? await storedDevices() else { return }
    // All of them at once: while one is awaited another may be forgotten.
    let earlier = devices
    devices.merge(known) { $1 }
    for (address, device) in known {
      if earlier[address] == nil { await awaitDevice(address) }
      if earlier[address]?.linkProof == .bondThatIsMissing, device.linkProof == .nothing { await takeUpAgain(device) }
    }
    await warnOfStaleBonds()
  }

  // MARK: What others ask

  /// How the adapter is, in one sentence.
  package var adapterStatus: Status.Adapter {
    guard adapter.state == .ready else { return adapter }
    let count = devices.count
    return Status.Adapter(
      state: .ready,
      sentence: count == 1 ? "Ready; one device is awaited." : "Ready; \(count) devices are awaited.")
  }

  /// The devices that are waited for or talked to.
  package var awaitedDevices: [Status.AwaitedDevice] {
    devices.values.sorted { $0.id.rawValue < $1.id.rawValue }.map {
      Status.AwaitedDevice(
        id: $0.id.rawValue, name: $0.name, link: running[$0.address] == nil ? .awaited : .connected)
    }
  }

  // MARK: Running

  /// Runs until the task is cancelled. A missing adapter, kernel or permission is a warning and another try, never an end.
  package func run() async {
    let bus = SystemBus()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await ownership in bus.ownership { await self.rivalChanged(ownership) }
      }
      group.addTask { await self.runManagement() }
      for await _ in group {}
    }
    bus.close()
    await disarm()
  }

  private func runManagement() async {
    while !Task.isCancelled {
      let management: Management
      do {
        management = try Management.open()
      } catch {
        say(.absent, "This system has no Bluetooth to offer.")
        health.warn(
          HealthWarning.Kind.adapterAbsent, .warning, "Bluetooth cannot be used: \(error).",
          remedy: "Plug in a Bluetooth adapter; on a virtual machine or a container, give it one.")
        guard (try? await Task.sleep(for: .seconds(30))) != nil else { return }
        continue
      }
      self.management = management
      let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
      self.wake = wake
      wake.yield()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for await notice in management.events { await self.handle(notice) }
        }
        group.addTask {
          for await _ in wakes { await self.reconcile() }
        }
        group.addTask {
          // Nothing announces that rfkill was lifted or a permission given: look again now and then. What was armed is
          // looked at too, less often: an event that fell between two steps must not leave us waiting for nothing.
          var round = 0
          while (try? await Task.sleep(for: .seconds(10))) != nil {
            round += 1
            await self.wakeUnlessArmed(orAlways: round.isMultiple(of: 6))
          }
        }
        group.addTask {
          while (try? await Task.sleep(for: Self.scanLook)) != nil { await self.keepScanning() }
        }
        group.addTask {
          while (try? await Task.sleep(for: LinkWatch.pause)) != nil { await self.lookAtLinks() }
        }
        await group.next()
        group.cancelAll()
      }
      self.wake = nil
      // Before the channel closes: the kernel has to be told to end our links and to make no more.
      await disarm()
      await management.close()
      self.management = nil
      guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
    }
  }

  /// How often the kernel is made to see whether it scans: well within the 5 s for which some cuffs advertise.
  static let scanLook: Duration = .seconds(3)

  /// The kernel loses its background scan, without a word to anybody, when a link comes about in the moment in which its own
  /// time limit cancels the attempt (seen in 6.1: "start background scanning failed: -16"). Adding a device that it has
  /// already changes nothing but that it looks after its scan; while it connects it leaves everything as it is.
  ///
  /// The scan begins anew by that, and only then a device that is listened to is reported again: an adapter tells each
  /// advertisement once a scan.
  ///
  /// One device a time, and each in its turn: a device that the kernel does not await although it should is so awaited
  /// again.
  func keepScanning() async {
    guard let management, let armed, pairings.isEmpty, !discovery.isWanted else { return }
    let free = devices.keys.filter { running[$0] == nil && resting[$0] == nil && !heldBack.contains($0) }
      .sorted { $0.value < $1.value }
    guard let peer = free.first(where: { $0.value > lastAdded }) ?? free.first else { return }
    lastAdded = peer.value
    _ = try? await management.send(.addDevice(peer, action(for: peer)), to: armed.index)
  }

  /// What the kernel's table of links shows and no event tells.
  private func lookAtLinks() async {
    // Who pairs has a link of its own making, and tries longer.
    guard let armed, pairings.isEmpty else { return linkWatch = LinkWatch() }
    var links: [KernelLink]
    do {
      links = try KernelLink.all(of: armed.index)
      // What ends the visits that go on has to be sure. A look now and then may fall on one attempt after the other.
      if !running.isEmpty, links.contains(where: { $0.state == .connecting }) {
        links = LinkWatch.lasting(links, in: try await looksAtAttempts(of: armed.index))
        guard self.armed?.listener === armed.listener, pairings.isEmpty else { return linkWatch = LinkWatch() }
      }
    } catch {
      return logger.debug("the kernel does not show its links: \(error)")
    }
    if links != seenLinks {
      seenLinks = links
      logger.debug("the kernel's links: \(links.map(\.description).joined(separator: ", "))")
    }
    for remedy in linkWatch.look(at: links, known: Set(devices.keys), served: Set(running.keys)) {
      switch remedy {
      case .end(let peer):
        logger.warning("a link of \(peer) that nobody serves was ended")
        await disconnect(peer)
      case .restart(let attempt):
        logger.warning(
          "the kernel is lost in an attempt (\(attempt)) and hears no device; the adapter is switched off and on")
        await disarm()
        wake?.yield()
      }
    }
  }

  private func looksAtAttempts(of index: AdapterIndex) async throws -> [[KernelLink]] {
    var looks: [[KernelLink]] = []
    let end = ContinuousClock.now + LinkWatch.attemptWatch
    while ContinuousClock.now < end {
      try await Task.sleep(for: LinkWatch.attemptPause)
      looks.append(try KernelLink.all(of: index))
      guard looks.last?.contains(where: { $0.state == .connecting }) == true else { break }
    }
    return looks
  }

  private func wakeUnlessArmed(orAlways always: Bool) {
    if armed == nil || always || !unawaited.isEmpty { wake?.yield() }
  }

  private func say(_ state: Status.AdapterState, _ sentence: String) {
    if adapter.state != state { logger.info("\(sentence)", metadata: ["adapter": "\(state.rawValue)"]) }
    adapter = Status.Adapter(state: state, sentence: sentence)
  }

  private func rivalChanged(_ ownership: SystemBus.Ownership) async {
    switch ownership {
    case .owned:
      rival = true
      await refuseBesideRival()
    case .free, .absent:
      // Without a bus there is nobody who could own the name: bluetoothd does not run without one.
      rival = false
      health.clear(HealthWarning.Kind.rivalService)
    case .unknown(let reason):
      // A bus that is slow or lost says nothing new: what was so is taken to be so still.
      if sayings.isNews(of: "bus", reason) {
        logger.info("the system bus does not say whether bluetoothd runs: \(reason)")
      }
      if rival == nil {
        say(.starting, "The system bus does not say whether bluetoothd runs, and is asked again: \(reason).")
      }
      return
    }
    wake?.yield()
  }

  private func refuseBesideRival() async {
    say(.rival, "Another Bluetooth service (bluetoothd) is running; the gateway waits until it ends.")
    health.warn(
      HealthWarning.Kind.rivalService, .error,
      "bluetoothd is running beside the gateway: nothing is read and nothing can be paired.",
      remedy: "Stop it: systemctl disable --now bluetooth.service")
    await disarm()
  }

  /// Looks at how things are and does what is missing. Only ever run by one task.
  private func reconcile() async {
    guard let management, let rival else { return }
    if rival { return await refuseBesideRival() }
    do {
      let present = try await management.readIndexList()
      if let armed, present.contains(armed.index), try await isPowered(armed.index, management) {
        for peer in unawaited { await awaitDevice(peer) }
        return
      }
      await disarm()
      guard !present.isEmpty else {
        say(.absent, "No Bluetooth adapter is plugged in.")
        clearAdapterWarnings(but: HealthWarning.Kind.adapterAbsent)
        health.warn(
          HealthWarning.Kind.adapterAbsent, .warning, "No Bluetooth adapter is plugged in.",
          remedy: "Plug one in; it is used as soon as it is there.")
        return
      }
      health.clear(HealthWarning.Kind.adapterAbsent)
      try await armFirst(of: present.sorted { $0.rawValue < $1.rawValue }, management)
    } catch {
      // What failed because the gateway stops says nothing about the adapter.
      guard !Task.isCancelled else { return }
      await disarm()
      if let error = error as? ManagementError { return adapterRefused(error) }
      say(.failed, "The Bluetooth adapter cannot be used: \(error).")
      clearAdapterWarnings(but: HealthWarning.Kind.adapterFailed)
      health.warn(
        HealthWarning.Kind.adapterFailed, .error, "The Bluetooth adapter cannot be used: \(error).",
        remedy: "Run vitals doctor.")
    }
  }

  /// The first adapter that can be used: beside a good stick there may be a built-in one that is blocked or too old.
  ///
  /// - Throws: what the first one said, when none can.
  private func armFirst(of indexes: [AdapterIndex], _ management: Management) async throws {
    var refusal: (any Error)?
    for index in indexes {
      do {
        return try await arm(index, management)
      } catch {
        guard !Task.isCancelled, rival == false else { throw error }
        await disarm()
        refusal = refusal ?? error
      }
    }
    if let refusal { throw refusal }
  }

  private func isPowered(_ index: AdapterIndex, _ management: Management) async throws(ManagementError) -> Bool {
    try await management.readInformation(index).current.contains(.powered)
  }

  /// What stood in the way of the adapter does not, or something else does now.
  private func clearAdapterWarnings(but standing: String? = nil) {
    for kind in HealthWarning.Kind.ofAdapter where kind != standing && kind != HealthWarning.Kind.rivalService {
      health.clear(kind)
    }
  }

  private func adapterRefused(_ error: ManagementError) {
    switch error.status {
    case .permissionDenied:
      say(.failed, "The gateway may not set up the Bluetooth adapter.")
      clearAdapterWarnings(but: HealthWarning.Kind.bluetoothPermission)
      health.warn(
        HealthWarning.Kind.bluetoothPermission, .error, "The gateway may not set up the Bluetooth adapter.",
        remedy: "Start it by its unit, or give it CAP_NET_ADMIN.")
    case .rfKilled:
      say(.off, "Bluetooth is switched off (rfkill).")
      clearAdapterWarnings(but: HealthWarning.Kind.adapterOff)
      health.warn(
        HealthWarning.Kind.adapterOff, .error, "Bluetooth is switched off (rfkill).",
        remedy: "Run: rfkill unblock bluetooth")
    case .invalidIndex:
      // It went away in the middle, or is not ready yet: the next event, or the next round, says which.
      say(.starting, "The Bluetooth adapter is being set up.")
    default:
      say(.failed, "The Bluetooth adapter cannot be set up: \(error).")
      clearAdapterWarnings(but: HealthWarning.Kind.adapterFailed)
      health.warn(
        HealthWarning.Kind.adapterFailed, .error, "The Bluetooth adapter cannot be set up: \(error).",
        remedy: "Unplug it and plug it in again; it is tried again by itself.")
    }
  }

  private func arm(_ index: AdapterIndex, _ management: Management) async throws {
    say(.starting, "The Bluetooth adapter is being set up.")
    devices = try await storedDevices()
    await warnOfStaleBonds()
    let keys = AdapterKeys(
      ownAddress: ownAddress, longTermKeys: try await keysForKernel(),
      identityResolvingKeys: try await identityKeysForKernel())
    let outcome = try await AdapterArming(management: management, index: index, keys: keys).run()
    // The bus may have spoken while the kernel was busy.
    guard rival == false else { return }
    let listener = try ATTListener(address: outcome.address)
    let links = Task {
      for await link in listener.links { await self.linkArrived(link) }
    }
    armed = Armed(index: index, address: outcome.address, listener: listener, links: links)
    for device in devices.values { await awaitDevice(device.address) }
    // It may have gone, been switched off, or got a rival meanwhile; events before `armed` stood were not about it.
    guard try await isPowered(index, management) else { throw AdapterFailure.lostPower }
    guard armed?.listener === listener else { return }
    if discovery.isWanted { await startDiscovery() }
    clearAdapterWarnings()
    if outcome.refusedOwnAddress {
      health.warn(
        HealthWarning.Kind.ownAddressRefused, .notice,
        "This Bluetooth adapter does not take the gateway's own address: devices paired with another adapter do not know it.",
        remedy: "Pair them again, or use another adapter.")
    } else {
      health.clear(HealthWarning.Kind.ownAddressRefused)
    }
    if outcome.endedLinks > 0 { logger.info("ended \(outcome.endedLinks) links of a previous run") }
    say(.ready, "Ready.")
  }

  /// Stops listening, ends what runs, and has the kernel end our links and await our devices no more: a device on a link
  /// that nobody serves waits for a confirmation that nobody sends. Returns when that is done, whoever began it.
  private func disarm() async {
    if let armed {
      self.armed = nil
      armed.listener.close()
      armed.links.cancel()
      discovery.adapterLost()
      for pairing in pairings.values { pairing.adapterLost() }
      let sessions = running
      for session in sessions.values { session.task.cancel() }
      let listened = endListenings()
      // Not in this task: when the gateway stops it is cancelled, and the kernel must be told all the same.
      let task = Task {
        for session in sessions.values { await session.task.value }
        for task in listened { await task.value }
        await self.release(armed.index, Set(sessions.keys))
      }
      disarming = task
      await task.value
      if disarming == task { disarming = nil }
    } else if let disarming {
      await disarming.value
    }
  }

  /// Only what is ours: while bluetoothd runs, the adapter has links and devices of its own.
  private func release(_ index: AdapterIndex, _ served: Set<BluetoothAddress>) async {
    resting = [:]
    // Bonds belong to an address: with another adapter a device may know us.
    backoff = [:]
    unawaited = []
    guard let management else { return }
    let ours = served.union(devices.keys).union(pairings.keys)
    do throws(ManagementError) {
      for peer in ours { try await tell(.removeDevice(peer), to: index, by: management) }
      for peer in try await management.connections(index) where ours.contains(peer) {
        try await tell(.disconnect(peer), to: index, by: management)
      }
    } catch {
      logger.debug("the adapter was not released: \(error)")
    }
  }

  /// - Throws: what ends the conversation with an adapter; that it knows nothing of a device does not.
  private func tell(
    _ command: ManagementCommand, to index: AdapterIndex, by management: Management
  ) async throws(ManagementError) {
    do {
      try await management.send(command, to: index, limit: .seconds(3))
    } catch {
      guard let status = error.status, status != .invalidIndex, status != .permissionDenied else { throw error }
    }
  }

  // MARK: The kernel's events

  private func handle(_ notice: Management.Notice) async {
    switch notice.event {
    case .indexAdded: wake?.yield()
    case .indexRemoved:
      guard notice.index == armed?.index else {
        wake?.yield()
        return
      }
      say(.absent, "The Bluetooth adapter was taken out.")
      health.warn(
        HealthWarning.Kind.adapterAbsent, .warning, "The Bluetooth adapter was taken out.",
        remedy: "Plug it in again, or another one; it is used as soon as it is there.")
      await disarm()
      wake?.yield()
    case _ where notice.index != armed?.index: return
    case .newSettings(let settings):
      guard !settings.contains(.powered) else { return }
      say(.off, "The Bluetooth adapter was switched off.")
      health.warn(
        HealthWarning.Kind.adapterOff, .warning, "The Bluetooth adapter was switched off.",
        remedy: "The gateway switches it on again; if it stays off, run: rfkill unblock bluetooth")
      await disarm()
      wake?.yield()
    case .deviceFound(let device):
      discovery.report(device)
      heard(device)
    case .discovering(let running): await discoveryChanged(running)
    case .deviceDisconnected(let peer, let reason): lastDisconnect[peer] = reason
    case .newLongTermKey(let key, let store): await keyArrived(key, store: store)
    case .newIdentityResolvingKey(let key, let seen, let store): identityArrived(key, seenAs: seen, store: store)
    case .confirmationRequest(let peer, let hint, let value): await confirmationAsked(peer, hint: hint, value: value)
    case .passkeyRequest(let peer): await passkeyAsked(peer)
    case .passkeyNotify(let peer, let passkey, _): await passkeyShown(peer, passkey)
    case .commandFinished(code: 0x0019, let status, let parameters):
      // Pair Device: taken from the stream and not from the caller's answer, so that its keys have been seen before.
      guard parameters.count >= 7, let kind = BluetoothAddress.Kind(kernel: parameters[6]),
        let peer = BluetoothAddress(wire: parameters[..<6], kind: kind)
      else { return }
      pairing(of: peer)?.end(status)
    case .pinCodeRequest(let peer): await refusePairing(by: peer, answering: .pinCodeNegativeReply(peer))
    default: return
    }
  }

  // MARK: Waiting for devices

  /// Enters a device into the kernel's list of those it connects to by itself, or reports.
  func awaitDevice(_ peer: BluetoothAddress) async {
    guard let management, let armed, devices[peer] != nil, resting[peer] == nil, !heldBack.contains(peer) else {
      unawaited.remove(peer)
      return
    }
    do {
      try await management.send(.addDevice(peer, action(for: peer)), to: armed.index)
      unawaited.remove(peer)
    } catch {
      // With the adapter gone there is nothing to try again: the next one is told of every device.
      guard self.armed?.listener === armed.listener else { return }
      // Said once, though it is asked again and again.
      guard unawaited.insert(peer).inserted else { return }
      logger.warning("the kernel does not wait for \(peer), and is asked again: \(error)")
    }
  }

  /// Takes a device off the kernel's list, so that it is not linked to.
  ///
  /// Remove Device while the kernel connects to it cancels the attempt, and where the link comes about in that moment the
  /// kernel ignores it and the adapter keeps it (seen in 6.1: LE Create Connection Cancel answered by 0x0C): the device is
  /// on a link that nobody knows of, and no other is made to its address. So it is first only reported, which leaves an
  /// attempt to itself, and removed when there is none.
  func forget(_ peer: BluetoothAddress) async {
    guard let management, let armed else { return }
    await onlyReport(peer)
    let deadline = ContinuousClock.now + Self.longestAttempt
    while ContinuousClock.now < deadline, Self.isConnecting(peer, by: armed.index) {
      guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { break }
    }
    _ = try? await management.send(.removeDevice(peer), to: armed.index)
  }

  /// Has the kernel report a device and no more connect to it; what it is doing already it finishes.
  func onlyReport(_ peer: BluetoothAddress) async {
    guard let management, let armed else { return }
    _ = try? await management.send(.addDevice(peer, .report), to: armed.index)
  }

  /// ``AdapterArming/autoConnectTimeout`` and some.
  private static let longestAttempt: Duration = .seconds(3)

  private static func isConnecting(_ peer: BluetoothAddress, by index: AdapterIndex) -> Bool {
    guard let links = try? KernelLink.all(of: index) else { return false }
    return links.contains { $0.state == .connecting && $0.octets == peer.octets }
  }

  /// Ends a link as the kernel knows it; closing our socket would leave it up for two seconds.
  func disconnect(_ peer: BluetoothAddress) async {
    guard let management, let armed else { return }
    _ = try? await management.send(.disconnect(peer), to: armed.index)
  }

  private func linkArrived(_ link: IncomingLink) async {
    let peer = link.peer
    // Accepted before the listener was closed, and nobody's any more.
    guard armed != nil else { return link.channel.close() }
    if let pairing = pairings[peer] {
      guard let watch = pairing.visitWatch else { return pairing.take(link) }
      return beginLaterVisit(link, peer, watch)
    }
    guard devices[peer] != nil else {
      logger.notice("a link of \(peer), which is not a known device, was ended")
      link.channel.close()
      await link.channel.closed()
      return await disconnect(peer)
    }
    begin(peer) {
      // Looked up now: an earlier visit, whose end this one waited for, has learned of it, or it was unpaired.
      guard let device = await self.devices[peer] else { return link.channel.close() }
      await self.serve(link, device)
    }
  }

  /// Runs one session of a device as a task of its own, after an earlier one has ended: its link is over, or this one
  /// would not be here. Who cancels it ends the earlier one too, which it would else wait for.
  func begin(_ peer: BluetoothAddress, _ body: @escaping @Sendable () async -> Void) {
    nextSession += 1
    let number = nextSession
    let earlier = running[peer]?.task
    let task = Task {
      await withTaskCancellationHandler {
        await earlier?.value
      } onCancel: {
        earlier?.cancel()
      }
      await body()
      self.ended(peer, number)
    }
    running[peer] = Running(number: number, task: task)
  }

  private func ended(_ peer: BluetoothAddress, _ number: Int) {
    if running[peer]?.number == number { running[peer] = nil }
  }
}
