import Foundation
import Observations

/// A severe reading that is to be repeated after a rest. The first one tells somebody at once; the second decides how
/// urgent it is, never whether anybody knows:
///
/// - *confirmed*: a second reading, after the rest, is severe, too;
/// - *not confirmed*: it is not, and the episode is closed with both;
/// - *not repeated*: none came in time, which is told by itself.
///
/// A second reading within the rest decides nothing unless another follows: an arm that was just squeezed measures wrong.
/// One without one of the values says nothing, either way.
package struct ConfirmRule: Hashable, Sendable, Codable {
  /// Severe is what is beyond one of these.
  package var conditions: [RuleCondition]
  /// From the first reading's effective time: until then a second one is waited for.
  package var within: Duration
  /// The least time between the two.
  package var rest: Duration
  /// Of the first reading's telling.
  package var firstSeverity: AlertSeverity
  /// Of *not repeated*; nil: the rule's own.
  package var notRepeatedSeverity: AlertSeverity?

  package init(
    conditions: [RuleCondition], within: Duration = .seconds(15 * 60), rest: Duration = .seconds(60),
    firstSeverity: AlertSeverity = .warning, notRepeatedSeverity: AlertSeverity? = nil
  ) {
    self.conditions = conditions
    self.within = within
    self.rest = rest
    self.firstSeverity = firstSeverity
    self.notRepeatedSeverity = notRepeatedSeverity
  }

  /// A cuff that empties its memory sends the second reading seconds after the first, however old both are.
  static let patience: TimeInterval = 60

  func see(_ sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    guard sample.origin != .stream, let value = shown(sample) else {
      return nil
    }
    if let state, sample.instant < state.lastInstant { return late(sample, state: state, context) }
    var next = context.taking(sample, value: value, key: key, state: state)
    next.lastValues = sample.values
    next.lateWasMet = false
    let met = conditions.met(by: sample.values)
    switch (next.phase, next.stage) {
    case (.firing, .first):
      guard let since = next.since, sample.instant.timeIntervalSince(since) >= rest.inSeconds else { break }
      if let met { return tell(.confirmed, of: met, sample, &next, context) }
      guard conditions.areAnswered(by: sample.values) else { break }
      return resolve(.notConfirmed, sample, &next, context)
    case (.firing, _):
      if let met, next.stage == .notRepeated { return tell(.confirmed, of: met, sample, &next, context) }
      guard conditions.areCleared(by: sample.values) else { break }
      return resolve(nil, sample, &next, context)
    case (.resolved, _), (.pending, _):
      guard let met else { break }
      next.episode = context.episode(sample, key)
      next.since = sample.instant
      next.firedAt = sample.instant
      next.openedWith = sample.values
      next.deadline = max(
        sample.instant.addingTimeInterval(within.inSeconds), context.now.addingTimeInterval(Self.patience))
      return tell(.first, of: met, sample, &next, context)
    }
    return RuleOutcome(state: next)
  }

  /// *Not repeated*, when the time for it is over.
  func wait(_ state: AlertState, context: RuleContext) -> RuleOutcome? {
    guard let due = due(state), context.now >= due, let values = state.lastValues ?? state.openedWith,
      let met = state.openedWith.flatMap({ conditions.met(by: $0) }), let value = state.openedWith?[met.component]
    else { return nil }
    var next = state
    next.stage = .notRepeated
    next.deadline = nil
    return RuleOutcome(
      state: next,
      transitions: context.transition(
        next, from: .firing, at: due, observation: nil, component: met.component, value: value,
        comparison: met.comparison, limit: met.limit, unit: met.component.unit,
        severity: notRepeatedSeverity ?? context.rule.severity, values: values, openedWith: state.openedWith))
  }

  func due(_ state: AlertState) -> Date? {
    state.phase == .firing && state.stage == .first ? state.deadline : nil
  }

  /// A reading older than the newest one: it is not waited for a second, for that is past. What is severe is told, and
  /// closed in the same step when the newest is calm; a run of such is told once.
  private func late(_ sample: RuleSample, state: AlertState, _ context: RuleContext) -> RuleOutcome? {
    guard state.phase != .firing else { return nil }
    var next = state
    let met = conditions.met(by: sample.values)
    next.lateWasMet = met != nil
    guard let met, !state.lateWasMet else { return next == state ? nil : RuleOutcome(state: next) }
    next.episode = context.episode(sample, state.key)
    next.since = sample.instant
    next.firedAt = sample.instant
    next.openedWith = sample.values
    next.phase = .firing
    next.stage = nil
    next.deadline = nil
    var outcome = RuleOutcome(state: next)
    outcome.transitions = transition(
      next, of: met, values: sample.values, at: sample.instant, sample.observation, context)
    guard let newest = state.lastValues, conditions.areCleared(by: newest) else { return outcome }
    outcome.state.phase = .resolved
    outcome.transitions += transition(
      outcome.state, of: met, values: newest, at: state.lastInstant, state.lastObservation, context)
    return outcome
  }

  private func tell(
    _ stage: AlertStage, of met: RuleCondition, _ sample: RuleSample, _ next: inout AlertState, _ context: RuleContext
  ) -> RuleOutcome {
    let from = next.phase == .firing ? AlertPhase.firing : nil
    next.phase = .firing
    next.stage = stage
    if stage != .first { next.deadline = nil }
    return RuleOutcome(
      state: next,
      transitions: context.transition(
        next, from: from, at: sample.instant, observation: sample.observation, component: met.component,
        value: sample.values[met.component] ?? 0, comparison: met.comparison, limit: met.limit,
        unit: met.component.unit, severity: stage == .first ? firstSeverity : context.rule.severity,
        values: sample.values, openedWith: stage == .first ? nil : next.openedWith))
  }

  private func resolve(
    _ stage: AlertStage?, _ sample: RuleSample, _ next: inout AlertState, _ context: RuleContext
  ) -> RuleOutcome {
    // The condition that opened it is the one whose end is told.
    let opened = next.openedWith.flatMap { conditions.met(by: $0) } ?? conditions[0]
    next.phase = .resolved
    next.stage = stage
    next.deadline = nil
    return RuleOutcome(
      state: next,
      transitions: transition(next, of: opened, values: sample.values, at: sample.instant, sample.observation, context))
  }

  private func transition(
    _ state: AlertState, of condition: RuleCondition, values: [AlertComponent: Decimal], at: Date,
    _ observation: ObservationID?, _ context: RuleContext
  ) -> [AlertTransition] {
    let isOver = state.phase == .resolved
    return context.transition(
      state, from: isOver ? .firing : nil, at: at, observation: observation, component: condition.component,
      value: values[condition.component] ?? state.lastValue, comparison: condition.comparison,
      limit: isOver ? condition.clearLimit ?? condition.limit : condition.limit, unit: condition.component.unit,
      values: values, openedWith: isOver ? state.openedWith : nil)
  }

  private func shown(_ sample: RuleSample) -> Decimal? {
    conditions.lazy.compactMap { sample.values[$0.component] }.first
  }
}

extension RuleKind {
  /// `any`, a list of limits (see ``RuleCondition``); optionally `within`, `rest`, `first-severity`,
  /// `not-repeated-severity`.
  static let confirm = RuleKind(
    name: "confirm", fields: ["any", "within", "rest", "first-severity", "not-repeated-severity"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    var rule = ConfirmRule(conditions: try parameters.conditions("any"))
    if let within = try parameters.optionalDuration("within") { rule.within = within }
    if let rest = try parameters.optionalDuration("rest") { rule.rest = rest }
    guard rule.rest < rule.within else {
      throw RuleFault(
        field: "rest", message: "must be shorter than within, or no second reading is ever in time",
        vi: "phải ngắn hơn within, nếu không thì lần đo thứ hai không bao giờ kịp")
    }
    if parameters.values["first-severity"] != nil { rule.firstSeverity = try parameters.choice("first-severity") }
    if parameters.values["not-repeated-severity"] != nil {
      rule.notRepeatedSeverity = try parameters.choice("not-repeated-severity")
    }
    return .confirm(rule)
  }
}
