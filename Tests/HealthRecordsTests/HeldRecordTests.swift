import Foundation
import HealthRecords
import Observations
import Testing

@Suite struct HeldRecordTests {
  static let record = HeldRecord(gateway: Samples.gateway, naming: Samples.naming, timeZone: Samples.zone)

  private func object(_ resource: HeldResource) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(resource.json.bytes)) as? [String: Any])
  }

  /// The same resources as are sent, but for ids and references.
  @Test func itHoldsWhatIsSent() throws {
    let reading = Samples.bloodPressure()
    let held = Self.record.observations(reading, lastUpdated: Samples.moment)
    #expect(held.map(\.id) == ["o1-150020", "o1-149546", "o1-8410608"])
    let sent = try ReadBundle(Samples.transaction(reading)).all("Observation").filter { $0["valueDateTime"] == nil }
    #expect(sent.count == held.count)
    for (sent, held) in zip(sent, try held.map(object)) {
      for element in ["identifier", "code", "status", "category", "effectiveDateTime", "note"] {
        #expect(NSDictionary(dictionary: [1: sent[element] ?? 0]) == NSDictionary(dictionary: [1: held[element] ?? 0]))
      }
    }
  }

  @Test func referencesNameWhatIsHeld() throws {
    let reading = Samples.bloodPressure()
    let observations = Self.record.observations(reading, lastUpdated: nil)
    let clock = try #require(Self.record.clock(of: reading))
    let all =
      observations + [
        clock, Self.record.patient(Samples.patient), Self.record.device(Samples.cuff, measuring: .bloodPressure),
        Self.record.gatewayDevice,
      ]
    let names = Set(all.map(\.reference))
    #expect(names.count == all.count)
    let text = all.map { String(decoding: $0.json.bytes, as: UTF8.self) }.joined()
    #expect(!text.contains("urn:uuid:"))
    let references = text.matches(of: #/"reference":"([^"]+)"/#).map { String($0.1) }
    #expect(references.count == 3 * 4 + 1 + 2)
    for reference in references { #expect(names.contains(reference), "\(reference)") }
    for resource in all {
      #expect(resource.id.wholeMatch(of: #/[A-Za-z0-9\-.]{1,64}/#) != nil, "\(resource.id)")
    }
    #expect(HeldRecord.reading(ofObservation: "o1-150020") == ObservationID(rawValue: "o1"))
    #expect(HeldRecord.reading(ofObservation: "o1") == nil)
    let named = try #require(HeldRecord.clock(ofObservation: clock.id))
    #expect(named.device == HeldRecord.digest(of: Samples.cuff.id))
    #expect(named.minute.contains(reading.observation.provenance.receivedAt))
  }

  /// A reading that is given to somebody else is the same resource.
  @Test func anIDDoesNotNameThePerson() {
    var other = Samples.bloodPressure()
    other.patient = Patient(id: PatientID(rawValue: "p-other"), name: "Lan", addedAt: .distantPast)
    other.observation.patient = other.patient.id
    let ids = [Samples.bloodPressure(), other].map { Self.record.observations($0, lastUpdated: nil).map(\.id) }
    #expect(ids[0] == ids[1])
  }

  @Test func identifiersAreFoundAgain() throws {
    let reading = Samples.bloodPressure()
    let panel = try object(Self.record.observations(reading, lastUpdated: nil)[0])
    let identifier = try #require((panel["identifier"] as? [[String: String]])?.first)
    let (system, value) = (try #require(identifier["system"]), try #require(identifier["value"]))
    let token = try #require(TokenValue(parsing: "\(system)|\(value)"))
    #expect(Self.record.readings(identifiedBy: token) == [.deviceTime("2026-03-10T07:00:00")])
    #expect(Self.record.observations(reading, lastUpdated: nil)[0].hasIdentifier(token))

    let mute = Samples.oxygenSaturation([])
    let plain = try object(Self.record.observations(mute, lastUpdated: nil)[0])
    let other = try #require((plain["identifier"] as? [[String: String]])?.first)
    let found = Self.record.readings(
      identifiedBy: try #require(TokenValue(parsing: "\(other["system"] ?? "")|\(other["value"] ?? "")")))
    guard case .digest(let digest) = found.first, found.count == 1 else {
      Issue.record("\(found)")
      return
    }
    #expect(HeldRecord.has(mute.observation.identity, digest: digest))
  }
}
