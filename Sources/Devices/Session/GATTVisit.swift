import BluetoothLE
import Foundation
import Observations
import WireFormats

/// The part of a visit that is the same for every device read over GATT: which handles are believed, when it is
/// subscribed, and whose turn a value is.
///
/// - A first visit exchanges the MTU, discovers, and remembers what it found.
/// - A known device costs nothing, or one request before its first value. With a database hash in the cache the hash is read
///   before a value is believed, and what arrived meanwhile waits unconfirmed; equal, the cache is right; different,
///   everything is discovered again, and a value counts only if its handle is the characteristic's in the *new* database.
///   Without a hash the cache is right until a Service Changed indication says otherwise, or a value comes under a handle
///   that by the cache sends this gateway nothing.
/// - The hash is read at once where the device is known to keep its subscription: the answer and the value cross. Where it is
///   known to forget it, the subscription is that one request, and the hash is read when the value has come.
/// - A known device that may have kept its subscription is given ``SessionPolicy/grace`` to show it, unasked.
struct GATTVisit {
  /// A value of one of the driver's characteristics.
  struct Incoming {
    var characteristic: BluetoothUUID
    var bytes: [UInt8]
    var receivedAt: Date
    /// Among the link's PDUs.
    var arrival: Arrival
    /// Nil for a notification.
    var confirmation: IndicationConfirmation?
    /// The user whose consent was given last before it came; nil where the device asks for none.
    var user: Int?
  }

  let session: DeviceSession
  let driver: any DeviceDriver
  /// True from a first visit's beginning to its end.
  let isFirstVisit: Bool
  /// Whether a known device's services were discovered again.
  private(set) var hasDiscoveredAgain = false
  private(set) var database: GATTDatabase
  /// What the device's clock said when this visit asked it.
  var clockAnswer = ClockAnswer.unasked
  /// The writing of the device's clock on this visit; nil while there was none.
  var clockWriting: ClockWriting?

  /// Users whose consent is still to be given on this visit.
  var waitingConsents: [UserConsent] = []
  /// The user whose readings the device has open.
  var openUser: Int?
  /// What the User Control Point indicated since it was written to.
  var controlPointAnswer: [UInt8]?

  private let inbox: SessionInbox
  /// Whose values are the driver's.
  private let taken: [BluetoothUUID]
  /// Whether ``database`` was discovered on this link, or its hash was compared on it.
  private var isVerified = false
  /// A value that came while the visit waited for whether one would come.
  private var held: Incoming?
  /// Values that came while the visit waited for an answer, in order.
  private var early: [Incoming] = []
  /// Sent, and not known to have arrived.
  private var sent: [(id: ObservationID, at: ContinuousClock.Instant, isUntimed: Bool)] = []
  /// The device's answer to the newest writing of the subscription.
  private var subscribed: Arrival?
  private var lesson: Bool?
  /// When the newest request was answered.
  private var answered: ContinuousClock.Instant?
  private var hasTakenValue = false
  private var hasSaidGoodbye = false
  private var hasAskedForChanges = false
  private var hasAskedForRecords = false
  /// The device has sent what it stored, and sends nothing else.
  private var hasAllRecords = false

  var policy: SessionPolicy { session.profile.session }
  var gate: WriteGate { WriteGate(driver: driver) }

  private init(_ session: DeviceSession, _ driver: any DeviceDriver, _ inbox: SessionInbox) {
    self.session = session
    self.driver = driver
    self.inbox = inbox
    taken = driver.characteristics(of: session.profile)
    isFirstVisit = session.cache == nil || session.isJustPaired
    database = session.cache ?? GATTDatabase()
  }

  /// Runs `body` while the link's values are taken in.
  static func run(
    _ session: DeviceSession, _ driver: any DeviceDriver,
    _ body: (inout GATTVisit) async throws(SessionFailure) -> SessionEnd
  ) async -> SessionEnd {
    let inbox = SessionInbox()
    // The pump ends with the link, or is cancelled here.
    let pump = Task { [client = session.client, now = session.receivedNow] in await inbox.fill(from: client, now: now) }
    defer { pump.cancel() }
    var visit = GATTVisit(session, driver, inbox)
    do throws(SessionFailure) {
      return try await body(&visit)
    } catch {
      return error.end
    }
  }

  // MARK: Opening

  /// Brings the visit to where values come. `look` reads what a first visit wants to know before it subscribes.
  mutating func open(
    _ look: (inout GATTVisit) async throws(SessionFailure) -> Void
  ) async throws(SessionFailure) {
    try await settle()
    guard !isFirstVisit else {
      // A device that refuses to talk about it has an MTU of 23, which is enough.
      try await exchangeMTU()
      try await learnDatabase()
      for step in policy.order {
        switch step {
        case .clockWrite: try await writeClock()
        case .subscribe:
          try await giveConsent()
          try await subscribe()
        case .information: try await look(&self)
        }
      }
      return
    }
    // What was ended with the visit before is not kept.
    let keeps = policy.clearsSubscriptions ? false : session.keepsSubscriptions
    if keeps == true, try await verify() == .changed { return }
    session.progress(.knownDatabase)
    if policy.writesClockFirst {
      // Its handle is only remembered.
      if try await verify() == .changed { return }
      try await writeClock()
    }
    try await giveConsent()
    if keeps != false {
      held = try await next(quietFor: policy.grace)
      if held != nil {
        if subscribed == nil { lesson = true }
        return
      }
    }
    if subscribed == nil { try await subscribeByCache() }
  }

  /// Brings the visit to where commands can be sent, to a device that sends nothing unasked: nobody waits for a kept
  /// subscription to show itself, it is written again, and the MTU is exchanged on every link. `look` as in ``open(_:)``.
  mutating func openForCommands(
    _ look: (inout GATTVisit) async throws(SessionFailure) -> Void
  ) async throws(SessionFailure) {
    try await settle()
    try await exchangeMTU()
    guard !isFirstVisit else {
      try await learnDatabase()
      try await look(&self)
      return try await subscribe()
    }
    if try await verify() == .changed { return }
    session.progress(.knownDatabase)
    do throws(SessionFailure) {
      try await subscribeByCache()
    } catch {
      // Nothing vouched for this cache, and what it names is not there.
      guard case .requestFailed = error.end, !isVerified else { throw error }
      session.progress(.databaseChanged)
      try await discover()
      try await subscribe()
    }
  }

  private mutating func exchangeMTU() async throws(SessionFailure) {
    guard policy.exchangesMTU else { return }
    _ = try await ask("The MTU exchange") { try await $0.exchangeMTU() }
  }

  enum Verdict { case asRemembered, changed }

  /// Compares the database hash with the remembered one, once a visit; a changed database is discovered and subscribed to
  /// before this returns. Without a remembered hash there is nothing to compare.
  @discardableResult
  mutating func verify() async throws(SessionFailure) -> Verdict {
    guard !isVerified, let hash = session.cache?.hash else { return .asRemembered }
    let found = try await need("Reading the database hash") { try await $0.databaseHash() }
    guard found?.value == hash else {
      session.progress(.databaseChanged)
      try await discover()
      if policy.writesClockFirst { try await writeClock() }
      try await giveConsent()
      try await subscribe()
      return .changed
    }
    isVerified = true
    return .asRemembered
  }

  /// Subscribes by remembered handles. A device that refuses them may have changed: then the hash tells.
  private mutating func subscribeByCache() async throws(SessionFailure) {
    do throws(SessionFailure) {
      try await subscribe()
    } catch {
      guard case .requestFailed = error.end, !isVerified, try await verify() == .changed else { throw error }
    }
  }

  private func settle() async throws(SessionFailure) {
    guard policy.settle > .zero else { return }
    do {
      try await Task.sleep(for: policy.settle)
    } catch {
      throw SessionFailure(.cancelled)
    }
  }

  /// What ``SessionPolicy/settleBetween`` asks for.
  private func settleBetween() async throws {
    guard policy.settleBetween > .zero, let answered else { return }
    try await Task.sleep(until: answered + policy.settleBetween, clock: .continuous)
  }

  /// A first visit's database: that of an earlier pairing where its hash agrees, else a new one.
  private mutating func learnDatabase() async throws(SessionFailure) {
    guard let hash = session.cache?.hash,
      let found = try await ask("Reading the database hash", { try await $0.databaseHash() }), found?.value == hash
    else { return try await discover() }
    isVerified = true
    session.progress(.knownDatabase)
  }

  /// - Parameter isToldOnce: the device has told of the change and does so no more once that is confirmed: what is found
  ///   must be remembered. Else the next visit finds it again.
  private mutating func discover(isToldOnce: Bool = false) async throws(SessionFailure) {
    database = try await need("Discovering its services") { try await $0.discover() }
    isVerified = true
    hasDiscoveredAgain = !isFirstVisit
    hasAskedForChanges = false
    // The link may end before it is asked to tell of changes; then the next visit asks it.
    if database.hash == nil, asksForChanges != nil { database.tellsNoChanges = true }
    do {
      try await session.sink.remember(database: database)
    } catch {
      if isToldOnce { throw SessionFailure(.notStored(reason: "\(error)")) }
    }
  }

  private mutating func subscribe() async throws(SessionFailure) {
    let wanted = policy.subscribe.filter(taken.contains)
    let missing = wanted.filter { database.characteristic($0) == nil }
    if let first = missing.first, driver.needsEveryCharacteristic || missing.count == wanted.count {
      throw SessionFailure(.unsuitable(missing: first))
    }
    for uuid in policy.subscribe {
      guard let characteristic = database.characteristic(uuid) else { continue }
      // An indication before a notification: only it is acknowledged.
      let kind: ClientCharacteristicConfiguration =
        characteristic.properties.contains(.indicate) ? .indication : .notification
      if taken.contains(uuid) {
        try await need("Subscribing to \(uuid)") {
          try await $0.setClientCharacteristicConfiguration(characteristic, kind)
        }
        subscribed = await session.client.newestResponse
        session.progress(.subscribed(uuid))
      } else if try await ask(
        "Subscribing to \(uuid)",
        { try await $0.setClientCharacteristicConfiguration(characteristic, kind) }) != nil
      {
        session.progress(.subscribed(uuid))
      }
    }
    if let recordAccess {
      _ = try await ask("Subscribing to \(recordAccess.uuid)") {
        try await $0.setClientCharacteristicConfiguration(recordAccess, .indication)
      }
    }
    if isVerified { try await subscribeToServiceChanged() }
  }

  /// A bonded device tells of a changed database only where it was asked to (Part G §7.1), and keeps that with the bond:
  /// once, after its database was discovered, and after what the visit is for.
  private mutating func subscribeToServiceChanged() async throws(SessionFailure) {
    guard isFirstVisit || hasDiscoveredAgain || database.tellsNoChanges == true, !hasAskedForChanges,
      let changed = asksForChanges
    else { return }
    hasAskedForChanges = true
    _ = try await ask("Subscribing to Service Changed") {
      try await $0.setClientCharacteristicConfiguration(changed, .indication)
    }
    guard database.tellsNoChanges == true else { return }
    // One that refuses is not asked again either.
    database.tellsNoChanges = nil
    try? await session.sink.remember(database: database)
  }

  /// Service Changed, where a bond keeps its subscription.
  private var asksForChanges: GATTDatabase.Characteristic? {
    guard session.authentication != .unauthenticated, let changed = database.characteristic(.serviceChanged),
      changed.properties.contains(.indicate), changed.clientConfiguration != nil
    else { return nil }
    return changed
  }

  // MARK: Requests

  /// The device's answer to something that the visit can't do without.
  @discardableResult
  mutating func need<Answer: Sendable>(
    _ what: String, _ request: @Sendable (GATTClient) async throws -> Answer
  ) async throws(SessionFailure) -> Answer {
    do {
      try await settleBetween()
      defer { answered = .now }
      let answer = try await request(session.client)
      // Asked after the confirmation was sent and answered: the device has heard both, in this order.
      await confirmationsArrived(sentBefore: .now)
      return answer
    } catch {
      throw Self.failure(what, error)
    }
  }

  /// The device's answer to something that it may refuse; nil when it does.
  mutating func ask<Answer: Sendable>(
    _ what: String, _ request: @Sendable (GATTClient) async throws -> Answer
  ) async throws(SessionFailure) -> Answer? {
    do {
      try await settleBetween()
      defer { answered = .now }
      let answer = try await request(session.client)
      await confirmationsArrived(sentBefore: .now)
      return answer
    } catch {
      let failure = Self.failure(what, error)
      if case .requestFailed = failure.end, !Self.hasEnded(error) { return nil }
      throw failure
    }
  }

  private static func hasEnded(_ error: any Error) -> Bool {
    if case .linkEnded = error as? ATTError { true } else { false }
  }

  private static func failure(_ what: String, _ error: any Error) -> SessionFailure {
    switch error {
    case is CancellationError: SessionFailure(.cancelled)
    case ATTError.linkEnded(.channel(let reason)): SessionFailure(.linkEnded(reason: "\(reason)"))
    case ATTError.linkEnded(.closed): SessionFailure(.linkEnded(reason: "\(LinkEnd.closed)"))
    default: SessionFailure(.requestFailed(what: what, reason: "\(error)"))
    }
  }

  /// The whole value of a characteristic, if the device has it and lets it be read.
  mutating func value(of uuid: BluetoothUUID) async throws(SessionFailure) -> [UInt8]? {
    guard let characteristic = database.characteristic(uuid), characteristic.properties.contains(.read) else {
      return nil
    }
    return try await ask("Reading \(uuid)") { try await $0.readLong(characteristic.value) }
  }

  // MARK: Values

  /// The next value; nil when the visit is over: nothing came for as long as the profile waits, and then the device was
  /// left in the profile's way.
  mutating func next() async throws(SessionFailure) -> Incoming? {
    if !hasSaidGoodbye {
      // An earlier visit ended before it could.
      if hasTakenValue, database.tellsNoChanges == true { try await subscribeToServiceChanged() }
      if held == nil { try await askForRecords() }
      if let incoming = try await next(quietFor: hasTakenValue ? policy.quiet : policy.idle) {
        hasTakenValue = true
        return incoming
      }
      if try await openNextUser() {
        (hasAskedForRecords, hasAllRecords) = (false, false)
        return try await next()
      }
      hasSaidGoodbye = true
      guard try await sayGoodbye() else {
        hasSaidGoodbye = false
        return try await next()
      }
    }
    guard policy.end != .disconnect else { return nil }
    // What comes now is a reading like any other.
    return try await next(quietFor: session.departureLimit)
  }

  /// Leaves a device that tells nothing unasked, once all that it had to say is stored, in the profile's way.
  mutating func leave() async throws(SessionFailure) {
    hasSaidGoodbye = true
    _ = try await sayGoodbye()
    guard policy.end != .disconnect else { return }
    do throws(SessionFailure) {
      _ = try await answer(within: session.departureLimit) { _ in nil as Never? }
    } catch {
      guard case .linkEnded = error.end else { throw error }
    }
  }

  /// Writes what the profile wants written at a visit's end.
  ///
  /// - Returns: false when the database had changed, and the device was subscribed to anew.
  private mutating func sayGoodbye() async throws(SessionFailure) -> Bool {
    var command: (characteristic: GATTDatabase.Characteristic, octets: [UInt8])?
    if case .command(let uuid, let octets) = policy.end {
      command = database.characteristic(uuid).map { ($0, octets) }
    }
    guard policy.clearsSubscriptions || command != nil else { return true }
    guard try await verify() == .asRemembered else { return false }
    if policy.clearsSubscriptions {
      for uuid in policy.subscribe {
        guard let characteristic = database.characteristic(uuid), characteristic.clientConfiguration != nil else {
          continue
        }
        _ = try await ask("Ending the subscription to \(uuid)") {
          try await $0.setClientCharacteristicConfiguration(characteristic, .none)
        }
      }
    }
    if let (characteristic, octets) = command {
      _ = try await ask("Writing the end of the visit") { [gate] in
        try await gate.write(
          octets, to: characteristic, isRequest: characteristic.properties.contains(.write), by: $0)
      }
    }
    return true
  }

  /// The next value of one of the driver's characteristics; nil when none comes for `limit`.
  mutating func next(quietFor limit: Duration) async throws(SessionFailure) -> Incoming? {
    if let held {
      self.held = nil
      return held
    }
    if !early.isEmpty { return early.removeFirst() }
    let deadline = ContinuousClock.now + limit
    while !hasAllRecords {
      // Only of a reading without a time stamp does anybody ask whether its confirmation arrived.
      let settles = sent.last { $0.isUntimed }.map { $0.at + session.confirmationSettles }
      switch await inbox.next(before: settles.map { min($0, deadline) } ?? deadline) {
      case .deadlinePassed:
        if let settles, settles <= .now { try await proveConfirmations() }
        if deadline <= .now { return nil }
      case .linkEnded:
        let reason = await session.client.endReason
        throw SessionFailure(.linkEnded(reason: reason.map { "\($0)" } ?? "no reason was given"))
      case .cancelled:
        throw SessionFailure(.cancelled)
      case .value(let value, let date):
        if case .indication = value {
          // An indication may only follow the confirmation of the one before (Vol 3 Part F §3.3.2).
          await confirmationsArrived(sentBefore: value.arrival.instant)
        }
        if let incoming = try await sort(value, date) { return incoming }
      }
    }
    return nil
  }

  /// Whether values of this characteristic were ever asked for.
  private func expects(_ characteristic: GATTDatabase.Characteristic?) -> Bool {
    guard let characteristic else { return false }
    return taken.contains(characteristic.uuid) || policy.subscribe.contains(characteristic.uuid)
      || [.serviceChanged, Self.userControlPointUUID].contains(characteristic.uuid) || characteristic == recordAccess
  }

  /// Nil for a value that is not the driver's.
  private mutating func sort(_ value: HandleValue, _ date: Date) async throws(SessionFailure) -> Incoming? {
    let hasJustDiscovered = try await verify() == .changed
    if !isVerified, !expects(database.characteristic(value: value.handle)) {
      // Nothing vouched for this cache but the device's silence, and that is broken.
      session.progress(.databaseChanged)
      try await discover()
      try await subscribe()
    }
    guard let characteristic = database.characteristic(value: value.handle) else {
      session.progress(.notBelieved(value.handle))
      return nil
    }
    if taken.contains(characteristic.uuid) {
      var incoming = Incoming(
        characteristic: characteristic.uuid, bytes: value.value, receivedAt: date, arrival: value.arrival,
        user: openUser)
      if case .indication(_, _, _, let confirmation) = value { incoming.confirmation = confirmation }
      return incoming
    }
    guard case .indication(_, _, _, let confirmation) = value else { return nil }
    if characteristic.uuid == .serviceChanged {
      if !hasJustDiscovered {
        session.progress(.databaseChanged)
        try await discover(isToldOnce: true)
      }
      // The new database is remembered: now the device may forget that it told us (Part G §7.1).
      try await confirm(confirmation)
      if !hasJustDiscovered { try await subscribe() }
    } else if characteristic == recordAccess {
      // Each record before it is stored by now.
      try await confirm(confirmation)
      try await recordsAnswered(value.value)
    } else if characteristic.uuid == Self.userControlPointUUID {
      controlPointAnswer = value.value
      try await confirm(confirmation)
    } else {
      // Nobody wants the value, and the device sends nothing more until it is confirmed.
      try await confirm(confirmation)
    }
    return nil
  }

  /// What the User Control Point indicates; nil when it says nothing for `limit`. Values that come meanwhile wait.
  mutating func controlPointAnswer(within limit: Duration) async throws(SessionFailure) -> [UInt8]? {
    let deadline = ContinuousClock.now + limit
    while controlPointAnswer == nil {
      switch await inbox.next(before: deadline) {
      case .deadlinePassed: return nil
      case .linkEnded:
        let reason = await session.client.endReason
        throw SessionFailure(.linkEnded(reason: reason.map { "\($0)" } ?? "no reason was given"))
      case .cancelled: throw SessionFailure(.cancelled)
      case .value(let value, let date): if let incoming = try await sort(value, date) { early.append(incoming) }
      }
    }
    return controlPointAnswer
  }

  // MARK: Stored records

  /// The Record Access Control Point beside the driver's characteristics, if the profile wants it asked.
  private var recordAccess: GATTDatabase.Characteristic? {
    guard policy.records == .racp else { return nil }
    let service = database.services.first { service in
      service.characteristics.contains { taken.contains($0.uuid) }
    }
    return service?.characteristics.first { $0.uuid == BluetoothUUID(0x2A52) }
  }

  /// Asks for everything that the device has stored, once a visit; the store knows what it has seen. A device that refuses
  /// is visited like any other.
  private mutating func askForRecords() async throws(SessionFailure) {
    guard !hasAskedForRecords, recordAccess != nil else { return }
    hasAskedForRecords = true
    // The handle is only remembered, and what is written under it is a command.
    try await verify()
    guard let recordAccess else { return }
    _ = try await ask("Asking for its records") { [gate] in
      try await gate.write(
        RecordAccessControlPoint.Command.reportAll.bytes, to: recordAccess, isRequest: true, by: $0)
    }
  }

  /// The device ends its records, or has none. Where it sends nothing else, that ends the visit too.
  private mutating func recordsAnswered(_ bytes: [UInt8]) async throws(SessionFailure) {
    guard let answer = try? RecordAccessControlPoint(bytes),
      case .code(RecordAccessControlPoint.Command.reportAll.bytes.first, let code) = answer.response
    else { return }
    session.progress(.recordsSent(code: code))
    guard taken.count(where: { database.characteristic($0) != nil }) == 1 else { return }
    hasAllRecords = true
    // The link would end before the device has heard the last confirmation.
    try await proveConfirmations()
  }

  // MARK: Confirmations

  /// Confirms what is committed under `id`; only ever called after that.
  ///
  /// - Parameter isUntimed: the reading has no time stamp, so whether its confirmation was sent decides what the same bytes
  ///   are when they come again. It is written down first: after a crash in between, both are kept.
  mutating func confirm(
    _ incoming: Incoming, storedAs id: ObservationID, isUntimed: Bool
  ) async throws(SessionFailure) {
    guard let confirmation = incoming.confirmation else {
      // Of a notification nobody ever knows whether the device will send it again: as of one whose confirmation was sent.
      if isUntimed { try? await session.sink.confirmationSent(id) }
      // One that was erased is refused once: nothing more will be heard of it.
      if id.standsForErased { await session.sink.confirmationArrived(id) }
      return
    }
    if isUntimed {
      do {
        try await session.sink.confirmationSent(id)
      } catch {
        throw SessionFailure(.notStored(reason: "\(error)"))
      }
    }
    // Before it is sent: the device's answer to it must not seem to have come earlier.
    let instant = ContinuousClock.now
    try await confirm(confirmation)
    sent.append((id, instant, isUntimed))
    // Of the others it is good to know, and no more.
    if !isUntimed { try? await session.sink.confirmationSent(id) }
  }

  /// Asks the device anything: its answer, also one that refuses, shows that it heard what was sent before. That the link
  /// still stands shows nothing: a device may have asked for a supervision timeout of many seconds.
  private mutating func proveConfirmations() async throws(SessionFailure) {
    do {
      _ = try await session.client.databaseHash()
    } catch {
      guard case .refused = error as? ATTError else { throw Self.failure("Asking whether it is there", error) }
    }
    await confirmationsArrived(sentBefore: .now)
  }

  /// Confirms a value of which nothing is to be told but that it was taken.
  func confirm(_ confirmation: IndicationConfirmation?) async throws(SessionFailure) {
    do throws(ATTError) {
      try await confirmation?.send()
    } catch {
      throw Self.failure("Confirming a value", error)
    }
  }

  private mutating func confirmationsArrived(sentBefore instant: ContinuousClock.Instant) async {
    let arrived = sent.filter { $0.at <= instant }
    sent.removeAll { $0.at <= instant }
    for confirmation in arrived { await session.sink.confirmationArrived(confirmation.id) }
  }

  /// After the first reading is safe: whether the device had kept its subscription.
  ///
  /// Kept: a value came before anything was written, or before the device had heard the writing. Not kept: one came within
  /// the grace after the writing, so it was waiting for that. A later one tells nothing: the person may have needed that
  /// long. Neither does a visit on which the database had changed: its descriptors are new.
  ///
  /// - Parameter value: the visit's first.
  mutating func learnSubscriptions(from value: Incoming) async {
    // What was asked for tells nothing either.
    guard !isFirstVisit, !hasDiscoveredAgain, !policy.clearsSubscriptions, !hasAskedForRecords else { return }
    if lesson == nil, let subscribed {
      if value.arrival.number < subscribed.number {
        lesson = true
      } else if value.arrival.instant - subscribed.instant <= policy.grace {
        lesson = false
      }
    }
    guard let lesson, lesson != session.keepsSubscriptions else { return }
    await session.sink.remember(keepsSubscriptions: lesson)
  }
}
