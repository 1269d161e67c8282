import Foundation
import Observations
import Store
import Testing

@testable import Forwarding

@Suite struct DestinationSettingsTests {
  @Test(arguments: [
    ("https://fhir.example/base", false, "fhir.example"), ("http://127.0.0.1:8080/", false, "127.0.0.1"),
    ("http://localhost", false, "localhost"), ("http://nas.lan/hook", true, "nas.lan"),
    ("https://[2001:db8::1]:8443/x", false, "2001:db8::1"), ("HTTPS://Example.COM", false, "example.com"),
  ])
  func anAddressThatMayBe(_ text: String, _ allowsPrivate: Bool, _ host: String) throws {
    #expect(try DestinationURL(text, allowsPrivate: allowsPrivate).host == host)
  }

  @Test(arguments: [
    "", "fhir.example", "ftp://fhir.example", "https://", "https://user:secret@fhir.example/",
    "https://fhir.example/#x",
    "http://fhir.example/", "http://192.168.1.5/",
  ])
  func anAddressThatMayNot(_ text: String) {
    let fault = #expect(throws: DestinationFault.self) { try DestinationURL(text, allowsPrivate: false) }
    #expect(fault?.field == "url")
    #expect(fault?.description.contains("secret@") == false)
  }

  @Test func anUnknownKindAnswersWithTheKnownOnes() {
    let settings = DestinationSettings(id: DestinationID(rawValue: "x"), kind: "fax", url: "https://a.example")
    let fault = #expect(throws: DestinationFault.self) { try settings.policy() }
    #expect(fault == .unknownKind("fax", known: ["fhir", "webhook", "hl7v2"]))
    #expect(fault?.description == "there is no kind of destination named fax; known are fhir, webhook, hl7v2")
  }

  @Test func aKindSaysWhatItTakes() throws {
    let id = DestinationID(rawValue: "x")
    let record = try DestinationSettings(id: id, kind: "fhir", url: "").policy()
    #expect(record.takesObservations && !record.takesAlerts && !record.takesSimulated)
    var settings = DestinationSettings(id: id, kind: "webhook", url: "")
    let alerts = try settings.policy()
    #expect(!alerts.takesObservations && alerts.takesAlerts)
    settings.sendsReadings = true
    settings.takesSimulated = true
    let all = try settings.policy()
    #expect(all.takesObservations && all.takesSimulated)
  }

  @Test func aSecretsFaultNamesFileAndLineAndNotTheSecret() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(throws: DestinationFault.secretUnreadable(path: file.path)) {
      try WebhookSecret.all(in: SecretFile(path: file.path))
    }
    try Data("# rotated in May\n\n\(Household.secret)\nwhsec_c2hvcnQ=\n".utf8).write(to: file)
    let fault = #expect(throws: DestinationFault.self) { try WebhookSecret.all(in: SecretFile(path: file.path)) }
    #expect(fault == .secretMalformed(path: file.path, line: 4))
    #expect(fault?.description.contains("c2hvcnQ") == false)
  }
}
