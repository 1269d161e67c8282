import AlertRules
import Foundation
import Observations
import Testing

@Suite struct ThresholdTests {
  @Test(arguments: [
    (Comparison.atLeast, [179, 180, 181], [false, true, true]),
    (.above, [179, 180, 181], [false, false, true]),
    (.atMost, [179, 180, 181], [true, true, false]),
    (.below, [179, 180, 181], [true, false, false]),
  ]) func comparisons(comparison: Comparison, values: [Int], expected: [Bool]) {
    #expect(values.map { comparison.holds(Decimal($0), 180) } == expected)
  }

  @Test func componentsAreTheNomenclaturesTerms() {
    #expect(
      AlertComponent.allCases.map(\.code.rawValue) == [150021, 150022, 150023, 149546, 147842])
  }

  @Test func oneNotificationAChangeNotAReading() {
    var home = Household(crisis())
    #expect(
      home.told(
        systolic(150, at: 1), systolic(185, at: 2), systolic(190, at: 3), systolic(181, at: 4), systolic(179, at: 5),
        systolic(140, at: 6)) == [.firing, .resolved])
  }

  @Test func theChangeSaysWhatHappened() throws {
    var home = Household(crisis(clear: 170))
    let firing = try #require(home.see(systolic(185, at: 2)).first)
    #expect(firing.rule == RuleID(rawValue: "crisis"))
    #expect(firing.severity == .urgent)
    #expect(firing.patient == lan)
    #expect(firing.from == nil)
    #expect(firing.to == .firing)
    #expect(firing.at == minute(2))
    #expect(firing.decidedAt == minute(1000))
    #expect(firing.observation == ObservationID(rawValue: "o2.0"))
    #expect(firing.value == 185)
    #expect(firing.limit == 180)
    #expect(firing.unit == .millimetreOfMercury)
    let resolved = try #require(home.see(systolic(165, at: 3)).first)
    #expect(resolved.episode == firing.episode)
    #expect(resolved.from == .firing)
    #expect(resolved.limit == 170)
    #expect(resolved.idempotencyKey != firing.idempotencyKey)
  }

  @Test func clearLimitKeepsAWaveringValueToOneAlert() {
    var home = Household(crisis(clear: 170))
    #expect(
      home.told(systolic(182, at: 1), systolic(178, at: 2), systolic(182, at: 3), systolic(171, at: 4)) == [.firing])
    // At the clear limit itself the comparison still holds.
    #expect(home.told(systolic(170, at: 5)) == [])
    #expect(home.told(systolic(169, at: 6)) == [.resolved])
  }

  @Test func withoutClearLimitTheLimitClears() {
    var home = Household(crisis())
    #expect(home.told(systolic(180, at: 1), systolic(179, at: 2)) == [.firing, .resolved])
  }

  @Test func anAbsentOrNaNValueMovesNothing() {
    var home = Household(crisis())
    #expect(home.told(systolic(nil, at: 1), systolic(.nan, at: 2)) == [])
    #expect(home.states.isEmpty)
    _ = home.see(systolic(185, at: 3))
    let before = home.states
    #expect(home.told(systolic(nil, at: 4), systolic(.nan, at: 5)) == [])
    #expect(home.states == before)
  }

  @Test func anotherEpisodeHasAnotherName() throws {
    var home = Household(crisis())
    let first = try #require(home.see(systolic(185, at: 1)).first)
    _ = home.see(systolic(120, at: 2))
    let second = try #require(home.see(systolic(185, at: 3)).first)
    #expect(first.episode != second.episode)
  }

  @Test func theSameReadingNamesTheSameEpisode() {
    let rules = [crisis()]
    let one = RuleEngine.evaluate(rules: rules, states: [:], sample: systolic(185, at: 1), now: minute(2), salt: "s")
    let again = RuleEngine.evaluate(rules: rules, states: [:], sample: systolic(185, at: 1), now: minute(9), salt: "s")
    let elsewhere = RuleEngine.evaluate(
      rules: rules, states: [:], sample: systolic(185, at: 1), now: minute(2), salt: "t")
    #expect(one.transitions.map(\.episode) == again.transitions.map(\.episode))
    #expect(one.transitions.map(\.episode) != elsewhere.transitions.map(\.episode))
  }

  @Test func peopleAndPlayedReadingsDoNotMix() {
    let son = PatientID(rawValue: "p-son")
    var home = Household(crisis())
    #expect(home.told(systolic(185, at: 1)) == [.firing])
    #expect(home.told(systolic(120, at: 2, patient: son), systolic(120, at: 3, isSimulated: true)) == [])
    #expect(home.told(systolic(120, at: 4, patient: nil)) == [])
    #expect(home.states.values.filter { $0.phase == .firing }.count == 1)
  }

  @Test func aDeviceOfNobodyHasItsOwnState() throws {
    var home = Household(crisis())
    let transition = try #require(home.see(systolic(185, at: 1, patient: nil)).first)
    #expect(transition.patient == nil)
    #expect(transition.device == DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5"))
  }

  @Test func aRuleForSomebodyIsForThemOnly() {
    var home = Household(crisis(patients: [lan]))
    #expect(
      home.told(systolic(185, at: 1, patient: PatientID(rawValue: "p-son")), systolic(185, at: 2, patient: nil)) == [])
    #expect(home.told(systolic(185, at: 3)) == [.firing])
  }

  @Test func aReadingsSampleLeavesWindowsAndAbsentValuesOut() {
    func observation(_ components: [ObservationComponent]) -> Observation {
      Observation(
        id: ObservationID(rawValue: "o"), identity: ReadingIdentity(rawValue: "i"), kind: .bloodPressure,
        device: DeviceID(rawValue: "sim:1"), patient: lan, userSlot: nil,
        effective: EffectiveTime(span: .period(minute(1), minute(2)), basis: .betweenVisits), components: components,
        flags: [.bodyMovement], marks: [],
        provenance: Provenance(
          format: "2A35", bytes: [1], deviceTime: nil, clockOffset: nil, receivedAt: minute(3), profile: "p",
          driver: "d",
          authentication: .bonded, isSimulated: true))
    }
    let sample = RuleSample(
      observation([
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(185, .millimetreOfMercury))),
        ObservationComponent(MDC.pulsRateNonInv, .absent(.notANumber)),
        ObservationComponent(MDC.ecgHeartRate, statistic: .mean, .quantity(Quantity(70, .perMinute))),
      ]), live: false)
    #expect(sample.values == [.systolic: 185])
    #expect(sample.effective == minute(2))
    #expect(sample.origin == .memory)
    #expect(sample.isSimulated)
    #expect(sample.flags == [.bodyMovement])
  }
}
