import AlertRules
import Foundation
import GRDB
import Observations

/// One transaction's changes to alerts and to who is told of them, put into memory only when it has committed.
struct AlertDraft {
  private(set) var states: [AlertKey: AlertState]
  private(set) var book: EpisodeBook
  private var silences: [Silence]
  private var touched: Set<AlertKey>
  private var transitions: [AlertTransition]
  /// Told from memory before: each under its own name, so it stays by itself.
  private let fromMemory: Set<String>
  /// The rows of alerts that this transaction made.
  private var letters = NewAlerts()
  private var bound: [BoundNumber] = []
  /// The changes to tell, so far.
  var told: [AlertTransition] { transitions }
  private(set) var changes: [StoreChange] = []

  init(_ contents: StoreMemory.Contents) {
    states = contents.states
    // What climbed in memory is written with what was told of it.
    book = EpisodeBook(
      contents.episodes, touched: Set(contents.untold.map(\.episode)).intersection(contents.episodes.keys))
    silences = contents.silences
    touched = contents.unwritten
    fromMemory = Set(contents.untold.map(\.idempotencyKey))
    transitions = contents.untold.map { one in
      var one = one
      one.notStored = false
      return one
    }
  }

  mutating func apply(_ step: RuleStep) {
    for state in step.states {
      states[state.key] = state
      touched.insert(state.key)
    }
    transitions += step.transitions
  }

  /// Closes what stands by rules that are another or no more.
  mutating func close(now: Date, _ isGone: (RuleID) -> Bool) {
    apply(RuleEngine.close(states: states, episodes: book.episodes, now: now, isGone: isGone))
  }

  mutating func bind(_ number: BoundNumber?) {
    if let number { bound.append(number) }
  }

  mutating func changed(_ change: StoreChange) {
    if !changes.contains(change) { changes.append(change) }
  }

  mutating func hold(_ silences: [Silence]) { self.silences = silences }

  /// Lets time pass for the ladders.
  mutating func climb(_ policy: IngestPolicy, now: Date) {
    tell(book.climb(context(policy, now: now)), policy)
  }

  /// See ``EpisodeBook/reopen(by:moved:_:)``.
  mutating func reopen(by sample: RuleSample, _ policy: IngestPolicy, now: Date) {
    tell(book.reopen(by: sample, moved: transitions, context(policy, now: now)), policy)
  }

  /// Somebody says that they know of these.
  mutating func acknowledge(
    _ episodes: [AlertEpisode], by contact: Contact?, way: AcknowledgementWay? = nil, _ policy: IngestPolicy, now: Date
  ) {
    tell(book.acknowledge(episodes, by: contact, way: way, now: now), policy)
  }

  private mutating func tell(_ told: [AlertTransition], _ policy: IngestPolicy) {
    transitions += RuleStep(transitions: told).told(by: policy).transitions
  }

  private func context(_ policy: IngestPolicy, now: Date) -> TellingContext {
    TellingContext(plan: policy.escalation, rules: policy.rules, states: states, silences: silences, now: now)
  }

  /// Writes states, events, episodes and the rows that tell of them.
  mutating func write(_ db: Database, policy: IngestPolicy, now: Date) throws {
    let records = AlertRecords(db)
    for key in touched {
      if let state = states[key] { try records.save(state) }
    }
    let context = context(policy, now: now)
    for transition in transitions {
      guard let event = try records.append(transition) else { continue }
      changed(.alert)
      try tell(transition, event, book.see(transition, context), db, policy, context)
    }
    for (transition, audience) in book.settle(context) {
      guard let event = try records.event(transition) else { continue }
      try tell(transition, event, audience, db, policy, context)
    }
    try Outbox(db).gather(letters, now: now)
    for id in book.touched {
      if let episode = book.episodes[id] { try records.save(episode) } else { try records.end(id) }
    }
  }

  /// Makes the rows of one change.
  private mutating func tell(
    _ transition: AlertTransition, _ event: Int64, _ audience: Audience, _ db: Database, _ policy: IngestPolicy,
    _ context: TellingContext
  ) throws {
    let reached = try Outbox(db).add(
      transition, event: event, audience: audience, plan: policy.escalation, destinations: policy.destinations,
      isFromMemory: fromMemory.contains(transition.idempotencyKey), into: &letters, now: context.now)
    if !reached.isEmpty { changed(.outbox) }
    book.reached(reached, by: transition.episode, audience, context)
  }

  /// Puts the committed changes into memory; what was told meanwhile without a commit stays for the next one.
  func adopt(into contents: inout StoreMemory.Contents) {
    for key in touched {
      if let state = states[key] { contents.states[key] = state }
    }
    for id in book.touched { contents.episodes[id] = book.episodes[id] }
    contents.silences = silences
    let written = Set(transitions.map(\.idempotencyKey))
    contents.untold.removeAll { written.contains($0.idempotencyKey) }
    contents.unwritten.subtract(touched)
    for bound in bound { contents.household.devices[bound.device]?.bind(bound.number, to: bound.patient) }
  }
}
