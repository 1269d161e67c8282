import Foundation
import Testing

@testable import HealthRecords

@Suite struct FHIRDateTimeTests {
  // `date -d @N` with TZ set.
  @Test(arguments: [
    (0.0, "GMT", "1970-01-01T00:00:00+00:00"), (1_773_100_805.9, "Asia/Ho_Chi_Minh", "2026-03-10T07:00:05+07:00"),
    (1_709_208_000, "America/St_Johns", "2024-02-29T08:30:00-03:30"),
    (951_868_799, "UTC", "2000-02-29T23:59:59+00:00"), (-1, "GMT", "1969-12-31T23:59:59+00:00"),
    (4_107_542_399, "Asia/Kathmandu", "2100-03-01T05:44:59+05:45"),
    (1_774_746_000, "Europe/Paris", "2026-03-29T03:00:00+02:00"),
    // What a damaged row may say.
    (1e160, "Asia/Ho_Chi_Minh", "9999-12-31T06:59:59+07:00"), (-1e160, "GMT", "0001-01-02T00:00:00+00:00"),
    (.infinity, "GMT", "9999-12-30T23:59:59+00:00"),
  ])
  func aTimeIsWrittenWithTheOffsetOfItsMoment(_ seconds: Double, _ zone: String, _ text: String) throws {
    let timeZone = try #require(TimeZone(identifier: zone))
    #expect(FHIRDateTime.text(Date(timeIntervalSince1970: seconds), in: timeZone) == text)
  }
}
