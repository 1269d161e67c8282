import Foundation

/// A live value beyond a limit for a while, without a break: a heart that races for ten minutes on a strap.
///
/// Only a sample fires it, never time alone: a strap taken off after one fast beat is not a fast heart.
package struct SustainedRule: Hashable, Sendable, Codable {
  /// The limit, with its hold.
  package var threshold: ThresholdRule
  /// Without a sample for longer than this the hold begins anew: nobody knows what the heart did meanwhile.
  package var gap: Duration

  package init(threshold: ThresholdRule, gap: Duration = .seconds(60)) {
    self.threshold = threshold
    self.gap = gap
  }

  func see(_ sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    var before = state
    if let state, state.phase == .pending,
      sample.instant.timeIntervalSince(state.lastInstant) > gap.inSeconds
    {
      before?.phase = .resolved
    }
    var evaluation = ThresholdEvaluation(rule: context.rule, threshold: threshold, now: context.now, salt: context.salt)
    guard let next = evaluation.see(sample, key: key, state: before) else { return nil }
    return RuleOutcome(state: next, transitions: evaluation.transitions)
  }

  /// A hold that nothing has carried on is over, in silence.
  func wait(_ state: AlertState, context: RuleContext) -> RuleOutcome? {
    guard let due = due(state), context.now > due else { return nil }
    var next = state
    next.phase = .resolved
    return RuleOutcome(state: next)
  }

  func due(_ state: AlertState) -> Date? {
    state.phase == .pending ? state.lastInstant.addingTimeInterval(gap.inSeconds) : nil
  }
}

extension RuleKind {
  /// As ``threshold`` with `for`, which it needs; optionally `gap`.
  static let sustained = RuleKind(
    name: "sustained", fields: RuleKind.threshold.fields + ["gap"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    guard case .threshold(let threshold) = try RuleKind.threshold.read(parameters), threshold.hold > 0 else {
      throw RuleFault(
        field: "for", message: "a sustained rule needs how long, such as 10m",
        vi: "quy tắc sustained cần kéo dài bao lâu, ví dụ 10m")
    }
    return .sustained(
      SustainedRule(threshold: threshold, gap: try parameters.optionalDuration("gap") ?? .seconds(60)))
  }
}
