extension RuleKind {
  /// Something wrong with the gateway, or on the way from it: `condition`, with `at-most` and `clear-above` (megabytes) for
  /// `disk-low`; optionally `after`, `escalate-after`, `escalate-severity`.
  static let gateway = RuleKind(
    name: "gateway", fields: ConditionRule.fields + ["at-most", "clear-above"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    .gateway(try ConditionRule(parameters, of: [.destination, .box]))
  }
}
