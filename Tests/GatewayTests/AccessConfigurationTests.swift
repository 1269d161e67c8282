import Foundation
import LocalServer
import Observations
import Testing
import YAMLDocuments

@testable import Gateway

/// Which accounts have which role, as the configuration says it.
@Suite struct AccessConfigurationTests {
  @Test func whatIsNotSaid() throws {
    let access = try loadConfiguration("{}\n").access
    #expect(access.administer == AccessPolicy.Accounts() && access.own.isEmpty)
    #expect(access.operate == AccessPolicy.Accounts(groups: ["vitals"]))
    // A link alone changes nothing for the others.
    #expect(try loadConfiguration("access: {own: [{user: mai, patients: [p-1]}]}\n").access.operate == access.operate)
    // Whoever writes it down means it.
    #expect(try loadConfiguration("access: {operate: {users: [hoa]}}\n").access.operate.groups.isEmpty)
    #expect(try loadConfiguration("access: {operate: {}}\n").access.operate == AccessPolicy.Accounts())
  }

  @Test func allOfIt() throws {
    let access = try loadConfiguration(
      """
      access:
        administer: {users: [hoa, "1007"], groups: [wheel]}
        operate: {groups: [vitals, nurses]}
        own:
          - {user: mai, patients: [p-1]}
          - {group: ward, patients: [p-1, p-2]}

      """
    ).access
    #expect(access.administer == AccessPolicy.Accounts(users: ["hoa", "1007"], groups: ["wheel"]))
    #expect(access.operate == AccessPolicy.Accounts(groups: ["vitals", "nurses"]))
    let (one, two) = (PatientID(rawValue: "p-1"), PatientID(rawValue: "p-2"))
    #expect(
      access.own == [
        AccessPolicy.Link(AccessPolicy.Accounts(users: ["mai"]), patients: [one]),
        AccessPolicy.Link(AccessPolicy.Accounts(groups: ["ward"]), patients: [one, two]),
      ])
  }

  @Test(arguments: [
    ("access: {own: [{patients: [p-1]}]}", "expected either user or group"),
    ("access: {own: [{user: a, group: b, patients: [p-1]}]}", "expected either user or group"),
    ("access: {own: [{user: a}]}", "patients"), ("access: {own: [{user: a, patients: []}]}", "patients"),
    ("access: {operate: {users: [a]}, own: [{user: a, patients: [p-1]}]}", "user 'a' has the role operate by line 1"),
    ("access: {administer: {groups: [g]}, operate: {groups: [g]}}", "group 'g' has the role administer"),
    ("access: {administer: [a]}", "administer"), ("access: {admin: {users: [a]}}", "admin"),
    ("access: {operate: {users: [7]}}", "users"),
  ])
  func mistakes(text: String, named: String) {
    let failure = #expect(throws: ConfigurationFailure.self) { try loadConfiguration(text + "\n") }
    #expect("\(String(describing: failure))".contains(named))
  }

  @Test func namesThatTheMachineHasNot() throws {
    let document = try YAMLDocument(
      text: "access: {administer: {users: [root, nobody-of-here, \"61234\"], groups: [root, no-such-group]}}\n",
      file: "vitalsd.yaml")
    let hints = ConfigurationFile.contradictions(in: document).map { "\($0)" }
    #expect(hints.count == 2)
    #expect(hints.first?.contains("no user 'nobody-of-here'") == true)
    #expect(hints.last?.contains("no group 'no-such-group'") == true)
  }
}
