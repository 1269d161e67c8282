import AlertRules
import Foundation
import Observations
import Testing

/// A box without a battery for its clock: it starts hours ahead, and is set right when the network comes.
@Suite struct ClockSetBackTests {
  @Test func aCrisisAfterwardsIsToldAndStaysOpen() {
    var home = Household(crisis())
    #expect(home.told(systolic(120, at: 420, received: 420)) == [])
    #expect(home.told(systolic(190, at: 1, received: 1)) == [.firing])
    #expect(home.states.values.first?.phase == .firing)
    #expect(home.told(systolic(120, at: 2, received: 2)) == [.resolved])
    #expect(home.told(systolic(190, at: 3, received: 3)) == [.firing])
  }

  @Test func aHoldBeginsAnewAndRunsOut() {
    var home = Household(crisis(hold: .seconds(15 * 60)))
    #expect(home.told(systolic(190, at: 420, received: 420)) == [])
    #expect(home.tick(1) == [])
    #expect(home.states.values.first?.since == minute(1))
    #expect(home.tick(15.9) == [])
    #expect(home.tick(16).map(\.to) == [.firing])
  }

  @Test func aHoldThatBeginsAfterwardsRunsOut() {
    var home = Household(crisis(hold: .seconds(15 * 60)))
    #expect(home.told(systolic(120, at: 420, received: 420)) == [])
    #expect(home.told(systolic(190, at: 1, received: 1), systolic(190, at: 16, received: 16)) == [.firing])
  }

  @Test func memoryStaysLate() {
    var home = Household(crisis())
    #expect(home.told(systolic(120, at: 420, received: 420)) == [])
    // Taken long before it came: the calm one is still the newest.
    #expect(home.told(systolic(190, at: 10, received: 60)) == [.firing, .resolved])
  }

  /// The running gateway notices that its clock is set, whichever way, while a second reading is waited for.
  @Test(arguments: [-600, -5, 600, 527_040] as [Double]) func whatIsWaitedForIsAsFarAwayAsBefore(jump: Double) {
    let severe = ConfirmRule(conditions: [RuleCondition(component: .systolic, comparison: .atLeast, limit: 180)])
    var home = Household(rule(.confirm(severe)))
    #expect(home.told(systolic(190, at: 1000, received: 1000)) == [.firing])
    for key in home.states.keys { home.states[key]?.shiftWaits(by: jump * 60, now: minute(1004 + jump)) }
    #expect(home.tick(1014.9 + jump) == [])
    #expect(home.tick(1015.1 + jump).map(\.stage) == [.notRepeated])
  }
}
