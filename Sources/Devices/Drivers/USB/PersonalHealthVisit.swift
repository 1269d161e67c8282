import Foundation
import Observations
import USBHost
import WireFormats

/// One agent on its cable from plugging in to unplugging: ``PersonalHealthManager`` decides, this carries it out.
///
/// The agent speaks first, so that one loop is enough: a piece comes, or a time is over, and what follows is done.
struct PersonalHealthVisit: Sendable {
  private enum Limit {
    /// A transfer that waits for an agent which has nothing to say is begun anew so often.
    static let idle: Duration = .seconds(60)
    /// A device that says nothing at the beginning may still think that it is associated, with a gateway that was
    /// killed: it is told the end.
    static let hail: Duration = .seconds(5)
    /// A report waits so long for what the agent's clock shows. Some agents answer nothing while they wait for a
    /// confirmation.
    static let clock: Duration = .seconds(1)
    /// Between two pieces of one APDU.
    static let piece: Duration = .seconds(10)
    /// For the whole of a farewell.
    static let farewell: Duration = .seconds(1)
    /// Pieces and APDUs that bring nothing, one after the other.
    static let patience = 64
    /// Reports that wait for the agent's clock.
    static let held = 64
    /// Seconds that a clock may be wrong before it is set, where setting is allowed.
    static let clockError: TimeInterval = 60
  }

  private var session: USBSession
  private let agents: AgentDirectory
  private let link: PersonalHealthLink
  private let driver: String
  private var manager: PersonalHealthManager
  private var assembler = APDUAssembler()
  private var readings: PersonalHealthReadings?
  private var known: (systemID: [UInt8], entry: AgentDirectory.Entry)?

  private var timer: (number: Int, at: ContinuousClock.Instant)?
  private var hailAt: ContinuousClock.Instant?
  private var lastPiece = ContinuousClock.now
  private var patience = Limit.patience
  private var associations = 0

  // Of one association.
  private var configuration: AgentConfiguration?
  /// When the MDS was asked for its attributes; nil when it was answered.
  private var asked: (at: Date, holdUntil: ContinuousClock.Instant)?
  private var held: [ManagerReport] = []
  private var stores: [UInt16] = []
  private var segments: [SegmentInfo] = []
  private var hasMoreToAsk = false
  private var settableClock: (offset: TimeInterval?, isAsked: Bool)?

  init(_ session: USBSession, _ agents: AgentDirectory, _ link: PersonalHealthLink, driver: String) {
    self.session = session
    self.agents = agents
    self.link = link
    self.driver = driver
    manager = PersonalHealthManager(systemID: agents.managerSystemID)
  }

  // MARK: The loop

  /// Until the device is unplugged, the task is cancelled, or something ends it.
  mutating func run() async throws(SessionFailure) -> Never {
    hailAt = .now + Limit.hail
    try await handle(.connected)
    while true {
      try await passTime()
      let piece: [UInt8]
      do throws(USBFailure) {
        let wait = min(Limit.idle, (nextTime ?? .now + Limit.idle) - .now)
        piece = try await link.receive(limit: max(.milliseconds(1), wait))
      } catch {
        try await notReceived(error)
        continue
      }
      try await received(piece)
    }
  }

  private var nextTime: ContinuousClock.Instant? {
    [
      timer?.at, hailAt, held.isEmpty ? nil : asked?.holdUntil,
      assembler.held > 0 ? lastPiece + Limit.piece : nil,
    ].compactMap { $0 }.min()
  }

  private mutating func passTime() async throws(SessionFailure) {
    let now = ContinuousClock.now
    if let due = timer, due.at <= now {
      timer = nil
      try await handle(.timedOut(due.number))
    }
    if let hail = hailAt, hail <= now {
      hailAt = nil
      try await send(APDU.abort(reason: .undefined).bytes)
    }
    if let asked, !held.isEmpty, asked.holdUntil <= now { try await storeHeld() }
    if assembler.held > 0, lastPiece + Limit.piece <= now {
      agents.note("the rest of an APDU did not come")
      try await beginAnew()
    }
  }

  private mutating func notReceived(_ failure: USBFailure) async throws(SessionFailure) {
    switch failure {
    case .timedOut: return
    case .stalled(let endpoint):
      try spend()
      do throws(USBFailure) {
        try await link.channel.clearHalt(endpoint)
      } catch {
        throw SessionFailure(error, "Ending a halt of the device")
      }
      try await beginAnew()
    case .overflow:
      try spend()
      try await beginAnew()
    case .removed:
      let isAtRest = isAtRest
      try await handle(.disconnected)
      // A device that is taken away when it has said all is no failure.
      throw isAtRest && associations > 0 ? SessionFailure(.idle) : SessionFailure(failure, "Waiting for the device")
    default: throw SessionFailure(failure, "Waiting for the device")
    }
  }

  /// Nothing that was begun is unfinished.
  private var isAtRest: Bool {
    switch manager.state {
    case .unassociated, .disconnected: assembler.held == 0
    case .operating: assembler.held == 0 && held.isEmpty && !hasMoreToAsk
    case .associating, .waitingForConfiguration, .checkingConfiguration, .disassociating: false
    }
  }

  /// Where the pieces of an APDU are lost, nothing says where the next one begins.
  private mutating func beginAnew() async throws(SessionFailure) {
    assembler.reset()
    try await handle(.abort)
  }

  private mutating func received(_ piece: [UInt8]) async throws(SessionFailure) {
    guard !piece.isEmpty else { return try spend() }
    // Perhaps the rest of a transfer that was cut when an earlier visit ended: as the beginning of an APDU it would
    // swallow those that follow.
    if assembler.held == 0, !Self.beginsAPDU(piece) {
      try spend()
      return try await beginAnew()
    }
    hailAt = nil
    lastPiece = .now
    let whole: [[UInt8]]
    do throws(DecodingFailure) {
      whole = try assembler.add(piece)
    } catch {
      agents.note("\(error)")
      try spend()
      return try await beginAnew()
    }
    for apdu in whole {
      try spend()
      try await handle(.received(apdu))
    }
  }

  /// The choice of an APDU is one of 0xE200–0xE700 (20601 Annex A).
  private static func beginsAPDU(_ piece: [UInt8]) -> Bool {
    0xE2...0xE7 ~= piece[0] && (piece.count < 2 || piece[1] == 0)
  }

  private mutating func spend() throws(SessionFailure) {
    patience -= 1
    guard patience > 0 else {
      throw SessionFailure(
        .damaged(what: "Talking with the device", reason: "It went on without a message that means anything here."))
    }
  }

  // MARK: The manager's wishes

  private mutating func handle(_ event: ManagerEvent) async throws(SessionFailure) {
    var actions = manager.handle(event)[...]
    while let action = actions.popFirst() {
      for further in try await perform(action) { actions += manager.handle(further) }
    }
  }

  /// - Returns: what the manager is to hear of it.
  private mutating func perform(_ action: ManagerAction) async throws(SessionFailure) -> [ManagerEvent] {
    switch action {
    case .send(let apdu): try await send(apdu)
    case .startTimer(let number, let milliseconds): timer = (number, .now + .milliseconds(milliseconds))
    case .stopTimer: timer = nil
    case .lookUp(let key):
      try await identify(key.systemID)
      return [.lookedUp(await agents.recall(key).flatMap { $0.isUsable ? $0 : nil })]
    case .remember(let learned):
      await agents.remember(learned)
      return [.remembered]
    case .operating(let configuration): return try await begin(configuration)
    case .report(let report):
      if asked != nil, held.count < Limit.held {
        held.append(report)
      } else {
        return try await store(report)
      }
    case .segment(let segment): return try await store(segment)
    case .answered(let request, let answer): return try await answered(request, answer)
    case .failed(_, .ended): break
    case .failed(let request, let failure): return try await failed(request, failure)
    case .problem(let failure): agents.note("\(failure)")
    case .ended(let end): try await ended(end)
    }
    return []
  }

  private func send(_ apdu: [UInt8]) async throws(SessionFailure) {
    do throws(USBFailure) {
      try await link.send(apdu)
    } catch {
      throw SessionFailure(error, "Sending to the device")
    }
  }

  /// From here on it is known whose readings come.
  private mutating func identify(_ systemID: [UInt8]) async throws(SessionFailure) {
    do {
      let entry = try await agents.entry(systemID)
      known = (systemID, entry)
      session.device = entry.device
      session.sink = entry.sink
      session.previousVisit = entry.previousVisit
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
  }

  private mutating func begin(_ configuration: AgentConfiguration) async throws(SessionFailure) -> [ManagerEvent] {
    let systemID = manager.agent?.systemID ?? []
    // A standard configuration is not looked up.
    if known?.systemID != systemID { try await identify(systemID) }
    associations += 1
    patience = Limit.patience
    self.configuration = configuration
    readings = PersonalHealthReadings(session, driver: driver, clockOffset: known?.entry.clockOffset)
    stores = configuration.pmStores
    segments = []
    hasMoreToAsk = true
    settableClock = nil
    asked = (session.receivedNow(), .now + Limit.clock)
    return [.request(.attributes(handle: 0))]
  }

  private mutating func ended(_ end: ManagerEnd) async throws(SessionFailure) {
    let isAtRest = configuration != nil && held.isEmpty && !hasMoreToAsk && assembler.held == 0
    // One that asks for no answer will not be sent again.
    while !held.isEmpty { _ = try await store(held.removeFirst()) }
    configuration = nil
    readings = nil
    asked = nil
    stores = []
    segments = []
    hasMoreToAsk = false
    guard let device = known?.entry.device else { return }
    // The next one may be another agent's, and what is remembered of this one changes with its end.
    known = nil
    let reason: SessionEnd =
      switch end {
      case .releasedByAgent, .released: .idle
      case .disconnected: isAtRest ? .idle : .linkEnded(reason: "\(USBFailure.removed)")
      case .abortedByAgent(let reason):
        .requestFailed(what: "The association", reason: "The device ended it (reason \(reason.rawValue)).")
      case .aborted: .requestFailed(what: "The association", reason: "The device said what it may not say then.")
      case .timedOut: .noAnswer(to: "The association")
      case .rejected(let result):
        .requestFailed(what: "The association", reason: "It was rejected (\(result.rawValue)).")
      }
    await agents.departed(device, reason)
  }

  // MARK: Readings

  private mutating func store(_ report: ManagerReport) async throws(SessionFailure) -> [ManagerEvent] {
    guard let readings else { return [] }
    try await readings.store(report.reading, octets: report.octets, isFromMemory: false)
    patience = Limit.patience
    return report.token.map { [.committed($0)] } ?? []
  }

  private mutating func storeHeld() async throws(SessionFailure) {
    while !held.isEmpty {
      for event in try await store(held.removeFirst()) { try await handle(event) }
    }
  }

  private mutating func store(_ segment: ManagerSegment) async throws(SessionFailure) -> [ManagerEvent] {
    guard let readings, let configuration else { return [] }
    let entries: [AgentConfiguration.SegmentEntry]
    do throws(DecodingFailure) {
      entries = try read(segment.event, configuration)
    } catch {
      try await readings.keep(segment.event.entries, "\(error)")
      return [.committed(segment.token)]
    }
    let count = segments.first { $0.instance == segment.event.instance }?.usageCount.map { Int($0) }
    for (index, entry) in entries.enumerated() {
      let number = Int(segment.event.firstEntry) + index + 1
      if let count, number <= count { session.progress(.record(number: number, of: count)) }
      try await readings.store(entry.reading, octets: entry.octets, isFromMemory: true)
    }
    patience = Limit.patience
    return [.committed(segment.token)]
  }

  private func read(
    _ event: SegmentDataEvent, _ configuration: AgentConfiguration
  ) throws(DecodingFailure) -> [AgentConfiguration.SegmentEntry] {
    guard let info = segments.first(where: { $0.instance == event.instance }), let map = try info.entryMap() else {
      throw .truncated(field: "SegmentInfo: PM-Segment-Entry-Map", offset: 0, need: 1, have: 0)
    }
    return try configuration.entries(event, map: map, person: info.personID)
  }

  // MARK: What the agent is asked

  private mutating func answered(
    _ request: ManagerRequest, _ answer: ManagerAnswer
  ) async throws(SessionFailure) -> [ManagerEvent] {
    patience = Limit.patience
    switch (request, answer) {
    case (.attributes(handle: 0), .attributes(let list)):
      await learn(AgentAttributes(list))
      return try await afterAttributes()
    case (.attributes(let store), .attributes): return [.request(.segmentInfo(store: store, .all))]
    case (.segmentInfo(let store, _), .segments(let list)):
      segments = list.filter { $0.usageCount != 0 }
      return proceed(store)
    case (.transfer(let store, let instance), _):
      segments.removeAll { $0.instance == instance }
      return proceed(store)
    case (.setTime, _):
      let now = session.receivedNow()
      readings?.clockWritten = now
      hasMoreToAsk = false
      await session.sink.remember(clockOffset: 0, at: now)
      session.progress(.clockWritten)
    default: break
    }
    return []
  }

  private mutating func failed(
    _ request: ManagerRequest, _ failure: ManagerFailure
  ) async throws(SessionFailure) -> [ManagerEvent] {
    switch request {
    case .attributes(handle: 0):
      agents.note("the agent does not say what it is: \(failure)")
      return try await afterAttributes()
    case .attributes(let store): return [.request(.segmentInfo(store: store, .all))]
    case .segmentInfo:
      agents.note("the agent does not say what it has stored: \(failure)")
      return nextStore()
    case .transfer(let store, let instance):
      agents.note("segment \(instance) of store \(store) did not come: \(failure)")
      segments.removeAll { $0.instance == instance }
      return proceed(store)
    case .setTime:
      agents.note("the agent's clock was not set: \(failure)")
      hasMoreToAsk = false
    case .clear: break
    }
    return []
  }

  private mutating func afterAttributes() async throws(SessionFailure) -> [ManagerEvent] {
    asked = nil
    var events: [ManagerEvent] = []
    while !held.isEmpty { events += try await store(held.removeFirst()) }
    return events + nextStore()
  }

  private mutating func nextStore() -> [ManagerEvent] {
    segments = []
    guard !stores.isEmpty else { return setClock() }
    return [.request(.attributes(handle: stores.removeFirst()))]
  }

  private mutating func proceed(_ store: UInt16) -> [ManagerEvent] {
    guard let segment = segments.first else { return nextStore() }
    return [.request(.transfer(store: store, instance: segment.instance))]
  }

  private mutating func learn(_ attributes: AgentAttributes) async {
    let information = attributes.information(systemID: known?.systemID)
    session.progress(.discovered(information))
    await session.sink.remember(information: information)
    if let battery = attributes.battery {
      session.progress(.battery(battery))
      await session.sink.remember(battery: battery)
    }
    let now = session.receivedNow()
    let ours = asked.map { $0.at.addingTimeInterval(now.timeIntervalSince($0.at) / 2) } ?? now
    readings?.relativeStart = attributes.relativeTime.map { PersonalHealthNormalisation.relativeStart($0, at: ours) }
    let offset = attributes.clock(in: session.timeZone)?.timeIntervalSince(ours)
    if let offset {
      readings?.clockOffset = offset
      session.progress(.clock(offset: offset))
      await session.sink.remember(clockOffset: offset, at: ours)
    } else if attributes.hasClock {
      session.progress(.clockUnusable)
    }
    if let time = attributes.timeInformation, time.canBeSet { settableClock = (offset, time.asksToBeSet) }
  }

  /// After its memory was read, whose stamps are of the clock as it was.
  private mutating func setClock() -> [ManagerEvent] {
    guard session.value(of: PersonalHealthDriver.clockWrite) == 1, session.ourClockIsRight, let clock = settableClock,
      clock.isAsked || clock.offset.map({ abs($0) > Limit.clockError }) ?? true
    else {
      hasMoreToAsk = false
      return []
    }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = session.timeZone
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: session.receivedNow())
    return [
      .request(
        .setTime(
          AbsoluteTime(
            DateTime(
              year: UInt16(clamping: parts.year ?? 0), month: UInt8(clamping: parts.month ?? 0),
              day: UInt8(clamping: parts.day ?? 0), hours: UInt8(clamping: parts.hour ?? 0),
              minutes: UInt8(clamping: parts.minute ?? 0), seconds: UInt8(clamping: parts.second ?? 0)))))
    ]
  }

  // MARK: The end

  /// Tells the agent that the association is over, where there is one: it then keeps what was not confirmed. After a
  /// cancelled visit by a release, after a failure by an abort.
  func leave(_ end: SessionEnd) async {
    switch end {
    case .idle, .linkEnded: break
    default:
      let visit = self
      let event: ManagerEvent = end == .cancelled ? .release : .abort
      // A task of its own: the transfers of a cancelled one end before they begin.
      await Task { await visit.sayFarewell(event) }.value
    }
    if let known { await agents.departed(known.entry.device, end) }
  }

  private func sayFarewell(_ event: ManagerEvent) async {
    var manager = manager
    var assembler = assembler
    let deadline = ContinuousClock.now + Limit.farewell
    guard manager.state != .unassociated, await send(manager.handle(event)) else { return }
    while manager.state == .disassociating, ContinuousClock.now < deadline {
      guard let piece = try? await link.receive(limit: deadline - .now), let whole = try? assembler.add(piece) else {
        return
      }
      for apdu in whole { _ = await send(manager.handle(.received(apdu))) }
    }
  }

  private func send(_ actions: [ManagerAction]) async -> Bool {
    for case .send(let apdu) in actions {
      guard (try? await link.send(apdu, limit: Limit.farewell)) != nil else { return false }
    }
    return true
  }
}
