package import Foundation

/// A person's newest readings away from their own usual ones, by the means of both.
package struct ChangeRule: Hashable, Sendable, Codable {
  package enum Direction: String, Hashable, Sendable, Codable, CaseIterable { case rise, fall }

  package var component: AlertComponent
  package var direction: Direction
  /// In the component's unit.
  package var by: Decimal
  /// It ends when the difference is less than this; nil: half of ``by``.
  package var clearBy: Decimal?
  /// How many of the newest readings are taken together.
  package var recent: Int
  /// What is usual: the readings before those, up to this age.
  package var baseline: Duration
  /// With fewer readings in the baseline nothing is said.
  package var minimum: Int

  package init(
    component: AlertComponent, direction: Direction, by: Decimal, clearBy: Decimal? = nil, recent: Int = 3,
    baseline: Duration = .seconds(30 * 86_400), minimum: Int = 10
  ) {
    self.component = component
    self.direction = direction
    self.by = by
    self.clearBy = clearBy
    self.recent = recent
    self.baseline = baseline
    self.minimum = minimum
  }

  func see(_ sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    guard sample.origin != .stream, let value = sample.values[component] else { return nil }
    let newest = max(sample.instant, state?.lastInstant ?? .distantPast)
    guard
      let readings = context.readings(of: key, since: newest.addingTimeInterval(-baseline.inSeconds), until: newest)
    else { return nil }
    let values = readings.compactMap { $0.values[component] }
    var next = context.taking(sample, value: value, key: key, state: state)
    guard values.count >= minimum + recent, let now = Array(values.suffix(recent)).mean,
      let usual = Array(values.dropLast(recent)).mean
    else { return RuleOutcome(state: next) }
    let difference = direction == .rise ? now - usual : usual - now
    let from: AlertPhase?
    switch next.phase {
    case .resolved, .pending:
      guard difference >= by else { return RuleOutcome(state: next) }
      from = nil
      next.phase = .firing
      next.episode = context.episode(sample, key)
      next.since = sample.instant
      next.firedAt = newest
      next.openedWith = [component: usual]
    case .firing:
      guard difference < clearBy ?? by / 2 else { return RuleOutcome(state: next) }
      from = .firing
      next.phase = .resolved
    }
    return RuleOutcome(
      state: next,
      transitions: context.transition(
        next, from: from, at: newest, observation: sample.observation, component: component, value: now,
        comparison: direction == .rise ? .atLeast : .atMost, limit: direction == .rise ? usual + by : usual - by,
        unit: component.unit, values: [component: now], openedWith: [component: usual],
        basis: .change(recent: recent)))
  }
}

extension RuleKind {
  /// `component`, `direction: rise|fall`, `by`; optionally `clear-by`, `recent`, `baseline`, `minimum`.
  static let change = RuleKind(
    name: "change", fields: ["component", "direction", "by", "clear-by", "recent", "baseline", "minimum"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    var rule = ChangeRule(
      component: try parameters.choice("component"), direction: try parameters.choice("direction"),
      by: try parameters.number("by"), clearBy: try parameters.optionalNumber("clear-by"))
    guard rule.component != .heartRate else {
      throw RuleFault(
        field: "component", message: "a strap's beats are not kept one by one: heart-rate has no baseline",
        vi: "nhịp từ đai đo không được lưu từng nhịp: heart-rate không có mức nền")
    }
    guard rule.by > 0 else {
      throw RuleFault(
        field: "by", message: "expected more than 0, got \(rule.by)", vi: "cần lớn hơn 0, nhưng ở đây là \(rule.by)")
    }
    if let clear = rule.clearBy, clear > rule.by || clear < 0 {
      throw RuleFault(
        field: "clear-by", message: "must be between 0 and by (\(rule.by)), got \(clear)",
        vi: "phải từ 0 đến by (\(rule.by)), nhưng ở đây là \(clear)")
    }
    if let recent = try parameters.optionalCount("recent") { rule.recent = recent }
    if let baseline = try parameters.optionalDuration("baseline") { rule.baseline = baseline }
    if let minimum = try parameters.optionalCount("minimum") { rule.minimum = minimum }
    return .change(rule)
  }
}
