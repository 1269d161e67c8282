package import Foundation
package import Observations

/// Plays readings through rules as the gateway would have: each is stored before it is shown, and the clock ticks whenever
/// the rules asked for it. Nothing is kept and nobody is told.
package struct RuleTrial {
  /// One change, and who would have been told of it.
  package struct Told: Hashable, Sendable {
    package var transition: AlertTransition
    /// In the order of the configuration.
    package var contacts: [ContactID]
    /// When quiet hours end, of those contacts who would have been left alone until then.
    package var waits: [ContactID: Date]
    /// Why nobody would have been told; nil: they would.
    package var hold: AlertEpisode.Hold?
    /// What was held back, and is told now.
    package var isReleased: Bool
  }

  package let rules: [AlertRule]
  package let plan: EscalationPlan
  /// Where the household's days begin.
  package let timeZone: TimeZone
  package private(set) var states: [AlertKey: AlertState] = [:]
  private var stored: [RuleSample] = []
  private var book = EpisodeBook()
  private var silences: [Silence] = []
  private var facts = GatewayFacts()
  private var mailboxes: [Mailbox]
  private var made: Int64 = 0
  /// How far messages were brought.
  private var last = Date.distantPast
  /// The messages that contacts would have had, in their order.
  package private(set) var messages: [Mailbox.Sent] = []

  /// - Parameter outages: when contacts cannot be reached.
  package init(
    rules: [AlertRule], plan: EscalationPlan = EscalationPlan(), timeZone: TimeZone = .gmt,
    outages: [Mailbox.Outage] = []
  ) {
    mailboxes = plan.contacts.map { Mailbox($0, plan, outages: outages) }
    self.rules = rules
    self.plan = plan
    self.timeZone = timeZone
  }

  /// Lets time pass until the sample's arrival, then shows it.
  ///
  /// - Parameter sample: by its ``RuleSample/receivedAt`` not earlier than the one before.
  /// - Returns: what would have been told, in order.
  package mutating func see(_ sample: RuleSample) -> [Told] {
    var told = pass(until: sample.receivedAt)
    if sample.origin != .stream { stored.append(sample) }
    let step = RuleEngine.evaluate(
      rules: rules, states: states, sample: sample, now: sample.receivedAt, timeZone: timeZone, history: history)
    keep(step)
    let context = context(sample.receivedAt)
    told += tell(step.transitions + book.reopen(by: sample, moved: step.transitions, context), context)
    return told
  }

  /// Lets time pass without a reading.
  package mutating func pass(until end: Date) -> [Told] {
    var told: [Told] = []
    while let due = [RuleEngine.nextTick(rules: rules, states: states, facts: facts), book.due]
      .compactMap({ $0 }).min(), due <= end
    {
      let now = due.addingTimeInterval(0.001)
      let step = RuleEngine.tick(rules: rules, states: states, now: now, facts: facts)
      keep(step)
      let context = context(now)
      let episodes = book.episodes
      let climbed = book.climb(context)
      told += tell(step.transitions + climbed, context)
      // The promise is that a tick at its time does something; without that, time would stand still here.
      guard !step.states.isEmpty || book.episodes != episodes else { break }
    }
    bring(until: end)
    return told
  }

  /// Something is known of the gateway or a device from now on.
  package mutating func note(_ fact: GatewayFact, at now: Date) -> [Told] {
    let told = pass(until: now)
    facts.note(fact)
    let step = RuleEngine.tick(rules: rules, states: states, now: now, facts: facts)
    keep(step)
    return told + tell(step.transitions, context(now))
  }

  /// Somebody says that they know of everything that fires for `patient`; nil: for anybody.
  package mutating func acknowledge(_ patient: PatientID?, by contact: Contact?, at now: Date) -> [Told] {
    let told = pass(until: now)
    let chosen = book.answerable(nil, patient: patient, states)
    return told + tell(book.acknowledge(chosen, by: contact, now: now), context(now))
  }

  package mutating func silence(_ silence: Silence) -> [Told] {
    let told = pass(until: silence.from)
    silences.append(silence)
    return told + tell([], context(silence.from))
  }

  private func context(_ now: Date) -> TellingContext {
    TellingContext(plan: plan, rules: rules, states: states, silences: silences, now: now)
  }

  private mutating func tell(_ transitions: [AlertTransition], _ context: TellingContext) -> [Told] {
    bring(until: context.now.addingTimeInterval(-0.0005))
    last = max(last, context.now)
    var told: [Told] = []
    for transition in transitions {
      let audience = book.see(transition, context)
      told.append(self.told(transition, audience, hold: book.episodes[transition.episode]?.hold))
    }
    for (transition, audience) in book.settle(context) {
      told.append(self.told(transition, audience, hold: nil, isReleased: true))
    }
    for place in mailboxes.indices {
      let contact = mailboxes[place].contact
      let mine = told.indices.filter { told[$0].contacts.contains(contact) }
      let waits = mailboxes[place].add(
        mine.map { (told[$0].transition, told[$0].waits[contact]) }, from: made, now: context.now)
      // What one has already is not told anew, and has no wait.
      if waits.count == mine.count { for (one, wait) in zip(mine, waits) { told[one].waits[contact] = wait } }
      made += Int64(mine.count)
      messages += mailboxes[place].bring(context.now)
    }
    return told
  }

  /// Brings what was held back, at its time.
  private mutating func bring(until end: Date) {
    while true {
      let due = mailboxes.indices.compactMap { place in
        mailboxes[place].due(after: last).map { (place, $0) }
      }.min { $0.1 < $1.1 }
      guard let (place, date) = due, date <= end else { return }
      last = date
      messages += mailboxes[place].bring(date)
    }
  }

  private func told(
    _ transition: AlertTransition, _ audience: Audience, hold: AlertEpisode.Hold?, isReleased: Bool = false
  ) -> Told {
    Told(
      transition: transition, contacts: plan.contacts.map(\.id).filter { audience.contacts.contains($0) },
      waits: audience.waits, hold: hold, isReleased: isReleased)
  }

  private var history: RuleHistory {
    let stored = stored
    return RuleHistory { query in
      Array(
        stored.filter {
          $0.subject == query.subject && $0.isSimulated == query.isSimulated
            && (query.since...query.until).contains($0.instant)
        }.sorted { $0.instant < $1.instant }.suffix(query.limit))
    }
  }

  private mutating func keep(_ step: RuleStep) {
    for state in step.states { states[state.key] = state }
  }
}
