import AlertRules
import Foundation
import Logging
import Observations
import Store

/// Brings the rows of one destination out, one batch after the other. It waits for nothing but its own destination.
///
/// While the destination fails, each alert keeps its own time table, so that a new one is tried densely though old ones have
/// thinned out; readings share one. What is tried is the oldest row, and once it gets through, all that wait follow in
/// their order, whatever their time tables say. Between two tries lies what the destination asked for, or a second,
/// however many rows are due.
actor DestinationQueue {
  let id: DestinationID
  private let kind: ForwarderKind
  private let settings: DestinationSettings
  private let surroundings: ForwarderSurroundings
  /// Nil while something about the destination is wrong that may be mended without a restart, such as its secret's file.
  private var forwarder: (any Forwarder)?
  private let retry: RetryPolicy
  private let store: Store
  private let log: Logger
  private let clock: ForwardingClock
  nonisolated let wake = WakeSignal()

  private var lastSuccess: Date?
  private var lastFailure: Date?
  private var lastFailureReason: String?
  private var isFailing = false
  /// What the log was told of the outbox, while it goes wrong, and how often it has.
  private var saidOfOutbox: Set<String> = []
  private var outboxFailures = 0
  /// While failing: since when, by both clocks, and whether somebody has to do something about it.
  private var failingSince: (steady: ContinuousClock.Instant, wall: Date)?
  private var isRefused = false
  /// Whose readings wait for a reason that lies in the destination's record of them, and what it is.
  private var held: [PatientID: String] = [:]
  private var pace: DeliveryPace
  /// Somebody asked for a try, and it has not been answered yet.
  private var isAskedFor = false
  /// How often somebody asked for one.
  private var asks = 0
  /// While failing: no try before this.
  private var restsUntil = ContinuousClock.now
  /// While failing: how often in a row, and no try before this of what was tried before. A destination that is away for days
  /// is asked every few minutes, and its rows are written only when something about them changes, and once in an hour: the
  /// card wears out by what is written, and nobody needs to know of each attempt.
  private var failuresInRow = 0
  private var patientUntil = ContinuousClock.now
  /// When retries were last written, and which reasons since.
  private var wroteRetries: (at: ContinuousClock.Instant, reasons: Set<String>)?
  private static let writesRetriesEvery: Duration = .seconds(3600)
  /// Refused for good since start.
  private var rejected = 0
  private var lastRejection: (at: Date, reason: String)?

  /// Both clocks at the last step: time tables are kept by the wall clock, and it may be set.
  private var clocks: (wall: Date, steady: ContinuousClock.Instant)?
  /// True at start: time tables were made by a clock that may have been set since.
  private var isCatchingUp = true
  /// While catching up: rows that failed by themselves, and people whose later readings must not overtake one.
  private var postponed: (rows: Set<DeliveryID>, people: Set<PatientID>) = ([], [])
  /// The newest row there was at start: what is older and was never tried may have left before the process ended. Nil: not
  /// looked yet.
  private var newestAtStart: DeliveryID?
  /// They were refused in one message, for the sake of that message: each goes by itself.
  private var apart: Set<DeliveryID> = []

  /// A delivery without a row, and when it is due.
  private struct Unstored {
    var delivery: Delivery
    var due: ContinuousClock.Instant
  }
  private var unstored: [Unstored] = []

  /// - Throws: ``DestinationFault/unknownKind(_:known:)``. Everything else that is wrong with the settings is a failure of
  ///   this destination, and of no other.
  init(
    _ settings: DestinationSettings, _ surroundings: ForwarderSurroundings, store: Store, log: Logger,
    clock: ForwardingClock
  ) throws(DestinationFault) {
    id = settings.id
    pace = DeliveryPace(settings.pace)
    kind = try ForwarderKinds.named(settings.kind)
    self.settings = settings
    self.surroundings = surroundings
    retry = settings.retry ?? kind.retry
    self.store = store
    self.log = log
    self.clock = clock
  }

  /// Until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      do {
        let before = outboxFailures
        let pause = try await step()
        if outboxFailures == before { saidOfOutbox = [] }
        if let pause { await clock.wait(wake, pause) }
      } catch is CancellationError {
        return
      } catch let failure as StoreFailure where failure == .cancelled {
        return
      } catch {
        // What was brought out may come again: receivers refuse it twice. Slowly, until the store can record it.
        noteOutbox("\(error)")
        await clock.wait(wake, .seconds(5))
      }
    }
  }

  /// For deliveries that have no row, since the store could not make one: kept in memory until they are out.
  func tell(_ deliveries: [Delivery]) {
    let now = clock.steady()
    unstored += deliveries.map { Unstored(delivery: $0, due: now) }
    // A device that repeats one crisis over a full disk for days must not eat the memory; the newest count.
    unstored.removeFirst(max(0, unstored.count - 100))
    wake.ring()
  }

  /// Somebody may just have mended what only somebody can mend.
  func lookAgain() {
    if isRefused { tryAnew() }
  }

  /// What waits in memory and has no row.
  var untold: [Delivery] { unstored.map(\.delivery) }

  func status(waiting: Int?) -> DestinationStatus {
    DestinationStatus(
      id: id, kind: kind.name, waiting: waiting, lastSuccess: lastSuccess, lastFailure: lastFailure,
      lastFailureReason: lastFailureReason, isFailing: isFailing, rejected: rejected,
      lastRejection: lastRejection?.at, lastRejectionReason: lastRejection?.reason, waitingUnstored: unstored.count,
      failingSince: failingSince?.wall, needsSomebody: isRefused,
      isCatchingUp: isCatchingUp && !isFailing && kind.takesAlerts, held: held)
  }

  /// Whatever is known of the destination is looked at anew, and what waits is tried now.
  func tryAnew() {
    forwarder = nil
    held = [:]
    // Somebody waits for it: it is not spread over the minutes in which a crowd comes back.
    pace = DeliveryPace(settings.pace)
    isAskedFor = true
    asks += 1
    isCatchingUp = true
    postponed = ([], [])
    restsUntil = clock.steady()
    patientUntil = restsUntil
    for index in unstored.indices { unstored[index].due = restsUntil }
    wake.ring()
  }

  /// Somebody asked for a try while one was under way that had begun before whatever they mended, and it failed: another
  /// follows, and not when the time table of that failure says.
  ///
  /// - Parameter before: ``asks``, when it began.
  private func heed(_ before: Int) {
    guard asks != before, isFailing else { return }
    isCatchingUp = true
    restsUntil = clock.steady() + Self.leastRest
    patientUntil = restsUntil
    for index in unstored.indices { unstored[index].due = restsUntil }
  }

  // MARK: On somebody's word

  nonisolated var isWebhook: Bool { kind.name == WebhookForwarder.kind.name }
  /// By the wall clock that its time tables are kept by.
  nonisolated var now: Date { clock.wall() }

  /// How it stands as a webhook; nil: it is none.
  func webhook(waiting: Int?, lastDelivered: Date?) async -> WebhookStatus? {
    guard isWebhook else { return nil }
    let status = status(waiting: waiting)
    let address = (try? settings.address())?.redacted
    var next: Date?
    if waiting != 0, let due = try? await store.nextDue(for: id) {
      next = max(due, clock.wall())
      let rest = (restsUntil - clock.steady()) / .seconds(1)
      if isFailing { next = max(due, clock.wall().addingTimeInterval(max(rest, 0))) }
    }
    return WebhookStatus(
      id: id, address: address ?? "?", lastSuccess: lastSuccess ?? lastDelivered, waiting: waiting,
      lastFailure: status.lastFailure, lastFailureReason: status.lastFailureReason, isFailing: isFailing,
      rejected: rejected, lastRejectionReason: status.lastRejectionReason, nextAttempt: next)
  }

  /// Sends a test message, whatever the time tables say. What waits follows it where it arrives.
  ///
  /// - Returns: nil: this is no webhook.
  /// - Throws: `CancellationError`.
  func test() async throws(CancellationError) -> WebhookTrial? {
    try await tryNow { (forwarder) async throws(CancellationError) in try await forwarder.sendTest() }
  }

  /// Sends one more time what was told, or is to be told, under the id that it always has.
  ///
  /// - Returns: nil: this is no webhook.
  /// - Throws: `CancellationError`.
  func redeliver(_ delivery: Delivery) async throws(CancellationError) -> WebhookTrial? {
    try await tryNow { (forwarder) async throws(CancellationError) in
      let outcome = try await forwarder.deliver([delivery]).first
      return WebhookTrial(
        message: WebhookMessage.id(of: delivery.idempotencyKey, for: delivery.destination),
        outcome: outcome ?? .retry(after: nil, reason: "not tried"))
    }
  }

  private func tryNow(
    _ send: (WebhookForwarder) async throws(CancellationError) -> WebhookTrial
  ) async throws(CancellationError) -> WebhookTrial? {
    guard isWebhook else { return nil }
    let opened: (any Forwarder)?
    do {
      opened = try kind.make(settings, surroundings)
    } catch {
      return WebhookTrial(message: "", outcome: .destinationFailed(after: nil, reason: error.description))
    }
    guard let webhook = opened as? WebhookForwarder else { return nil }
    let trial = try await send(webhook)
    if trial.outcome == .delivered {
      lastSuccess = clock.wall()
      noteAnswer()
      wake.ring()
    }
    return trial
  }

  // MARK: One step

  /// How long to wait for the next one; nil: not at all. `Duration` of days stands for *until something happens*.
  private func step() async throws -> Duration? {
    lookAtClocks()
    if isFailing, restsUntil > clock.steady() { return restsUntil - clock.steady() }
    guard let forwarder = openForwarder() else { return Self.longestPause }
    try await bringUnstored(by: forwarder)
    if isFailing, restsUntil > clock.steady() { return restsUntil - clock.steady() }
    if isPaced, !isFailing, let pause = pace.pause(at: clock.steady()) { return pause }
    let limit = isPaced ? pace.batch(of: forwarder.batchLimit) : forwarder.batchLimit
    let (batch, behind) = try await nextBatch(of: limit)
    if isFailing, isPaced, !isCatchingUp, patientUntil > clock.steady(), !batch.isEmpty,
      (batch + behind).allSatisfy({ $0.attempts > 0 })
    {
      return min(Self.longestPause, patientUntil - clock.steady())
    }
    if !batch.isEmpty {
      try await bring(batch, behind: behind, by: forwarder)
      return nil
    }
    if isCatchingUp {
      isCatchingUp = false
      postponed = ([], [])
      return nil
    }
    var pause: Duration = .seconds(86400)
    if let due = try await store.nextDue(for: id) {
      // The store may name an instant that is past: a row that came meanwhile, or one it could not read. And it is
      // looked at the clocks meanwhile: one that is set back must not stretch the pause.
      let seconds = min(due.timeIntervalSince(clock.wall()), Self.longestPause / .seconds(1))
      pause = max(.seconds(max(seconds, 0)), RetryPolicy.least)
    }
    if let due = unstored.map(\.due).min() { pause = min(pause, max(due - clock.steady(), RetryPolicy.least)) }
    return pause
  }

  /// Alerts wait for nothing but their destination.
  private var isPaced: Bool { !kind.takesAlerts }

  /// The longest sleep while something waits.
  private static let longestPause: Duration = .seconds(60)
  /// The least time between two tries of a destination that fails.
  private static let leastRest: Duration = .seconds(1)

  /// A wall clock that was set makes the time tables wrong: what waits is tried once, as at start.
  private func lookAtClocks() {
    let (wall, steady) = (clock.wall(), clock.steady())
    if let clocks {
      let drift = wall.timeIntervalSince(clocks.wall) - (steady - clocks.steady) / .seconds(1)
      if abs(drift) > 30 {
        log.notice("the clock was set by \(Int(drift)) s: what waits is tried now")
        isCatchingUp = true
        postponed = ([], [])
      }
    }
    clocks = (wall, steady)
  }

  private func openForwarder() -> (any Forwarder)? {
    if let forwarder { return forwarder }
    do {
      forwarder = try kind.make(settings, surroundings)
      // Mended, if it was the reason: whether the destination answers is seen when something is tried, and that is now.
      restsUntil = min(restsUntil, clock.steady())
    } catch {
      note(
        failure: error.description, isDestination: true, needsSomebody: true, after: Self.longestPause, clock.wall())
    }
    return forwarder
  }

  /// What to try, and what is due too and shares the fate of that: a row that is due and not tried would be due again at
  /// once.
  private func nextBatch(of limit: Int) async throws -> (batch: [Delivery], behind: [Delivery]) {
    // The store picks alerts by their time and only then orders them: looked at widely, the oldest are among them, and so
    // are all that are told in one message.
    let width = kind.takesAlerts ? max(limit, 200) : limit
    var due: [Delivery] = []
    if !isCatchingUp {
      due = try await store.dueDeliveries(for: id, at: clock.wall(), limit: width)
      if due.isEmpty || !isFailing { return (Array(try await gathered(due).prefix(limit)), []) }
    }
    var held = postponed.people
    var waiting = try await store.dueDeliveries(for: id, at: .distantFuture, limit: width).filter { delivery in
      guard !postponed.rows.contains(delivery.id), !isHeld(delivery) else { return false }
      guard case .observation(_, let patient, _) = delivery.content else { return true }
      // What is still to be told about a fresh reading (its time) must not come too late for it.
      if isSettling(delivery) { held.insert(patient.id) }
      return !held.contains(patient.id)
    }
    waiting = try await gathered(waiting)
    guard !isCatchingUp, let first = waiting.first else { return (Array(waiting.prefix(limit)), []) }
    let behind = due.filter { !first.rows.contains($0.id) }.map { delivery in
      var one = delivery
      one.isOnTheWay = delivery.isOnTheWay || mayHaveLeft(delivery)
      return one
    }
    return ([first], behind)
  }

  /// Never tried, and made to wait, as for the end of somebody's quiet hours. No wait is longer than a day: the clock was
  /// set back since.
  private func isHeld(_ delivery: Delivery) -> Bool {
    guard delivery.wait != nil, delivery.attempts == 0, let due = delivery.dueAt else { return false }
    let wait = due.timeIntervalSince(clock.wall())
    return wait > 0 && wait <= (delivery.wait == .flood ? FloodLimit.window : 25 * 3600)
  }

  /// Made before the start, and never tried as far as is known.
  private func mayHaveLeft(_ delivery: Delivery) -> Bool {
    guard let newestAtStart, case .alert = delivery.content else { return false }
    return delivery.attempts == 0 && delivery.dueAt == nil && delivery.id <= newestAtStart
  }

  /// With the changes that are told together as one delivery each; see ``Gathering/messages(_:)``.
  private func gathered(_ deliveries: [Delivery]) async throws -> [Delivery] {
    if newestAtStart == nil { newestAtStart = try await store.newestDelivery() ?? DeliveryID(rawValue: 0) }
    var alerts: [Int64: (delivery: Delivery, patient: Patient?)] = [:]
    var others: [Delivery] = []
    var waiting: [WaitingAlert] = []
    for delivery in deliveries {
      guard case .alert(let alert, let patient) = delivery.content else {
        others.append(delivery)
        continue
      }
      alerts[delivery.id.rawValue] = (delivery, patient)
      waiting.append(
        WaitingAlert(
          id: delivery.id.rawValue, transition: alert, key: delivery.idempotencyKey, attempts: delivery.attempts,
          dueAt: delivery.dueAt, wait: delivery.wait, group: delivery.group,
          isOnTheWay: delivery.isOnTheWay || mayHaveLeft(delivery),
          isAlone: delivery.restates || apart.contains(delivery.id)))
    }
    let messages = Gathering.messages(waiting).compactMap { message -> Delivery? in
      guard let first = message.alerts.first, let (delivery, patient) = alerts[first.id] else { return nil }
      var one = delivery
      one.isOnTheWay = first.isOnTheWay
      if message.isToBeSealed && message.alerts.count == 1 { one.together = message.alerts }
      return one.telling(message, patient)
    }
    return messages + others
  }

  /// Never tried, and made to wait a little: only then has a row that was never tried a time.
  private func isSettling(_ delivery: Delivery) -> Bool {
    guard delivery.attempts == 0, let due = delivery.dueAt else { return false }
    let wait = due.timeIntervalSince(clock.wall())
    return wait > 0 && wait <= Self.longestPause / .seconds(1)
  }

  private func bring(_ batch: [Delivery], behind: [Delivery], by forwarder: any Forwarder) async throws {
    let sealed = batch.map { AlertMessage($0.together) }.filter { !$0.alerts.isEmpty && $0.isToBeSealed }
    if !sealed.isEmpty {
      do {
        try await store.seal(sealed)
      } catch {
        if error == .cancelled { throw error }
        // A crisis must not wait for a disk: told twice after a crash is the worst that can come of it.
        noteOutbox("\(error); what waits is brought out all the same")
      }
    }
    let asks = asks
    let outcomes = try await forwarder.deliver(batch)
    let now = clock.wall()
    var delivered: [DeliveryID] = []
    var rejected: [String: [DeliveryID]] = [:]
    var retries: [(ids: [DeliveryID], next: Date, reason: String, isRefusal: Bool, mayHaveArrived: Bool)] = []
    var failure: (after: Duration?, reason: String, needsSomebody: Bool)?
    var failed: [Delivery] = []
    var failedAlone: [Delivery] = []
    for (index, delivery) in batch.enumerated() {
      switch index < outcomes.count ? outcomes[index] : nil {
      case .delivered:
        delivered += delivery.rows
        if let patient = delivery.content.readingPatient { held[patient] = nil }
      case .rejected(let reason):
        rejected[reason, default: []] += delivery.rows
        if let patient = delivery.content.readingPatient { held[patient] = nil }
      case .retry(let after, let reason):
        // It was answered, so of several nothing is in doubt any more, and they can be taken apart.
        let mayHaveArrived = delivery.isOnTheWay && delivery.rows.count == 1
        // By its own: the first pause of one is not that of a night without a network.
        retries.append((delivery.rows, next(delivery.refusals + 1, after, now), reason, true, mayHaveArrived))
        // One of several that is not taken must not keep the others; one by itself, once, to see which it is.
        if delivery.rows.count > 1 { apart.formUnion(delivery.rows) } else { apart.remove(delivery.id) }
        failedAlone.append(delivery)
        if let patient = delivery.content.readingPatient { held[patient] = reason }
        note(failure: reason, isDestination: false, now)
      case .destinationFailed(let after, let reason):
        failure = failure ?? (after, reason, false)
        failed.append(delivery)
      case .unanswered(let reason):
        failure = failure ?? (nil, reason, false)
        var one = delivery
        one.isOnTheWay = true
        failed.append(one)
      case .destinationRefuses(let reason):
        failure = failure ?? (nil, reason, true)
        failed.append(delivery)
      // The store gives it again once the one before it is done with.
      case .behind: break
      case nil: failed.append(delivery)
      }
    }
    if let failure {
      failed += behind
      failuresInRow += 1
      patientUntil =
        clock.steady() + retry.delay(afterAttempts: failuresInRow, asked: failure.after, chance: clock.chance())
      failed = worthWriting(failed, failure.reason, before: batch)
    }
    // Rows of one age keep one time, and so their order.
    struct Age: Hashable {
      var failures: Int
      var mayHaveArrived: Bool
    }
    let ages = Dictionary(grouping: failed) { Age(failures: $0.attempts - $0.refusals, mayHaveArrived: $0.isOnTheWay) }
    for (age, deliveries) in ages {
      retries.append(
        (
          deliveries.flatMap(\.rows), next(age.failures + 1, failure?.after, now),
          failure?.reason ?? "not tried after a failure", false, age.mayHaveArrived
        ))
    }
    if let failure {
      note(
        failure: failure.reason, isDestination: true, needsSomebody: failure.needsSomebody, after: failure.after, now)
    } else {
      // It took one, or said something of this one: it is there.
      if !delivered.isEmpty { lastSuccess = now }
      noteAnswer()
    }
    pace.sent(delivered.count + rejected.values.reduce(0) { $0 + $1.count }, at: clock.steady())
    for delivery in failedAlone { postpone(delivery) }
    for reason in rejected.keys.sorted() { note(rejected: rejected[reason]?.count ?? 0, reason, now) }
    // Not cancelled with the task: what left the house should be known to have left.
    let store = store
    let (done, refused, later) = (delivered, rejected, retries)
    try await Task {
      if !done.isEmpty { try await store.recordDelivered(done, at: now) }
      for (reason, ids) in refused { try await store.recordRejected(ids, reason: reason, at: now) }
      for retry in later {
        try await store.recordRetry(
          retry.ids, next: retry.next, reason: retry.reason, at: now, isRefusal: retry.isRefusal,
          mayHaveArrived: retry.mayHaveArrived)
      }
    }.value
    heed(asks)
  }

  /// Those of which the store does not know all yet that matters: one that was not tried before, or of which is not known any
  /// more what became of it; all, when the reason is another, and once in an hour. Each alert keeps its own time table.
  private func worthWriting(_ failed: [Delivery], _ reason: String, before: [Delivery]) -> [Delivery] {
    guard isPaced else { return failed }
    let now = clock.steady()
    // A network that is away says so in several ways in turn.
    if isFailing, let written = wroteRetries, now - written.at < Self.writesRetriesEvery,
      written.reasons.contains(reason)
    {
      let wasOnTheWay = Set(before.filter(\.isOnTheWay).map(\.id))
      let tried = Set(before.map(\.id))
      return failed.filter { one in
        one.attempts == 0 || tried.contains(one.id) && one.isOnTheWay != wasOnTheWay.contains(one.id)
      }
    }
    let earlier = wroteRetries.flatMap { isFailing && now - $0.at < Self.writesRetriesEvery ? $0 : nil }
    wroteRetries = (earlier?.at ?? now, (earlier?.reasons ?? []).union([reason]))
    return failed
  }

  private func bringUnstored(by forwarder: any Forwarder) async throws {
    let granted = unstored.filter { store.mayTell($0.delivery) }
    if granted.count < unstored.count {
      log.notice("\(unstored.count - granted.count) alerts told from memory are dropped: the consent was withdrawn")
      unstored = granted
    }
    let start = clock.steady()
    let due = unstored.filter { $0.due <= start }.prefix(forwarder.batchLimit)
    guard !due.isEmpty else { return }
    let asks = asks
    let outcomes = try await forwarder.deliver(due.map(\.delivery))
    let now = clock.wall()
    for (index, told) in due.enumerated() {
      // By key: more may have been told meanwhile, and the ids of unstored deliveries are not unique.
      guard
        let place = unstored.firstIndex(where: { $0.delivery.idempotencyKey == told.delivery.idempotencyKey })
      else { continue }
      switch index < outcomes.count ? outcomes[index] : nil {
      case .delivered:
        unstored.remove(at: place)
        lastSuccess = now
        noteAnswer()
      case .rejected(let reason):
        unstored.remove(at: place)
        note(rejected: 1, reason, now)
      case .retry(let after, let reason), .destinationFailed(let after, let reason):
        again(place, after)
        note(failure: reason, isDestination: true, after: after, now)
      case .unanswered(let reason):
        again(place, nil)
        note(failure: reason, isDestination: true, now)
      case .destinationRefuses(let reason):
        again(place, nil)
        note(failure: reason, isDestination: true, needsSomebody: true, now)
      case .behind, nil:
        unstored[place].due = clock.steady() + .seconds(2)
      }
    }
    heed(asks)
  }

  /// One told from memory has failed.
  private func again(_ place: Int, _ asked: Duration?) {
    unstored[place].delivery.attempts += 1
    unstored[place].due =
      clock.steady()
      + retry.delay(afterAttempts: unstored[place].delivery.attempts, asked: asked, chance: clock.chance())
  }

  private func next(_ attempts: Int, _ asked: Duration?, _ now: Date) -> Date {
    let delay = retry.delay(afterAttempts: attempts, asked: asked, chance: clock.chance())
    return now.addingTimeInterval(delay / .seconds(1))
  }

  private func postpone(_ delivery: Delivery) {
    guard isCatchingUp else { return }
    postponed.rows.formUnion(delivery.rows)
    if case .observation(_, let patient, _) = delivery.content { postponed.people.insert(patient.id) }
  }

  private func note(rejected count: Int, _ reason: String, _ now: Date) {
    log.warning("refused for good: \(reason)")
    rejected += count
    lastRejection = (now, reason)
  }

  private func note(
    failure reason: String, isDestination: Bool, needsSomebody: Bool = false, after: Duration? = nil, _ now: Date
  ) {
    if isDestination {
      failingSince = failingSince ?? (clock.steady(), now)
      isRefused = needsSomebody
      restsUntil = clock.steady() + min(max(after ?? .zero, Self.leastRest), .seconds(86400))
      // A network that is away says so in several ways in turn; the log has how it began, and what somebody has to do.
      if !isFailing || needsSomebody && lastFailureReason != reason {
        if needsSomebody {
          log.error("nothing is delivered until somebody mends it: \(reason)")
        } else {
          log.warning("not delivered, will be tried again: \(reason)")
        }
      }
      isFailing = true
      isCatchingUp = false
      postponed = ([], [])
    } else {
      log.log(
        level: lastFailureReason == reason ? .debug : .warning, "one delivery failed, will be tried again: \(reason)")
    }
    lastFailure = now
    lastFailureReason = reason
  }

  /// What is wrong with the outbox, once.
  private func noteOutbox(_ sentence: String) {
    outboxFailures += 1
    guard saidOfOutbox.insert(sentence).inserted else { return }
    log.error("outbox: \(sentence)")
  }

  private func noteAnswer() {
    guard isFailing else { return }
    isFailing = false
    isRefused = false
    isCatchingUp = true
    failuresInRow = 0
    if let since = failingSince?.steady, !isAskedFor {
      pace.recovered(after: clock.steady() - since, at: clock.steady(), chance: clock.chance())
    }
    failingSince = nil
    isAskedFor = false
    log.notice("delivering again")
  }
}

extension DeliveryContent {
  /// Whose new readings this one stands in a row with; nil: it waits for no other.
  var personInOrder: PatientID? { if case .observation(_, let patient, _) = self { patient.id } else { nil } }

  /// Whose reading it tells or takes back; nil for an alert.
  fileprivate var readingPatient: PatientID? {
    switch self {
    case .observation(_, let patient, _), .observationWithdrawn(_, let patient, _): patient.id
    case .alert, .alertWithdrawn: nil
    }
  }
}
