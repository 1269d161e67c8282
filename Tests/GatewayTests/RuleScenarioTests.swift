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

  private func differences(_ text: String) throws -> [String] {
    let scenario = try RuleScenario(YAMLDocument(text: text, file: "story.yaml"))
    return RuleTimeline(
      title: scenario.title, rules: try RuleFiles.standard(), plan: scenario.plan, acts: scenario.acts,
      until: scenario.until, timeZone: scenario.timeZone
    ).differences(from: scenario)
  }

  @Test("what goes otherwise is said with its line")
  func differencesAreSaid() throws {
    let found = try differences(
      """
      scenario: wrong in three ways
      start: 2026-11-01 20:00
      readings:
        - {at: +0m, systolic: 190, diastolic: 121, pulse: 140}
      expect:
        - {at: +1m, rule: severe, change: firing-first, value: 191}
        - {rule: severe, change: resolved}
        - {rule: severe, change: resolved}
      """)
    #expect(
      found == [
        "story.yaml:6: expect[0]: value 191 expected, 190 told; time 2026-11-01T20:01:00+00:00 expected, "
          + "2026-11-01T20:00:00+00:00 told",
        "story.yaml:7: expect[1]: rule severe expected, fast-pulse told; change resolved expected, "
          + "firing told",
        "story.yaml:8: expect[2]: expected severe resolved, and nothing more was told",
      ])
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
    #expect(throws: ConfigurationFailure.self) { try RuleTest(history: Data("{}".utf8), rules: nil, timeZone: zone) }
    // With who is no adult, as vitals hands it over.
    let story = #"{"readings":\#(readings),"groups":{"p1":"child"}}"#
    #expect(try RuleTest(history: Data(story.utf8), rules: nil, timeZone: zone).outcomes.first?.timeline.changes == [])
    let other = #"{"readings":\#(readings),"groups":{"p2":"child"}}"#
    let changes = try RuleTest(history: Data(other.utf8), rules: nil, timeZone: zone).outcomes.first?.timeline.changes
    #expect(changes == test.outcomes.first?.timeline.changes)
  }
}
