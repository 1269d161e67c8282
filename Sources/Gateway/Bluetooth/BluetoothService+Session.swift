import BluetoothLE
import Devices
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import WireFormats

/// Serving the link of a known device.
extension BluetoothService {
  /// Links in a row that may break while they are being encrypted before the device is suspected.
  static let mostBrokenLinks = 3
  /// How long encrypting a link with a stored key may take.
  static let encryptionLimit: Duration = .seconds(10)

  /// - Returns: nil when the link could not prove what it is.
  @discardableResult
  func serve(
    _ link: IncomingLink, _ device: KnownDevice, askConsent: ConsentAsking? = nil,
    progress: @escaping @Sendable (SessionProgress) -> Void = { _ in }
  ) async -> VisitEnd? {
    let name = "\(device.address)"
    lastDisconnect[device.address] = nil
    do {
      try await secure(link, device)
    } catch {
      link.channel.close()
      await link.channel.closed()
      // A link that is over has nothing to end, and the device may be on its next one by now.
      if !Self.saysLinkEnded(error) { await disconnect(device.address) }
      await untrusted(device, error)
      return nil
    }
    brokenLinks[device.address] = nil
    await bondHolds(device)
    let end = await visit(link, device, isFirst: false, askConsent: askConsent, progress: progress)
    let isNews = sayings.isNews(of: "session \(device.address)", end.sentence)
    logger.log(level: isNews || end.readings > 0 ? .info : .debug, "session of \(name) ended: \(end.sentence)")
    // What we ended tells nothing of the device.
    guard !Task.isCancelled else { return end }
    await leave(device, after: end)
    return end
  }

  /// How long a device is left alone after a visit that did not end from here.
  func leave(_ device: KnownDevice, after end: VisitEnd) async {
    let peer = device.address
    guard end.readings > 0 || end.isOrderly else { return await rest(peer) }
    sayings.forget("link \(peer)")
    await pause(device)
    if end.readings > 0 {
      backoff[peer]?.succeeded()
      sayings.forget("rest \(peer)")
    } else {
      await rest(peer, for: backoff[peer, default: Backoff()].wasEmpty())
    }
  }

  /// Leaves a device alone after a visit for as long as its profile wants: there are cuffs that do not measure while they
  /// are connected again at once.
  func pause(_ device: KnownDevice) async {
    guard device.profile.session.pause > .zero else { return }
    await leaveAlone(device.address, for: device.profile.session.pause)
  }

  /// Why a link is not read, beside what the kernel says of it.
  enum LinkRefusal: Error, CustomStringConvertible {
    /// The gateway has let the adapter go meanwhile.
    case notArmed
    /// The store has no key of the device.
    case noKey
    /// The device was taken up without a bond, and its profile reads none without one.
    case noBond

    var description: String {
      switch self {
      case .notArmed: "the gateway does not use the adapter any more"
      case .noKey: "the device's key is missing from the store; pair it again"
      case .noBond: "its profile reads it only with a bond, and it was taken up without one; pair it again"
      }
    }
  }

  /// Brings the link to what ``KnownDevice/linkProof`` wants. Nothing is read from the channel before it returns.
  func secure(_ link: IncomingLink, _ device: KnownDevice) async throws {
    guard let management, let armed else { throw LinkRefusal.notArmed }
    switch device.linkProof {
    case .nothing: return
    case .bondThatIsMissing: throw LinkRefusal.noBond
    case .key: break
    }
    // Without a key in the kernel, raising the level would begin a pairing with whoever this is.
    let keys = try await keysForKernel()
    guard keys.contains(where: { $0.address == device.address }) else { throw LinkRefusal.noKey }
    try await management.send(.loadLongTermKeys(keys), to: armed.index)
    // Never high: the kernel would pair anew with an unauthenticated key.
    try await link.raiseSecurity(to: .medium, limit: Self.encryptionLimit)
  }

  private func untrusted(_ device: KnownDevice, _ error: any Error) async {
    guard !Task.isCancelled, armed != nil else { return }
    let isNews = sayings.isNews(of: "link \(device.address)", "\(error)")
    logger.log(level: isNews ? .notice : .debug, "link of \(device.address) was not taken: \(error)")
    // A link that broke while it was being encrypted may be the radio's doing: at the edge of its range a device needs
    // several tries, and each of them counts in its short window. Only a row of them is suspected. What the store or the
    // kernel's management refused says nothing of the device.
    switch error {
    case LinkSecurityFailure.linkEnded(let reason)
    where reason?.code != EACCES && lastDisconnect[device.address] != .authenticationFailure:
      brokenLinks[device.address, default: 0] += 1
      guard brokenLinks[device.address, default: 0] > Self.mostBrokenLinks else { return }
    case is LinkSecurityFailure, is LinkRefusal: break
    default: return await rest(device.address)
    }
    await bondRefused(device, isMissing: (error as? LinkRefusal).map { $0 != .notArmed } ?? false)
  }

  /// Lets a device alone for a while after links that led to nothing.
  ///
  /// - Parameter isRefusal: it did not prove to have its key.
  func rest(_ peer: BluetoothAddress, isRefusal: Bool = false) async {
    await rest(peer, for: backoff[peer, default: Backoff()].failed(isRefusal: isRefusal))
  }

  /// - Parameter pause: nil: not at all.
  private func rest(_ peer: BluetoothAddress, for pause: Duration?) async {
    guard let pause else { return }
    let isNews = sayings.isNews(of: "rest \(peer)", "\(pause)")
    logger.log(level: isNews ? .notice : .debug, "\(peer) is left alone for \(pause)")
    await leaveAlone(peer, for: pause)
  }

  private func leaveAlone(_ peer: BluetoothAddress, for pause: Duration) async {
    guard armed != nil else { return }
    let end = max(resting[peer] ?? .now, .now + pause)
    resting[peer] = end
    // A link that comes about all the same is served.
    await onlyReport(peer)
    Task {
      try? await Task.sleep(until: end, clock: .continuous)
      await self.restIsOver(peer, end)
    }
  }

  /// - Parameter end: of the rest that is over; a later one goes on.
  private func restIsOver(_ peer: BluetoothAddress, _ end: ContinuousClock.Instant) async {
    guard resting[peer] == end else { return }
    resting[peer] = nil
    // While keys are made for it, it must not connect by itself; whoever keeps them, or gives up, awaits it again.
    if pairings[peer]?.isKept ?? true { await awaitDevice(peer) }
  }

  private static func saysLinkEnded(_ error: any Error) -> Bool {
    if case LinkSecurityFailure.linkEnded = error { true } else { false }
  }

  /// Nobody tells an unbonded client that a database has changed: without a hash what is remembered proves nothing.
  private static func cache(of device: KnownDevice) -> GATTDatabase? {
    guard device.authentication == .unauthenticated, device.database?.hash == nil else { return device.database }
    return nil
  }

  /// The household's secret for a device that opens its memory by one. It is the household's and not the device's, so that
  /// a device that is paired again opens also where it is not in pairing mode.
  private func memoryKey(for device: KnownDevice) async throws -> OmronPairingKey? {
    guard case .key = device.profile.memory?.unlock else { return nil }
    return try OmronPairingKey(await registry.store.memoryKey())
  }

  /// Asks whoever pairs a device.
  typealias ConsentAsking = @Sendable (ConsentQuestion) async -> ConsentAnswer

  private func consents(of device: KnownDevice, ask: ConsentAsking?) async throws -> UserConsents {
    guard device.profile.session.consent != .none else { return UserConsents() }
    return UserConsents(known: try await registry.consents(of: device.address), ask: ask) { [registry] consent in
      try await registry.keep(consent, of: device.address)
    }
  }

  /// Only a person can say another code, so it has to be said to one.
  private func noteConsent(_ device: KnownDevice, _ end: SessionEnd) {
    guard case .consentRefused(let reason) = end else { return }
    health.warn(
      HealthWarning.Kind.consentRefused, about: device.id.rawValue, .error,
      "\(device.address) (\(device.profile.title)) does not give its readings. \(reason)",
      remedy: "Look up the user's number and code on the device (see its booklet). Then run: "
        + "vitals pair --again \(device.address)",
      parameters: ["device": device.name ?? device.address.description, "address": device.address.description])
  }

  /// What a device does against the Attribute Protocol and is let pass, once: as long as it goes on, it is no news.
  func noteViolations(of peer: BluetoothAddress, _ violations: [ATTViolation]) {
    let sentences = Set(violations.map(\.description)).sorted()
    guard !sentences.isEmpty, sayings.isNews(of: "violations \(peer)", sentences.joined()) else { return }
    logger.info("\(peer) broke the Attribute Protocol and was read on: \(sentences.joined(separator: " "))")
  }

  /// What came of a visit.
  struct VisitEnd: Sendable {
    var readings: Int
    /// It ended as visits end: the device went, or had nothing more to say.
    var isOrderly: Bool
    var sentence: String
    /// The device holds what it has from us until a person does something with it.
    var isRefusal = false
    /// Why it gives nobody's readings; nil where that is not so.
    var consentRefusal: String?
  }

  /// Runs the profile's driver over a link that is as secure as it has to be, then ends the link.
  ///
  /// - Parameter isFirst: keys were made for it just now.
  func visit(
    _ link: IncomingLink, _ device: KnownDevice, isFirst: Bool, askConsent: ConsentAsking? = nil,
    progress: @escaping @Sendable (SessionProgress) -> Void
  ) async -> VisitEnd {
    let running = visits.begin(device.id)
    let client = GATTClient(channel: link.channel, database: device.database)
    let end: VisitEnd = await withTaskCancellationHandler {
      guard let driver = Drivers.named(device.profile.driver) else {
        return VisitEnd(readings: 0, isOrderly: false, sentence: "no driver is called \(device.profile.driver)")
      }
      let memoryKey: OmronPairingKey?
      let consents: UserConsents
      do {
        memoryKey = try await self.memoryKey(for: device)
        consents = try await self.consents(of: device, ask: askConsent)
      } catch {
        return VisitEnd(readings: 0, isOrderly: false, sentence: "its secrets cannot be read: \(error)")
      }
      await client.start()
      let session = DeviceSession(
        device: device.id, profile: device.profile, client: client, cache: Self.cache(of: device),
        isJustPaired: isFirst, keepsSubscriptions: device.keepsSubscriptions,
        informationIsKnown: device.informationIsKnown,
        authentication: device.authentication, isSimulated: false,
        clockOffset: device.clockOffset, previousVisit: device.previousVisit,
        ourClockIsRight: ingest.clock.isRight, timeZone: timeZone,
        sink: ingest.sink(for: device.id, logger: logger),
        progress: { [health] step in
          running.note(step)
          if case .consentGiven = step {
            health.clear(HealthWarning.Kind.consentRefused, about: device.id.rawValue)
          }
          progress(step)
        },
        constants: constants, memoryKey: memoryKey, consents: consents)
      let reason = await driver.run(session)
      noteConsent(device, reason)
      var end = VisitEnd(
        readings: running.readings, isOrderly: reason.isOrderly, sentence: "\(reason)", isRefusal: reason.isRefusal)
      if case .consentRefused(let reason) = reason { end.consentRefusal = reason }
      return end
    } onCancel: {
      link.channel.close()
    }
    // A commit may take longer than a device that comes again at once: its next link is not ours to end here.
    let isOver = link.channel.endReason?.isOfLink ?? false
    await client.close()
    noteViolations(of: device.address, await client.violations)
    await link.channel.closed()
    if !isOver { await disconnect(device.address) }
    await visits.end(running, end.sentence)
    // The next visit begins with what this one learned.
    if let learned = await registry.device(device.id), devices[device.address] != nil {
      devices[device.address] = learned
    }
    return end
  }
}

extension SeqPacketChannel.EndReason {
  /// The link itself has ended, and not only our use of it.
  var isOfLink: Bool {
    switch self {
    case .endOfFile: true
    // An overlong packet is refused on a link that stands.
    case .error(let number): number != EMSGSIZE
    case .closed, .overflow: false
    }
  }
}

extension SessionEnd {
  /// Only a person can change this, by pressing something on the device.
  var isRefusal: Bool {
    switch self {
    case .locked, .notInPairingMode, .consentRefused: true
    case .idle, .linkEnded, .cancelled, .notStored, .requestFailed, .noAnswer, .damaged, .unsuitable: false
    }
  }

  /// The visit ended as visits end; what is not orderly is worth waiting before the next try.
  var isOrderly: Bool {
    switch self {
    case .idle, .linkEnded, .cancelled: true
    case .notStored, .requestFailed, .locked, .notInPairingMode, .consentRefused, .noAnswer, .damaged, .unsuitable:
      false
    }
  }
}
