package import Foundation
import Observations

/// Plays readings through rules as the gateway would have: each is stored before it is shown, and the clock ticks whenever
/// the rules asked for it. Nothing is kept and nobody is told.
package struct RuleTrial {
  package let rules: [AlertRule]
  /// Where the household's days begin.
  package let timeZone: TimeZone
  package private(set) var states: [AlertKey: AlertState] = [:]
  private var stored: [RuleSample] = []

  package init(rules: [AlertRule], timeZone: TimeZone = .gmt) {
    self.rules = rules
    self.timeZone = timeZone
  }

  /// Lets time pass until the sample's arrival, then shows it.
  ///
  /// - Parameter sample: by its ``RuleSample/receivedAt`` not earlier than the one before.
  /// - Returns: what would have been told, in order.
  package mutating func see(_ sample: RuleSample) -> [AlertTransition] {
    let before = pass(until: sample.receivedAt)
    if sample.origin != .stream { stored.append(sample) }
    return before
      + keep(
        RuleEngine.evaluate(
          rules: rules, states: states, sample: sample, now: sample.receivedAt, timeZone: timeZone, history: history))
  }

  /// Lets time pass without a reading.
  package mutating func pass(until end: Date) -> [AlertTransition] {
    var told: [AlertTransition] = []
    while let due = RuleEngine.nextTick(rules: rules, states: states), due <= end {
      let step = RuleEngine.tick(rules: rules, states: states, now: due.addingTimeInterval(0.001))
      // The rules' own promise is that a tick at its time does something; without that, time would stand still here.
      guard !step.states.isEmpty else { break }
      told += keep(step)
    }
    return told
  }

  private var history: RuleHistory {
    let stored = stored
    return RuleHistory { query in
      Array(
        stored.filter {
          $0.subject == query.subject && $0.isSimulated == query.isSimulated
            && (query.since...query.until).contains($0.instant)
        }.sorted { $0.instant < $1.instant }.suffix(query.limit))
    }
  }

  private mutating func keep(_ step: RuleStep) -> [AlertTransition] {
    for state in step.states { states[state.key] = state }
    return step.transitions
  }
}
