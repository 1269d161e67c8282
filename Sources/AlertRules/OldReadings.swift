package import Foundation
package import Observations

/// Readings beyond a limit that were old when they came, gathered to be told in one summary for each person and batch:
/// the first pairing of a full cuff pages nobody a hundred times.
///
/// A batch ends when nothing old came for ``quiet``, at the latest ``longest`` after it began. It is kept like an alert's
/// state, in the transaction of its readings, so that it survives whatever happens.
package struct OldReadings: Hashable, Sendable, Codable {
  /// How many were beyond a limit; 0 while only one of a doubtful time was told by itself.
  package var count: Int
  /// Of the most severe rule among them.
  package var severity: AlertSeverity
  /// The effective times of the first and the last.
  package var first: Date
  package var last: Date
  /// The one furthest beyond the most severe rule's limit.
  package var worst: [AlertComponent: Decimal]
  package var worstOf: RuleCondition?
  package var observation: ObservationID?

  /// A reading is told by itself up to this age at its arrival.
  package static let age: TimeInterval = 24 * 3600
  static let quiet: TimeInterval = 60
  static let longest: TimeInterval = 15 * 60
  /// The rule that a summary names. No rule file may use it.
  package static let rule = RuleID(rawValue: "old-readings")

  /// Whether `sample` is news of a day that is over.
  static func isOld(_ sample: RuleSample, at now: Date) -> Bool {
    sample.origin != .stream && max(now, sample.receivedAt).timeIntervalSince(sample.instant) > age
  }

  static func key(_ sample: RuleSample) -> AlertKey {
    AlertKey(rule: rule, subject: sample.subject, isSimulated: sample.isSimulated)
  }

  /// Whether `rule` is shown an old reading all the same: one in order may end what is open, and so may any that stops
  /// its being missed.
  static func passes(_ rule: AlertRule, _ state: AlertState?, _ sample: RuleSample) -> Bool {
    if case .missing = rule.kind { return true }
    guard let state, state.isOpen else { return false }
    return sample.instant >= state.lastInstant
  }

  /// The batch's state after `sample`; nil when nothing is gathered and nothing begins.
  ///
  /// - Parameters:
  ///   - rules: those that were not shown it.
  ///   - begins: a batch begins although the sample was told by itself.
  static func see(
    _ sample: RuleSample, rules: [AlertRule], state: AlertState?, begins: Bool, now: Date, salt: String
  ) -> AlertState? {
    let met = begins ? [] : limits(rules, sample)
    let isOpen = state?.isOpen == true
    guard isOpen || begins || !met.isEmpty else { return nil }
    let key = key(sample)
    var next =
      state
      ?? AlertState(
        key: key, lastInstant: sample.instant, lastValue: 0, lastDevice: sample.device,
        lastObservation: sample.observation)
    if !isOpen {
      next.phase = .pending
      next.since = now
      next.old = nil
      next.episode = EpisodeID(words: [
        salt, rule.rawValue, key.subject.description, key.isSimulated ? "simulated" : "measured",
        sample.identity?.rawValue ?? "\(sample.device)@\(sample.instant.timeIntervalSince1970)",
      ])
    }
    next.lastDevice = sample.device
    next.lastInstant = max(next.lastInstant, sample.instant)
    next.deadline = min(
      now.addingTimeInterval(quiet), (next.since ?? now).addingTimeInterval(longest))
    for one in met.prefix(1) {
      var old =
        next.old
        ?? OldReadings(
          count: 0, severity: one.severity, first: sample.instant, last: sample.instant, worst: [:], worstOf: nil)
      old.take(sample, one)
      next.old = old
    }
    return next
  }

  private mutating func take(_ sample: RuleSample, _ met: Limit) {
    count += 1
    first = min(first, sample.instant)
    last = max(last, sample.instant)
    guard isWorse(sample, met) else { return }
    severity = met.severity
    worst = sample.values
    worstOf = met.condition
    observation = sample.observation
  }

  private func isWorse(_ sample: RuleSample, _ met: Limit) -> Bool {
    guard let worstOf, severity == met.severity else { return worstOf == nil || met.severity > severity }
    let component = worstOf.component
    guard component == met.condition.component, worstOf.comparison.isUpward == met.condition.comparison.isUpward,
      let mine = worst[component], let other = sample.values[component]
    else { return false }
    return worstOf.comparison.isUpward ? other > mine : other < mine
  }

  struct Limit {
    var severity: AlertSeverity
    var condition: RuleCondition
  }

  /// The limits that the reading is beyond, the most severe first. A rule with a hold is left out: how long it held can't
  /// be known.
  private static func limits(_ rules: [AlertRule], _ sample: RuleSample) -> [Limit] {
    rules.compactMap { rule -> Limit? in
      switch rule.kind {
      case .threshold(let threshold):
        let condition = RuleCondition(
          component: threshold.component, comparison: threshold.comparison, limit: threshold.limit)
        guard threshold.hold == 0, let met = [condition].met(by: sample.values) else { return nil }
        return Limit(severity: rule.severity, condition: met)
      case .confirm(let confirm):
        return confirm.conditions.met(by: sample.values).map { Limit(severity: rule.severity, condition: $0) }
      case .sustained, .count, .average, .change, .missing, .device, .gateway: return nil
      }
    }.sorted { $0.severity > $1.severity }
  }

  /// The end of a batch whose time has come; nil before.
  static func wait(_ state: AlertState, now: Date) -> (state: AlertState, told: AlertTransition?)? {
    guard state.phase == .pending, let deadline = state.deadline, now >= deadline else { return nil }
    var next = state
    next.phase = .resolved
    next.deadline = nil
    next.old = nil
    guard let old = state.old, old.count > 0, let episode = state.episode else { return (next, nil) }
    next.firedAt = old.last
    var told = AlertTransition(
      episode: episode, rule: rule, severity: min(old.severity, .warning), patient: state.key.subject.patient,
      device: state.lastDevice, from: nil, to: .firing, at: old.last, decidedAt: now, observation: old.observation,
      component: nil, value: Decimal(old.count), comparison: .atLeast, limit: 1, unit: .count,
      isSimulated: state.key.isSimulated, stage: .summary, values: old.worst)
    told.since = old.first
    told.basis = .old(old.worstOf)
    return (next, told)
  }

  /// A reading that was counted is not this subject's after all: the state without it; nil: it was not counted.
  static func withdraw(_ lost: RuleSample, rules: [AlertRule], state: AlertState?, now: Date) -> AlertState? {
    guard var next = state, next.phase == .pending, var old = next.old, old.first <= lost.instant,
      lost.instant <= old.last, isOld(lost, at: now),
      !limits(rules.filter { $0.applies(to: lost.patient) }, lost).isEmpty
    else { return nil }
    old.count -= 1
    // Its values are somebody else's now.
    if old.observation == lost.observation { (old.worst, old.worstOf, old.observation) = ([:], nil, nil) }
    next.old = old.count > 0 ? old : nil
    return next
  }
}
