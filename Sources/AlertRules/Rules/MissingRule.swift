import Foundation
import Observations

/// Nothing measured for a while by somebody who did measure before.
package struct MissingRule: Hashable, Sendable, Codable {
  /// A reading counts when it has this.
  package var component: AlertComponent
  package var after: Duration
  /// Told again, at ``escalatedSeverity``, when it has gone on for so long; nil: never.
  package var escalateAfter: Duration?
  package var escalatedSeverity: AlertSeverity

  package init(
    component: AlertComponent, after: Duration, escalateAfter: Duration? = nil,
    escalatedSeverity: AlertSeverity = .warning
  ) {
    self.component = component
    self.after = after
    self.escalateAfter = escalateAfter
    self.escalatedSeverity = escalatedSeverity
  }

  func see(_ sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    // Of nobody known nothing is expected.
    guard key.subject.patient != nil, let value = sample.values[component] else { return nil }
    var next = context.taking(sample, value: value, key: key, state: state)
    // One that lies so far back, from a memory, ends no silence.
    guard next.phase == .firing, context.now.timeIntervalSince(next.lastInstant) < after.inSeconds else {
      return RuleOutcome(state: next)
    }
    let silence = sample.instant.timeIntervalSince(state?.lastInstant ?? sample.instant)
    next.phase = .resolved
    next.stage = nil
    return RuleOutcome(
      state: next,
      transitions: transition(next, from: .firing, at: sample.instant, sample.observation, silence, context))
  }

  func wait(_ state: AlertState, context: RuleContext) -> RuleOutcome? {
    guard let step = due(state, at: context.now), step.at <= context.now else { return nil }
    var next = state
    next.phase = .firing
    next.stage = step.stage
    if step.stage == nil {
      next.episode = context.episode(state.key, of: "\(state.lastInstant.timeIntervalSince1970)")
      next.since = state.lastInstant
      next.firedAt = step.at
    }
    return RuleOutcome(
      state: next,
      transitions: transition(
        next, from: step.stage == nil ? nil : .firing, at: step.at, nil,
        step.at.timeIntervalSince(state.lastInstant), context))
  }

  func due(_ state: AlertState) -> Date? { due(state, at: .distantFuture)?.at }

  /// The next step that time makes, if it is one by `now`.
  private func due(_ state: AlertState, at now: Date) -> (stage: AlertStage?, at: Date)? {
    let first = state.lastInstant.addingTimeInterval(after.inSeconds)
    if state.phase != .firing { return first <= now ? (nil, first) : nil }
    guard state.stage == nil, let escalateAfter else { return nil }
    let second = state.lastInstant.addingTimeInterval(escalateAfter.inSeconds)
    return second <= now ? (.still, second) : nil
  }

  private func transition(
    _ state: AlertState, from: AlertPhase?, at: Date, _ observation: ObservationID?, _ silence: TimeInterval,
    _ context: RuleContext
  ) -> [AlertTransition] {
    func days(_ seconds: TimeInterval) -> Decimal { Decimal(seconds / 86_400).rounded }
    return context.transition(
      state, from: from, at: at, observation: observation, component: nil, value: days(silence), comparison: .atLeast,
      limit: days((state.stage == .still ? escalateAfter ?? after : after).inSeconds), unit: .day,
      severity: state.stage == .still ? escalatedSeverity : nil)
  }
}

extension RuleKind {
  /// `component`, `after`; optionally `escalate-after` and `escalate-severity`.
  static let missing = RuleKind(
    name: "missing", fields: ["component", "after", "escalate-after", "escalate-severity"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    guard let after = try parameters.optionalDuration("after"), after > .zero else {
      throw RuleFault(
        field: "after", message: "a missing rule needs how long, such as 3d",
        vi: "quy tắc missing cần bao lâu, ví dụ 3d")
    }
    var rule = MissingRule(component: try parameters.choice("component"), after: after)
    rule.escalateAfter = try parameters.optionalDuration("escalate-after")
    if let escalateAfter = rule.escalateAfter, escalateAfter <= after {
      throw RuleFault(field: "escalate-after", message: "must be longer than after", vi: "phải dài hơn after")
    }
    if parameters.values["escalate-severity"] != nil {
      guard rule.escalateAfter != nil else {
        throw RuleFault(
          field: "escalate-after", message: "escalate-severity needs escalate-after",
          vi: "escalate-severity cần có escalate-after")
      }
      rule.escalatedSeverity = try parameters.choice("escalate-severity")
    }
    return .missing(rule)
  }
}
