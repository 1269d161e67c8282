import Testing
import WireFormats

@Suite struct ClockTests {
  /// Unit test of Nordic's library.
  @Test func dateTime() throws {
    let time = try DateTime(Hexadecimal.bytes("e20704110f3300"))
    #expect(time.year == 2018 && time.month == 4 && time.day == 17)
    #expect(time.hours == 15 && time.minutes == 51 && time.seconds == 0)
    #expect(time.isPlausible && time.isComplete)
  }

  /// By hand: year, month, day, hours, minutes, seconds, and which of them no clock shows.
  @Test(arguments: [
    ([0, 0, 0, 0, 0, 0], []), ([1582, 1, 1, 0, 0, 0], []), ([9999, 12, 31, 23, 59, 59], []),
    ([1581, 1, 1, 0, 0, 0], ["Year"]), ([10000, 1, 1, 0, 0, 0], ["Year"]), ([65535, 2, 29, 0, 0, 0], ["Year"]),
    ([2024, 2, 29, 0, 0, 0], []), ([2023, 2, 29, 0, 0, 0], ["Day"]), ([1900, 2, 29, 0, 0, 0], ["Day"]),
    ([2000, 2, 29, 0, 0, 0], []), ([0, 2, 29, 0, 0, 0], []), ([0, 2, 30, 0, 0, 0], ["Day"]),
    ([2026, 4, 31, 0, 0, 0], ["Day"]), ([2026, 0, 31, 0, 0, 0], []), ([2026, 0, 32, 0, 0, 0], ["Day"]),
    ([2026, 13, 31, 24, 60, 60], ["Month", "Hours", "Minutes", "Seconds"]),
    ([2026, 255, 255, 255, 255, 255], ["Month", "Day", "Hours", "Minutes", "Seconds"]),
  ])
  func implausibleFields(parts: [Int], fields: [String]) throws {
    let bytes = [UInt8(parts[0] & 0xFF), UInt8(parts[0] >> 8)] + parts[1...].map { UInt8($0) }
    let time = try DateTime(bytes)
    #expect(time.implausibleFields == fields)
    #expect(time.isPlausible == fields.isEmpty)
    #expect(Int(time.year) == parts[0] && Int(time.month) == parts[1] && Int(time.day) == parts[2])
    #expect(time.isComplete == (parts[0] != 0 && parts[1] != 0 && parts[2] != 0))
  }

  @Test func fixedSize() throws {
    #expect(throws: DecodingFailure.truncated(field: "Year", offset: 0, need: 2, have: 1)) { try DateTime([0xE2]) }
    #expect(throws: DecodingFailure.truncated(field: "Seconds", offset: 6, need: 1, have: 0)) {
      try DateTime(Hexadecimal.bytes("e20704110f33"))
    }
    #expect(throws: DecodingFailure.trailing(field: "Seconds", offset: 7, count: 1)) {
      try DateTime(Hexadecimal.bytes("e20704110f330000"))
    }
  }

  /// By hand: the date above, a Tuesday, half a second, set by hand and moved for daylight saving time.
  @Test func currentTime() throws {
    let time = try CurrentTime(Hexadecimal.bytes("e20704110f3300028009"))
    #expect(time.dateTime == (try DateTime(Hexadecimal.bytes("e20704110f3300"))))
    #expect(time.dayOfWeek == 2 && time.fractions256 == 128 && time.adjustReason == 9)
    #expect(time.implausibleFields == [])
    #expect(try CurrentTime(Hexadecimal.bytes("e207041119330008ff00")).implausibleFields == ["Hours", "Day of Week"])
    #expect(throws: DecodingFailure.truncated(field: "Adjust Reason", offset: 9, need: 1, have: 0)) {
      try CurrentTime(Hexadecimal.bytes("e20704110f33000280"))
    }
    #expect(throws: DecodingFailure.trailing(field: "Adjust Reason", offset: 10, count: 2)) {
      try CurrentTime(Hexadecimal.bytes("e20704110f3300028009ffff"))
    }
  }
}
