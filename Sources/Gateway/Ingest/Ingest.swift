package import AlertRules
import Devices
import Foundation
import LocalAPI
package import Logging
package import Observations
package import Store
import Synchronization

/// Every reading of every device comes through here: commit, then tell who watches.
package final class Ingest: Sendable {
  package let store: Store
  /// What is done with a reading beside keeping it.
  package var policy: IngestPolicy {
    var policy = currentPolicy.withLock { $0 }
    policy.timeIsUncertain = !clock.isRight
    let groups = store.groups
    if !groups.isEmpty { policy.rules = policy.rules.map { $0.among(groups) } }
    return policy
  }
  /// What is known of the box's own clock.
  package let clock: BoxClockWatch
  /// What is told of commits and of the rules' clock.
  package let liveness: Liveness

  private let currentPolicy: Mutex<IngestPolicy>
  private let health: Health
  private let logger: Logger
  private let watchers = Mutex<[Int: @Sendable (IngestEvent) -> Void]>([:])
  private let nextWatcher = Mutex(0)

  /// What is called elsewhere. Not closures alone in a `Mutex`: its value is generic, and a function that is one is converted
  /// out and back, in place, by each access, and stays wrapped in both conversions. One that was read every five seconds became
  /// a chain that grew by some 5 MB a day (Tests/Week).
  struct Calls {
    var unstored: (@Sendable ([OutboxDelivery]) async -> Void)?
    var facts: (@Sendable () async -> GatewayFacts?)?
  }

  let calls = Mutex(Calls())

  /// Whether readings may wait for the clock: what the store has is not asked at every tick.
  private let mayWait = Mutex(true)
  /// When it was last seen whether a series of home readings is over.
  private let lookedForAverages = Mutex<Date?>(nil)
  private static let averagesEvery: TimeInterval = 600
  /// The episodes that a warning stands for.
  private let saidUnanswered = Mutex<Set<String>>([])
  /// The clock's difference from the uptime when it was last looked at.
  private let lastDifference = Mutex<TimeInterval?>(nil)
  /// What the store has of ``BoxClockWatch/known``.
  private let keptKnown = Mutex<BoxClockWatch.Known?>(nil)

  /// - Parameter clock: nobody doubts the box's own clock unless it says otherwise.
  package init(
    store: Store, policy: IngestPolicy, health: Health, logger: Logger,
    clock: BoxClockWatch = BoxClockWatch(trust: .always), liveness: Liveness = Liveness()
  ) {
    self.store = store
    self.liveness = liveness
    self.clock = clock
    currentPolicy = Mutex(policy)
    self.health = health
    self.logger = logger
  }

  /// What became of a reading, for those who watch while it happens (the console, a pairing).
  package enum IngestEvent: Sendable {
    case stored(Observation)
    case alert(AlertTransition)
    case live(LiveReading)
  }

  /// One beat's worth of a live stream.
  package struct LiveReading: Sendable {
    package var device: DeviceID
    package var beatsPerMinute: Int?
    package var isSimulated: Bool
  }

  /// An observation as a visit gives it.
  struct Arrival: Sendable {
    var observation: Observation
    var live: Bool
    /// As of ``UncertainTime/compared``.
    var compared: TimeInterval?
  }

  /// Keeps an observation. When it returns the reading is on disk.
  ///
  /// - Throws: why it could not be committed; nothing may be confirmed then.
  ///
  /// - Parameter compared: as of ``UncertainTime/compared``.
  func commit(_ observation: Observation, live: Bool, compared: TimeInterval? = nil) async throws -> StoreOutcome {
    try await commit([Arrival(observation: observation, live: live, compared: compared)])[0]
  }

  /// Keeps several in one transaction, or, where that fails, each in one of its own: one that cannot be kept takes no other
  /// with it. All are on disk when it returns.
  ///
  /// - Returns: what became of each, in their order.
  /// - Throws: why one could not be kept; the others may have been.
  func commit(_ arrivals: [Arrival]) async throws -> [StoreOutcome] {
    let policy = policy
    let readings = arrivals.map { arrival in
      let (observation, uncertain) = clock.judge(
        arrival.observation, compared: arrival.compared, timeZone: policy.timeZone)
      return NewReading(observation, live: Self.isLive(observation, arrival.live, uncertain), uncertain: uncertain)
    }
    if readings.count > 1, let outcomes = try? await keep(readings, by: policy) { return outcomes }
    var outcomes: [StoreOutcome] = []
    var failure: StoreFailure?
    for reading in readings {
      do {
        outcomes += try await keep([reading], by: policy)
      } catch {
        await notStored(reading.observation, error)
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return outcomes
  }

  private func keep(_ readings: [NewReading], by policy: IngestPolicy) async throws(StoreFailure) -> [StoreOutcome] {
    let work = liveness.begin(.ingest)
    defer { liveness.end(work) }
    await keepWaits()
    let outcomes = try await store.commit(readings, policy: policy, now: clock.now().wall)
    // Only now: what looks for it meanwhile must not find nothing and forget it.
    if readings.contains(where: { $0.uncertain != nil }) { mayWait.withLock { $0 = true } }
    noteWriting(nil)
    return outcomes.map { outcome in
      switch outcome {
      case .duplicate(let id): return .duplicate(id)
      case .stored(let kept, let transitions):
        logger.info(
          "stored an observation of \(kept.kind.rawValue)",
          metadata: ["device": "\(kept.device)", "observation": "\(kept.id)"])
        tell(.stored(kept))
        for transition in transitions { tell(.alert(transition)) }
        return .stored(kept.id)
      }
    }
  }

  /// Whether a reading was taken just now, where the driver knew only a clock that was wrong. While nobody knows the right
  /// one, a device's stamp that was not compared with ours has no age: an old reading told as a new one does less harm than
  /// the other way round.
  private static func isLive(_ observation: Observation, _ live: Bool, _ uncertain: UncertainTime?) -> Bool {
    switch observation.effective.basis {
    case .received, .betweenVisits, .window, .boxClockUnknown: return live
    case .deviceClock, .deviceClockCorrected, .deviceClockUnchecked: break
    }
    if let uncertain { return live || uncertain.compared == nil }
    guard observation.marks.contains(.timeCorrected) else { return live }
    return observation.provenance.receivedAt.timeIntervalSince(observation.effective.end) <= ReadingTime.liveWithin
  }

  /// A write failed that a confirmation waited for, or works again.
  func noteWriting(_ error: StoreFailure?) {
    switch error {
    case nil: health.clear(HealthWarning.Kind.storeNotCommitting)
    case .cancelled: break
    case .some(let error):
      health.warn(
        HealthWarning.Kind.storeNotCommitting, .error, "Readings cannot be stored: \(error).",
        remedy: Self.remedy(for: error) + "Until this is mended the devices keep their readings and send them again.")
    }
  }

  /// A file system that gave up after an error takes nothing until it is mounted anew, and it cannot be while we use it.
  private static func remedy(for error: StoreFailure) -> String {
    switch error {
    case .readOnly, .io: "Start the box anew, which checks its disk; when it comes again, replace the disk. "
    default: ""
    }
  }

  /// Goes by another policy from now on. What is being committed goes by the one before.
  package func adopt(_ policy: IngestPolicy) { currentPolicy.withLock { $0 = policy } }

  /// Nothing is confirmed, so the device keeps the reading; but a crisis is told now, from memory.
  private func notStored(_ observation: Observation, _ error: StoreFailure) async {
    guard error != .cancelled else { return }
    noteWriting(error)
    let policy = policy
    let transitions = store.evaluateUnstored(observation, policy: policy, now: clock.now().wall)
    await tell(transitions, policy)
  }

  /// To those who watch, and, what could not be stored, to the destinations: there is no row that would bring it there.
  private func tell(_ transitions: [AlertTransition], _ policy: IngestPolicy) async {
    guard !transitions.isEmpty else { return }
    for transition in transitions { tell(.alert(transition)) }
    let deliveries = store.unstoredDeliveries(of: transitions, policy: policy, now: clock.now().wall)
    guard !deliveries.isEmpty, let forward = calls.withLock({ $0 }).unstored else { return }
    await forward(deliveries)
  }

  /// Tells those who watch of changes that were committed elsewhere.
  func tellCommitted(_ transitions: [AlertTransition]) {
    for transition in transitions { tell(.alert(transition)) }
  }

  /// What is done with alerts that could not be committed: they leave all the same.
  package func tellUnstored(_ forward: @escaping @Sendable ([OutboxDelivery]) async -> Void) {
    calls.withLock { $0.unstored = forward }
  }

  /// Where it is looked at what the gateway's own state is, for the rules about it; nil: not this time.
  package func look(_ facts: @escaping @Sendable () async -> GatewayFacts?) {
    calls.withLock { $0.facts = facts }
  }

  /// Shows one beat of a stream to the rules.
  func live(_ sample: LiveSample) async {
    tell(
      .live(
        LiveReading(device: sample.device, beatsPerMinute: sample.beatsPerMinute, isSimulated: sample.isSimulated)))
    guard let rate = sample.beatsPerMinute else { return }
    let ruleSample = RuleSample(
      device: sample.device, patient: nil, effective: sample.at, receivedAt: sample.at,
      values: [.heartRate: Decimal(rate)], isSimulated: sample.isSimulated, origin: .stream)
    await keepWaits()
    let now = clock.now().wall
    let policy = policy
    guard let transitions = try? await store.evaluateLive(ruleSample, policy: policy, now: now) else { return }
    await tell(transitions, policy)
  }

  /// Lets time pass for the rules.
  package func tick() async {
    // Each step says that it goes on: together they may take longer than any of them.
    defer { liveness.turned() }
    await keepWaits()
    await lookAtStore()
    liveness.turned()
    await lookAtClock()
    liveness.turned()
    let policy = policy
    let known = await calls.withLock { $0 }.facts?()
    liveness.turned()
    guard let transitions = try? await store.tick(policy: policy, now: clock.now().wall, facts: known) else { return }
    liveness.turned()
    await tell(transitions, policy)
    lookAtLadders()
    await completeAverages(policy)
  }

  /// Keeps what finished series of home readings came to. A series is over with its day, so a look now and then is enough;
  /// one that fails is repeated.
  private func completeAverages(_ policy: IngestPolicy) async {
    let now = clock.now().wall
    let isDue = lookedForAverages.withLock { last in
      // A clock that was set back does not stop it.
      if let last, abs(now.timeIntervalSince(last)) < Self.averagesEvery { return false }
      last = now
      return true
    }
    guard isDue else { return }
    do {
      _ = try await store.completeAverages(policy: policy, now: now)
    } catch {
      logger.warning("the averages of home readings could not be kept", metadata: ["error": "\(error)"])
    }
  }

  /// Nobody answered: the box says so as loudly as it can.
  private func lookAtLadders() {
    let unanswered = Set(store.episodes().filter { $0.isUnanswered && !$0.isAcknowledged }.map(\.id.rawValue))
    for episode in unanswered {
      health.warn(
        HealthWarning.Kind.alertUnanswered, about: episode, .error,
        "An alert was told to everybody, and nobody answered.",
        remedy: "Go and look at the person; 'vitals alerts --open' shows the alert, 'vitals ack --by NAME' answers it.")
    }
    for episode in saidUnanswered.withLock({ said in
      defer { said = unanswered }
      return said.subtracting(unanswered)
    }) {
      health.clear(HealthWarning.Kind.alertUnanswered, about: episode)
    }
  }

  /// While readings could not be stored, whether they can be again: the next reading may be a day away.
  private func lookAtStore() async {
    guard health.warnings.contains(where: { $0.kind == HealthWarning.Kind.storeNotCommitting }) else { return }
    do {
      try await store.setSetting("last-write-trial", to: "\(Date().timeIntervalSince1970)")
      noteWriting(nil)
    } catch {}
  }

  // MARK: The box's own clock

  /// What an earlier process knew of the clock. To be called before the first reading.
  package func recallClock() async {
    guard let text = try? await store.setting(Self.knownSetting),
      let known = try? JSONDecoder().decode(BoxClockWatch.Known.self, from: Data(text.utf8))
    else { return }
    keptKnown.withLock { $0 = known }
    clock.known = known
  }

  private static let knownSetting = "clock-known"
  /// How often it is written down, in seconds, that the clock is right: what a reading's period may be too long by.
  /// Each time is a commit, and an idle box makes no other: not more often than an hour.
  private static let knownEvery: TimeInterval = 3600

  /// Once the clock is right, what waited for it gets its times and goes; until then that it waits is said.
  private func lookAtClock() async {
    let now = clock.now()
    do throws(StoreFailure) {
      guard now.isRight else {
        let waiting = try await store.waitingForClock()
        return health.warn(
          HealthWarning.Kind.clockUnsynchronised, .warning,
          "The box's clock is not known to be right; \(waiting.readings) readings wait for it. Alerts are sent.",
          remedy: BoxClock.remedy, parameters: ["count": "\(waiting.readings)"])
      }
      health.clear(HealthWarning.Kind.clockUnsynchronised)
      if mayWait.withLock({ $0 }) { try await settleTimes(now) }
      try await keepKnown()
    } catch {
      // Said once, until it works again: a card that takes no more is found out although no reading comes.
      noteWriting(error)
    }
  }

  /// A clock that was set must not bring the next step of a ladder nearer, nor put it off. To be called before anything is
  /// decided: what begins by the clock as it is now must not be moved with what began by the one before.
  private func keepWaits() async {
    let difference = clock.now().difference
    let jump = lastDifference.withLock { last in
      defer { last = difference }
      return last.map { difference - $0 } ?? 0
    }
    guard abs(jump) >= Self.leastJump else { return }
    logger.notice("the clock was set by \(Int(jump)) s; what is waited for is as far away as before")
    do {
      try await store.shiftWaits(by: jump, now: clock.now().wall)
    } catch {
      guard error != .cancelled else { return }
      logger.error("what is waited for keeps the time of the clock before: \(error)")
    }
  }

  /// Seconds; less is a clock that is being kept in step.
  private static let leastJump: TimeInterval = 5

  private func settleTimes(_ now: BoxClockWatch.Now) async throws(StoreFailure) {
    // One that arrives meanwhile says so again.
    mayWait.withLock { $0 = false }
    let correction = BoxClockCorrection(timeZone: policy.timeZone)
    let boot = clock.boot
    do {
      let settled = try await store.settleTimes(policy: policy, now: now.wall) { observation, time in
        time.boot == boot
          ? correction.corrected(observation, time, difference: now.difference)
          : correction.bounded(observation, time, known: now.wall)
      }
      if !settled.isEmpty { logger.notice("the clock is right: \(settled.count) readings have their times now") }
    } catch {
      mayWait.withLock { $0 = true }
      throw error
    }
  }

  private func keepKnown() async throws(StoreFailure) {
    guard let known = clock.known else { return }
    let isKept = keptKnown.withLock { kept in
      guard let kept, kept.boot == known.boot else { return false }
      return abs(known.until.timeIntervalSince(kept.until)) < Self.knownEvery
        && abs(known.difference - kept.difference) < BoxTimeline.step
    }
    guard !isKept, let data = try? JSONEncoder().encode(known) else { return }
    try await store.setSetting(Self.knownSetting, to: String(decoding: data, as: UTF8.self))
    keptKnown.withLock { $0 = known }
  }

  // MARK: Watching

  /// Calls `body` for everything from now on, until cancelled.
  package func watch(_ body: @escaping @Sendable (IngestEvent) -> Void) -> IngestWatch {
    let number = nextWatcher.withLock { number in
      number += 1
      return number
    }
    watchers.withLock { $0[number] = body }
    return IngestWatch { [weak self] in self?.watchers.withLock { _ = $0.removeValue(forKey: number) } }
  }

  /// Calls `body` for each observation of `device` that is stored from now on, until cancelled.
  func stored(of device: DeviceID, _ body: @escaping @Sendable (Observation) -> Void) -> IngestWatch {
    watch { event in
      if case .stored(let observation) = event, observation.device == device { body(observation) }
    }
  }

  private func tell(_ event: IngestEvent) {
    for watcher in watchers.withLock({ Array($0.values) }) { watcher(event) }
  }
}

/// Ends a watch.
package struct IngestWatch: Sendable {
  let end: @Sendable () -> Void
  package func cancel() { end() }
}
