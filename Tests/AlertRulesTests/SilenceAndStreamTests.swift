import AlertRules
import Foundation
import Observations
import Testing

/// What the live stream and the lack of readings say.
struct SilenceAndStreamTests {
  private static func beats(_ rate: Decimal, from: Double, to: Double, _ diary: inout Diary) -> [String] {
    stride(from: from, to: to, by: 1.0 / 60).flatMap { diary.measure($0, [.heartRate: rate], origin: .stream) }
  }

  private static let racing = rule(
    .sustained(
      SustainedRule(
        threshold: ThresholdRule(
          component: .heartRate, comparison: .above, limit: 130, clearLimit: 120, holdFor: .seconds(600)))), .warning)

  @Test func tenMinutesWithoutABreak() {
    var diary = Diary(Self.racing)
    #expect(Self.beats(140, from: 0, to: 9.9, &diary) == [])
    #expect(Self.beats(140, from: 9.9, to: 20, &diary) == ["firing warning 140"])
    #expect(Self.beats(125, from: 20, to: 21, &diary) == [])
    #expect(Self.beats(115, from: 21, to: 21.1, &diary) == ["resolved warning 115"])
  }

  @Test func aStrapTakenOffIsNotAFastHeart() {
    var diary = Diary(Self.racing)
    #expect(Self.beats(140, from: 0, to: 5, &diary) == [])
    #expect(diary.pass(until: 500) == [])
    #expect(Self.beats(140, from: 500, to: 506, &diary) == [], "the hold began anew")
  }

  @Test func oneCalmBeatBeginsItAnew() {
    var diary = Diary(Self.racing)
    #expect(Self.beats(140, from: 0, to: 6, &diary) == [])
    #expect(diary.measure(6, [.heartRate: 100], origin: .stream) == [])
    #expect(Self.beats(140, from: 6.02, to: 15.9, &diary) == [])
  }

  private static let missing = rule(
    .missing(
      MissingRule(
        component: .systolic, after: .seconds(3 * 86_400), escalateAfter: .seconds(7 * 86_400),
        escalatedSeverity: .warning)), .notice)

  @Test func nobodyMeasures() {
    var diary = Diary(Self.missing)
    #expect(diary.pass(until: 99 * 1440) == [], "of somebody who never measured nothing is expected")
    #expect(diary.measure(100 * 1440, pressure(130, 80)) == [])
    #expect(diary.pass(until: 102.9 * 1440) == [])
    #expect(diary.pass(until: 103.1 * 1440) == ["firing notice 3"])
    #expect(diary.pass(until: 200 * 1440) == ["firing-still warning 7"])
    #expect(diary.measure(201 * 1440, [:]) == [], "what measured nothing is no reading")
    #expect(diary.measure(202 * 1440, pressure(130, 80)) == ["resolved notice 102"])
    #expect(diary.pass(until: 206 * 1440) == ["firing notice 3"], "another episode")
  }

  @Test func ofNobodyKnownNothingIsExpected() {
    var diary = Diary(Self.missing)
    #expect(diary.measure(0, pressure(130, 80), patient: nil) == [])
    #expect(diary.pass(until: 100 * 1440) == [])
  }

  @Test func anOldReadingFromAMemoryIsNoNewOne() {
    var diary = Diary(Self.missing)
    #expect(diary.measure(0, pressure(130, 80)) == [])
    #expect(diary.pass(until: 4 * 1440) == ["firing notice 3"])
    #expect(diary.measure(-10, pressure(130, 80), received: 4 * 1440 + 1, origin: .memory) == [])
    #expect(diary.measure(0.5 * 1440, pressure(130, 80), received: 4 * 1440 + 2, origin: .memory) == [])
  }
}
