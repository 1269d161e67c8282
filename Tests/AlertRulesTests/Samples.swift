import AlertRules
import Foundation
import Observations

/// 2026-11-22T00:00:00Z; every test counts minutes from here.
let midnight = Date(timeIntervalSince1970: 1_795_305_600)

func minute(_ minutes: Double) -> Date { midnight.addingTimeInterval(minutes * 60) }

let lan = PatientID(rawValue: "p-lan")

func systolic(
  _ value: Decimal?, at minutes: Double, received: Double? = nil, patient: PatientID? = lan,
  device: DeviceID = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5"), isSimulated: Bool = false
) -> RuleSample {
  RuleSample(
    device: device, patient: patient, effective: minute(minutes), receivedAt: minute(received ?? max(minutes, 1000)),
    values: value.map { [.systolic: $0] } ?? [:], observation: ObservationID(rawValue: "o\(minutes)"),
    identity: ReadingIdentity(rawValue: "\(device)|\(minutes)|2A35:\(value ?? 0)"), isSimulated: isSimulated,
    origin: .reading)
}

func crisis(clear: Decimal? = nil, hold: Duration? = nil, patients: Set<PatientID>? = nil) -> AlertRule {
  AlertRule(
    id: RuleID(rawValue: "crisis"),
    kind: .threshold(
      ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180, clearLimit: clear, holdFor: hold)),
    severity: .urgent, source: "AHA: 180/120 or greater", patients: patients)
}

/// Shows samples one after the other and keeps what is remembered.
struct Household {
  var rules: [AlertRule]
  var states: [AlertKey: AlertState] = [:]

  init(_ rules: AlertRule...) { self.rules = rules }

  mutating func see(_ sample: RuleSample) -> [AlertTransition] {
    keep(RuleEngine.evaluate(rules: rules, states: states, sample: sample, now: sample.receivedAt))
  }

  mutating func tick(_ minutes: Double) -> [AlertTransition] {
    keep(RuleEngine.tick(rules: rules, states: states, now: minute(minutes)))
  }

  /// The phases that were told over all samples.
  mutating func told(_ samples: RuleSample...) -> [AlertPhase] { samples.flatMap { see($0) }.map(\.to) }

  private mutating func keep(_ step: RuleStep) -> [AlertTransition] {
    for state in step.states { states[state.key] = state }
    return step.transitions
  }
}
