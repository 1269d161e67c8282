package import Foundation
import Observations

extension RuleEngine {
  /// What is remembered of a subject once a reading turns out not to be theirs, from the readings that remain.
  ///
  /// - An episode that only this reading opened is put to rest without a word: nothing was measured that would be good
  ///   news, and who was told of it is told otherwise by people.
  /// - Another reading of the same run, told of by nothing yet, opens an episode of its own.
  /// - An episode that only this reading ended fires again, under a new name, since its end has been told. Not one of a
  ///   user whom nobody has named: whoever claims readings one after the other looks at them anyway.
  ///
  /// - Parameters:
  ///   - lost: the reading, still with the subject's patient.
  ///   - history: the subject's other readings, at least those from ``AlertState/since`` on and the one before.
  ///   - stored: what is stored without it, for the rules that look further back.
  package static func withdraw(
    _ lost: RuleSample, rules: [AlertRule], states: [AlertKey: AlertState], history: [RuleSample], now: Date,
    salt: String = "", timeZone: TimeZone = .gmt, stored: RuleHistory? = nil
  ) -> RuleStep {
    var step = RuleStep()
    if let next = OldReadings.withdraw(lost, rules: rules, state: states[OldReadings.key(lost)], now: now) {
      step.states.append(next)
    }
    let remaining = history.sorted { $0.instant < $1.instant }
    for rule in rules where rule.applies(to: lost.patient) {
      let key = AlertKey(rule: rule.id, subject: lost.subject, isSimulated: lost.isSimulated)
      guard let before = states[key] else { continue }
      guard before.isOpen || lost.patient != nil else { continue }
      // Older than the last episode, it has no part in how things stand.
      guard rule.kind.looks(at: lost), lost.instant >= before.since ?? .distantPast else { continue }
      let context = RuleContext(rule: rule, now: now, salt: salt, timeZone: timeZone, history: stored)
      var after: AlertState?
      var last: AlertTransition?
      for sample in remaining {
        // What was gathered when it came begins nothing now.
        if OldReadings.isOld(sample, at: sample.receivedAt), !sample.isTimeUnchecked,
          !OldReadings.passes(rule, after, sample)
        {
          continue
        }
        guard let outcome = rule.kind.see(sample, key: key, state: after, context: context) else { continue }
        after = outcome.state
        last = outcome.transitions.last ?? last
      }
      var next =
        after
        ?? AlertState(
          key: key, lastInstant: .distantPast, lastValue: before.lastValue, lastDevice: before.lastDevice,
          lastObservation: nil)
      if next.phase == .firing, var firing = last {
        if before.phase == .firing, before.since == next.since {
          next.episode = before.episode
          // That nobody measured again in time is as true as before.
          if next.stage == .first, before.stage == .notRepeated { (next.stage, next.deadline) = (before.stage, nil) }
        } else if before.phase != .firing {
          firing.episode = ThresholdEvaluation.episodeAgain(firing.episode, without: lost, salt: salt)
          next.episode = firing.episode
        }
        if next.episode != before.episode { step.transitions.append(firing) }
      }
      if next != before { step.states.append(next) }
    }
    return step
  }

  /// From when on the readings of `lost`'s subject are needed for ``withdraw(_:rules:states:history:now:salt:)``; nil:
  /// nothing is remembered that it could have had a part in.
  package static func withdrawalStart(_ lost: RuleSample, states: [AlertKey: AlertState]) -> Date? {
    states.values.filter { state in
      state.key.subject == lost.subject && state.key.isSimulated == lost.isSimulated
        && lost.instant >= state.since ?? .distantPast
    }.map { $0.since ?? lost.instant }.min()
  }
}

extension AlertRule.Kind {
  /// Whether the rule takes anything from this reading.
  func looks(at sample: RuleSample) -> Bool {
    switch self {
    case .threshold(let rule): sample.values[rule.component] != nil
    case .sustained(let rule): sample.values[rule.threshold.component] != nil
    case .confirm(let rule): rule.conditions.contains { sample.values[$0.component] != nil }
    case .count: !sample.values.isEmpty
    case .average(let rule): rule.conditions.areAnswered(by: sample.values)
    case .change(let rule): sample.values[rule.component] != nil
    case .missing(let rule): sample.values[rule.component] != nil
    case .device, .gateway: false
    }
  }
}

extension ThresholdEvaluation {
  static func episodeAgain(_ episode: EpisodeID, without lost: RuleSample, salt: String) -> EpisodeID {
    EpisodeID(words: [salt, "again", episode.rawValue, lost.identity?.rawValue ?? "\(lost.instant)"])
  }
}
