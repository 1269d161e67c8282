import AlertRules
import Foundation
import Observations
import Testing

/// A severe reading, and what the second one, or its absence, makes of it.
struct ConfirmTests {
  private static let severe = rule(
    .confirm(
      ConfirmRule(conditions: [
        RuleCondition(component: .systolic, comparison: .atLeast, limit: 180, clearLimit: 170),
        RuleCondition(component: .diastolic, comparison: .atLeast, limit: 120, clearLimit: 110),
      ])))

  @Test func theSecondReadingConfirms() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(0, pressure(150, 90)) == [])
    #expect(diary.measure(10, pressure(185, 95)) == ["firing-first warning 185"])
    #expect(diary.measure(12, pressure(178, 121)) == ["firing-confirmed urgent 121"])
    #expect(diary.measure(40, pressure(190, 125)) == [])
    #expect(diary.pass(until: 3000) == [])
    #expect(diary.measure(3010, pressure(175, 100)) == [], "neither severe nor calm")
    #expect(diary.measure(3020, pressure(165, 100)) == ["resolved urgent 165"])
  }

  @Test func theSecondReadingDoesNotConfirm() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(10, pressure(185, 95)) == ["firing-first warning 185"])
    #expect(diary.measure(15, pressure(160, 95)) == ["resolved-not-confirmed urgent 160"])
    #expect(diary.pass(until: 3000) == [])
    #expect(diary.measure(3010, pressure(186, 95)) == ["firing-first warning 186"], "another episode")
  }

  @Test func nobodyMeasuresAgain() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(10, pressure(185, 95)) == ["firing-first warning 185"])
    #expect(diary.pass(until: 24.9) == [])
    #expect(diary.pass(until: 25.1) == ["firing-not-repeated urgent 185"])
    #expect(diary.pass(until: 5000) == [], "once")
    #expect(diary.measure(5001, pressure(188, 95)) == ["firing-confirmed urgent 188"])
    #expect(diary.measure(5010, pressure(140, 95)) == ["resolved urgent 140"])
  }

  @Test func withinTheRestNothingIsDecided() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(10, pressure(185, 95)) == ["firing-first warning 185"])
    #expect(diary.measure(10.5, pressure(150, 95)) == [])
    #expect(diary.measure(10.8, pressure(190, 95)) == [])
    #expect(diary.pass(until: 26) == ["firing-not-repeated urgent 185"])
  }

  @Test func aMissingValueNeitherFiresNorResolves() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(10, pressure(185, 95)) == ["firing-first warning 185"])
    #expect(diary.measure(12, [:]) == [])
    #expect(diary.measure(13, [.systolic: 150]) == [], "the diastolic is not known")
    #expect(diary.measure(14, [.diastolic: 130]) == ["firing-confirmed urgent 130"])
  }

  @Test func aFullCuffOfTodayBringsBothAtOnce() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(10, pressure(185, 95), received: 600) == ["firing-first warning 185"])
    #expect(
      diary.measure(14, pressure(186, 95), received: 600.1) == ["firing-confirmed urgent 186"],
      "old as they are, the second is waited for")
  }

  @Test func whatIsOlderThanTheNewestIsToldAndClosed() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(600, pressure(130, 80)) == [])
    #expect(
      diary.measure(500, pressure(185, 95), received: 601, origin: .memory) == [
        "firing urgent 185", "resolved urgent 130",
      ])
    #expect(
      diary.measure(510, pressure(187, 95), received: 602, origin: .memory) == [], "a run of late ones is told once")
    #expect(diary.pass(until: 5000) == [], "and no second one is waited for")
  }

  @Test func olderThanADayIsNotTold() {
    var diary = Diary(Self.severe)
    #expect(diary.measure(3000, pressure(130, 80)) == [])
    #expect(diary.measure(1500, pressure(185, 95), received: 3001, origin: .memory) == [])
  }
}
