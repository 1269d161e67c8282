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
  package static func withdraw(
    _ lost: RuleSample, rules: [AlertRule], states: [AlertKey: AlertState], history: [RuleSample], now: Date,
    salt: String = ""
  ) -> RuleStep {
    var step = RuleStep()
    let remaining = history.sorted { $0.instant < $1.instant }
    for rule in rules where rule.applies(to: lost.patient) {
      let key = AlertKey(rule: rule.id, subject: lost.subject, isSimulated: lost.isSimulated)
      guard let before = states[key] else { continue }
      switch rule.kind {
      case .threshold(let threshold):
        guard before.isOpen || lost.patient != nil else { continue }
        // Older than the last episode, it has no part in how things stand.
        guard lost.values[threshold.component] != nil, lost.instant >= before.since ?? .distantPast else { continue }
        var evaluation = ThresholdEvaluation(rule: rule, threshold: threshold, now: now, salt: salt)
        var after: AlertState?
        for sample in remaining { after = evaluation.see(sample, key: key, state: after) ?? after }
        let last = evaluation.transitions.last
        var next =
          after
          ?? AlertState(
            key: key, lastInstant: .distantPast, lastValue: before.lastValue, lastDevice: before.lastDevice,
            lastObservation: nil)
        if next.phase == .firing, var firing = last {
          if before.phase == .firing, before.since == next.since {
            next.episode = before.episode
          } else if before.phase != .firing {
            firing.episode = ThresholdEvaluation.episodeAgain(firing.episode, without: lost, salt: salt)
            next.episode = firing.episode
          }
          if next.episode != before.episode { step.transitions.append(firing) }
        }
        if next != before { step.states.append(next) }
      }
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

extension ThresholdEvaluation {
  static func episodeAgain(_ episode: EpisodeID, without lost: RuleSample, salt: String) -> EpisodeID {
    EpisodeID(words: [salt, "again", episode.rawValue, lost.identity?.rawValue ?? "\(lost.instant)"])
  }
}
