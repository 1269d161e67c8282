import AlertRules
import Foundation
import Observations
import Testing

private let day = 1440.0

/// The kinds that look at more than one reading: count, average, change.
struct LookingBackTests {
  @Test func irregularInTwoOfThree() {
    var diary = Diary(rule(.count(CountRule(sign: .flag(.irregularPulse), share: .init(times: 2, of: 3))), .notice))
    #expect(diary.measure(0, pressure(130, 80), flags: [.irregularPulse]) == [])
    #expect(diary.measure(10, pressure(130, 80)) == [])
    #expect(diary.measure(20, pressure(130, 80), flags: [.irregularPulse]) == ["firing notice 2"])
    #expect(
      diary.measure(30, pressure(130, 80)) == [], "one of three is left: two of three and one in turn is one alert")
    #expect(diary.measure(40, pressure(130, 80)) == [])
    #expect(diary.measure(50, pressure(130, 80)) == ["resolved notice 0"])
  }

  @Test func aReadingThatMeasuredNothingDoesNotCount() {
    var diary = Diary(rule(.count(CountRule(sign: .flag(.irregularPulse), share: .init(times: 2, of: 3)))))
    #expect(diary.measure(0, pressure(130, 80), flags: [.irregularPulse]) == [])
    #expect(diary.measure(10, [:], flags: [.irregularPulse]) == [])
  }

  @Test func severalDays() {
    var diary = Diary(
      rule(.count(CountRule(sign: .any([.init(component: .systolic, comparison: .atLeast, limit: 160)]), days: 2))),
      timeZone: TimeZone(identifier: "Asia/Ho_Chi_Minh")!)
    // 16:30 and 16:50 UTC are 23:30 and 23:50 there; 17:10 is the next day.
    #expect(diary.measure(16.5 * 60, pressure(165, 90)) == [])
    #expect(diary.measure(16.8 * 60, pressure(165, 90)) == [], "the same day")
    #expect(diary.measure(17.2 * 60, pressure(165, 90)) == ["firing urgent 2"])
  }

  @Test func lateReadingsCountWhereTheyBelong() {
    var diary = Diary(rule(.count(CountRule(sign: .flag(.irregularPulse), share: .init(times: 2, of: 3)))))
    #expect(diary.measure(100, pressure(130, 80), flags: [.irregularPulse]) == [])
    #expect(diary.measure(90, pressure(130, 80), flags: [.irregularPulse], received: 101) == ["firing urgent 2"])
  }

  /// Two in the morning and two in the evening of each day, `values` in that order.
  private static func week(_ days: Int, _ systolic: Decimal, _ diary: inout Diary, from first: Int = 0) -> [String] {
    var told: [String] = []
    for number in first..<first + days {
      for hour in [7.0, 7.05, 20, 20.05] {
        told += diary.measure(Double(number) * day + hour * 60, pressure(systolic, 80))
      }
    }
    return told
  }

  private static let home = rule(
    .average(
      AverageRule(conditions: [
        RuleCondition(component: .systolic, comparison: .atLeast, limit: 135, clearLimit: 132),
        RuleCondition(component: .diastolic, comparison: .atLeast, limit: 85, clearLimit: 83),
      ])), .notice)

  @Test func aWeekAtHome() {
    var diary = Diary(Self.home)
    // The first day does not count, so the twelfth reading that does comes on the evening of the fourth.
    #expect(Self.week(3, 150, &diary) == [])
    #expect(diary.measure(3 * day + 420, pressure(150, 80)) == [])
    #expect(diary.measure(3 * day + 423, pressure(150, 80)) == [])
    #expect(diary.measure(3 * day + 1200, pressure(150, 80)) == [])
    #expect(diary.measure(3 * day + 1203, pressure(150, 80)) == ["firing notice 150"])
    #expect(Self.week(10, 120, &diary, from: 4).count == 1, "calm weeks end it, once")
  }

  @Test func theMeanIsOfWhatTheProtocolTakes() {
    var diary = Diary(Self.home)
    #expect(Self.week(4, 130, &diary) == [])
    // A worried hour: only two of a half day count, and two at 200 among fourteen at 130 are a mean of 138.8.
    for number in 0..<8 {
      let told = diary.measure(4 * day + 420 + Double(number), pressure(200, 80))
      #expect(told == (number == 0 ? ["firing notice 135.4"] : []))
    }
  }

  @Test func tooFewSayNothing() {
    var diary = Diary(Self.home)
    for number in 0..<7 {
      #expect(diary.measure(Double(number) * day + 420, pressure(190, 110)) == [])
    }
  }

  @Test func awayFromWhatIsUsual() {
    var diary = Diary(rule(.change(ChangeRule(component: .systolic, direction: .rise, by: 20)), .warning))
    for number in 0..<10 {
      #expect(diary.measure(Double(number) * day, pressure(120, 80)) == [])
    }
    #expect(diary.measure(10 * day, pressure(150, 80)) == [])
    #expect(diary.measure(11 * day, pressure(150, 80)) == [])
    #expect(diary.measure(12 * day, pressure(150, 80)) == ["firing warning 150"])
    #expect(diary.measure(13 * day, pressure(120, 80)) == [], "140 against 123: more than half of it is left")
    #expect(diary.measure(14 * day, pressure(120, 80)) == ["resolved warning 130"])
  }

  @Test func withoutAHistoryNothingIsSaidAndNothingForgotten() {
    let count = rule(.count(CountRule(sign: .flag(.irregularPulse), share: .init(times: 1, of: 1))))
    let step = RuleEngine.evaluate(
      rules: [count], states: [:],
      sample: RuleSample(
        device: DeviceID(rawValue: "d"), patient: lan, effective: minute(0), receivedAt: minute(0),
        values: pressure(130, 80), isSimulated: false, flags: [.irregularPulse], origin: .reading), now: minute(0))
    #expect(step == RuleStep())
  }
}
