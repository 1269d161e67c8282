import Foundation
import HealthRecords
import Observations
import Testing

/// The mean of home readings as LOINC 96607-7.
@Suite struct HomeAverageTests {
  private func average(_ transaction: FHIRTransaction) throws -> (resource: [String: Any], request: [String: Any]) {
    for entry in try ReadBundle(transaction).entries {
      guard let resource = entry["resource"] as? [String: Any], let request = entry["request"] as? [String: Any],
        ReadBundle.codes(resource["code"]).contains("96607-7")
      else { continue }
      return (resource, request)
    }
    Issue.record("no mean in the Bundle")
    return ([:], [:])
  }

  @Test func itHasTheCodesThePeriodAndTheNumberOfReadings() throws {
    let (resource, request) = try average(Samples.transaction(Samples.homeAverage()))
    let components = ReadBundle.components(resource)
    #expect(components.map { ReadBundle.codes($0["code"]).first } == ["96608-5", "96609-3", "246432004"])
    #expect(components.prefix(2).map { ReadBundle.number($0) } == [135.4, 84.9])
    #expect(components.last?["valueInteger"] as? Int == 24)
    let period = resource["effectivePeriod"] as? [String: String]
    #expect(period == ["start": "2026-03-10T07:00:05+07:00", "end": "2026-03-15T07:00:05+07:00"])
    #expect(request["method"] as? String == "POST")
    let value = try #require(ReadBundle.identifier(resource))
    #expect(value.hasSuffix("-96607") && !value.contains("VN-DEMO"))
    #expect((request["ifNoneExist"] as? String)?.hasSuffix(value) == true)
  }

  /// As the readings themselves are sent: the server finds them under these.
  @Test func itNamesItsReadingsByTheirIdentifiers() throws {
    let (resource, _) = try average(Samples.transaction(Samples.homeAverage()))
    let sources = try #require(resource["derivedFrom"] as? [[String: Any]])
    let named = sources.compactMap { ($0["identifier"] as? [String: Any])?["value"] as? String }
    let sent = try Samples.homeAverage().sources.map { source in
      try ReadBundle(Samples.transaction(source)).entries.compactMap { $0["resource"] as? [String: Any] }
        .first { ReadBundle.codes($0["code"]).contains("85354-9") }.flatMap { ReadBundle.identifier($0) }
    }
    #expect(named == sent.compactMap { $0 } && named.count == 2)
  }

  /// No sensor measured it.
  @Test func itIsOfTheGatewayAlone() throws {
    let devices = try ReadBundle(Samples.transaction(Samples.homeAverage())).entries.compactMap {
      ($0["resource"] as? [String: Any])?["resourceType"] as? String
    }
    #expect(devices == ["Patient", "Device", "Observation"])
  }

  @Test func aWithdrawnOneHasNoValues() throws {
    var average = Samples.homeAverage()
    average.standing = .withdrawn
    let (resource, request) = try self.average(Samples.transaction(average))
    #expect(resource["status"] as? String == "entered-in-error" && request["method"] as? String == "PUT")
    #expect(resource["derivedFrom"] == nil)
    #expect(ReadBundle.components(resource).allSatisfy { $0["valueQuantity"] == nil && $0["valueInteger"] == nil })
  }

  @Test func theLocalRecordRefersToItsOwnReadings() throws {
    let record = HeldRecord(gateway: Samples.gateway, naming: Samples.naming, timeZone: Samples.zone)
    let held = try #require(record.observations(Samples.homeAverage(), lastUpdated: nil).first)
    #expect(held.id == "a-1-96607")
    #expect(HeldRecord.reading(ofObservation: held.id) == ObservationID(rawValue: "a-1"))
    let resource = try #require(
      JSONSerialization.jsonObject(with: Data(held.json.bytes)) as? [String: Any])
    #expect(
      (resource["derivedFrom"] as? [[String: String]])
        == [["reference": "Observation/o1-150020"], ["reference": "Observation/o2-150020"]])
    #expect((resource["device"] as? [String: String]) == ["reference": "Device/gateway"])
  }
}
