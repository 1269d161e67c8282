package import Foundation
import Observations

/// What one step of the engine gives.
package struct RuleStep: Hashable, Sendable {
  /// The states that changed; every other stays as it was.
  package var states: [AlertState] = []
  /// The changes to tell, in order.
  package var transitions: [AlertTransition] = []

  package init(states: [AlertState] = [], transitions: [AlertTransition] = []) {
    self.states = states
    self.transitions = transitions
  }
}

/// Is this worrying: pure functions of (rules, what is remembered, what was seen, now).
package enum RuleEngine {
  /// Shows one sample to every rule that is for its subject. A rule whose value the sample lacks is left as it is, and so
  /// is one that looks at more readings when `history` can't tell.
  ///
  /// A reading that is old (``OldReadings/age``) begins nothing by itself: it is gathered for a summary. One whose time
  /// nobody could check may be of this minute, so the first of a batch is told as if it were.
  ///
  /// - Parameters:
  ///   - states: what is remembered, whole.
  ///   - salt: private words of this gateway that go into the names of episodes, so that nobody can guess a reading
  ///     from one.
  ///   - timeZone: where the household's days begin.
  ///   - history: what is stored, `sample` included.
  package static func evaluate(
    rules: [AlertRule], states: [AlertKey: AlertState], sample: RuleSample, now: Date, salt: String = "",
    timeZone: TimeZone = .gmt, history: RuleHistory? = nil
  ) -> RuleStep {
    var step = RuleStep()
    let isOld = OldReadings.isOld(sample, at: now)
    let batch = isOld ? states[OldReadings.key(sample)]?.read(at: now) : nil
    let isGathered = isOld && (!sample.isTimeUnchecked || batch?.isOpen == true)
    var gathering: [AlertRule] = []
    // Most rules of a large set are about another value: a strap's beat is shown to none of the cuff's.
    for rule in rules where rule.kind.looks(at: sample) && rule.applies(to: sample.patient) {
      let key = AlertKey(rule: rule.id, subject: sample.subject, isSimulated: sample.isSimulated)
      let context = RuleContext(rule: rule, now: now, salt: salt, timeZone: timeZone, history: history)
      let state = states[key]?.read(at: now)
      if isGathered, !OldReadings.passes(rule, state, sample) {
        gathering.append(rule)
        continue
      }
      guard let outcome = rule.kind.see(sample, key: key, state: state, context: context) else { continue }
      if outcome.state != states[key] { step.states.append(outcome.state) }
      step.transitions += outcome.transitions
    }
    guard isOld else { return step }
    let begins = !isGathered && step.transitions.contains { $0.to == .firing }
    if let next = OldReadings.see(
      sample, rules: gathering, state: batch, begins: begins, now: now, salt: salt), next != batch
    {
      step.states.append(next)
    }
    return step
  }

  /// Whether `sample` would only be gathered for a summary, so that nothing is lost by its coming again.
  package static func canWait(_ sample: RuleSample, now: Date) -> Bool {
    OldReadings.isOld(sample, at: now) && !sample.isTimeUnchecked
  }

  /// Lets time pass: a pending alert that no reading has contradicted fires when its hold is over, a repetition that did not
  /// come and readings that stay away are told, and a state whose rule is no longer there is put to rest without a word
  /// (nothing was measured that would be good news).
  ///
  /// - Parameter facts: what is known of the gateway and its devices; nil: nobody looked, and the rules about it wait.
  package static func tick(
    rules: [AlertRule], states: [AlertKey: AlertState], now: Date, salt: String = "", facts: GatewayFacts? = nil
  ) -> RuleStep {
    var step = RuleStep()
    let byID = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let waiting = states.values.filter { $0.isOpen || byID[$0.key.rule]?.kind.waitsAtRest == true }.sorted {
      ($0.since ?? .distantPast, $0.key.rule.rawValue, $0.key.subject.description)
        < ($1.since ?? .distantPast, $1.key.rule.rawValue, $1.key.subject.description)
    }
    for state in waiting {
      if state.key.rule == OldReadings.rule {
        let read = state.read(at: now)
        let ended = OldReadings.wait(read, now: now)
        let next = ended?.state ?? read
        if next != state { step.states.append(next) }
        if let told = ended?.told { step.transitions.append(told) }
        continue
      }
      guard let rule = byID[state.key.rule], rule.applies(to: state.key.subject.patient) else {
        guard state.isOpen else { continue }
        var withdrawn = state
        withdrawn.phase = .resolved
        step.states.append(withdrawn)
        continue
      }
      let read = state.read(at: now)
      let outcome = rule.kind.wait(read, context: RuleContext(rule: rule, now: now, salt: salt))
      let next = outcome?.state ?? read
      if next != state { step.states.append(next) }
      step.transitions += outcome?.transitions ?? []
    }
    if let facts { look(at: facts, rules, states, RuleLook(now: now, salt: salt), &step) }
    return step
  }

  private struct RuleLook {
    var now: Date
    var salt: String
  }

  /// Shows the gateway's own state to the rules about it.
  private static func look(
    at facts: GatewayFacts, _ rules: [AlertRule], _ states: [AlertKey: AlertState], _ look: RuleLook,
    _ step: inout RuleStep
  ) {
    for rule in rules {
      guard let condition = rule.kind.condition else { continue }
      let context = RuleContext(rule: rule, now: look.now, salt: look.salt)
      for fact in facts.known(condition.condition) {
        let key = AlertKey(rule: rule.id, subject: fact.condition.subject, isSimulated: false)
        guard
          let outcome = condition.see(fact, key: key, state: states[key]?.read(at: look.now), context: context)
        else { continue }
        if outcome.state != states[key] { step.states.append(outcome.state) }
        step.transitions += outcome.transitions
      }
      for var state in states.values where state.key.rule == rule.id && state.isOpen {
        guard !condition.isAbout(state.key.subject) || !facts.has(state.key.subject) else { continue }
        state.phase = .resolved
        step.states.append(state)
      }
    }
  }

  /// When ``tick(rules:states:now:salt:facts:)`` has something to do next, if no sample comes before; nil: nothing waits.
  ///
  /// - Parameter facts: nil: when the gateway's own state makes something of a rule is not known.
  package static func nextTick(
    rules: [AlertRule], states: [AlertKey: AlertState], facts: GatewayFacts? = nil
  ) -> Date? {
    let byID = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return states.values.compactMap { state in
      if state.key.rule == OldReadings.rule { return state.phase == .pending ? state.deadline : nil }
      guard let rule = byID[state.key.rule], rule.applies(to: state.key.subject.patient) else { return nil }
      if let condition = rule.kind.condition {
        return facts?.fact(condition.condition, of: state.key.subject) == nil ? nil : condition.due(state)
      }
      return rule.kind.due(state)
    }.min()
  }
}

extension AlertRule.Kind {
  /// What `sample` makes of `state`; nil: it says nothing to this rule.
  func see(_ sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    outcome(of: sample, key: key, state: state, context: context)?.telling(sample)
  }

  private func outcome(
    of sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext
  ) -> RuleOutcome? {
    switch self {
    case .threshold(let threshold):
      var evaluation = ThresholdEvaluation(
        rule: context.rule, threshold: threshold, now: context.now, salt: context.salt)
      guard let next = evaluation.see(sample, key: key, state: state) else { return nil }
      return RuleOutcome(state: next, transitions: evaluation.transitions)
    case .sustained(let rule): return rule.see(sample, key: key, state: state, context: context)
    case .confirm(let rule): return rule.see(sample, key: key, state: state, context: context)
    case .count(let rule): return rule.see(sample, key: key, state: state, context: context)
    case .average(let rule): return rule.see(sample, key: key, state: state, context: context)
    case .change(let rule): return rule.see(sample, key: key, state: state, context: context)
    case .missing(let rule): return rule.see(sample, key: key, state: state, context: context)
    // No reading says anything of those.
    case .device, .gateway: return nil
    }
  }

  /// What time makes of `state` by the context's now; nil: nothing.
  func wait(_ state: AlertState, context: RuleContext) -> RuleOutcome? {
    switch self {
    case .threshold(let threshold):
      var evaluation = ThresholdEvaluation(
        rule: context.rule, threshold: threshold, now: context.now, salt: context.salt)
      guard let next = evaluation.wait(state) else { return nil }
      return RuleOutcome(state: next, transitions: evaluation.transitions)
    case .sustained(let rule): return rule.wait(state, context: context)
    case .confirm(let rule): return rule.wait(state, context: context)
    case .missing(let rule): return rule.wait(state, context: context)
    // Nothing ends or begins by waiting, or only while it is known to hold: ``RuleEngine/look(at:_:_:_:)``.
    case .count, .average, .change, .device, .gateway: return nil
    }
  }

  /// When time alone makes something of `state`; nil: never.
  func due(_ state: AlertState) -> Date? {
    switch self {
    case .threshold(let threshold):
      state.phase == .pending ? state.since?.addingTimeInterval(threshold.hold) : nil
    case .sustained(let rule): rule.due(state)
    case .confirm(let rule): rule.due(state)
    case .missing(let rule): rule.due(state)
    case .count, .average, .change, .device, .gateway: nil
    }
  }

  /// What it asks of the gateway's own state; nil: it is about readings.
  package var condition: ConditionRule? {
    switch self {
    case .device(let rule), .gateway(let rule): rule
    default: nil
    }
  }

  /// Whether time makes something of a state at rest.
  var waitsAtRest: Bool {
    if case .missing = self { true } else { false }
  }

  /// Whether it looks at stored readings beside the one that is shown.
  package var looksBack: Bool {
    switch self {
    case .count, .average, .change: true
    case .threshold, .sustained, .confirm, .missing, .device, .gateway: false
    }
  }
}
