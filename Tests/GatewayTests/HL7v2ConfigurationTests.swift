import Forwarding
import Foundation
import HealthRecords
import Store
import Testing

@testable import Gateway

/// A destination of kind `hl7v2`, as it is written and as the forwarder takes it.
@Suite struct HL7v2ConfigurationTests {
  private func settings(_ lines: String) throws -> DestinationSettings {
    let folder = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "vitalsd.yaml")
    try Data(("destinations:\n  - name: clinic\n    kind: hl7v2\n" + lines).utf8).write(to: file)
    let configuration = try ConfigurationFile.load(path: file.path(percentEncoded: false))
    return try #require(configuration.destinationSettings.first)
  }

  @Test func withoutMoreItIsTheGuidesWay() throws {
    let settings = try settings("    url: mllps://hl7.clinic.example:2575\n")
    #expect(settings.kind == "hl7v2" && settings.url == "mllps://hl7.clinic.example:2575")
    #expect(settings.hl7v2 == HL7v2Settings(naming: HL7v2Naming(patientSystem: "urn:oid:2.999.84.1")))
    #expect(settings.hl7v2.refusals == RefusalPolicy(error: .setAside, reject: .retry, attempts: 10))
    #expect(settings.hl7v2.refusals.period == .seconds(7 * 86400))
    #expect(!settings.allowsPrivate && !settings.takesSimulated && settings.timeLimit == nil)
    let policy = try settings.policy()
    #expect(policy.takesObservations && !policy.takesAlerts)
  }

  @Test func everyLineIsTaken() throws {
    let settings = try settings(
      """
          url: mllp://192.168.1.9:2575
          allow-private: true
          simulated: true
          patient-system: "urn:oid:2.999.7"
          sending-facility: "TYT^2.999.1^ISO"
          receiving-application: PHR
          receiving-facility: Nhà
          acknowledgement: commit
          refusals: {error: retry, reject: hold, attempts: 3, for: 12h}
          time-limit: 7s
          retry: {first: 1s, most: 1m}
      """)
    #expect(
      settings.hl7v2.naming
        == HL7v2Naming(
          patientSystem: "urn:oid:2.999.7", sendingFacility: "TYT^2.999.1^ISO", receivingApplication: "PHR",
          receivingFacility: "Nhà", asksForCommit: true))
    #expect(
      settings.hl7v2.refusals == RefusalPolicy(error: .retry, reject: .hold, attempts: 3, period: .seconds(43200)))
    #expect(settings.allowsPrivate && settings.takesSimulated && settings.timeLimit == .seconds(7))
    #expect(settings.retry == .exponential(first: .seconds(1), most: .seconds(60)))
  }

  @Test func filesStandBesideTheConfiguration() throws {
    let settings = try settings(
      """
          url: mllps://hl7.clinic.example:2575
          ca-file: ca.pem
          client-certificate: gateway.pem
          client-key: /etc/vitals/gateway.key
      """)
    #expect(settings.authorityFile?.hasSuffix("/ca.pem") == true)
    #expect(settings.clientCertificateFile?.hasSuffix("/gateway.pem") == true)
    #expect(settings.clientKeyFile == "/etc/vitals/gateway.key")
    let named = try self.settings(
      "    url: mllps://a.example:1\n    client-certificate: gateway.pem\n    credential: clinic-key\n")
    #expect(named.clientKeyFile?.hasSuffix("/clinic-key") == true)
  }
}
