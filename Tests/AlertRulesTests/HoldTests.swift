import AlertRules
import Foundation
import Observations
import Testing

@Suite struct HoldTests {
  let rule = crisis(hold: .seconds(15 * 60))

  @Test func pendingUntilItHeldLongEnoughByEffectiveTime() {
    var home = Household(rule)
    #expect(home.told(systolic(185, at: 0), systolic(186, at: 14)) == [])
    #expect(home.states.values.first?.phase == .pending)
    let told = home.see(systolic(187, at: 15))
    #expect(told.map(\.to) == [.firing])
    #expect(told.map(\.from) == [.pending])
  }

  @Test func aCalmReadingEndsItInSilence() {
    var home = Household(rule)
    #expect(home.told(systolic(185, at: 0), systolic(150, at: 5), systolic(185, at: 10), systolic(185, at: 20)) == [])
    #expect(home.told(systolic(185, at: 25)) == [.firing])
  }

  @Test func timeAloneFiresWhatNobodyContradicted() throws {
    var home = Household(rule)
    _ = home.see(systolic(185, at: 0))
    #expect(RuleEngine.nextTick(rules: home.rules, states: home.states) == minute(15))
    #expect(home.tick(14.9) == [])
    let told = try #require(home.tick(16).first)
    #expect(told.to == .firing)
    #expect(told.at == minute(15))
    #expect(told.value == 185)
    #expect(told.observation == nil)
    #expect(home.tick(17) == [])
    #expect(RuleEngine.nextTick(rules: home.rules, states: home.states) == nil)
    #expect(home.told(systolic(120, at: 20)) == [.resolved])
  }

  @Test func lateReadingsNeitherStartNorEndAHold() {
    var home = Household(rule)
    #expect(home.told(systolic(120, at: 10), systolic(185, at: 5)) == [])
    #expect(home.states.values.first?.phase == .resolved)
    #expect(home.told(systolic(185, at: 20), systolic(120, at: 15)) == [])
    #expect(home.states.values.first?.phase == .pending)
  }

  @Test func aRuleThatIsGoneIsPutToRestWithoutGoodNews() {
    var home = Household(crisis())
    #expect(home.told(systolic(185, at: 1)) == [.firing])
    home.rules = []
    #expect(home.tick(2) == [])
    #expect(home.states.values.first?.phase == .resolved)
  }
}
