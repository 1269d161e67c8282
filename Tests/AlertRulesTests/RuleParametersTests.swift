import AlertRules
import Foundation
import Observations
import Testing

@Suite struct RuleParametersTests {
  let good: [String: RuleValue] = [
    "id": .text("severe-systolic"), "kind": .text("threshold"), "severity": .text("urgent"),
    "source": .text("AHA, 180/120 or greater"), "component": .text("systolic"), "at-least": .number(180),
    "clear-below": .number(170), "for": .text("15m"),
    "patients": .list(["p-lan"]), "set-by": .text("Dr Lan"), "set-on": .text("2026-11-30"),
  ]

  @Test func readsEveryField() throws {
    let rule = try AlertRule(RuleParameters(good))
    #expect(
      rule
        == AlertRule(
          id: RuleID(rawValue: "severe-systolic"),
          kind: .threshold(
            ThresholdRule(
              component: .systolic, comparison: .atLeast, limit: 180, clearLimit: 170, holdFor: .seconds(900))),
          severity: .urgent, source: "AHA, 180/120 or greater", patients: [PatientID(rawValue: "p-lan")],
          order: LimitOrder(by: "Dr Lan", on: "2026-11-30")))
  }

  @Test func optionalFieldsMayBeLeftOut() throws {
    let rule = try AlertRule(
      RuleParameters(good.filter { !["clear-below", "for", "patients", "set-by", "set-on"].contains($0.key) }))
    #expect(rule.patients == nil)
    #expect(rule.kind == .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)))
  }

  @Test(arguments: [
    ("kind", RuleValue?.none, "missing"),
    ("kind", .text("treshold"), "threshold"),
    ("severity", .text("panic"), "notice, warning, urgent"),
    ("source", nil, "missing"),
    ("id", .text("Severe One"), "lower-case"),
    ("component", .text("spo2"), "systolic, diastolic, mean, pulse, heart-rate"),
    ("at-least", .text("high"), "number"),
    ("above", .number(185), "only one of at-least, above, at-most, below"),
    ("clear-below", .number(181), "at most"),
    ("clear-above", .number(185), "ends by clear-below"),
    ("for", .text("15 minutes"), "15m"),
    ("for", .text("-5m"), "15m"),
    ("patients", .list([]), "not empty"),
    ("treshold", .number(1), "unknown field"),
  ]) func aFaultNamesItsField(field: String, value: RuleValue?, words: String) throws {
    var values = good
    values[field] = value
    let fault = #expect(throws: RuleFault.self) { try AlertRule(RuleParameters(values)) }
    #expect(fault?.field == field)
    #expect(fault?.message.contains(words) == true, "\(fault?.message ?? "")")
  }

  @Test func aLowLimitClearsUpwards() throws {
    var values = good
    values["at-least"] = nil
    values["clear-below"] = nil
    values["at-most"] = .number(90)
    values["clear-above"] = .number(95)
    #expect(throws: Never.self) { try AlertRule(RuleParameters(values)) }
    values["clear-above"] = .number(85)
    #expect(
      throws:
        RuleFault(
          field: "clear-above", message: "must be at least the limit 90, got 85",
          vi: "phải ít nhất bằng ngưỡng 90, nhưng ở đây là 85")
    ) {
      try AlertRule(RuleParameters(values))
    }
  }

  @Test func aThresholdWithoutALimitNamesTheFourWaysToWriteOne() {
    var values = good
    values["at-least"] = nil
    values["clear-below"] = nil
    let fault = #expect(throws: RuleFault.self) { try AlertRule(RuleParameters(values)) }
    #expect(fault?.message.contains("at-least, above, at-most, below") == true)
  }

  @Test func severitiesAreOrdered() {
    #expect(AlertSeverity.allCases.sorted() == [.notice, .warning, .urgent])
  }
}
