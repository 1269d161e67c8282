import AlertRules
import Foundation
import Testing

/// What a rule file may say of each kind, and what it is told when it says something else.
struct KindParametersTests {
  private static func fields(_ kind: String, _ more: [String: RuleValue]) -> RuleParameters {
    RuleParameters(
      ["id": .text("a-rule"), "kind": .text(kind), "severity": .text("warning"), "source": .text("a test")]
        .merging(more) { $1 })
  }

  @Test(
    arguments: [
      (
        "sustained",
        ["component": .text("heart-rate"), "above": .number(130), "for": .text("10m"), "gap": .text("30s")]
      ),
      ("confirm", ["any": .list(["systolic at-least 180 clear-below 170", "diastolic at-least 120"])]),
      ("confirm", ["any": .text("systolic at-most 90"), "within": .text("30m"), "rest": .text("2m")]),
      ("count", ["flag": .text("irregular-pulse"), "times": .number(2), "of": .number(3), "days": .number(2)]),
      ("count", ["any": .list(["systolic at-least 160"]), "days": .number(3), "within": .text("14d")]),
      ("average", ["any": .list(["systolic at-least 135", "diastolic at-least 85"]), "first-day": .text("keep")]),
      ("change", ["component": .text("systolic"), "direction": .text("rise"), "by": .number(20)]),
      ("missing", ["component": .text("systolic"), "after": .text("3d"), "escalate-after": .text("7d")]),
      ("device", ["condition": .text("battery-low"), "at-most": .number(20), "clear-above": .number(30)]),
      ("device", ["condition": .text("clock-wrong"), "by": .text("1h"), "after": .text("2d")]),
      ("device", ["condition": .text("bond-stale"), "hidden-by": .text("another")]),
      (
        "gateway",
        [
          "condition": .text("destination-down"), "after": .text("30m"), "escalate-after": .text("1d"),
          "escalate-severity": .text("urgent"),
        ]
      ),
      ("gateway", ["condition": .text("disk-low"), "at-most": .number(100), "clear-above": .number(200)]),
    ] as [(String, [String: RuleValue])])
  func readable(kind: String, more: [String: RuleValue]) throws {
    _ = try AlertRule(Self.fields(kind, more))
  }

  @Test(
    arguments: [
      ("sustained", ["component": .text("heart-rate"), "above": .number(130)], "for", "how long"),
      ("confirm", [:], "any", "missing"),
      ("confirm", ["any": .text("systolic at-least")], "any", "component comparison limit"),
      ("confirm", ["any": .text("systolic at-least 18O")], "any", "component comparison limit"),
      ("confirm", ["any": .text("sistolic at-least 180")], "any", "known: systolic"),
      ("confirm", ["any": .text("systolic over 180")], "any", "known: at-least"),
      ("confirm", ["any": .text("systolic at-least 180 clear-below 190")], "any", "at most the limit 180"),
      ("confirm", ["any": .text("systolic at-least 180 clear-above 170")], "any", "ends by clear-below"),
      ("confirm", ["any": .text("systolic at-least 180"), "rest": .text("20m")], "rest", "shorter than within"),
      ("count", ["times": .number(2), "of": .number(3)], "flag", "either flag or any"),
      ("count", ["flag": .text("irregular-pulse")], "times", "how often"),
      ("count", ["flag": .text("irregular-pulse"), "times": .number(4), "of": .number(3)], "times", "at most of"),
      ("count", ["flag": .text("irregular-pulse"), "times": .number(4)], "of", "times needs of"),
      ("count", ["flag": .text("irregular"), "days": .number(2)], "flag", "known: body-movement"),
      ("count", ["flag": .text("irregular-pulse"), "days": .number(9)], "within", "too short for 9 days"),
      ("count", ["flag": .text("irregular-pulse"), "days": .number(Decimal(0))], "days", "whole number"),
      ("average", ["any": .text("systolic at-least 135"), "minimum": .number(30)], "minimum", "at most 24"),
      ("average", ["any": .text("systolic at-least 135"), "days": .number(40)], "days", "1 to 31"),
      (
        "change", ["component": .text("heart-rate"), "direction": .text("rise"), "by": .number(20)], "component",
        "baseline"
      ),
      (
        "change", ["component": .text("systolic"), "direction": .text("up"), "by": .number(20)], "direction",
        "known: rise"
      ),
      ("change", ["component": .text("systolic"), "direction": .text("rise"), "by": .number(0)], "by", "more than 0"),
      ("missing", ["component": .text("systolic")], "after", "how long"),
      (
        "missing", ["component": .text("systolic"), "after": .text("3d"), "escalate-after": .text("1d")],
        "escalate-after",
        "longer than after"
      ),
      ("missing", ["component": .text("systolic"), "after": .text("3d"), "for": .text("1d")], "for", "unknown field"),
      ("device", [:], "condition", "missing"),
      (
        "device", ["condition": .text("battery")], "condition",
        "known: battery-low, clock-wrong, clock-unset, bond-stale"
      ),
      ("device", ["condition": .text("disk-low")], "condition", "of the other kind; known: battery-low"),
      ("device", ["condition": .text("battery-low")], "at-most", "the percent at which it begins"),
      ("device", ["condition": .text("battery-low"), "at-most": .number(20)], "clear-above", "above which it ends"),
      (
        "device", ["condition": .text("battery-low"), "at-most": .number(20), "clear-above": .number(10)],
        "clear-above",
        "at least at-most (20)"
      ),
      (
        "device", ["condition": .text("battery-low"), "at-most": .number(20), "clear-above": .number(100)],
        "clear-above", "below 100"
      ),
      ("device", ["condition": .text("clock-wrong")], "by", "how far"),
      ("device", ["condition": .text("clock-wrong"), "by": .text("10s")], "by", "at least a minute"),
      ("device", ["condition": .text("bond-stale"), "by": .text("1h")], "by", "not for bond-stale"),
      ("device", ["condition": .text("bond-stale"), "patients": .list(["p-1"])], "patients", "nobody in particular"),
      ("gateway", ["condition": .text("bond-stale")], "condition", "of the other kind; known: undelivered-alert"),
      ("gateway", ["condition": .text("disk-low")], "at-most", "megabytes"),
      ("gateway", ["condition": .text("destination-down"), "by": .text("1h")], "by", "unknown field"),
      (
        "gateway", ["condition": .text("destination-down"), "after": .text("1d"), "escalate-after": .text("1h")],
        "escalate-after", "longer than after"
      ),
      (
        "gateway", ["condition": .text("destination-down"), "escalate-severity": .text("urgent")], "escalate-after",
        "needs escalate-after"
      ),
    ] as [(String, [String: RuleValue], String, String)])
  func mistakes(kind: String, more: [String: RuleValue], field: String, words: String) {
    let fault = #expect(throws: RuleFault.self) { try AlertRule(Self.fields(kind, more)) }
    #expect(fault?.field == field)
    #expect(fault?.message.contains(words) == true, "\(fault?.message ?? "")")
  }
}
