import Foundation
import Testing

@testable import Forwarding

@Suite struct DeliveryPaceTests {
  private let start = ContinuousClock.now

  @Test func noMoreLeavesInASecondThanItsRate() {
    var pace = DeliveryPace(DeliveryPace.Limits(rate: 20, spread: .seconds(600)))
    #expect(pace.batch(of: 100) == 20)
    #expect(pace.pause(at: start) == nil)
    pace.sent(20, at: start)
    #expect(pace.pause(at: start) == .seconds(1))
    #expect(pace.pause(at: start + .seconds(1)) == nil)
    pace.sent(0, at: start + .seconds(5))
    #expect(pace.pause(at: start + .seconds(5)) == nil)
    var slow = DeliveryPace(DeliveryPace.Limits(rate: 0.5))
    #expect(slow.batch(of: 100) == 1)
    slow.sent(1, at: start)
    #expect(slow.pause(at: start) == .seconds(2))
  }

  @Test func afterAnOutageChanceSaysWhen() {
    var pace = DeliveryPace(DeliveryPace.Limits(rate: nil, spread: .seconds(600)))
    pace.recovered(after: .seconds(86_400), at: start, chance: 0.5)
    #expect(pace.pause(at: start) == .seconds(300))
    // A short one did not gather many.
    var short = DeliveryPace(DeliveryPace.Limits(rate: nil, spread: .seconds(600)))
    short.recovered(after: .seconds(4), at: start, chance: 0.5)
    #expect(short.pause(at: start) == .seconds(2))
    #expect(pace.batch(of: 100) == 100)
  }
}
