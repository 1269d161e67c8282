import AlertRules
import Foundation
import Testing

@Suite struct QuietHoursTests {
  private static func instant(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

  @Test(
    arguments: [
      // 22:00 to 06:00 in Sài Gòn, UTC+7.
      ("2026-11-22T14:59:59Z", nil),
      ("2026-11-22T15:00:00Z", "2026-11-22T23:00:00Z"),
      ("2026-11-22T18:00:00Z", "2026-11-22T23:00:00Z"),
      ("2026-11-22T22:59:59Z", "2026-11-22T23:00:00Z"),
      ("2026-11-22T23:00:00Z", nil),
    ] as [(String, String?)])
  func overMidnight(now: String, end: String?) throws {
    let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    let quiet = QuietHours(from: 22 * 60, until: 6 * 60, timeZone: zone)
    #expect(try quiet.end(at: Self.instant(now)) == end.map { try Self.instant($0) })
  }

  @Test(arguments: [
    // Berlin sets its clocks forward on 2026-03-29 at 02:00 (01:00Z) and back on 2026-10-25 at 03:00 (01:00Z).
    (60, 150, "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
    (23 * 60, 7 * 60, "2026-03-28T22:30:00Z", "2026-03-29T05:00:00Z"),
    (23 * 60, 7 * 60, "2026-10-24T21:30:00Z", "2026-10-25T06:00:00Z"),
  ])
  func whenClocksChange(from: Int, until: Int, now: String, end: String) throws {
    let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
    let quiet = QuietHours(from: from, until: until, timeZone: zone)
    #expect(try quiet.end(at: Self.instant(now)) == Self.instant(end))
  }

  @Test func anEmptySpanIsNoQuiet() {
    #expect(QuietHours(from: 60, until: 60, timeZone: .gmt).end(at: Date(timeIntervalSince1970: 3600)) == nil)
  }
}
