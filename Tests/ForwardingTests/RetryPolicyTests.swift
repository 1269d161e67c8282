import Foundation
import Testing

@testable import Forwarding

@Suite struct RetryPolicyTests {
  @Test(arguments: [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (100, 300), (Int.max, 300)])
  func readingsDoubleUpToTheMost(_ attempts: Int, _ seconds: Int) {
    // The random part is of the whole: full jitter.
    #expect(RetryPolicy.readings.delay(afterAttempts: attempts, chance: 1) == .seconds(seconds))
    #expect(RetryPolicy.readings.delay(afterAttempts: attempts, chance: 0.5) == .seconds(seconds) / 2)
    #expect(RetryPolicy.readings.delay(afterAttempts: attempts, chance: 0) == RetryPolicy.least)
  }

  /// The longest that the schema takes (`999999h`): 2^40 times of it is no duration any more.
  @Test func aLongFirstPauseIsTheMostAtOnce() {
    let policy = RetryPolicy.exponential(first: .seconds(999_999 * 3600), most: .seconds(86_400))
    for attempts in [1, 37, 41, 1000] {
      #expect(policy.delay(afterAttempts: attempts, chance: 1) == .seconds(86_400))
    }
  }

  @Test func alertsAreDenseInTheFirstMinutesAndThinOutToADay() {
    let pauses = (1...30).map { RetryPolicy.alerts.delay(afterAttempts: $0, chance: 0.5) }
    #expect(pauses.prefix(8) == [2, 5, 10, 20, 30, 60, 60, 120].map { .seconds($0) }[...])
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(pauses.suffix(3).allSatisfy { $0 == .seconds(86400) })
    // With the first attempt at once: eight within five minutes and a half.
    #expect(pauses.prefix(7).reduce(.zero, +) < .seconds(330))
  }

  @Test func chanceMovesAScheduledPauseByATenth() {
    #expect(RetryPolicy.alerts.delay(afterAttempts: 3, chance: 0) == .seconds(9))
    #expect(RetryPolicy.alerts.delay(afterAttempts: 3, chance: 1) == .seconds(11))
  }

  @Test func theDestinationsWishCountsWithinADay() {
    let policy = RetryPolicy.alerts
    #expect(policy.delay(afterAttempts: 1, asked: .seconds(7), chance: 0) == .seconds(7))
    #expect(policy.delay(afterAttempts: 1, asked: .zero, chance: 0) == .seconds(1))
    #expect(policy.delay(afterAttempts: 1, asked: .seconds(1_000_000), chance: 0) == .seconds(86400))
    #expect(policy.delay(afterAttempts: 1, asked: nil, chance: 0.5) == .seconds(2))
  }

  // RFC 9110, 10.2.3 and 5.6.7.
  @Test(arguments: [
    ("120", 120), (" 0 ", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
    ("-1", nil), ("soon", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil), ("", nil), ("1.5", nil),
  ])
  func retryAfterIsSecondsOrADate(_ text: String, _ seconds: Int?) {
    let now = Date(timeIntervalSince1970: 784_111_740)  // 08:49:00
    #expect(RetryAfter.duration(text, now: now) == seconds.map { .seconds($0) })
  }
}
