import AlertRules
import Forwarding
import Foundation
import HealthRecords
import Observations
import Store
import Testing

@testable import Gateway

@Suite struct ConfigurationTests {
  @Test("an empty file is the defaults")
  func empty() throws {
    let configuration = try loadConfiguration("# nothing\n{}\n")
    #expect(configuration.dataDirectory == "/var/lib/vitals")
    #expect(configuration.socketPath == "/run/vitals/vitals.sock")
    #expect(configuration.simulation == .never)
    #expect(configuration.strapWindow == 60)
    #expect(configuration.destinations.isEmpty)
    #expect(configuration.isBluetoothEnabled)
    #expect(configuration.isUSBEnabled)
  }

  @Test("each transport has its own switch")
  func transports() throws {
    let cable = try loadConfiguration("bluetooth: {enabled: false}\n")
    #expect(!cable.isBluetoothEnabled && cable.isUSBEnabled)
    let radio = try loadConfiguration("usb: {enabled: false}\n")
    #expect(radio.isBluetoothEnabled && !radio.isUSBEnabled)
    #expect(try loadConfiguration("usb: {enabled: true}\n").isUSBEnabled)
    #expect(throws: ConfigurationFailure.self) { try loadConfiguration("usb: {enabled: auto}\n") }
    #expect(throws: ConfigurationFailure.self) { try loadConfiguration("usb: false\n") }
    // `vitals check` speaks of it; it keeps nobody from starting.
    #expect(try !loadConfiguration("usb: {enabled: false}\nant: {credential: ant}\n").isUSBEnabled)
  }

  @Test("the box's clock is doubted unless somebody says otherwise")
  func clock() throws {
    #expect(try loadConfiguration("# nothing\n{}\n").clockTrust == .synchronised)
    #expect(try loadConfiguration("clock: {trust: always}\n").clockTrust == .always)
    #expect(throws: ConfigurationFailure.self) { try loadConfiguration("clock: {trust: never}\n") }
  }

  @Test("the example says what it shows")
  func example() throws {
    let development = try loadConfiguration(ExampleConfiguration.text(data: ".run"))
    #expect(development.simulation == .auto)
    #expect(development.socketPath.hasSuffix("/vitals.sock"))
    let installed = try loadConfiguration(ExampleConfiguration.text(data: "/var/lib/vitals"))
    #expect(installed.simulation == .never)
    #expect(installed.dataDirectory == "/var/lib/vitals")
  }

  @Test("a secret that is not there stops its destination, and not the daemon")
  func missingSecret() throws {
    let configuration = try loadConfiguration(
      """
      destinations:
        - {name: daughter, kind: webhook, url: https://hooks.example/vitals, secret-file: no-such-secret}
        - {name: record, kind: fhir, url: https://record.example/fhir, credential: record}
      """)
    #expect(configuration.destinations.count == 2)
    guard case .fhir(_, let token, _)? = configuration.destinations.last?.kind else {
      Issue.record("not a fhir destination")
      return
    }
    #expect(token == "/run/credentials/vitalsd.service/record")
  }

  @Test("a directory without rules leaves those of the program, an empty list none")
  func rules() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.path(percentEncoded: false)
    let standard = try RuleFiles.standard()
    let empty = try RuleFiles.load(directory: path)
    #expect(empty.directoryIsEmpty)
    #expect(empty.rules == standard)
    try Data("rules: []\n".utf8).write(to: directory.appending(path: "none.yaml"))
    let none = try RuleFiles.load(directory: path)
    #expect(!none.directoryIsEmpty)
    #expect(none.rules.isEmpty)
  }

  @Test("destinations, with relative paths beside the file")
  func destinations() throws {
    let configuration = try loadConfiguration(
      """
      timezone: Asia/Ho_Chi_Minh
      strap: {window: 30}
      destinations:
        - {name: record, kind: fhir, url: "https://record.example/fhir", patient-system: "urn:oid:2.999.7", retry: {first: 500ms, most: 1m}}
        - {name: daughter, kind: webhook, url: "https://hooks.example/x", secret-file: daughter.secret, values: true}
      """)
    #expect(configuration.timeZone.identifier == "Asia/Ho_Chi_Minh")
    #expect(configuration.strapWindow == 30)
    let record = try #require(configuration.destinations.first)
    #expect(
      record.kind == .fhir(patientSystem: "urn:oid:2.999.7", tokenFile: nil, allowsPrivateAddress: false))
    #expect(record.firstRetry == .milliseconds(500))
    #expect(record.longestRetry == .seconds(60))
    guard case .webhook(let secret, let allowsPrivate, let values, let readings) = configuration.destinations[1].kind
    else {
      Issue.record("not a webhook")
      return
    }
    #expect(secret?.hasPrefix("/") == true && secret?.hasSuffix("/daughter.secret") == true)
    #expect(!allowsPrivate)
    #expect(values)
    #expect(!readings)
    #expect(!configuration.destinations[1].takesSimulated)
  }

  @Test("a destination may be sent less than its kind takes")
  func filter() throws {
    func filter(_ only: String) throws -> DestinationFilter? {
      try loadConfiguration(
        """
        timezone: Asia/Ho_Chi_Minh
        destinations:
          - {name: record, kind: fhir, url: "https://record.example/fhir", only: \(only)}
        """
      ).destinations.first?.only
    }
    #expect(
      try filter("{patients: [p1, p2], kinds: [blood-pressure], since: 2026-03-01}")
        == DestinationFilter(
          patients: [PatientID(rawValue: "p1"), PatientID(rawValue: "p2")], kinds: [.bloodPressure],
          since: try Date("2026-02-28T17:00:00Z", strategy: .iso8601)))
    #expect(try filter("{}") == DestinationFilter())
    for wrong in ["{since: 2026-02-30}", "{since: tomorrow}", "{kinds: [weight]}", "{patients: []}", "{who: [p1]}"] {
      #expect(throws: ConfigurationFailure.self) { try filter(wrong) }
    }
  }

  @Test("how a record is reached: what it is shown, whose certificate, how a person is named, how fast")
  func record() throws {
    let configuration = try loadConfiguration(
      """
      destinations:
        - name: record
          kind: fhir
          url: "https://record.example/fhir"
          secret-file: key.pem
          auth: {kind: smart, client-id: home-17, audience: "https://login.example"}
          client-certificate: home.pem
          create: update
          patient: {by: id, ids: {p-1: "4711"}}
          pace: {rate: 5, spread: 30m}
        - {name: plain, kind: fhir, url: "https://plain.example/fhir"}
        - {name: fast, kind: fhir, url: "https://fast.example/fhir", pace: {rate: 0}}
      """)
    let settings = configuration.destinationSettings
    let record = try #require(settings.first)
    var client = SMARTClient(clientID: "home-17", audience: "https://login.example")
    #expect(record.proof == .smart(client))
    client.audience = nil
    #expect(record.proof != .smart(client))
    #expect(record.secretFile?.hasSuffix("/key.pem") == true)
    #expect(record.clientCertificateFile?.hasSuffix("/home.pem") == true)
    #expect(record.creation == .update)
    #expect(record.patientNaming == .known([PatientID(rawValue: "p-1"): "4711"]))
    #expect(record.pace == DeliveryPace.Limits(rate: 5, spread: .seconds(1800)))
    #expect(settings[1].proof == .bearer && settings[1].patientNaming == .create && settings[1].creation == nil)
    #expect(settings[1].pace == DeliveryPace.Limits(rate: 20, spread: .seconds(600)))
    #expect(settings[2].pace.rate == nil)
  }

  @Test("what to call in an emergency, as text")
  func emergencyNumber() throws {
    #expect(try loadConfiguration("{}").emergencyNumber == nil)
    #expect(try loadConfiguration("emergency-number: \"115\"").emergencyNumber == "115")
    #expect(try loadConfiguration("emergency-number: \"+84 28 3829 1711\"").emergencyNumber == "+84 28 3829 1711")
    for wrong in ["115", "\"call me\"", "\"\"", "\"+\"", "[1]"] {
      #expect(throws: ConfigurationFailure.self) { try loadConfiguration("emergency-number: \(wrong)") }
    }
  }

  @Test("every default rule has its source, and the crisis limits are 180 and 120")
  func defaultRules() throws {
    let rules = try RuleFiles.standard()
    #expect(rules.allSatisfy { !$0.source.isEmpty })
    let urgent = rules.filter { $0.severity == .urgent }
    #expect(urgent.map(\.id.rawValue) == ["severe", "database-damaged"])
    guard case .confirm(let rule)? = urgent.first?.kind else {
      Issue.record("severe readings are to be confirmed")
      return
    }
    #expect(rule.conditions.map(\.component) == [.systolic, .diastolic])
    #expect(rule.conditions.map(\.limit) == [180, 120])
    #expect(rule.conditions.allSatisfy { $0.comparison == .atLeast })
    // The first is known at once, whoever has quiet hours.
    #expect(rule.firstSeverity == .urgent)
  }

  @Test(
    "spans of time",
    arguments: [
      ("500ms", Duration.milliseconds(500)), ("2s", .seconds(2)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
      ("7d", .seconds(604_800)),
    ])
  func timeSpans(text: String, duration: Duration) {
    #expect(TimeSpan.duration(text) == duration)
  }

  @Test("what is no span", arguments: ["", "5", "m", "-1s", "1.5s", "9999999s", "2 s"])
  func noTimeSpan(text: String) { #expect(TimeSpan.duration(text) == nil) }
}
