@testable import AlertRules
import Foundation
import Observations
import Testing

/// A sample is shown only to the rules that take something from it, and that changes nothing.
@Suite struct ShownSampleTests {
  private static let conditions = [
    RuleCondition(component: .systolic, comparison: .atLeast, limit: 150),
    RuleCondition(component: .diastolic, comparison: .atLeast, limit: 95),
  ]

  private static let kinds: [AlertRule.Kind] = [
    .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 150)),
    .threshold(ThresholdRule(component: .pulse, comparison: .atMost, limit: 50, holdFor: .seconds(600))),
    .sustained(
      SustainedRule(
        threshold: ThresholdRule(component: .heartRate, comparison: .atLeast, limit: 120, holdFor: .seconds(120)))),
    .confirm(ConfirmRule(conditions: conditions)),
    .count(CountRule(sign: .any(conditions), share: CountRule.Share(times: 1, of: 2))),
    .count(CountRule(sign: .flag(.irregularPulse), days: 1)),
    .average(AverageRule(conditions: conditions, minimum: 1, dropsFirstDay: false)),
    .change(ChangeRule(component: .diastolic, direction: .rise, by: 5, recent: 1, minimum: 1)),
    .missing(MissingRule(component: .mean, after: .seconds(3_600))),
  ]

  /// Every set of values that a reading or a beat can have, beyond the limits and within.
  private static let samples: [RuleSample] = (0..<(1 << AlertComponent.allCases.count)).flatMap { set in
    [Decimal(40), 160].map { value in
      let minutes = Double(set * 2) + (value == 40 ? 0 : 1)
      var sample = systolic(nil, at: minutes, received: minutes)
      for (index, component) in AlertComponent.allCases.enumerated() where set & (1 << index) != 0 {
        sample.values[component] = value
      }
      if set % 3 == 0 { sample.flags = [.irregularPulse] }
      if set % 5 == 0 { sample.origin = .stream }
      return sample
    }
  }

  @Test("what a rule does not look at leaves it as it is, however it stands")
  func notLookedAt() {
    for kind in Self.kinds {
      let rule = AlertRule(id: RuleID(rawValue: "rule"), kind: kind, severity: .urgent, source: "test")
      var state: AlertState?
      var hasChanged = false
      for (index, sample) in Self.samples.enumerated() {
        let seen = Self.samples[...index]
        let context = RuleContext(
          rule: rule, now: sample.receivedAt,
          history: RuleHistory { query in seen.filter { (query.since...query.until).contains($0.instant) } })
        let key = AlertKey(rule: rule.id, subject: sample.subject, isSimulated: false)
        let outcome = kind.see(sample, key: key, state: state, context: context)
        if !kind.looks(at: sample) {
          #expect(outcome == nil, "\(kind)\n\(sample)")
        } else if let outcome {
          hasChanged = hasChanged || outcome.state != state
          state = outcome.state
        }
      }
      #expect(hasChanged, "\(kind) saw nothing")
    }
  }

  @Test("an old reading that no rule looks at is not gathered")
  func notGathered() {
    for kind in Self.kinds {
      let rule = AlertRule(id: RuleID(rawValue: "rule"), kind: kind, severity: .urgent, source: "test")
      for sample in Self.samples where !kind.looks(at: sample) {
        let state = OldReadings.see(sample, rules: [rule], state: nil, begins: false, now: minute(9_000), salt: "")
        #expect(state == nil, "\(kind)\n\(sample)")
      }
    }
  }

  @Test("readings are asked for once however many rules look back at the same ones")
  func askedOnce() {
    final class Count { var value = 0 }
    let count = Count()
    let rules = (0..<5).map { number in
      AlertRule(
        id: RuleID(rawValue: "change-\(number)"),
        kind: .change(ChangeRule(component: .systolic, direction: .rise, by: Decimal(number + 1))), severity: .notice,
        source: "test")
    }
    let sample = systolic(120, at: 0, received: 0)
    let step = RuleEngine.evaluate(
      rules: rules, states: [:], sample: sample, now: minute(0),
      history: RuleHistory { _ in
        count.value += 1
        return [sample]
      })
    #expect(step.states.count == 5)
    #expect(count.value == 1)
  }
}
