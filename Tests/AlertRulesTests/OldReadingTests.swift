import AlertRules
import Foundation
import Observations
import Testing

/// Readings that were more than a day old when they came.
@Suite struct OldReadingTests {
  private static let day = 1440.0
  private static let severe = rule(
    .confirm(ConfirmRule(conditions: [RuleCondition(component: .systolic, comparison: .atLeast, limit: 180)])))

  /// Empties a cuff of `values`, one reading a day until two days before `at`; one arrives each second.
  private func told(_ diary: inout Diary, _ values: [Decimal], at: Double) -> [String] {
    var told: [String] = []
    for (index, value) in values.enumerated() {
      told += diary.measure(
        at - Self.day * Double(values.count + 1 - index), pressure(value, 80), received: at + Double(index) / 60,
        origin: .memory)
    }
    return told
  }

  @Test func aFullCuffIsOneSummary() {
    var values = [Decimal](repeating: 130, count: 100)
    for index in [3, 20, 21, 70, 99] { values[index] = 190 }
    var diary = Diary(crisis(), Self.severe)
    let at = Self.day * 200
    #expect(told(&diary, values, at: at) == [])
    #expect(diary.pass(until: at + 2) == [], "the batch may still go on")
    #expect(diary.pass(until: at + 10) == ["firing-summary warning 5"])
    #expect(diary.pass(until: at + 10_000) == [], "and nothing is open")
    #expect(diary.states.values.allSatisfy { !$0.isOpen })
  }

  @Test func theSummarySaysFromWhenToWhenAndTheWorst() throws {
    var home = Household(crisis())
    let arrival = Self.day * 10
    #expect(
      home.told(
        systolic(185, at: 60, received: arrival), systolic(201, at: 120, received: arrival),
        systolic(190, at: 90, received: arrival), systolic(120, at: 180, received: arrival)) == [])
    #expect(home.tick(arrival + 0.9) == [])
    let summary = try #require(home.tick(arrival + 1).first)
    #expect(summary.since == minute(60))
    #expect(summary.at == minute(120))
    #expect(summary.value == 3)
    #expect(summary.values == [.systolic: 201])
    #expect(summary.observation == ObservationID(rawValue: "o120.0"))
    #expect(summary.rule == OldReadings.rule)
    #expect(summary.isLate)
  }

  @Test func aDayIsTheLimit() {
    var diary = Diary(crisis())
    #expect(diary.measure(0, pressure(190, 80), received: Self.day, origin: .memory) == ["firing urgent 190"])
    diary = Diary(crisis())
    #expect(diary.measure(0, pressure(190, 80), received: Self.day + 0.1, origin: .memory) == [])
    #expect(diary.pass(until: Self.day + 5) == ["firing-summary warning 1"])
  }

  @Test func theNextBatchIsAnotherSummary() {
    var diary = Diary(crisis())
    let at = Self.day * 20
    #expect(told(&diary, [190, 130], at: at) == [])
    #expect(told(&diary, [130, 195], at: at + 60) == ["firing-summary warning 1"], "that of the first batch")
    #expect(diary.pass(until: at + 70) == ["firing-summary warning 1"])
  }

  @Test func calmOldReadingsSayNothing() {
    var diary = Diary(crisis())
    #expect(told(&diary, [130, 120, 125], at: Self.day * 9) == [])
    #expect(diary.pass(until: Self.day * 10) == [])
  }

  @Test func aSlowMemoryDoesNotHoldTheSummaryForEver() {
    var diary = Diary(crisis())
    let at = Self.day * 30
    var told: [String] = []
    for index in 0..<40 {
      told += diary.measure(
        Double(index), pressure(190, 80), received: at + Double(index) * 0.5, origin: .memory)
    }
    #expect(told == ["firing-summary warning 30"], "at the latest after a quarter of an hour")
  }

  @Test func aLiveCrisisPagesInTheMidstOfAFullCuff() {
    var diary = Diary(crisis())
    let at = Self.day * 30
    #expect(told(&diary, [190, 130, 185], at: at) == [])
    #expect(diary.measure(at + 0.1, pressure(190, 120)) == ["firing urgent 190"])
    #expect(diary.pass(until: at + 10) == ["firing-summary warning 2"])
  }

  @Test func anOldCalmReadingEndsWhatIsOlder() {
    var diary = Diary(crisis())
    #expect(diary.measure(0, pressure(190, 80)) == ["firing urgent 190"])
    #expect(
      diary.measure(60, pressure(130, 80), received: Self.day * 5, origin: .memory) == ["resolved urgent 130"])
  }

  @Test func eachPersonHasASummaryOfTheirOwn() {
    var diary = Diary(crisis())
    let at = Self.day * 9
    #expect(diary.measure(0, pressure(190, 80), received: at, origin: .memory) == [])
    #expect(
      diary.measure(
        1, pressure(191, 80), received: at, patient: PatientID(rawValue: "p-minh"), origin: .memory) == [])
    #expect(
      diary.pass(until: at + 5) == ["firing-summary warning 1", "firing-summary warning 1"])
  }

  /// A cuff whose clock shows yesterday, and lets nobody read it: this minute's crisis looks a day old.
  @Test func aCrisisOfAClockThatNobodyCanReadPages() {
    var home = Household(crisis())
    let arrival = Self.day * 3
    func unchecked(_ value: Decimal, at minutes: Double) -> RuleSample {
      var sample = systolic(value, at: minutes, received: arrival)
      sample.isTimeUnchecked = true
      return sample
    }
    #expect(home.see(unchecked(190, at: arrival - Self.day - 1)).map(\.to) == [.firing])
    #expect(home.see(unchecked(120, at: arrival - Self.day)).map(\.to) == [.resolved])
    #expect(home.see(unchecked(195, at: arrival - Self.day + -0.5)).map(\.to) == [], "the rest is summed up")
    #expect(home.tick(arrival + 2).map(\.step) == ["firing-summary"])
  }

  /// Ahead, the stamp counts as the arrival.
  @Test func aCrisisOfAClockADayAheadPages() {
    var home = Household(crisis())
    #expect(home.told(systolic(190, at: Self.day * 4, received: Self.day * 3)) == [.firing])
  }

  @Test func aClockThatIsSetBackHoldsNoSummary() {
    var home = Household(crisis())
    #expect(home.told(systolic(190, at: 0, received: Self.day * 9)) == [])
    #expect(home.tick(Self.day * 8) == [])
    #expect(home.tick(Self.day * 8 + 1.5).map(\.step) == ["firing-summary"])
  }

  @Test func whatIsWithdrawnIsNotCounted() {
    var home = Household(crisis())
    let lost = systolic(190, at: 0, received: Self.day * 9)
    #expect(home.told(lost) == [])
    let step = RuleEngine.withdraw(
      lost, rules: home.rules, states: home.states, history: [], now: minute(Self.day * 9))
    for state in step.states { home.states[state.key] = state }
    #expect(home.tick(Self.day * 10) == [])
    #expect(home.states.values.allSatisfy { !$0.isOpen })
  }

  @Test func noRuleMayTakeItsName() {
    #expect(throws: RuleFault.self) {
      try AlertRule(
        RuleParameters([
          "id": .text("old-readings"), "kind": .text("threshold"), "component": .text("systolic"),
          "at-least": .number(180), "severity": .text("urgent"), "source": .text("a test"),
        ]))
    }
  }
}
