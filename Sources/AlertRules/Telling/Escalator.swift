package import Foundation
import Observations

/// What the telling of alerts depends on beside the alerts.
package struct TellingContext: Sendable {
  package var plan: EscalationPlan
  package var rules: [AlertRule]
  package var states: [AlertKey: AlertState]
  package var silences: [Silence]
  package var now: Date

  package init(
    plan: EscalationPlan, rules: [AlertRule], states: [AlertKey: AlertState], silences: [Silence], now: Date
  ) {
    self.plan = plan
    self.rules = rules
    self.states = states
    self.silences = silences
    self.now = now
  }

  /// Why `transition` is not told; nil: it is.
  func hold(_ transition: AlertTransition, _ subject: AlertSubject) -> AlertEpisode.Hold? {
    if let silence = silences.filter({ $0.covers(transition, at: now) }).max(by: { $0.until < $1.until }) {
      return .silenced(silence.id, until: silence.until)
    }
    let hiders = rules.first { $0.id == transition.rule }?.hiddenBy ?? []
    let hider = hiders.first { rule in
      let key = AlertKey(rule: rule, subject: subject, isSimulated: transition.isSimulated)
      return states[key]?.phase == .firing
    }
    return hider.map { .inhibited(by: $0) }
  }
}

/// Who is told of an alert, and who next: pure functions of (the episode, the change, the plan, now).
package enum Escalator {
  /// What a change makes of its episode, and who is told of it.
  ///
  /// - Parameter episode: as it is remembered; nil: there is none.
  /// - Returns: the episode as it is then; nil: nothing is open.
  package static func see(
    _ transition: AlertTransition, subject: AlertSubject, episode: AlertEpisode?, context: TellingContext
  ) -> (episode: AlertEpisode?, audience: Audience) {
    let plan = context.plan
    switch (transition.to, transition.stage) {
    case (.pending, _): return (episode, .nobody)
    // Nothing is open after a summary.
    case (.firing, .summary): return (nil, everybody(transition, context))
    case (.firing, .unanswered): return (episode, .nobody)
    case (.firing, .escalated):
      guard var episode else { return (nil, .nobody) }
      let step = episode.ladder?.step ?? 0
      let audience = Audience(contacts: plan.steps.indices.contains(step) ? plan.steps[step].contacts : [])
      episode.note(audience)
      return (episode, audience)
    case (.firing, .acknowledged):
      guard var episode else { return (nil, .nobody) }
      // Whoever may end the search has; a patient's word after theirs takes nothing back.
      if !episode.isAcknowledged || transition.acknowledgement?.role.stopsLadder == true {
        episode.acknowledgement = transition.acknowledgement
      }
      if episode.isAcknowledged {
        episode.ladder?.nextAt = nil
        episode.isUnanswered = false
      }
      return (episode, reached(by: episode, context))
    case (.firing, _):
      let key = AlertKey(rule: transition.rule, subject: subject, isSimulated: transition.isSimulated)
      var next = episode ?? AlertEpisode(transition, key: key)
      if transition.stage == .reopened {
        (next.acknowledgement, next.ladder, next.isUnanswered) = (nil, nil, false)
        next.reopenedAt = transition.decidedAt
      }
      next.firing = transition
      next.hold = context.hold(transition, subject)
      guard next.hold == nil else { return (next, .nobody) }
      return begin(next, context)
    case (.resolved, _):
      // One that began before telling was remembered was told to everybody.
      guard let episode else { return (nil, everybody(transition, context)) }
      return (nil, quiet(reached(by: episode, context), transition, context))
    }
  }

  /// What is to be told since a hold is over; nil: it is not, or there is none.
  package static func release(
    _ episode: AlertEpisode, context: TellingContext
  ) -> (episode: AlertEpisode, audience: Audience)? {
    guard episode.hold != nil else { return nil }
    var next = episode
    next.hold = context.hold(episode.firing, episode.key.subject)
    guard next.hold == nil else { return next == episode ? nil : (next, .nobody) }
    return begin(next, context)
  }

  /// What time makes of an episode: the next step of the ladder, or that nobody answered. Nil: nothing yet.
  package static func climb(
    _ episode: AlertEpisode, context: TellingContext
  ) -> (episode: AlertEpisode, told: AlertTransition)? {
    guard episode.hold == nil, !episode.isAcknowledged, var ladder = episode.ladder, let due = ladder.nextAt,
      context.now >= due
    else { return nil }
    var next = episode
    ladder.step += 1
    let hasStep = context.plan.steps.indices.contains(ladder.step)
    ladder.nextAt = hasStep ? context.now.addingTimeInterval(context.plan.steps[ladder.step].wait.inSeconds) : nil
    next.ladder = ladder
    next.isUnanswered = !hasStep
    next.count += 1
    return (next, episode.firing.again(hasStep ? .escalated : .unanswered, ordinal: next.count, now: context.now))
  }

  /// When ``climb(_:context:)`` or ``release(_:context:)`` has something to do, if nothing else happens; nil: never.
  package static func due(_ episode: AlertEpisode) -> Date? {
    switch episode.hold {
    case .silenced(_, let until): until
    case .inhibited: nil
    case nil: episode.isAcknowledged ? nil : episode.ladder?.nextAt
    }
  }

  /// Somebody says that they know.
  ///
  /// - Parameter way: how it came; nil: at the box.
  /// - Returns: the change to tell; ``see(_:subject:episode:context:)`` makes of it what it means.
  package static func acknowledge(
    _ episode: AlertEpisode, by contact: Contact?, way: AcknowledgementWay? = nil, now: Date
  ) -> (episode: AlertEpisode, told: AlertTransition) {
    var next = episode
    next.count += 1
    var told = episode.firing.again(.acknowledged, ordinal: next.count, now: now)
    told.at = now
    told.acknowledgement = Acknowledgement(
      by: contact?.id, role: contact?.role ?? .patient, at: now, value: episode.firing.value, way: way)
    return (next, told)
  }

  /// How much worse a reading must be than the one that was acknowledged, in the component's unit.
  static let furtherRise: Decimal = 10
  /// After this long, in seconds, any reading beyond the limit is news again.
  static let newsAfter: TimeInterval = 30 * 60

  /// That an acknowledged alert is news again: a reading is worse by ``furtherRise`` than what was known, or beyond the
  /// limit ``newsAfter`` later. Nil: it is not. A stream is left out: its next beat would be news for ever.
  package static func reopen(
    _ episode: AlertEpisode, sample: RuleSample, context: TellingContext
  ) -> (episode: AlertEpisode, told: AlertTransition)? {
    guard episode.hold == nil, episode.isAcknowledged, let acknowledgement = episode.acknowledgement,
      sample.origin != .stream,
      sample.subject == episode.key.subject, sample.isSimulated == episode.key.isSimulated,
      sample.instant >= episode.newsFrom, let rule = context.rules.first(where: { $0.id == episode.key.rule }),
      let (component, comparison, limit) = rule.kind.beyond(sample.values), let value = sample.values[component]
    else { return nil }
    let known = max(acknowledgement.value, episode.firing.value)
    let isWorse =
      component == episode.firing.component
      && (comparison.isUpward ? value - known : min(acknowledgement.value, episode.firing.value) - value)
        >= furtherRise
    guard isWorse || sample.instant.timeIntervalSince(acknowledgement.at) >= newsAfter else { return nil }
    var next = episode
    next.count += 1
    var told = episode.firing.again(.reopened, ordinal: next.count, now: context.now)
    told.at = sample.instant
    (told.component, told.comparison, told.value, told.limit) = (component, comparison, value, limit)
    told.unit = component.unit
    // Whoever is told anew is told what was measured now.
    told.values = sample.values
    told.flags = sample.flags.isEmpty ? nil : sample.flags
    told.observation = sample.observation
    told.device = sample.device
    return (next, told)
  }

  /// The first telling, or one more of what is known.
  private static func begin(
    _ episode: AlertEpisode, _ context: TellingContext
  ) -> (episode: AlertEpisode, audience: Audience) {
    var next = episode
    let plan = context.plan
    var audience: Audience
    if plan.climbs(episode.firing) {
      audience = Audience(contacts: episode.told, others: true)
      if next.ladder == nil {
        next.ladder = AlertEpisode.Ladder(
          step: 0, nextAt: context.now.addingTimeInterval(plan.steps[0].wait.inSeconds))
        for contact in plan.steps[0].contacts where !audience.contacts.contains(contact) {
          audience.contacts.append(contact)
        }
      }
      audience = quiet(audience, episode.firing, context)
    } else {
      audience = everybody(episode.firing, context)
    }
    next.note(audience)
    return (next, audience)
  }

  /// Whoever was told of it.
  private static func reached(by episode: AlertEpisode, _ context: TellingContext) -> Audience {
    let contacts = episode.toldEverybody == true ? context.plan.contacts.map(\.id) : episode.told
    return Audience(contacts: contacts, others: episode.toldOthers)
  }

  private static func everybody(_ transition: AlertTransition, _ context: TellingContext) -> Audience {
    quiet(Audience(contacts: context.plan.contacts.map(\.id), others: true), transition, context)
  }

  private static func quiet(
    _ audience: Audience, _ transition: AlertTransition, _ context: TellingContext
  ) -> Audience {
    guard transition.severity < .urgent else { return audience }
    var audience = audience
    for id in audience.contacts {
      audience.waits[id] = context.plan.contact(id)?.quiet?.end(at: context.now)
    }
    return audience
  }
}

extension AlertEpisode {
  fileprivate mutating func note(_ audience: Audience) {
    told += audience.contacts.filter { !told.contains($0) }
    toldOthers = toldOthers || audience.others
  }
}

extension AlertTransition {
  /// The same alert told once more, for another reason than the rule's.
  fileprivate func again(_ stage: AlertStage, ordinal: Int, now: Date) -> AlertTransition {
    var again = self
    again.from = .firing
    again.to = .firing
    again.stage = stage
    again.ordinal = ordinal
    again.decidedAt = now
    again.notStored = false
    again.acknowledgement = nil
    return again
  }
}

extension AlertRule.Kind {
  /// The limit that a single reading is beyond, of the kinds that judge one; nil: none, or another kind.
  func beyond(
    _ values: [AlertComponent: Decimal]
  ) -> (component: AlertComponent, comparison: Comparison, limit: Decimal)? {
    switch self {
    case .threshold(let rule):
      guard let value = values[rule.component], rule.isMet(by: value) else { return nil }
      return (rule.component, rule.comparison, rule.limit)
    case .confirm(let rule):
      return rule.conditions.met(by: values).map { ($0.component, $0.comparison, $0.limit) }
    case .sustained, .count, .average, .change, .missing, .device, .gateway: return nil
    }
  }
}
