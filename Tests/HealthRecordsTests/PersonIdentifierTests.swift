import Foundation
import HealthRecords
import Observations
import Testing

/// National numbers in a record that asks for them.
@Suite struct PersonIdentifierTests {
  /// Made up; of the shapes of the cards.
  private static let numbers: [(NationalIdentifier.Kind, String, String)] = [
    (.citizen, "001000000001", "http://fhir.hl7.org.vn/core/sid/cccd"),
    (.health, "0100000001.ab", "urn:oid:2.999.84.2"),
    (.insuranceNumber, "0100000001", "http://fhir.hl7.org.vn/core/sid/bhyt"),
  ]

  static func identified() throws -> ObservationForRecord {
    var reading = Samples.bloodPressure()
    reading.identifiers = try numbers.map { try PersonIdentifier(NationalIdentifier($0, $1), system: $2) }
    return reading
  }

  @Test func aPatientIsCreatedWithThemUnderThePseudonym() throws {
    let entries = try ReadBundle(Samples.transaction(Self.identified())).entries
    let resource = try #require(
      entries.compactMap { $0["resource"] as? [String: Any] }.first { $0["resourceType"] as? String == "Patient" })
    let identifiers = try #require(resource["identifier"] as? [[String: Any]])
    #expect(identifiers.map { ReadBundle.codes($0["type"]).first } == ["MR", "NI", "NH", "SB"])
    #expect(identifiers.map { $0["value"] as? String } == ["VN-DEMO-0001"] + Self.numbers.map(\.1))
    #expect(identifiers.dropFirst().map { $0["system"] as? String } == Self.numbers.map(\.2))
    // Nothing that stands in an address or names a reading has a number in it.
    let bare = try ReadBundle(Samples.transaction(Samples.bloodPressure())).entries
    for (entry, other) in zip(entries, bare) {
      #expect((entry["request"] as? [String: String]) == (other["request"] as? [String: String]))
      #expect(entry["fullUrl"] as? String == other["fullUrl"] as? String)
    }
  }

  @Test func aMessageRepeatsPID3() throws {
    let report = ObservationReport(
      try Self.identified(), occasion: "obs-", createdAt: Samples.moment, gateway: Samples.gateway,
      naming: HL7v2Naming(patientSystem: "urn:oid:2.999.84.1"), timeZone: Samples.zone)
    let person = report.text.split(separator: "\r").first { $0.hasPrefix("PID") }
    #expect(
      person == """
        PID|||VN-DEMO-0001^^^&2.999.84.1&ISO^PI~001000000001^^^&http://fhir.hl7.org.vn/core/sid/cccd&URI^NI\
        ~0100000001.ab^^^&2.999.84.2&ISO^NH~0100000001^^^&http://fhir.hl7.org.vn/core/sid/bhyt&URI^SB||^^^^^^U
        """)
  }
}
