import AlertRules
import Foundation
import Observations

/// A household with a memory, told in words.
struct Diary {
  private var trial: RuleTrial
  private var number = 0

  init(_ rules: AlertRule..., timeZone: TimeZone = .gmt) { trial = RuleTrial(rules: rules, timeZone: timeZone) }

  var states: [AlertKey: AlertState] { trial.states }

  /// What was told, in words: `firing-first warning 185`.
  mutating func measure(
    _ minutes: Double, _ values: [AlertComponent: Decimal], flags: Set<MeasurementFlag> = [],
    received: Double? = nil, patient: PatientID? = lan, origin: RuleSample.Origin = .reading
  ) -> [String] {
    number += 1
    let sample = RuleSample(
      device: DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5"), patient: patient, effective: minute(minutes),
      receivedAt: minute(received ?? minutes), values: values, observation: ObservationID(rawValue: "o\(number)"),
      identity: ReadingIdentity(rawValue: "reading \(number)"), isSimulated: false, flags: flags, origin: origin)
    return Self.words(trial.see(sample))
  }

  /// Lets time pass, and tells what it brings.
  mutating func pass(until minutes: Double) -> [String] { Self.words(trial.pass(until: minute(minutes))) }

  private static func words(_ told: [RuleTrial.Told]) -> [String] {
    told.map(\.transition).map { "\($0.step) \($0.severity.rawValue) \($0.value)" }
  }
}

func rule(_ kind: AlertRule.Kind, _ severity: AlertSeverity = .urgent) -> AlertRule {
  AlertRule(id: RuleID(rawValue: "a-rule"), kind: kind, severity: severity, source: "a test")
}

func pressure(_ systolic: Decimal, _ diastolic: Decimal) -> [AlertComponent: Decimal] {
  [.systolic: systolic, .diastolic: diastolic]
}
