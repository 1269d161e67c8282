package import Foundation
import Observations

/// What one step of the engine gives.
package struct RuleStep: Hashable, Sendable {
  /// The states that changed; every other stays as it was.
  package var states: [AlertState] = []
  /// The changes to tell, in order.
  package var transitions: [AlertTransition] = []

  package init(states: [AlertState] = [], transitions: [AlertTransition] = []) {
    self.states = states
    self.transitions = transitions
  }
}

/// Is this worrying: pure functions of (rules, what is remembered, what was seen, now).
package enum RuleEngine {
  /// Shows one sample to every rule that is for its subject. A rule whose value the sample lacks is left as it is.
  ///
  /// - Parameters:
  ///   - states: what is remembered, whole.
  ///   - salt: private words of this gateway that go into the names of episodes, so that nobody can guess a reading
  ///     from one.
  package static func evaluate(
    rules: [AlertRule], states: [AlertKey: AlertState], sample: RuleSample, now: Date, salt: String = ""
  ) -> RuleStep {
    var step = RuleStep()
    for rule in rules where rule.applies(to: sample.patient) {
      let key = AlertKey(rule: rule.id, subject: sample.subject, isSimulated: sample.isSimulated)
      switch rule.kind {
      case .threshold(let threshold):
        var evaluation = ThresholdEvaluation(rule: rule, threshold: threshold, now: now, salt: salt)
        guard let state = evaluation.see(sample, key: key, state: states[key]?.read(at: now)) else { continue }
        if state != states[key] { step.states.append(state) }
        step.transitions += evaluation.transitions
      }
    }
    return step
  }

  /// Lets time pass: a pending alert that no reading has contradicted fires when its hold is over, and a state whose
  /// rule is no longer there is put to rest without a word (nothing was measured that would be good news).
  package static func tick(rules: [AlertRule], states: [AlertKey: AlertState], now: Date) -> RuleStep {
    var step = RuleStep()
    let byID = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let open = states.values.filter(\.isOpen).sorted {
      ($0.since ?? .distantPast, $0.key.rule.rawValue) < ($1.since ?? .distantPast, $1.key.rule.rawValue)
    }
    for state in open {
      guard let rule = byID[state.key.rule], rule.applies(to: state.key.subject.patient) else {
        var withdrawn = state
        withdrawn.phase = .resolved
        step.states.append(withdrawn)
        continue
      }
      switch rule.kind {
      case .threshold(let threshold):
        var evaluation = ThresholdEvaluation(rule: rule, threshold: threshold, now: now, salt: "")
        let read = state.read(at: now)
        let next = evaluation.wait(read) ?? read
        if next != state { step.states.append(next) }
        step.transitions += evaluation.transitions
      }
    }
    return step
  }

  /// When ``tick(rules:states:now:)`` has something to do next, if no sample comes before; nil: nothing waits.
  package static func nextTick(rules: [AlertRule], states: [AlertKey: AlertState]) -> Date? {
    let byID = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return states.values.compactMap { state -> Date? in
      guard state.phase == .pending, let since = state.since, let rule = byID[state.key.rule] else { return nil }
      switch rule.kind {
      case .threshold(let threshold): return since.addingTimeInterval(threshold.hold)
      }
    }.min()
  }
}
