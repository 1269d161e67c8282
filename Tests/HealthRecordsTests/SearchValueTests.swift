import Foundation
@testable import HealthRecords
import Testing

/// FHIR R4 search, 3.1.1.4: dates with prefixes and tokens.
@Suite struct SearchValueTests {
  /// 2026-03-10T07:00:05+07:00, and a period of the day before.
  static let moment = Samples.moment

  @Test(arguments: [
    ("2026", true), ("2026-03", true), ("2026-03-10", true), ("eq2026-03-10", true), ("2026-03-09", false),
    // In Vietnam the 10th has begun; in UTC it begins five seconds earlier.
    ("2026-03-10T07:00:05+07:00", true), ("2026-03-10T00:00:05Z", true), ("2026-03-10T07:00:06+07:00", false),
    ("2026-03-10T07:00+07:00", true), ("2026-03-10T07:00:05", true), ("2026-03-10T07:00:05 07:00", true),
    ("ne2026-03-10", false), ("ne2026-03-09", true), ("gt2026-03-10", false), ("gt2026-03-09", true),
    ("lt2026-03-10", false), ("lt2026-03-11", true), ("ge2026-03-10", true), ("ge2026-03-11", false),
    ("le2026-03-10", true), ("le2026-03-09", false), ("sa2026-03-09", true), ("sa2026-03-10", false),
    ("eb2026-03-11", true), ("eb2026-03-10", false), ("gt2026-03-10T07:00:04+07:00", true),
    ("gt2026-03-10T07:00:05+07:00", false), ("ge2026-03-10T07:00:05+07:00", true),
  ])
  func aMoment(text: String, isTaken: Bool) throws {
    let date = try #require(DateValue(parsing: text, timeZone: Samples.zone))
    #expect(date.matches(from: Self.moment, until: Self.moment) == isTaken)
    // What bounds the rows must lose nothing.
    if isTaken {
      if let from = date.bounds.from { #expect(Self.moment >= from) }
      if let until = date.bounds.until { #expect(Self.moment < until) }
    }
  }

  @Test(arguments: [
    ("2026-03-10", false), ("2026-03", true), ("gt2026-03-10", false), ("gt2026-03-09", true), ("lt2026-03-10", true),
    ("ge2026-03-10", false), ("le2026-03-09", false), ("le2026-03-10", true), ("sa2026-03-08", true),
    ("sa2026-03-09", false),
    ("eb2026-03-11", true), ("eb2026-03-10", false),
  ])
  func aPeriod(text: String, isTaken: Bool) throws {
    let date = try #require(DateValue(parsing: text, timeZone: Samples.zone))
    let start = Self.moment.addingTimeInterval(-86_400)
    #expect(date.matches(from: start, until: Self.moment) == isTaken)
  }

  @Test(arguments: [
    "", "yesterday", "2026-13", "2026-02-30", "2026-3-1", "ap2026", "xx2026", "2026-03-10T25:00Z", "2026-03-10T07",
    "20260310", "2026-03-10T07:00:05+1", "0000", "eq",
  ])
  func noDate(text: String) { #expect(DateValue(parsing: text, timeZone: Samples.zone) == nil) }

  @Test func tokens() throws {
    let both = try #require(TokenValue(parsing: "http://loinc.org|85354-9"))
    #expect(both.matches(system: "http://loinc.org", code: "85354-9"))
    #expect(!both.matches(system: "urn:x", code: "85354-9"))
    let bare = try #require(TokenValue(parsing: "85354-9"))
    #expect(bare.matches(system: "urn:x", code: "85354-9") && !bare.matches(system: "urn:x", code: "8867-4"))
    let none = try #require(TokenValue(parsing: "|85354-9"))
    #expect(none.matches(system: nil, code: "85354-9") && !none.matches(system: "urn:x", code: "85354-9"))
    let any = try #require(TokenValue(parsing: "http://loinc.org|"))
    #expect(any.matches(system: "http://loinc.org", code: "1") && !any.matches(system: "urn:x", code: "1"))
    let escaped = try #require(TokenValue(parsing: #"urn:a\|b|c\,d"#))
    #expect(escaped.matches(system: "urn:a|b", code: "c,d"))
    for wrong in ["", "|", "a|b|c"] { #expect(TokenValue(parsing: wrong) == nil, "\(wrong)") }
    #expect(SearchText.list(#"a\,b,c"#) == [#"a\,b"#, "c"])
  }
}
