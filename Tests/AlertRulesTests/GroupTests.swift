import AlertRules
import Foundation
import Observations
import Testing

/// Limits that were made for adults hold for adults only.
@Suite struct GroupTests {
  private static let child = PatientID(rawValue: "p-child")
  private static let adult = PatientID(rawValue: "p-adult")

  private static func rule(_ groups: Set<PatientGroup>?, patients: Set<PatientID>? = nil) -> AlertRule {
    AlertRule(
      id: RuleID(rawValue: "high"),
      kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
      source: "test", patients: patients, groups: groups
    ).among([child: .child])
  }

  @Test(
    arguments: [
      (nil, nil, true, true, true), ([.adult], nil, false, true, true), ([.child], nil, true, false, false),
      ([.adult, .child], nil, true, true, true), ([.pregnancy], nil, false, false, false),
      // A limit that somebody set for a person holds, whatever the group, unless it is made for another one.
      (nil, [child], true, false, false), ([.child], [child], true, false, false),
      ([.adult], [child], false, false, false),
    ] as [(Set<PatientGroup>?, Set<PatientID>?, Bool, Bool, Bool)])
  func whomItLooksAt(
    groups: Set<PatientGroup>?, patients: Set<PatientID>?, child: Bool, adult: Bool, nobodyKnown: Bool
  ) {
    let rule = Self.rule(groups, patients: patients)
    #expect(rule.applies(to: Self.child) == child)
    #expect(rule.applies(to: Self.adult) == adult)
    #expect(rule.applies(to: nil) == nobodyKnown)
  }

  @Test func aLimitForOnePersonSaysWhoSetItAndWhen() throws {
    var values: [String: RuleValue] = [
      "id": .text("mine"), "kind": .text("threshold"), "component": .text("systolic"), "at-least": .number(150),
      "clear-below": .number(140), "severity": .text("warning"), "source": .text("her doctor"),
      "patients": .list(["p-1"]), "set-by": .text("Dr Lan"), "set-on": .text("2026-11-30"),
      "groups": .list(["child", "pregnancy"]),
    ]
    let rule = try AlertRule(RuleParameters(values))
    #expect(rule.order == LimitOrder(by: "Dr Lan", on: "2026-11-30"))
    #expect(rule.groups == [.child, .pregnancy])
    values["set-on"] = nil
    #expect(throws: RuleFault(field: "set-on", message: "missing", vi: "còn thiếu")) {
      try AlertRule(RuleParameters(values))
    }
    values["set-on"] = .text("2026-11-30")
    values["groups"] = .list(["elder"])
    #expect(throws: RuleFault.self) { try AlertRule(RuleParameters(values)) }
  }
}
