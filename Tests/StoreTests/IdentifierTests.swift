import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// National numbers of people in the store.
@Suite struct IdentifierTests {
  @Test func oneOfEachKindIsKept() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let hoa = try await house.store.addPatient(name: "Hoa", at: minute(0))
    try await house.store.setIdentifier("cccd", "001000000001", of: lan.id)
    try await house.store.setIdentifier("bhyt-10", "0100000001", of: lan.id)
    try await house.store.setIdentifier("cccd", "001000000002", of: lan.id)
    let kept = [
      StoredIdentifier(kind: "bhyt-10", value: "0100000001"), StoredIdentifier(kind: "cccd", value: "001000000002"),
    ]
    #expect(try await house.store.identifiers(of: lan.id) == kept)
    #expect(try await house.store.identifiers(of: hoa.id) == [])
    try await house.store.setIdentifier("cccd", nil, of: lan.id)
    #expect(try await house.afterCrash().store.identifiers(of: lan.id) == [kept[0]])
    await #expect(throws: StoreFailure.unknownPatient) {
      try await house.store.setIdentifier("cccd", "001000000001", of: PatientID(rawValue: "p-nobody"))
    }
  }

  @Test func erasingTakesThem() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    try await house.store.setIdentifier("cccd", "001000000001", of: lan.id)
    _ = try await house.store.erase(lan.id, by: nil, now: minute(100))
    #expect(try await house.store.identifiers(of: lan.id) == [])
  }
}
