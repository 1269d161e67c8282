import Foundation
import Testing
import YAMLDocuments

@testable import AlertRules
@testable import Gateway

/// `vitals rules test`: the scenarios of this folder are also the tests of the rules.
@Suite struct RuleScenarioTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/scenarios")

  static func files(_ name: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder.appending(path: name), includingPropertiesForKeys: nil
    ).filter { $0.lastPathComponent != "rules.yaml" }.sorted { $0.path < $1.path }
  }

  @Test("a scenario goes as it expects", arguments: try files("default") + files("kinds") + files("telling"))
  func goes(_ file: URL) throws {
    let test = try RuleTest(scenarios: [file.path(percentEncoded: false)], rules: nil)
    let outcome = try #require(test.outcomes.first)
    #expect(outcome.expected ?? 0 > 0, "it expects nothing")
    #expect(outcome.differences == [])
  }

  @Test("each rule of the default set begins and ends in a scenario of its own")
  func everyDefault() throws {
    for rule in try RuleFiles.standard() {
      let file = Self.folder.appending(path: "default/\(rule.id.rawValue).yaml")
      let changes = try RuleTest(scenarios: [file.path(percentEncoded: false)], rules: nil).outcomes[0].timeline.changes
      let expected =
        if case .confirm = rule.kind { ["firing-first", "firing-confirmed", "resolved"] } else {
          ["firing", "resolved"]
        }
      #expect(changes.map(\.change) == expected, "\(rule.id)")
      #expect(Set(changes.map(\.rule)) == [rule.id.rawValue])
    }
  }

  @Test("each kind, and each stage, is told in some scenario")
  func everyKind() throws {
    let test = try RuleTest(scenarios: [Self.folder.appending(path: "kinds").path(percentEncoded: false)], rules: nil)
    let told = Set(test.outcomes.flatMap(\.timeline.changes).map { "\($0.rule) \($0.change)" })
    for words in [
      "pending firing", "pending resolved", "racing firing", "racing resolved", "crisis firing-first",
      "crisis firing-confirmed", "crisis firing-not-repeated", "crisis resolved-not-confirmed", "crisis resolved",
      "irregular firing", "irregular resolved", "many-days firing", "home-mean firing", "falling firing",
      "silent firing", "silent firing-still", "silent resolved", "weak firing", "weak firing-still", "weak resolved",
      "strange firing", "strange resolved", "down firing", "down firing-still", "down resolved", "waits resolved",
      "blind firing", "blind firing-escalated-1", "blind firing-acknowledged-2", "blind told-firing", "blind resolved",
    ] {
      #expect(told.contains(words), "\(words)")
    }
  }

  private func timeline(_ scenario: RuleScenario) throws -> RuleTimeline {
    RuleTimeline(
      title: scenario.title, rules: try RuleFiles.standard(), plan: scenario.plan, acts: scenario.acts,
      until: scenario.until, timeZone: scenario.timeZone)
  }

  private func differences(_ text: String, isVietnamese: Bool = false) throws -> [String] {
    let scenario = try RuleScenario(YAMLDocument(text: text, file: "story.yaml"))
    return try timeline(scenario).differences(from: scenario, isVietnamese: isVietnamese)
  }

  @Test("what goes otherwise is said with its line")
  func differencesAreSaid() throws {
    let text = """
      scenario: wrong in three ways
      start: 2026-11-01 20:00
      readings:
        - {at: +0m, systolic: 190, diastolic: 121, pulse: 140}
      expect:
        - {at: +1m, rule: severe, change: firing-first, value: 191}
        - {rule: severe, change: resolved}
        - {rule: severe, change: resolved}
      """
    let found = try differences(text)
    #expect(
      found == [
        "story.yaml:6: expect[0]: value 191 expected, 190 told; time 2026-11-01T20:01:00+00:00 expected, "
          + "2026-11-01T20:00:00+00:00 told",
        "story.yaml:7: expect[1]: rule severe expected, fast-pulse told; change resolved expected, "
          + "firing told",
        "story.yaml:8: expect[2]: expected severe resolved, and nothing more was told",
      ])
    #expect(
      try differences(text, isVietnamese: true) == [
        "story.yaml:6: expect[0]: value cần 191, nhưng là 190; thời điểm cần 2026-11-01T20:01:00+00:00, "
          + "nhưng là 2026-11-01T20:00:00+00:00",
        "story.yaml:7: expect[1]: rule cần severe, nhưng là fast-pulse; change cần resolved, nhưng là firing",
        "story.yaml:8: expect[2]: cần severe resolved, nhưng không báo gì thêm",
      ])
  }

  @Test("a story is told in Vietnamese: words for people, names as they stand in files")
  func vietnameseStory() throws {
    let scenario = try RuleScenario(
      YAMLDocument(
        text: """
          scenario: quiet
          start: 2026-11-01 20:00
          contacts:
            - {name: mai, role: caregiver}
          silences: [{at: +0m, for: 2h}]
          readings:
            - {at: +0m, systolic: 190}
            - {at: +10m, systolic: 191}
          """, file: "story.yaml"))
    let lines = try timeline(scenario).text(isVietnamese: true).split(separator: "\n").map(String.init)
    #expect(lines[0] == "quiet")
    #expect(
      lines[1] == "  2026-11-01T20:00:00+00:00  A  KHẨN CẤP  severe firing-first: huyết áp tâm thu 190, ≥ 180; báo mai")
    #expect(lines.contains("  tin gửi đi:") && lines.contains("  huyết áp tâm thu của A"), "\(lines)")
    let silent = try RuleScenario(
      YAMLDocument(text: "scenario: s\nstart: 2026-11-01 20:00\nreadings: [{at: +0m, systolic: 110}]", file: "s.yaml"))
    #expect(try timeline(silent).text(isVietnamese: true) == "s\n  sẽ không báo gì")
  }

  @Test("what was told and not expected is said")
  func extraIsSaid() throws {
    let found = try differences(
      "scenario: quiet\nstart: 2026-11-01 20:00\nreadings: [{at: +0m, systolic: 190}]\nexpect: []\n")
    #expect(found.count == 1)
    #expect(found.first?.contains("not expected: 2026-11-01T20:00:00+00:00  A  urgent  severe firing-first") == true)
  }

  @Test(
    "a bad scenario: line, field, what was expected",
    arguments: [
      ("scenario: a\nstart: 2026-02-30 20:00\nreadings: [{at: +0m}]", 2, "start", "no day of the calendar"),
      ("scenario: a\nstart: +5m\nreadings: [{at: +0m}]", 2, "start", "2026-11-01 20:00"),
      ("scenario: a\nstart: 2026-11-01 20:00\nreadings:\n- {at: +9m}\n- {at: +1m}", 5, "readings[1].at", "order"),
      ("scenario: a\nstart: 2026-11-01 20:00\nreadings: [{at: soon}]", 3, "readings[0].at", "+90m"),
      (
        "scenario: a\nstart: 2026-11-01 20:00\ntime-zone: Hanoi\nreadings: [{at: +0m}]", 3, "time-zone",
        "Asia/Ho_Chi_Minh"
      ),
      (
        "scenario: a\nstart: 2026-11-01 20:00\nreadings: [{at: +0m, flags: [tired]}]", 3, "readings[0].flags[0]",
        "body-movement"
      ),
      ("scenario: a\nstart: 2026-11-01 20:00\nreadings: [{at: +0m, stream: 99h}]", 3, "readings[0].stream", "a day"),
      ("scenario: a\nstart: 2026-11-01 20:00\nreadings: []", 3, "readings", "1"),
      ("scenario: a\nstart: 2026-11-01 20:00", 1, "readings", "readings or conditions"),
      (
        "scenario: a\nstart: 2026-11-01 20:00\nconditions: [{at: +0m, condition: tired}]", 3, "conditions[0].condition",
        "destination-down"
      ),
      (
        "scenario: a\nstart: 2026-11-01 20:00\nconditions: [{at: +0m, condition: battery-low, value: 3}]", 3,
        "conditions[0].device", "a device"
      ),
      (
        "scenario: a\nstart: 2026-11-01 20:00\nconditions: [{at: +0m, condition: battery-low, device: a}]", 3,
        "conditions[0].value", "%"
      ),
      (
        "scenario: a\nstart: 2026-11-01 20:00\nconditions: [{at: +0m, condition: disk-low, holds: true}]", 3,
        "conditions[0].value", "MB"
      ),
      (
        "scenario: a\nstart: 2026-11-01 20:00\nconditions: [{at: +0m, condition: store-failing, value: 1}]", 3,
        "conditions[0].holds", "true or false"
      ),
    ])
  func bad(_ text: String, line: Int, field: String, words: String) throws {
    let document = try YAMLDocument(text: text, file: "bad.yaml")
    do {
      _ = try RuleScenario(document)
      Issue.record("it was taken")
    } catch {
      let found = try #require(error.diagnostics.first)
      #expect(found.line == line, "\(found)")
      #expect(found.field == field, "\(found)")
      #expect(found.message.contains(words), "\(found)")
      #expect(CheckTests.isVietnamese(try #require(found.vi)), "\(found.vi ?? "")")
    }
  }

  @Test("stored readings are tried as they came")
  func history() throws {
    let readings = """
      [{"id":"o-2","device":"ble:1","patient":"p1","kind":"blood-pressure","effective":"2026-11-01T20:00:00+07:00",
        "basis":"device-clock","values":{"systolic":{"value":185,"unit":"mm[Hg]"},"diastolic":{"value":95,"unit":"mm[Hg]"}},
        "flags":[],"marks":[],"simulated":false,"authentication":"bonded","receivedAt":"2026-11-01T20:00:05+07:00",
        "profile":"sig/blood-pressure","raw":"00"},
       {"id":"o-1","device":"ble:1","patient":"p1","kind":"blood-pressure","effective":"2026-10-20T08:00:00+07:00",
        "basis":"device-clock","values":{"systolic":{"value":195,"unit":"mm[Hg]"}},
        "flags":[],"marks":["not-measured"],"simulated":false,"authentication":"bonded",
        "receivedAt":"2026-11-01T20:00:04+07:00","profile":"sig/blood-pressure","raw":"01"}]
      """
    let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    let test = try RuleTest(history: Data(readings.utf8), rules: nil, timeZone: zone)
    #expect(test.isAsExpected)
    #expect(test.outcomes.first?.timeline.changes.map(\.rule) == ["severe"])
    #expect(test.json.contains(#""told":"2026-11-01T20:00:05+07:00""#), "\(test.json)")
    #expect(
      test.text().hasPrefix("2 stored readings\n") && test.text(isVietnamese: true).hasPrefix("2 kết quả đã lưu\n"))
    #expect(throws: ConfigurationFailure.self) { try RuleTest(history: Data("{}".utf8), rules: nil, timeZone: zone) }
    // With who is no adult, as vitals hands it over.
    let story = #"{"readings":\#(readings),"groups":{"p1":"child"}}"#
    #expect(try RuleTest(history: Data(story.utf8), rules: nil, timeZone: zone).outcomes.first?.timeline.changes == [])
    let other = #"{"readings":\#(readings),"groups":{"p2":"child"}}"#
    let changes = try RuleTest(history: Data(other.utf8), rules: nil, timeZone: zone).outcomes.first?.timeline.changes
    #expect(changes == test.outcomes.first?.timeline.changes)
  }
}
