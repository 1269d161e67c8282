import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// A person is erased: nothing of them stands in any file, and their devices bring nothing back.
@Suite struct ErasureTests {
  /// A value that stands nowhere by chance: it is looked for in the files as text.
  static let value = Decimal(string: "213.771") ?? 213

  static func marked(_ clock: Int, device: DeviceID = cuff) -> Observation {
    var one = reading(213, clock: clock, device: device)
    one.components[0] = ObservationComponent(
      MDC.pressBldNoninvSys, .quantity(Quantity(value, .millimetreOfMercury)))
    return one
  }

  /// Everything that a file of the directory holds, the log and the index beside the database too.
  static func files(_ house: House) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: house.directory) {
      found[name] = FileManager.default.contents(atPath: "\(house.directory)/\(name)") ?? Data()
    }
    return found
  }

  static func holders(of marker: String, _ house: House) throws -> [String] {
    try files(house).filter { $0.value.range(of: Data(marker.utf8)) != nil }.map(\.key).sorted()
  }

  @Test func nothingOfThePersonStandsInAnyFile() async throws {
    let house = try await House.open()
    let store = house.store
    let name = "Nguyễn Thị Dấu Vết"
    let patient = try await house.addOwner(name)
    let mai = try await store.addPatient(name: "Mai", at: minute(0))
    let maisCuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F6")
    try await store.grantConsent(
      patient: patient.id, destination: record, grantee: "BS Dau-Grantee", relationship: "doctor", at: minute(0))
    // A silence, an alert that fires, one delivered row, values that nobody could read, a claim.
    try await store.silence(
      Silence(
        id: SilenceID(rawValue: "s1"), rule: racing.id, patient: patient.id, from: minute(0), until: minute(9999),
        reason: "Dau-Reason", coversUrgent: false), by: 1000, policy: policy, now: minute(1))
    var ids: [ObservationID] = []
    for clock in 1...40 {
      ids.append(try #require(try await house.keep(Self.marked(clock)).kept?.id))
    }
    let free = try #require(
      try await store.commit(
        Self.marked(50, device: DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F7")), policy: policy, now: minute(100),
        live: false
      ).kept)
    _ = try await store.claim([free.id], for: patient.id, by: 1000, policy: policy, now: minute(101))
    ids.append(free.id)
    try await store.keepUndecodable(
      device: cuff, profile: "p", driver: "d", format: "2A35", bytes: Array("Dau-Bytes".utf8), receivedAt: minute(100),
      reason: "short")
    let kept = try #require(
      try await store.commit(
        reading(121, clock: 60, patient: mai.id, device: maisCuff), policy: policy, now: minute(100), live: true
      ).kept)
    let due = try await store.dueDeliveries(for: record, at: minute(200), limit: 1)
    try await store.recordDelivered(due.map(\.id), at: minute(201))

    let markers = [name, "BS Dau-Grantee", "Dau-Reason", "Dau-Bytes", "213.771"] + ids.map(\.rawValue)
    // They are there, so that not finding them afterwards says something.
    for marker in markers { #expect(try !Self.holders(of: marker, house).isEmpty, "\(marker)") }

    let preview = try await store.erasurePreview(patient.id)
    #expect(preview.readings == 41 && preview.alerts >= 1 && preview.destinations == [record])
    try Data("old".utf8).write(to: URL(filePath: house.directory + "/vitals.sqlite.bak"))
    let erasure = try await store.erase(patient.id, by: 1000, now: minute(300))
    #expect(erasure.readings == 41 && erasure.destinations == [record] && erasure.isClean)
    #expect(erasure.otherFiles == ["vitals.sqlite.bak"])

    for marker in markers { #expect(try Self.holders(of: marker, house) == [], "\(marker)") }
    // Nor as the person's id, but for the list of the erased.
    let rest = try await store.read { db in
      try Eraser.tables.filter { table in
        try Row.fetchAll(db, sql: "SELECT * FROM \(table)").contains { "\($0)".contains(patient.id.rawValue) }
      }
    }
    #expect(rest == [])
    // Another's readings stay.
    #expect(try await store.observations().map(\.id) == [kept.id])
    #expect(try await store.patients() == [mai])
    #expect(try await store.isErased(patient.id))
    #expect(try await store.openAlerts().isEmpty && store.episodes().isEmpty)

    // And after all that, the file is whole, and opened again it is as it was.
    #expect(try await store.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") } == "ok")
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(try await again.isErased(patient.id))
    for marker in markers { #expect(try Self.holders(of: marker, house) == [], "\(marker)") }
    try await again.close()
  }

  @Test func theFullCuffBringsNothingBack() async throws {
    let house = try await House.open()
    let store = house.store
    let patient = try await house.addOwner()
    // With time stamps, and one without whose confirmation nobody knows of.
    let memory = (1...30).map { reading(100 + $0, clock: $0) } + [reading(99, clock: nil)]
    for one in memory { try await house.keep(one) }
    #expect(try await store.observations().count == 31)
    _ = try await store.erase(patient.id, by: nil, now: minute(200))
    for _ in 0..<2 {
      for one in memory.dropLast() {
        #expect(try await store.holds(one.identity))
        #expect(try await house.keep(one, at: minute(300)).kept == nil)
      }
    }
    // The link drops before the device hears that it was taken, twice; then it hears it.
    for round in 0..<3 {
      let taken = try await house.keep(memory[30], at: minute(300))
      #expect(taken.kept == nil)
      let name = try #require(taken.duplicateOf)
      #expect(name.erasedDigest != nil)
      try await store.confirmationSent(name, at: minute(300))
      if round == 2 { try await store.confirmationArrived(name) }
    }
    #expect(try await store.observations() == [])
    #expect(try await store.deliveries() == [])
    // What is new is kept, as nobody's; and so is a value without a time that comes again later.
    #expect(try await house.keep(reading(120, clock: 400)).kept?.patient == nil)
    #expect(try await house.keep(reading(99, clock: nil), at: minute(500)).kept != nil)
    // Also after a restart.
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    for one in memory.dropLast() {
      #expect(try await again.commit(one, policy: policy, now: minute(600), live: false).kept == nil)
    }
    try await again.close()
  }

  /// A cuff without a clock has at most one value that it has not heard to be taken: the last of those bytes.
  @Test(arguments: [true, false])
  func ofTheSameBytesOnlyTheLastMayComeAgain(isLastHeard: Bool) async throws {
    let house = try await House.open()
    let store = house.store
    let patient = try await house.addOwner()
    let first = try #require(try await house.keep(reading(118, clock: nil)).kept)
    // Whether the first confirmation arrived is not known, so that the same bytes are kept as base#2.
    try await store.confirmationSent(first.id, at: minute(101))
    let second = try #require(try await house.keep(reading(118, clock: nil)).kept)
    #expect(second.identity.rawValue == "\(first.identity)#2")
    try await store.confirmationSent(second.id, at: minute(102))
    if isLastHeard { try await store.confirmationArrived(second.id) }
    _ = try await store.erase(patient.id, by: nil, now: minute(200))
    let again = try await house.keep(reading(118, clock: nil), at: minute(300))
    #expect((again.kept == nil) == !isLastHeard)
    guard let name = again.duplicateOf else { return }
    try await store.confirmationArrived(name)
    #expect(try await house.keep(reading(118, clock: nil), at: minute(400)).kept != nil)
  }

  /// A reading was told as Lan's, was taken back, and is Mai's when she is erased: Lan's destinations are still told that it
  /// was not Lan's, and then nothing is left of it.
  @Test func aCorrectionThatAnotherNeedsIsStillTold() async throws {
    let house = try await House.open()
    let store = house.store
    let lan = try await house.addOwner()
    let mai = try await store.addPatient(name: "Mai Dau-Name", at: minute(0))
    let guest = try #require(try await house.keep(Self.marked(2)).kept)
    for destination in [record, pager] {
      let told = try await store.dueDeliveries(for: destination, at: minute(150), limit: 9).map(\.id)
      #expect(!told.isEmpty)
      try await store.recordDelivered(told, at: minute(151))
    }
    _ = try await store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    _ = try await store.claim([guest.id], for: mai.id, by: nil, policy: policy, now: minute(201))
    let erasure = try await store.erase(mai.id, by: nil, now: minute(300))
    #expect(erasure.readings == 1 && erasure.isClean)
    #expect(try Self.holders(of: "Dau-Name", house) == [])

    // In nobody's list, and it does not come back.
    #expect(try await store.observations() == [])
    #expect(try await store.observations(ObservationFilter(unassigned: true)) == [])
    var everything = RecordQuery(newestFirst: false)
    #expect(try await store.recordCount(everything) == 0)
    everything.includesUnsettled = true
    #expect(try await store.recordCount(everything) == 0)
    #expect(try await store.ownershipCounts().unassigned == 0)
    #expect(try await house.keep(Self.marked(2), at: minute(301)).kept == nil)

    let again = try await house.afterCrash().store
    for destination in [record, pager] {
      let due = try await again.dueDeliveries(for: destination, at: minute(400), limit: 9)
      #expect(due.count == (destination == record ? 2 : 1))
      for delivery in due {
        switch delivery.content {
        case .alertWithdrawn(let alert, let patient):
          #expect(patient == lan && alert.value == 0 && alert.observation == guest.id)
        case .observationWithdrawn(let reading, let patient, let device):
          #expect(patient == lan && device.id == cuff && reading.identity == guest.identity)
          #expect(reading.components.map(\.code) == guest.components.map(\.code) && reading.provenance.bytes == [])
        default: Issue.record("\(delivery.content)")
        }
      }
      try await again.recordDelivered(due.map(\.id), at: minute(401))
    }
    let left = try await again.read { db in
      try ["observations", "outbox", "alert_events"].map {
        try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \($0)") ?? -1
      } + [try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count]
    }
    #expect(left[0] == 0 && left[1] == 0 && left[3] == 0, "\(left)")
    #expect(try await again.ownershipCounts().corrections == [:])
    // History stays closed.
    await #expect(throws: StoreFailure.self) {
      try await again.write { db in
        try db.execute(
          sql: "INSERT INTO alert_events (episode, phase, at, content) VALUES ('e', 'firing', 0, '{}')")
        try db.execute(sql: "DELETE FROM alert_events")
      }
    }
  }

  /// Lan is erased too, before her destinations were told: what was kept for them goes with her.
  @Test func whoeverIsOwedACorrectionIsErasedWithIt() async throws {
    let house = try await House.open()
    let store = house.store
    let lan = try await house.addOwner()
    let mai = try await store.addPatient(name: "Mai", at: minute(0))
    let guest = try #require(try await house.keep(Self.marked(2)).kept)
    let told = try await store.dueDeliveries(for: record, at: minute(150), limit: 9).map(\.id)
    try await store.recordDelivered(told, at: minute(151))
    _ = try await store.disown([guest.id], by: nil, policy: policy, now: minute(200))
    _ = try await store.claim([guest.id], for: mai.id, by: nil, policy: policy, now: minute(201))
    _ = try await store.erase(mai.id, by: nil, now: minute(300))
    #expect(try !Self.holders(of: guest.identity.rawValue, house).isEmpty)
    #expect(try await store.erase(lan.id, by: nil, now: minute(301)).isClean)
    for marker in [guest.identity.rawValue, guest.id.rawValue, lan.id.rawValue + "\""] {
      #expect(try Self.holders(of: marker, house) == [], "\(marker)")
    }
  }

  /// The hashes say nothing without their key, and differ from house to house.
  @Test func hashesAreKeyed() async throws {
    var digests: Set<Data> = []
    for _ in 0..<2 {
      let house = try await House.open()
      let patient = try await house.addOwner()
      try await house.keep(reading(120, clock: 1))
      _ = try await house.store.erase(patient.id, by: nil, now: minute(200))
      let found = try await house.store.read { db in try Data.fetchAll(db, sql: "SELECT digest FROM erased_readings") }
      #expect(found.map(\.count) == [32])
      digests.formUnion(found)
    }
    #expect(digests.count == 2)
  }

  /// Power that fails between the two steps: the file is written anew when it is next opened.
  @Test func whatWasNotCleanedIsCleanedLater() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner("Dau-Name")
    try await house.keep(Self.marked(1))
    let states = house.store.memory.withContents { Array($0.states.values) }
    try await house.store.pool.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA secure_delete = OFF")
      try db.transaction {
        let eraser = Eraser(db, patient.id)
        _ = try eraser.erase(by: nil, states: try eraser.states(of: states), now: minute(5))
      }
    }
    #expect(try !Self.holders(of: "213.771", house).isEmpty)
    try await house.store.close()
    let store = try await Store.open(directory: house.directory)
    #expect(try Self.holders(of: "213.771", house) == [])
    #expect(try Self.holders(of: "Dau-Name", house) == [])
    try await store.close()
  }

  /// Whoever adds a table says what erasing does with it.
  @Test func everyTableIsKnown() async throws {
    let house = try await House.open()
    let tables = try await house.store.read { db in
      try String.fetchSet(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    #expect(tables == Eraser.tables.union(Eraser.others))
  }

  @Test func historyStaysUnlessSomebodyIsErased() async throws {
    let house = try await House.open()
    try await house.addOwner()
    try await house.keep(reading(190, clock: 1))
    await #expect(throws: StoreFailure.self) {
      try await house.store.write { db in try db.execute(sql: "DELETE FROM alert_events") }
    }
    let nobody = PatientID(rawValue: "p-nobody")
    await #expect(throws: StoreFailure.unknownPatient) {
      _ = try await house.store.erase(nobody, by: nil, now: minute(2))
    }
    #expect(try await house.store.observations().count == 1)
  }

  /// A file of the version before keeps what it has.
  @Test func anOldFileIsTakenOver() async throws {
    let house = try await House.open()
    try await house.store.close()
    for file in try FileManager.default.contentsOfDirectory(atPath: house.directory) {
      try FileManager.default.removeItem(atPath: "\(house.directory)/\(file)")
    }
    let queue = try DatabaseQueue(path: house.path)
    try Migrations.migrator.migrate(queue, upTo: "6-episodes")
    let old = reading(120, clock: 2, patient: PatientID(rawValue: "p-lan"))
    try await queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO patients (id, name, folded_name, added_at) VALUES ('p-lan', 'Lan', 'lan', 0);
          INSERT INTO observations (id, identity, kind, device, patient, effective_end, received_at, content)
            VALUES (?, ?, 'blood-pressure', ?, 'p-lan', 0, 0, ?);
          """,
        arguments: [old.id.rawValue, old.identity.rawValue, cuff.rawValue, try JSONText.encode(old)])
    }
    try queue.close()
    let store = try await Store.open(directory: house.directory)
    #expect(try await store.recordRows(RecordQuery(), limit: 9).map(\.observation) == [old])
    #expect(try await store.erase(PatientID(rawValue: "p-lan"), by: nil, now: minute(1)).readings == 1)
    #expect(try await store.holds(old.identity))
    try await store.close()
  }
}
