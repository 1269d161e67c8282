import AlertRules
import Foundation
import Observations

/// A household with a memory: readings are stored before they are shown, as the store does it, and the clock ticks
/// whenever the rules asked for it.
struct Diary {
  let rules: [AlertRule]
  var timeZone = TimeZone.gmt
  private(set) var states: [AlertKey: AlertState] = [:]
  private(set) var stored: [RuleSample] = []
  private var number = 0

  init(_ rules: AlertRule...) { self.rules = rules }

  /// What was told, in words: `firing-first warning 185`.
  mutating func measure(
    _ minutes: Double, _ values: [AlertComponent: Decimal], flags: Set<MeasurementFlag> = [],
    received: Double? = nil, patient: PatientID? = lan, origin: RuleSample.Origin = .reading
  ) -> [String] {
    number += 1
    let arrival = minute(received ?? minutes)
    let before = pass(until: received ?? minutes)
    let sample = RuleSample(
      device: DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5"), patient: patient, effective: minute(minutes),
      receivedAt: arrival, values: values, observation: ObservationID(rawValue: "o\(number)"),
      identity: ReadingIdentity(rawValue: "reading \(number)"), isSimulated: false, flags: flags, origin: origin)
    stored.append(sample)
    return before
      + keep(
        RuleEngine.evaluate(
          rules: rules, states: states, sample: sample, now: arrival, timeZone: timeZone, history: history))
  }

  /// Lets time pass, and tells what it brings.
  mutating func pass(until minutes: Double) -> [String] {
    var told: [String] = []
    while let due = RuleEngine.nextTick(rules: rules, states: states), due <= minute(minutes) {
      let step = RuleEngine.tick(rules: rules, states: states, now: due.addingTimeInterval(0.001))
      guard !step.states.isEmpty else { return told + ["a tick that does nothing"] }
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

  private mutating func keep(_ step: RuleStep) -> [String] {
    for state in step.states { states[state.key] = state }
    return step.transitions.map { "\($0.step) \($0.severity.rawValue) \($0.value)" }
  }
}

func rule(_ kind: AlertRule.Kind, _ severity: AlertSeverity = .urgent) -> AlertRule {
  AlertRule(id: RuleID(rawValue: "a-rule"), kind: kind, severity: severity, source: "a test")
}

func pressure(_ systolic: Decimal, _ diastolic: Decimal) -> [AlertComponent: Decimal] {
  [.systolic: systolic, .diastolic: diastolic]
}
