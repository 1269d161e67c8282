import AlertRules
import Foundation
import GRDB
import Observations

/// One transaction's changes to alerts and to who is told of them, put into memory only when it has committed.
struct AlertDraft {
  private(set) var states: [AlertKey: AlertState]
  private(set) var episodes: [EpisodeID: AlertEpisode]
  private var silences: [Silence]
  private var touched: Set<AlertKey>
  private var touchedEpisodes: Set<EpisodeID>
  private var transitions: [AlertTransition]
  private var bound: [BoundNumber] = []
  /// The changes to tell, so far.
  var told: [AlertTransition] { transitions }
  private(set) var changes: [StoreChange] = []

  init(_ contents: StoreMemory.Contents) {
    states = contents.states
    episodes = contents.episodes
    silences = contents.silences
    touched = contents.unwritten
    touchedEpisodes = Set(contents.untold.map(\.episode)).intersection(contents.episodes.keys)
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

  mutating func bind(_ number: BoundNumber?) {
    if let number { bound.append(number) }
  }

  mutating func changed(_ change: StoreChange) {
    if !changes.contains(change) { changes.append(change) }
  }

  mutating func keep(_ episode: AlertEpisode?, _ id: EpisodeID) {
    guard episodes[id] != episode else { return }
    episodes[id] = episode
    touchedEpisodes.insert(id)
  }

  /// Those that fire, the oldest first.
  var openEpisodes: [AlertEpisode] {
    episodes.values.filter(isOpen).sorted { ($0.firing.at, $0.id.rawValue) < ($1.firing.at, $1.id.rawValue) }
  }

  mutating func hold(_ silences: [Silence]) { self.silences = silences }

  /// Tells what people or time made of an episode, beside the rules.
  mutating func tell(_ change: (episode: AlertEpisode, told: AlertTransition), _ policy: IngestPolicy) {
    keep(change.episode, change.episode.id)
    transitions += RuleStep(transitions: [change.told]).told(by: policy).transitions
  }

  func context(_ policy: IngestPolicy, now: Date) -> TellingContext {
    TellingContext(plan: policy.escalation, rules: policy.rules, states: states, silences: silences, now: now)
  }

  /// Lets time pass for the ladders.
  mutating func climb(_ policy: IngestPolicy, now: Date) {
    let context = context(policy, now: now)
    for episode in episodes.values.sorted(by: { $0.id.rawValue < $1.id.rawValue }) where isOpen(episode) {
      if let change = Escalator.climb(episode, context: context) { tell(change, policy) }
    }
  }

  /// What a reading makes of alerts that somebody has acknowledged, where the rules have nothing to tell of it.
  mutating func reopen(by sample: RuleSample, _ policy: IngestPolicy, now: Date) {
    let context = context(policy, now: now)
    let moved = Set(transitions.map(\.episode))
    for episode in episodes.values.sorted(by: { $0.id.rawValue < $1.id.rawValue })
    where isOpen(episode) && !moved.contains(episode.id) {
      if let change = Escalator.reopen(episode, sample: sample, context: context) { tell(change, policy) }
    }
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
      let (episode, audience) = Escalator.see(
        transition, subject: subject(of: transition), episode: episodes[transition.episode], context: context)
      keep(episode, transition.episode)
      try tell(transition, event, audience, db, policy, now)
    }
    for episode in episodes.values.sorted(by: { $0.id.rawValue < $1.id.rawValue }) {
      // Ended without a word: its reading was taken back, its rule removed, its device forgotten.
      guard isOpen(episode) else {
        keep(nil, episode.id)
        continue
      }
      guard let (next, audience) = Escalator.release(episode, context: context) else { continue }
      keep(next, next.id)
      guard !audience.isNobody, let event = try records.event(next.firing) else { continue }
      try tell(next.firing, event, audience, db, policy, now)
    }
    for id in touchedEpisodes {
      if let episode = episodes[id] { try records.save(episode) } else { try records.end(id) }
    }
  }

  /// Makes the rows of one change. A step of the ladder that reaches nobody is over at once.
  private mutating func tell(
    _ transition: AlertTransition, _ event: Int64, _ audience: Audience, _ db: Database, _ policy: IngestPolicy,
    _ now: Date
  ) throws {
    let reached = try Outbox(db).add(
      transition, event: event, audience: audience, plan: policy.escalation, destinations: policy.destinations,
      now: now)
    if !reached.isEmpty { changed(.outbox) }
    guard var episode = episodes[transition.episode], let ladder = episode.ladder, ladder.nextAt != nil,
      policy.escalation.steps.indices.contains(ladder.step), !audience.contacts.isEmpty
    else { return }
    let step = policy.escalation.steps[ladder.step]
    let isReached = step.contacts.contains { id in
      policy.escalation.contact(id)?.destinations.contains { reached.contains($0) } == true
    }
    guard !isReached else { return }
    episode.ladder?.nextAt = now
    keep(episode, episode.id)
  }

  private func subject(of transition: AlertTransition) -> AlertSubject {
    if let episode = episodes[transition.episode] { return episode.key.subject }
    let state = states.values.first { $0.episode == transition.episode }
    return state?.key.subject ?? transition.patient.map { .patient($0) } ?? .device(transition.device)
  }

  private func isOpen(_ episode: AlertEpisode) -> Bool {
    guard let state = states[episode.key] else { return false }
    return state.phase == .firing && state.episode == episode.id
  }

  /// Puts the committed changes into memory; what was told meanwhile without a commit stays for the next one.
  func adopt(into contents: inout StoreMemory.Contents) {
    for key in touched {
      if let state = states[key] { contents.states[key] = state }
    }
    for id in touchedEpisodes { contents.episodes[id] = episodes[id] }
    contents.silences = silences
    let written = Set(transitions.map(\.idempotencyKey))
    contents.untold.removeAll { written.contains($0.idempotencyKey) }
    contents.unwritten.subtract(touched)
    for bound in bound { contents.household.devices[bound.device]?.bind(bound.number, to: bound.patient) }
  }
}
