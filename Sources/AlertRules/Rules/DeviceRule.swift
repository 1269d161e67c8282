extension RuleKind {
  /// Something wrong with a device: `condition`, with `at-most` and `clear-above` (percent) for `battery-low`, `by` for
  /// `clock-wrong`; optionally `after`, `escalate-after`, `escalate-severity`.
  static let device = RuleKind(
    name: "device", fields: ConditionRule.fields + ["at-most", "clear-above", "by"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    .device(try ConditionRule(parameters, of: [.device]))
  }
}
