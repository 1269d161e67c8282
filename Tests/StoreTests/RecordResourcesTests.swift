import Foundation
import GRDB
import Observations
@testable import Store
import Testing

@Suite struct RecordResourcesTests {
  private func resource(_ id: String, _ version: String?, of patient: PatientID) -> RecordResource {
    RecordResource(
      type: "Patient", system: "urn:x", value: patient.rawValue, id: id, version: version, patient: patient)
  }

  @Test func whatAServerHasIsKeptForItsDestinationUntilItIsForgotten() async throws {
    let house = try await House.open()
    let lan = try await house.store.addPatient(name: "Lan", at: minute(0)).id
    try await house.store.keep([resource("17", "1", of: lan)], of: record, at: minute(0))
    try await house.store.keep([resource("18", nil, of: lan)], of: record, at: minute(1))
    func found(_ destination: DestinationID) async throws -> RecordResource? {
      try await house.store.recordResource(of: destination, type: "Patient", system: "urn:x", value: lan.rawValue)
    }
    #expect(try await found(record) == resource("18", nil, of: lan))
    #expect(try await found(pager) == nil)
    try await house.store.forgetRecordResources(of: record, type: "Device")
    #expect(try await found(record) != nil)
    try await house.store.forgetRecordResources(of: record)
    #expect(try await found(record) == nil)
    // An answer that comes after the person was erased brings nothing back.
    _ = try await house.store.erase(lan, by: nil, now: minute(2))
    try await house.store.keep([resource("19", nil, of: lan)], of: record, at: minute(3))
    #expect(try await found(record) == nil)
  }

  @Test func whatIsKnownOfOldReadingsCanBeForgotten() async throws {
    let house = try await House.open()
    let lan = try await house.store.addPatient(name: "Lan", at: minute(0)).id
    func observation(_ number: Int) -> RecordResource {
      RecordResource(
        type: "Observation", system: "urn:x", value: "\(number)", id: "o\(number)", version: nil, patient: lan)
    }
    try await house.store.keep([resource("17", nil, of: lan)], of: record, at: minute(0))
    try await house.store.keep((1...7).map(observation), of: record, at: minute(0))
    try await house.store.keep([observation(1)], of: pager, at: minute(0))
    try await house.store.keep([observation(2), observation(8)], of: record, at: minute(10))
    var counts: [Int] = []
    repeat {
      counts.append(try await house.store.forgetToldReadings(before: minute(5), limit: 5))
    } while counts.last != 0
    #expect(counts == [5, 2, 0])
    for number in 1...8 {
      let found = try await house.store.recordResource(
        of: record, type: "Observation", system: "urn:x", value: "\(number)")
      #expect(found?.id == (number == 2 || number == 8 ? "o\(number)" : nil))
    }
    #expect(
      try await house.store.recordResource(of: record, type: "Patient", system: "urn:x", value: lan.rawValue) != nil)
  }

  @Test func whatWasRefusedWaitsAgainOnSomebodysWordIfItMayLeave() async throws {
    let house = try await House.open()
    let lan = try await house.store.addPatient(name: "Lan", at: minute(0))
    try await house.store.grantConsent(
      patient: lan.id, destination: record, grantee: "clinic", relationship: "doctor", at: minute(0))
    var kept = reading(120, clock: 1)
    kept.patient = lan.id
    _ = try await house.store.commit(kept, policy: policy, now: minute(1), live: true)
    let row = try #require(try await house.store.dueDeliveries(for: record, at: minute(2), limit: 9).first)
    try await house.store.recordRejected([row.id], reason: "422", at: minute(2))
    try await house.store.keepAnswer("{}", to: row.id, at: minute(2))
    #expect(try await house.store.answer(to: row.id) == "{}")
    #expect(try await house.store.deliveryRecord(row.id)?.state == .rejected)
    #expect(try await house.store.retryDeliveries(to: pager) == [:])
    #expect(try await house.store.retryDeliveries(to: record) == [record: 1])
    #expect(try await house.store.dueDeliveries(for: record, at: minute(3), limit: 9).map(\.id) == [row.id])
    // Never tried since, and due: there is nothing to do for it, and one that waits for a later attempt is due at once.
    try await house.store.recordRetry([row.id], next: minute(90), reason: "503", at: minute(3))
    #expect(try await house.store.dueDeliveries(for: record, at: minute(4), limit: 9) == [])
    #expect(try await house.store.retryDeliveries(to: nil, id: row.id) == [record: 1])
    #expect(try await house.store.dueDeliveries(for: record, at: minute(4), limit: 9).map(\.id) == [row.id])
    // Without a consent nothing leaves, on nobody's word.
    try await house.store.recordRejected([row.id], reason: "422", at: minute(5))
    _ = try await house.store.withdrawConsent(patient: lan.id, destination: record, grantee: nil, at: minute(6))
    #expect(try await house.store.retryDeliveries(to: record) == [:])
    #expect(try await house.store.deliveryRecord(row.id)?.state == .rejected)
  }

  /// A file of the version before: what was refused there is known without an answer, and can be tried again.
  @Test func anOldFilesRefusalsCanBeTriedAgain() async throws {
    let house = try await House.open()
    try await house.store.close()
    for file in try FileManager.default.contentsOfDirectory(atPath: house.directory) {
      try FileManager.default.removeItem(atPath: "\(house.directory)/\(file)")
    }
    let queue = try DatabaseQueue(path: house.path)
    try Migrations.migrator.migrate(queue, upTo: "6-episodes")
    let old = reading(120, clock: 2)
    try await queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO patients (id, name, folded_name, added_at) VALUES ('p-lan', 'Lan', 'lan', 0);
          INSERT INTO consents (patient, destination, grantee, relationship, granted_at)
            VALUES ('p-lan', 'record', 'clinic', 'doctor', 0);
          INSERT INTO observations (id, identity, kind, device, patient, effective_end, received_at, content)
            VALUES (?, ?, 'blood-pressure', ?, 'p-lan', 0, 0, ?);
          INSERT INTO outbox (id, destination, patient, observation, idempotency_key, state, attempts, created_at,
              finished_at, reason)
            VALUES (7, 'record', 'p-lan', ?, 'obs-7', 'rejected', 3, 0, 5, 'answered 422');
          """,
        arguments: [
          old.id.rawValue, old.identity.rawValue, cuff.rawValue, try JSONText.encode(old), old.id.rawValue,
        ])
    }
    try queue.close()
    let store = try await Store.open(directory: house.directory)
    let seven = DeliveryID(rawValue: 7)
    #expect(try await store.deliveryRecord(seven)?.reason == "answered 422")
    #expect(try await store.answer(to: seven) == nil)
    try await store.keepAnswer("{}", to: seven, at: minute(0))
    #expect(try await store.retryDeliveries(to: record) == [record: 1])
    #expect(try await store.dueDeliveries(for: record, at: minute(1), limit: 9).map(\.id) == [seven])
    try await store.close()
  }
}
