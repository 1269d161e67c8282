package import Foundation
package import Observations

/// The alerts that fire as they are being told, and what happens to them: kept by whoever tells (a transaction, a trial),
/// pure by itself.
package struct EpisodeBook: Sendable {
  package private(set) var episodes: [EpisodeID: AlertEpisode]
  /// Those that were changed or ended since the beginning.
  package private(set) var touched: Set<EpisodeID>

  package init(_ episodes: [EpisodeID: AlertEpisode] = [:], touched: Set<EpisodeID> = []) {
    self.episodes = episodes
    self.touched = touched
  }

  /// Those that fire by `states`, the oldest first.
  package func open(_ states: [AlertKey: AlertState]) -> [AlertEpisode] {
    episodes.values.filter { Self.isOpen($0, states) }.sorted {
      ($0.firing.at, $0.id.rawValue) < ($1.firing.at, $1.id.rawValue)
    }
  }

  /// When time makes something of one; nil: never.
  package var due: Date? { episodes.values.compactMap { Escalator.due($0) }.min() }

  /// Lets time pass for the ladders: the changes to tell.
  package mutating func climb(_ context: TellingContext) -> [AlertTransition] {
    open(context.states).compactMap { episode in
      Escalator.climb(episode, context: context).map { keep($0) }
    }
  }

  /// What a reading makes of alerts that somebody has acknowledged, where the rules have nothing to tell of it.
  ///
  /// - Parameter moved: the changes that the rules told of.
  package mutating func reopen(
    by sample: RuleSample, moved: [AlertTransition], _ context: TellingContext
  ) -> [AlertTransition] {
    let moved = Set(moved.map(\.episode))
    return open(context.states).filter { !moved.contains($0.id) }.compactMap { episode in
      Escalator.reopen(episode, sample: sample, context: context).map { keep($0) }
    }
  }

  /// Somebody knows of these; see ``answerable(_:patient:_:)``.
  package mutating func acknowledge(
    _ chosen: [AlertEpisode], by contact: Contact?, way: AcknowledgementWay? = nil, now: Date
  ) -> [AlertTransition] {
    chosen.map { keep(Escalator.acknowledge($0, by: contact, way: way, now: now)) }
  }

  /// What an acknowledgement is said of: the named one and what else fires for the same person and is no graver; without a
  /// name, all that fires for `patient`, and without one for anybody. What is held back is nothing that somebody could
  /// know of, unless it is named. Empty: nothing like that fires.
  package func answerable(
    _ id: EpisodeID?, patient: PatientID?, _ states: [AlertKey: AlertState]
  ) -> [AlertEpisode] {
    let open = open(states)
    guard let id else { return open.filter { $0.hold == nil && (patient == nil || $0.key.subject.patient == patient) } }
    guard let named = open.first(where: { $0.id == id }) else { return [] }
    return open.filter {
      $0.id == named.id
        || ($0.hold == nil && $0.key.subject == named.key.subject && $0.key.isSimulated == named.key.isSimulated
          && $0.firing.severity <= named.firing.severity)
    }
  }

  /// Who is told of a change.
  package mutating func see(_ transition: AlertTransition, _ context: TellingContext) -> Audience {
    let (episode, audience) = Escalator.see(
      transition, subject: subject(of: transition, context.states), episode: episodes[transition.episode],
      context: context)
    keep(episode, transition.episode)
    return audience
  }

  /// Ends what is over, and gives what is to be told since what held it back is.
  package mutating func settle(_ context: TellingContext) -> [(told: AlertTransition, audience: Audience)] {
    var released: [(told: AlertTransition, audience: Audience)] = []
    for episode in episodes.values.sorted(by: { $0.id.rawValue < $1.id.rawValue }) {
      // Ended without a word: its reading was taken back, its rule removed, its device forgotten.
      guard Self.isOpen(episode, context.states) else {
        keep(nil, episode.id)
        continue
      }
      guard let (next, audience) = Escalator.release(episode, context: context) else { continue }
      keep(next, next.id)
      if !audience.isNobody { released.append((next.firing, audience)) }
    }
    return released
  }

  /// Notes whom a change reached. A step of the ladder that reached nobody is over at once.
  ///
  /// - Parameter destinations: all that have the change, or will.
  package mutating func reached(
    _ destinations: Set<DestinationID>, by id: EpisodeID, _ audience: Audience, _ context: TellingContext
  ) {
    guard var episode = episodes[id], let ladder = episode.ladder, ladder.nextAt != nil, !audience.contacts.isEmpty,
      context.plan.steps.indices.contains(ladder.step)
    else { return }
    let own = context.plan.steps[ladder.step].contacts.flatMap { context.plan.contact($0)?.destinations ?? [] }
    let reached = destinations.intersection(own)
    episode.ladder?.reached = reached
    if reached.isEmpty { episode.ladder?.nextAt = context.now }
    keep(episode, id)
  }

  /// A destination will never take what it was to be told. When nobody else of its step was told, the next step is due now.
  package mutating func refused(_ id: EpisodeID, by destination: DestinationID, now: Date) {
    guard var episode = episodes[id], episode.ladder?.nextAt != nil, !episode.isAcknowledged,
      episode.ladder?.reached?.remove(destination) != nil
    else { return }
    if episode.ladder?.reached?.isEmpty == true { episode.ladder?.nextAt = now }
    keep(episode, id)
  }

  private mutating func keep(_ change: (episode: AlertEpisode, told: AlertTransition)) -> AlertTransition {
    keep(change.episode, change.episode.id)
    return change.told
  }

  private mutating func keep(_ episode: AlertEpisode?, _ id: EpisodeID) {
    guard episodes[id] != episode else { return }
    episodes[id] = episode
    touched.insert(id)
  }

  private func subject(of transition: AlertTransition, _ states: [AlertKey: AlertState]) -> AlertSubject {
    if let episode = episodes[transition.episode] { return episode.key.subject }
    if let fact = transition.fact { return fact.condition.subject }
    let state = states.values.first { $0.episode == transition.episode }
    return state?.key.subject ?? transition.patient.map { .patient($0) } ?? .device(transition.device)
  }

  private static func isOpen(_ episode: AlertEpisode, _ states: [AlertKey: AlertState]) -> Bool {
    guard let state = states[episode.key] else { return false }
    return state.phase == .firing && state.episode == episode.id
  }
}
