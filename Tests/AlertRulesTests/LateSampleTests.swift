import AlertRules
import Foundation
import Observations
import Testing

/// Samples that are older than what is known already: a memory that is emptied, a second device.
@Suite struct LateSampleTests {
  @Test func aLateReadingDoesNotResolveANewerAlert() {
    var home = Household(crisis())
    #expect(home.told(systolic(185, at: 10), systolic(120, at: 5)) == [.firing])
    #expect(home.states.values.first?.phase == .firing)
    #expect(home.states.values.first?.lastInstant == minute(10))
    #expect(home.told(systolic(120, at: 11)) == [.resolved])
  }

  @Test func aLateCrisisIsToldAndClosedByTheNewerCalmReading() {
    var home = Household(crisis())
    #expect(home.told(systolic(120, at: 10)) == [])
    let told = home.see(systolic(190, at: 5))
    #expect(told.map(\.to) == [.firing, .resolved])
    #expect(told.map(\.at) == [minute(5), minute(10)])
    #expect(told.map(\.value) == [190, 120])
    #expect(Set(told.map(\.episode)).count == 1)
  }

  @Test func aLateCrisisStaysOpenWhenTheNewerReadingDoesNotClear() {
    var home = Household(crisis(clear: 160))
    #expect(home.told(systolic(170, at: 10), systolic(190, at: 5)) == [.firing])
    #expect(home.told(systolic(150, at: 11)) == [.resolved])
  }

  @Test func aMemoryEmptiedBackwardsTellsARunOnce() {
    var home = Household(crisis())
    #expect(
      home.told(
        systolic(120, at: 10), systolic(185, at: 9), systolic(190, at: 8), systolic(188, at: 7), systolic(130, at: 6),
        systolic(185, at: 5)) == [.firing, .resolved, .firing, .resolved])
  }

  @Test func theSameMinuteIsNotLate() {
    var home = Household(crisis())
    #expect(home.told(systolic(185, at: 10), systolic(120, at: 10)) == [.firing, .resolved])
  }

  @Test func aClockAheadDoesNotMakeLaterReadingsLate() {
    var home = Household(crisis())
    // A year ahead by its own clock, received at minute 10.
    #expect(home.told(systolic(185, at: 525_600, received: 10)) == [.firing])
    #expect(home.told(systolic(120, at: 11, received: 11)) == [.resolved])
  }
}
