import AlertRules
import Foundation
import Observations
import Testing

@testable import Gateway

/// Who is told, as the configuration says it.
@Suite struct ContactsConfigurationTests {
  private static let destinations = """
    timezone: Asia/Ho_Chi_Minh
    destinations:
      - {name: daughter, kind: webhook, url: "https://hooks.example/a", credential: daughter}
      - {name: clinic, kind: webhook, url: "https://hooks.example/b", credential: clinic}
      - {name: record, kind: fhir, url: "https://record.example/fhir"}

    """

  @Test func aLadder() throws {
    let plan = try loadConfiguration(
      Self.destinations + """
        contacts:
          - {name: mai, role: caregiver, destinations: [daughter], quiet: {from: "22:00", until: "06:30"}}
          - {name: dr-lan, role: clinician, language: en, destinations: [clinic, daughter]}
        escalation:
          severity: warning
          steps:
            - {tell: [mai], wait: 10m}
            - {tell: [mai, dr-lan], wait: 1h}

        """
    ).escalation
    let saigon = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    #expect(
      plan.contacts == [
        Contact(
          id: ContactID(rawValue: "mai"), role: .caregiver, destinations: [DestinationID(rawValue: "daughter")],
          quiet: QuietHours(from: 1320, until: 390, timeZone: saigon)),
        Contact(
          id: ContactID(rawValue: "dr-lan"), role: .clinician, language: .en,
          destinations: [DestinationID(rawValue: "clinic"), DestinationID(rawValue: "daughter")]),
      ])
    #expect(plan.severity == .warning)
    #expect(plan.steps.map(\.wait) == [.seconds(600), .seconds(3600)])
    #expect(plan.steps.map { $0.contacts.map(\.rawValue) } == [["mai"], ["mai", "dr-lan"]])
    #expect(try loadConfiguration("{}\n").escalation == EscalationPlan())
    let limits = try loadConfiguration(
      Self.destinations + """
        contacts:
          - {name: mai, role: caregiver, destinations: [daughter], most-an-hour: 3}
          - {name: dr-lan, role: clinician, destinations: [clinic]}
        escalation: {most-an-hour: 20}

        """
    ).escalation
    #expect(limits.flood(of: DestinationID(rawValue: "daughter")) == FloodLimit(count: 3))
    #expect(limits.flood(of: DestinationID(rawValue: "clinic")) == FloodLimit(count: 20))
    #expect(limits.flood(of: DestinationID(rawValue: "nobodys")) == FloodLimit(count: 20))
    #expect(EscalationPlan().flood(of: DestinationID(rawValue: "daughter")) == .standard)
  }

  @Test(arguments: [
    ("contacts: [{name: mai, role: aunt, destinations: [daughter]}]", "caregiver"),
    ("contacts: [{name: mai, role: caregiver, destinations: []}]", "destinations"),
    ("contacts: [{name: mai, role: caregiver, destinations: [son]}]", "known: clinic, daughter"),
    ("contacts: [{name: mai, role: caregiver, destinations: [record]}]", "takes no alerts"),
    (
      "contacts: [{name: mai, role: caregiver, destinations: [clinic], quiet: {from: \"25:00\", until: \"06:00\"}}]",
      "from"
    ),
    (
      "contacts: [{name: mai, role: caregiver, destinations: [clinic], quiet: {from: \"06:00\", until: \"06:00\"}}]",
      "the same"
    ),
    (
      """
      contacts: [{name: mai, role: caregiver, destinations: [clinic]}, {name: mai, role: patient, destinations: [clinic]}]
      """, "names are unique"
    ),
    ("escalation: {steps: [{tell: [mai], wait: 10m}]}", "no contact is called 'mai'; there is none"),
    ("escalation: {steps: []}", "steps"), ("escalation: {severity: urgent}", "no 'steps' to climb"),
    ("escalation: {most-an-hour: 0}", "most-an-hour"),
    ("contacts: [{name: mai, role: caregiver, destinations: [clinic], most-an-hour: many}]", "most-an-hour"),
    (
      """
      contacts: [{name: mai, role: caregiver, destinations: [clinic]}, {name: tuan, role: caregiver, destinations: [daughter]}]
      escalation: {steps: [{tell: [mai], wait: 10m}]}
      """, "'tuan' stands in no step"
    ),
    (
      """
      contacts: [{name: mai, role: caregiver, destinations: [clinic]}]
      escalation: {steps: [{tell: [mai], wait: soon}]}
      """, "wait"
    ),
  ])
  func mistakes(text: String, named: String) {
    let failure = #expect(throws: ConfigurationFailure.self) { try loadConfiguration(Self.destinations + text + "\n") }
    #expect("\(String(describing: failure))".contains(named))
  }

  @Test(arguments: [
    ("hidden-by: [nothing]", "no rule is called 'nothing'"), ("hidden-by: [low]", "a rule cannot hide itself"),
    ("hidden-by: []", "hidden-by"), ("hidden-by: [high]", ""),
  ])
  func rulesThatHide(line: String, named: String) throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let text = """
      rules:
        - {id: high, kind: threshold, component: systolic, at-least: 180, severity: urgent, source: test}
        - {id: low, kind: threshold, component: systolic, at-least: 150, severity: warning, source: test, \(line)}

      """
    try Data(text.utf8).write(to: directory.appending(path: "rules.yaml"))
    let path = directory.path(percentEncoded: false)
    guard !named.isEmpty else {
      #expect(try RuleFiles.load(directory: path).rules.last?.hiddenBy == [RuleID(rawValue: "high")])
      return
    }
    let failure = #expect(throws: ConfigurationFailure.self) { try RuleFiles.load(directory: path) }
    #expect("\(String(describing: failure))".contains(named))
  }
}
