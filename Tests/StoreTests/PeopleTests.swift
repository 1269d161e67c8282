import Foundation
import Observations
import Store
import Testing

@Suite struct PeopleTests {
  @Test func namesDifferInMoreThanCapitals() async throws {
    let house = try await House.open()
    let patient = try await house.store.addPatient(name: " Đặng Thị Ánh ", at: minute(0))
    #expect(patient.name == "Đặng Thị Ánh")
    #expect(patient.id.rawValue.hasPrefix("p-"))
    // In capitals, and with the accents as separate characters.
    await #expect(throws: StoreFailure.nameTaken) { try await house.store.addPatient(name: "ĐẶNG THỊ ÁNH") }
    await #expect(throws: StoreFailure.nameTaken) {
      try await house.store.addPatient(name: "Đặng Thị Ánh".decomposedStringWithCanonicalMapping)
    }
    await #expect(throws: StoreFailure.emptyName) { try await house.store.addPatient(name: "  ") }
    #expect(try await house.store.patient(named: "đặng thị ánh") == patient)
    #expect(try await house.store.patient(patient.id) == patient)
    #expect(try await house.store.patient(named: "Đặng Thị Anh") == nil)
  }

  @Test func whoseAlertsReachNobody() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner(consents: [])
    #expect(try await house.store.unreachablePatients(destinations) == [lan])
    try await house.store.grantConsent(
      patient: lan.id, destination: DestinationID(rawValue: "gone"), grantee: "x", relationship: "y", at: minute(1))
    #expect(try await house.store.unreachablePatients(destinations) == [lan])
    try await house.store.grantConsent(
      patient: lan.id, destination: pager, grantee: "Hoa", relationship: "daughter", at: minute(1))
    #expect(try await house.store.unreachablePatients(destinations) == [])
    #expect(try await house.store.unreachablePatients([]) == [lan])
    await #expect(throws: StoreFailure.unknownPatient) {
      try await house.store.grantConsent(
        patient: PatientID(rawValue: "p-x"), destination: pager, grantee: "x", relationship: "y", at: minute(1))
    }
  }
}
