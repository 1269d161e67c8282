import Foundation
package import Observations

/// Something seen again and again: in so many of the last readings, or on so many days.
package struct CountRule: Hashable, Sendable, Codable {
  /// What is counted.
  package enum Sign: Hashable, Sendable, Codable {
    case flag(MeasurementFlag)
    /// A reading beyond one of these.
    case any([RuleCondition])

    func isSeen(in sample: RuleSample) -> Bool {
      switch self {
      case .flag(let flag): sample.flags.contains(flag)
      case .any(let conditions): conditions.met(by: sample.values) != nil
      }
    }
  }

  /// `times` of the last `of` readings.
  package struct Share: Hashable, Sendable, Codable {
    package var times: Int
    package var of: Int

    package init(times: Int, of: Int) {
      self.times = times
      self.of = of
    }
  }

  package var sign: Sign
  package var share: Share?
  /// On so many different days.
  package var days: Int?
  /// Older readings do not count.
  package var within: Duration

  package init(sign: Sign, share: Share? = nil, days: Int? = nil, within: Duration = .seconds(7 * 86_400)) {
    self.sign = sign
    self.share = share
    self.days = days
    self.within = within
  }

  /// Late readings count where they belong, so the order of arrival makes no difference.
  func see(_ sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    guard sample.origin != .stream, !sample.values.isEmpty else { return nil }
    let newest = max(sample.instant, state?.lastInstant ?? .distantPast)
    guard
      let readings = context.readings(of: key, since: newest.addingTimeInterval(-within.inSeconds), until: newest)
    else { return nil }
    let (seen, limit, of) = count(readings, context)
    var next = context.taking(sample, value: Decimal(seen), key: key, state: state)
    next.lastValue = Decimal(seen)
    let from: AlertPhase?
    switch next.phase {
    case .resolved, .pending:
      guard seen >= limit else { return RuleOutcome(state: next) }
      from = nil
      next.phase = .firing
      next.episode = context.episode(sample, key)
      next.since = sample.instant
      next.firedAt = newest
    case .firing:
      // It ends when nothing of it is left, so that two of three and one of three in turn make one alert.
      let recent = share.map { readings.suffix($0.of) } ?? readings[...]
      guard !recent.contains(where: sign.isSeen) else { return RuleOutcome(state: next) }
      from = .firing
      next.phase = .resolved
    }
    return RuleOutcome(
      state: next,
      transitions: context.transition(
        next, from: from, at: newest, observation: sample.observation, component: nil, value: Decimal(seen),
        comparison: .atLeast, limit: Decimal(limit), unit: .count, basis: .count(sign, of: of)))
  }

  /// What was found, what of it is too much, and in how many readings (nil: on days): of the two ways to count, the one
  /// that is reached.
  private func count(_ readings: [RuleSample], _ context: RuleContext) -> (seen: Int, limit: Int, of: Int?) {
    var counted: (seen: Int, limit: Int, of: Int?) = (0, Int.max, nil)
    if let share {
      counted = (readings.suffix(share.of).count(where: sign.isSeen), share.times, share.of)
      if counted.seen >= counted.limit { return counted }
    }
    if let days {
      let seen = Set(readings.filter(sign.isSeen).map { context.calendar.startOfDay(for: $0.instant) }).count
      if seen >= days || share == nil { return (seen, days, nil) }
    }
    return counted
  }
}

extension RuleKind {
  /// `flag` or `any`; `times` and `of`, `days`, or all three; optionally `within`.
  static let count = RuleKind(
    name: "count", fields: ["flag", "any", "times", "of", "days", "within"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    let sign: CountRule.Sign
    switch (parameters.values["flag"] != nil, parameters.values["any"] != nil) {
    case (true, false): sign = .flag(try parameters.choice("flag"))
    case (false, true): sign = .any(try parameters.conditions("any"))
    default:
      throw RuleFault(
        field: "flag", message: "a count needs what it counts: either flag or any",
        vi: "quy tắc count cần biết đếm gì: flag hoặc any")
    }
    var rule = CountRule(sign: sign)
    if let times = try parameters.optionalCount("times") {
      guard let of = try parameters.optionalCount("of") else {
        throw RuleFault(
          field: "of", message: "times needs of: how many of the last how many readings",
          vi: "times cần có of: bao nhiêu trong số bao nhiêu lần đo gần nhất")
      }
      guard times <= of else {
        throw RuleFault(
          field: "times", message: "must be at most of (\(of)), got \(times)",
          vi: "phải nhiều nhất bằng of (\(of)), nhưng ở đây là \(times)")
      }
      rule.share = CountRule.Share(times: times, of: of)
    } else if parameters.values["of"] != nil {
      throw RuleFault(
        field: "times", message: "of needs times: how many of the last how many readings",
        vi: "of cần có times: bao nhiêu trong số bao nhiêu lần đo gần nhất")
    }
    rule.days = try parameters.optionalCount("days")
    guard rule.share != nil || rule.days != nil else {
      throw RuleFault(
        field: "times", message: "a count needs how often: times and of, or days",
        vi: "quy tắc count cần biết bao nhiêu lần: times và of, hoặc days")
    }
    if let within = try parameters.optionalDuration("within") { rule.within = within }
    if let days = rule.days, rule.within < .seconds(Int64(days - 1) * 86_400) {
      throw RuleFault(field: "within", message: "is too short for \(days) days", vi: "quá ngắn cho \(days) ngày")
    }
    return .count(rule)
  }
}
