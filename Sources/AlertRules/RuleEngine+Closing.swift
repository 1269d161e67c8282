package import Foundation

extension RuleEngine {
  /// Closes what stands by rules that are another or no more. Nothing was measured that would end an alert, so that is what
  /// whoever was told of it is told: ``AlertStage/ruleChanged``.
  ///
  /// - Parameters:
  ///   - isGone: whether a state of that rule means nothing any more.
  ///   - episodes: what was told of the alerts that fire.
  package static func close(
    states: [AlertKey: AlertState], episodes: [EpisodeID: AlertEpisode], now: Date, isGone: (RuleID) -> Bool
  ) -> RuleStep {
    var step = RuleStep()
    let open = states.values.filter { $0.isOpen && $0.key.rule != OldReadings.rule && isGone($0.key.rule) }.sorted {
      ($0.key.rule.rawValue, $0.key.subject.description) < ($1.key.rule.rawValue, $1.key.subject.description)
    }
    for state in open {
      var closed = state
      closed.phase = .resolved
      closed.stage = nil
      closed.deadline = nil
      step.states.append(closed)
      guard state.phase == .firing, let episode = state.episode.flatMap({ episodes[$0] }) else { continue }
      var told = episode.firing
      told.from = .firing
      told.to = .resolved
      told.stage = .ruleChanged
      told.ordinal = nil
      told.acknowledgement = nil
      told.observation = nil
      told.at = now
      told.decidedAt = now
      told.notStored = false
      told.timeIsUncertain = nil
      step.transitions.append(told)
    }
    return step
  }
}
