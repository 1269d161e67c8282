import Foundation

/// The mean of home readings taken by a protocol: some days, two readings in the morning and two in the evening, the first
/// day dropped (Stergiou et al., J Hypertens 2021;39:1293: 7 days, at least 12 readings, 135/85).
///
/// The window ends with the newest reading's day and moves with it. Morning is before noon by the household's clock; of each
/// half day the first two readings count, so that a worried hour of measuring does not outweigh a week.
package struct AverageRule: Hashable, Sendable, Codable {
  /// Held against the means.
  package var conditions: [RuleCondition]
  package var days: Int
  /// With fewer readings nothing is said.
  package var minimum: Int
  package var dropsFirstDay: Bool

  package init(conditions: [RuleCondition], days: Int = 7, minimum: Int = 12, dropsFirstDay: Bool = true) {
    self.conditions = conditions
    self.days = days
    self.minimum = minimum
    self.dropsFirstDay = dropsFirstDay
  }

  static let readingsOfHalfDay = 2

  func see(_ sample: RuleSample, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    guard sample.origin != .stream, conditions.areAnswered(by: sample.values) else { return nil }
    let newest = max(sample.instant, state?.lastInstant ?? .distantPast)
    let calendar = context.calendar
    guard let first = calendar.date(byAdding: .day, value: 1 - days, to: calendar.startOfDay(for: newest)),
      let readings = context.readings(of: key, since: first, until: newest)
    else { return nil }
    let counted = counted(readings, calendar)
    let means = means(counted)
    var next = context.taking(sample, value: Decimal(counted.count), key: key, state: state)
    next.lastValue = means[conditions[0].component] ?? next.lastValue
    next.lastValues = means
    guard counted.count >= minimum else { return RuleOutcome(state: next) }
    let from: AlertPhase?
    let told: RuleCondition
    switch next.phase {
    case .resolved, .pending:
      guard let met = conditions.met(by: means) else { return RuleOutcome(state: next) }
      told = met
      from = nil
      next.phase = .firing
      next.episode = context.episode(sample, key)
      next.since = first
      next.firedAt = newest
      next.openedWith = means
    case .firing:
      guard conditions.areCleared(by: means) else { return RuleOutcome(state: next) }
      told = next.openedWith.flatMap { conditions.met(by: $0) } ?? conditions[0]
      from = .firing
      next.phase = .resolved
    }
    return RuleOutcome(
      state: next,
      transitions: context.transition(
        next, from: from, at: newest, observation: sample.observation, component: told.component,
        value: means[told.component] ?? 0, comparison: told.comparison,
        limit: next.phase == .resolved ? told.clearLimit ?? told.limit : told.limit, unit: told.component.unit,
        values: means, basis: .mean(days: days)))
  }

  /// The readings that the protocol takes, oldest first.
  func counted(_ readings: [RuleSample], _ calendar: Calendar) -> [RuleSample] {
    let complete = readings.filter { conditions.areAnswered(by: $0.values) }
    let firstDay = complete.first.map { calendar.startOfDay(for: $0.instant) }
    var halves: [HalfDay: Int] = [:]
    return complete.filter { reading in
      let day = calendar.startOfDay(for: reading.instant)
      if dropsFirstDay, day == firstDay { return false }
      let half = HalfDay(day: day, isMorning: calendar.component(.hour, from: reading.instant) < 12)
      halves[half, default: 0] += 1
      return halves[half, default: 0] <= Self.readingsOfHalfDay
    }
  }

  private struct HalfDay: Hashable {
    var day: Date
    var isMorning: Bool
  }

  /// To one decimal place.
  private func means(_ readings: [RuleSample]) -> [AlertComponent: Decimal] {
    var means: [AlertComponent: Decimal] = [:]
    for condition in conditions {
      means[condition.component] = readings.compactMap { $0.values[condition.component] }.mean
    }
    return means
  }
}

extension [Decimal] {
  /// To one decimal place; nil of nothing.
  var mean: Decimal? {
    guard !isEmpty else { return nil }
    return (reduce(0, +) / Decimal(count)).rounded
  }
}

extension RuleKind {
  /// `any`, limits for the means; optionally `days`, `minimum`, `first-day: drop|keep`.
  static let average = RuleKind(
    name: "average", fields: ["any", "days", "minimum", "first-day"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    var rule = AverageRule(conditions: try parameters.conditions("any"))
    if let days = try parameters.optionalCount("days") {
      guard (1...31).contains(days) else {
        throw RuleFault(
          field: "days", message: "expected 1 to 31, got \(days)", vi: "cần từ 1 đến 31, nhưng ở đây là \(days)")
      }
      rule.days = days
    }
    if let minimum = try parameters.optionalCount("minimum") { rule.minimum = minimum }
    if parameters.values["first-day"] != nil {
      let choice: FirstDay = try parameters.choice("first-day")
      rule.dropsFirstDay = choice == .drop
    }
    let most = (rule.days - (rule.dropsFirstDay ? 1 : 0)) * 2 * AverageRule.readingsOfHalfDay
    guard rule.minimum <= most else {
      throw RuleFault(
        field: "minimum", message: "\(rule.days) days hold at most \(most) readings that count, got \(rule.minimum)",
        vi: "\(rule.days) ngày có nhiều nhất \(most) kết quả được tính, nhưng ở đây là \(rule.minimum)")
    }
    return .average(rule)
  }

  private enum FirstDay: String, CaseIterable { case drop, keep }
}
