import AlertRules
import Foundation
import Observations
import Testing

/// A reading turns out to be somebody else's.
@Suite struct WithdrawalTests {
  private let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
  private let mai = PatientID(rawValue: "p-mai")

  private func at(_ minutes: Double) -> Date { Date(timeIntervalSince1970: 1_795_305_600 + minutes * 60) }

  private func sample(_ systolic: Decimal, at minutes: Double, patient: PatientID?) -> RuleSample {
    RuleSample(
      device: cuff, patient: patient, effective: at(minutes), receivedAt: at(minutes), values: [.systolic: systolic],
      observation: ObservationID(rawValue: "o-\(minutes)"),
      identity: ReadingIdentity(rawValue: "\(minutes)"), isSimulated: false, origin: .memory, userNumber: 2)
  }

  private func rule(holdFor: Duration? = nil) -> AlertRule {
    AlertRule(
      id: RuleID(rawValue: "crisis"),
      kind: .threshold(
        ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180, clearLimit: 170, holdFor: holdFor)),
      severity: .urgent, source: "test")
  }

  /// What stands after all of them, and after the one at `lost` was taken out again.
  private func withdraw(
    _ lost: Int, of samples: [RuleSample], _ rule: AlertRule, now: Date
  ) -> (before: AlertState?, after: AlertState?, told: [AlertTransition]) {
    var states: [AlertKey: AlertState] = [:]
    for sample in samples {
      for state in RuleEngine.evaluate(rules: [rule], states: states, sample: sample, now: now).states {
        states[state.key] = state
      }
    }
    let before = states.values.first
    var history = samples
    history.remove(at: lost)
    let step = RuleEngine.withdraw(samples[lost], rules: [rule], states: states, history: history, now: now)
    for state in step.states { states[state.key] = state }
    return (before, states.values.first, step.transitions)
  }

  @Test func theOnlyOneLeavesNothingBehind() {
    let result = withdraw(0, of: [sample(190, at: 1, patient: mai)], rule(), now: at(9))
    #expect(result.before?.phase == .firing)
    #expect(result.after?.phase == .resolved)
    #expect(result.told == [])
    // As if nothing had ever been seen: an earlier reading is not late.
    #expect(result.after?.lastInstant == .distantPast)
  }

  @Test func aPendingOneIsDropped() {
    let result = withdraw(
      1, of: [sample(120, at: 1, patient: mai), sample(190, at: 2, patient: mai)], rule(holdFor: .seconds(900)),
      now: at(9))
    #expect(result.before?.phase == .pending)
    #expect(result.after?.phase == .resolved)
    #expect(result.after?.lastInstant == at(1))
  }

  @Test func aHoldThatOnlyTheLostOneBegan() {
    let rule = rule(holdFor: .seconds(900))
    let samples = [
      sample(190, at: 1, patient: mai), sample(190, at: 10, patient: mai), sample(190, at: 17, patient: mai),
    ]
    let result = withdraw(0, of: samples, rule, now: at(18))
    #expect(result.before?.phase == .firing)
    // From the one that is hers on, it has not held for long enough.
    #expect(result.after?.phase == .pending)
    #expect(result.after?.since == at(10))
    #expect(RuleEngine.nextTick(rules: [rule], states: result.after.map { [$0.key: $0] } ?? [:]) == at(25))
  }

  @Test func anEarlierEpisodesReadingChangesNothing() {
    let samples = [
      sample(190, at: 1, patient: mai), sample(120, at: 2, patient: mai), sample(185, at: 3, patient: mai),
    ]
    let result = withdraw(0, of: samples, rule(), now: at(9))
    #expect(result.before == result.after)
    #expect(result.told == [])
  }

  @Test func hysteresisIsWorkedOutAgain() {
    // 175 went on with the guest's episode and would have begun none.
    let samples = [sample(190, at: 1, patient: mai), sample(175, at: 2, patient: mai)]
    let result = withdraw(0, of: samples, rule(), now: at(9))
    #expect(result.before?.phase == .firing)
    #expect(result.after?.phase == .resolved)
    #expect(result.after?.lastValue == 175)
  }

  @Test func whatAGuestEndedFiresUnderANewNameOnce() {
    let samples = [sample(190, at: 1, patient: mai), sample(120, at: 2, patient: mai)]
    let result = withdraw(1, of: samples, rule(), now: at(9))
    #expect(result.told.map(\.to) == [.firing])
    #expect(result.told.map(\.at) == [at(1)])
    #expect(result.told.map(\.episode) == [result.after?.episode])
    #expect(result.after?.episode != result.before?.episode)
    let again = RuleEngine.withdraw(
      samples[1], rules: [rule()], states: result.after.map { [$0.key: $0] } ?? [:], history: [samples[0]], now: at(9))
    #expect(again.transitions == [])
  }

  @Test func ofANamelessUserNothingFiresAgain() {
    let samples = [sample(190, at: 1, patient: nil), sample(120, at: 2, patient: nil)]
    let result = withdraw(1, of: samples, rule(), now: at(9))
    #expect(result.told == [])
    #expect(result.after?.isOpen == false)
  }

  @Test func theSubjectNamesTheNumber() throws {
    #expect(sample(120, at: 1, patient: nil).subject == .device(cuff, user: 2))
    #expect("\(AlertSubject.device(cuff, user: 2))" == "device:\(cuff)#2")
    #expect("\(AlertSubject.device(cuff))" == "device:\(cuff)")
    for subject in [AlertSubject.device(cuff, user: 2), .device(cuff), .patient(mai)] {
      #expect(try JSONDecoder().decode(AlertSubject.self, from: JSONEncoder().encode(subject)) == subject)
    }
  }
}
