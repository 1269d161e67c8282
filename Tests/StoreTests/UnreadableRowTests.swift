import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// A bit that is flipped inside of a value: the file is whole by all that SQLite can tell, and a row says nothing any more.
@Suite struct UnreadableRowTests {
  /// A house with readings, an alert, and whatever else has a text of its own.
  private static func old() async throws -> House {
    let house = try await House.open()
    let lan = try await house.addOwner()
    for clock in 1...20 { try await house.keep(reading(120, clock: clock)) }
    try await house.keep(reading(190, clock: 21))
    _ = try await house.store.memoryKey()
    _ = try await house.store.answerKey()
    _ = try await house.store.staticRandomAddress()
    _ = try await house.store.gatewayDescription(softwareVersion: "1")
    let silence = Silence(
      id: SilenceID(rawValue: "quiet"), rule: racing.id, patient: lan.id, from: minute(100), until: minute(100_000),
      reason: "", coversUrgent: false)
    try await house.store.silence(silence, by: nil, policy: policy, now: minute(100))
    try await house.store.recordAccess(.read, .socket, uid: 1, patient: lan.id, at: minute(100))
    return house
  }

  /// History may not be changed by a statement; a disk does not ask.
  private static func damage(_ house: House, _ statement: String) async throws {
    try await house.store.write { db in
      let triggers = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
      for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger["name"] as String)") }
      try db.execute(sql: statement)
      try #require(db.changesCount > 0)
      for trigger in triggers { try db.execute(sql: trigger["sql"]) }
    }
  }

  private static func isSuspect(_ house: House) -> Bool { StoreFiles.size(StoreFiles(house.directory).suspect) != nil }

  private static let statements = [
    "UPDATE observations SET content = 'x' WHERE seq = 3",
    "UPDATE observations SET content = substr(content, 1, 200) WHERE seq = 4",
    "UPDATE alert_events SET content = 'x'",
    "UPDATE alert_states SET content = substr(content, 3)",
    "UPDATE silences SET content = 'x'",
    "UPDATE devices SET authentication = 'bondad'",
    "UPDATE devices SET information = 'x'",
    "UPDATE accesses SET action = 'rea'",
    "UPDATE settings SET value = 'G' || substr(value, 2) WHERE key = 'memory-key'",
    "UPDATE settings SET value = 'G' || substr(value, 2) WHERE key = 'answer-key'",
    "UPDATE settings SET value = 'G' || substr(value, 2) WHERE key = 'system-id'",
    "UPDATE settings SET value = 'G' || substr(value, 2) WHERE key = 'static-random-address'",
    "DELETE FROM pruned",
  ]

  /// Whatever says nothing any more is found by who reads it, and at the next opening there is what the copy has.
  @Test(arguments: statements) func theCopyHasIt(_ statement: String) async throws {
    let house = try await Self.old()
    let before = try await house.store.observations()
    let (key, answers) = (try await house.store.memoryKey(), try await house.store.answerKey())
    let address = try await house.store.staticRandomAddress()
    _ = try await house.store.makeCopy(now: minute(200))
    let later = try #require(try await house.keep(reading(121, clock: 30)).kept)
    try await Self.damage(house, statement)
    var store = house.store
    do {
      // States are written anew with what is asked, and read at each opening only.
      if !statement.contains("alert_states") { try await DamageTests.ask(store) }
      _ = try await store.staticRandomAddress()
    } catch {
      #expect(Self.isSuspect(house), "\(error)")
    }
    try await store.close()
    store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(store.repair?.missing == 0)
    try await DamageTests.ask(store)
    let after = try await store.observations()
    #expect(Set(after.map(\.id)).isSuperset(of: before.map(\.id) + [later.id]))
    #expect(try await store.alertEvents().filter { $0.transition.to == .firing }.count == 1)
    #expect(try await store.memoryKey() == key)
    #expect(try await store.answerKey() == answers)
    #expect(try await store.staticRandomAddress() == address)
    #expect(!Self.isSuspect(house))
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(!again.wasRepaired)
    try await again.close()
  }

  /// The others are listed, the next reading is kept, its alert is told, what waits leaves.
  @Test func itKeepsNothingElse() async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...20 { try await house.keep(reading(120, clock: clock)) }
    try await Self.damage(house, "UPDATE observations SET content = 'x' WHERE seq = 3")
    async let said = house.store.damage()
    let crisis = try await house.keep(reading(190, clock: 30))
    #expect(crisis.kept != nil)
    #expect(try await house.store.openAlerts().count == 1)
    #expect(try await house.store.observations().count == 20)
    #expect(try await house.store.recordRows(RecordQuery(includesUnsettled: true), limit: 99).count == 20)
    #expect(try await house.store.lastArrival() != nil)
    let due = try await house.store.dueDeliveries(for: record, at: minute(200), limit: 99)
    // 20 readings and the alert.
    #expect(due.count == 21)
    // It may come back from a copy.
    #expect(try await house.store.outboxCounts()[record]?.rejected == 0)
    guard case .corrupt = await said else {
      Issue.record("nobody was told")
      return
    }
    try await house.store.close()
    let store = try await Store.open(directory: house.directory)
    // No copy has it, and it is counted.
    #expect(store.wasRepaired && store.repair?.missing == 1)
    #expect(try await store.observations().count == 20)
    #expect(try await store.dueDeliveries(for: record, at: minute(200), limit: 99).count == 21)
    #expect(try await store.outboxCounts()[record]?.waiting == 21)
    try await store.close()
    let aside = try DatabaseQueue(path: "\(house.directory)/damaged/\(try #require(store.repair?.setAside)).sqlite")
    let text = try await aside.read { db in
      try String.fetchOne(db, sql: "SELECT content FROM observations WHERE seq = 3")
    }
    #expect(text == "x")
  }

  /// The copies have it as it is since it was damaged, but for an older one; or all of them.
  @Test(arguments: [true, false]) func theNewestCopyHasItDamaged(_ anOlderHasIt: Bool) async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...20 { try await house.keep(reading(120, clock: clock)) }
    if anOlderHasIt { _ = try await house.store.makeCopy(now: minute(200)) }
    // What no look by SQLite alone finds.
    try await Self.damage(house, "UPDATE observations SET content = json_object('id', id) WHERE seq = 3")
    _ = try await house.store.makeCopy(now: minute(300))
    #expect(try await house.store.observations().count == 19)
    try await house.store.close()
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(store.repair?.missing == (anOlderHasIt ? 0 : 1))
    #expect(store.repair?.restored == (anOlderHasIt ? 20 : 19))
    #expect(try await store.observations().count == (anOlderHasIt ? 20 : 19))
    let rows = try await store.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM observations") }
    #expect(rows == (anOlderHasIt ? 20 : 19))
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(!again.wasRepaired)
    try await again.close()
  }

  /// A row that nobody asks for is found with the next copy, while those before it have it.
  @Test(arguments: ["observations", "alert_events"]) func aCopyOfItIsNone(_ table: String) async throws {
    let house = try await Self.old()
    let first = try await house.store.makeCopy(now: minute(200))
    try await Self.damage(house, "UPDATE \(table) SET content = replace(content, '}', ')') WHERE seq = 1")
    await #expect(throws: StoreFailure.corrupt(detail: "a record cannot be read")) {
      try await house.store.makeCopy(now: minute(300))
    }
    #expect(house.store.verifiedCopies == [first])
    #expect(Self.isSuspect(house))
    try await house.store.close()
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired && store.repair?.missing == 0)
    _ = try await store.makeCopy(now: minute(400))
    #expect(try await store.observations().count == 21)
    #expect(try await store.alertEvents().count == 1)
    try await store.close()
  }

  /// One bit makes an instant or a span a number that no clock says; SQLite finds nothing wrong with it, and nothing that waits
  /// may wait for it.
  @Test(arguments: [
    ("outbox", "due_at", 1e160), ("outbox", "created_at", -1e86), ("outbox", "first_refused_at", 1e47),
    ("devices", "clock_offset", -1e160), ("devices", "last_seen", 1e28), ("devices", "paired_at", .infinity),
    ("observations", "received_at", 1e160), ("observations", "effective_end", 1.1e12),
    ("uncertain_times", "uptime", 1e155), ("uncertain_times", "compared", -1e155),
  ]) func anInstantThatNoClockSaysIsMended(_ table: String, _ column: String, _ seconds: Double) async throws {
    let house = try await Self.old()
    let before = try await house.store.observations()
    let uncertain = UncertainTime(boot: "b", uptime: 1_000, compared: 3, knownUntil: nil)
    let late = try #require(
      try await house.store.commit(
        reading(125, clock: 40), policy: policy, now: minute(140), live: true, uncertain: uncertain
      ).kept)
    _ = try await house.store.makeCopy(now: minute(200))
    let statement = "UPDATE \(table) SET \(column) = \(seconds.isInfinite ? "9e999" : "\(seconds)")"
    try await Self.damage(house, statement)
    var store = house.store
    // Whoever meets it while it runs goes on, or is told that it cannot be read.
    do {
      try await DamageTests.ask(store)
      _ = try await store.settleTimes(policy: policy, now: minute(300)) { reading, _ in reading }
    } catch StoreFailure.corrupt {}
    let asked = try await store.observations().map(\.id)
    try await store.close()
    store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(store.repair?.missing == 0)
    #expect(try await store.read { db in try StoredSeconds.areSound(db) })
    let after = try await store.observations()
    #expect(Set(after.map(\.id)).isSuperset(of: asked + before.map(\.id) + [late.id]))
    for reading in before { #expect(after.contains(reading)) }
    let due = try await store.dueDeliveries(for: record, at: minute(5_000), limit: 99).count
    #expect(due >= before.count + 1)
    let offsets = try await store.devices().map(\.clockOffset)
    #expect(offsets.allSatisfy { abs($0 ?? 0) < 1e9 })
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(!again.wasRepaired)
    try await again.close()
  }

  /// A column that may not be empty, and that the list does not name, would have its row refused.
  @Test func whatMayNotBeEmptyIsKnown() async throws {
    let house = try await House.open()
    let columns = try await house.store.read { db in
      try String.fetchSet(
        db,
        sql: """
          SELECT columns.name FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
          WHERE tables.type = 'table' AND columns.type = 'REAL' AND columns."notnull"
          """)
    }
    // What is due is due at once.
    #expect(columns == StoredSeconds.required.union(["due_at"]))
    try await house.store.close()
  }

  /// What has ended has ended, also where the copy was made after the bit was flipped, and where it was begun anew since.
  @Test(arguments: [true, false], [true, false])
  func whatEndedIsNotRevivedByAnInstantThatNoClockSays(_ isInCopy: Bool, _ isAgain: Bool) async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    try await house.keep(reading(120, clock: 1))
    #expect(try await house.store.withdrawConsent(patient: lan.id, destination: record, at: minute(2)))
    if isAgain {
      try await house.store.grantConsent(
        patient: lan.id, destination: record, grantee: "Dr Minh", relationship: "doctor", at: minute(3))
    }
    if !isInCopy { _ = try await house.store.makeCopy(now: minute(200)) }
    try await Self.damage(house, "UPDATE consents SET withdrawn_at = 1e160 WHERE withdrawn_at IS NOT NULL")
    if isInCopy { _ = try await house.store.makeCopy(now: minute(200)) }
    let before = try await house.store.consents(of: lan.id).map { $0.withdrawnAt == nil }
    try await house.store.close()
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(try await store.consents(of: lan.id).map { $0.withdrawnAt == nil } == before)
    // The pager's holds, too.
    #expect(before.filter { $0 }.count == (isAgain ? 2 : 1))
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(!again.wasRepaired)
    try await again.close()
  }

  /// A content that can be read holds against a column that says otherwise: no copy has to have it.
  @Test(arguments: [
    "kind = 'blood-prfssure'", "device = 'x'", "patient = 'x'", "device_time = 'x'",
    "confirmation = CAST(x'ff' AS TEXT)", "kind = CAST(x'ff' AS TEXT)",
  ]) func aColumnThatSaysOtherwiseIsMended(_ change: String) async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...5 { try await house.keep(reading(120, clock: clock)) }
    let before = try await house.store.observations()
    try await house.store.close()
    let queue = try DatabaseQueue(path: house.path)
    try await queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
      try db.execute(sql: "UPDATE observations SET \(change) WHERE seq = 3")
      try #require(db.changesCount > 0)
    }
    try queue.close()
    try StoreFiles.make(file: StoreFiles(house.directory).suspect)
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired && store.repair?.missing == 0)
    #expect(try await store.observations() == before)
    #expect(try await store.patients().map(\.name) == ["Lan"])
    #expect(try await store.dueDeliveries(for: record, at: minute(200), limit: 99).count == 5)
    try await store.close()
  }

  /// The same of a name that has an index: it lies in other pages, and agrees with the content.
  @Test(arguments: [0, 25]) func aNameThatSaysOtherwiseIsMended(_ offset: Int) async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...5 { try await house.keep(reading(120, clock: clock)) }
    let before = try await house.store.observations()
    try await house.store.close()
    // All of it into the file: the last connection that closes may be a reader's, which leaves the log as it is.
    let queue = try DatabaseQueue(path: house.path)
    try await queue.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    try queue.close()
    // In a row of the table the identity follows the id.
    let name = Data("\(before[2].id)\(before[2].identity)".utf8)
    var bytes = try #require(FileManager.default.contents(atPath: house.path))
    let place = try #require(bytes.range(of: name)).lowerBound
    bytes[place + offset] ^= 1
    try bytes.write(to: URL(filePath: house.path))
    try StoreFiles.make(file: StoreFiles(house.directory).suspect)
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired && store.repair?.missing == 0)
    #expect(try await store.observations() == before)
    #expect(try await store.dueDeliveries(for: record, at: minute(200), limit: 99).count == 5)
    try await store.close()
  }

  /// Where its content is what was changed, the index agrees with the column.
  @Test(arguments: ["id", "identity"]) func aContentThatSaysOtherwiseIsMended(_ name: String) async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...5 { try await house.keep(reading(120, clock: clock)) }
    let before = try await house.store.observations()
    let change = "UPDATE observations SET content = json_set(content, '$.\(name)', 'x') WHERE seq = 3"
    try await Self.damage(house, change)
    #expect(try await house.store.observations() != before)
    try await house.store.close()
    try StoreFiles.make(file: StoreFiles(house.directory).suspect)
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired && store.repair?.missing == 0)
    #expect(try await store.observations() == before)
    try await store.close()
  }

  /// A person whose row has another id: what refers to them refers to nothing, and no reading of theirs could be kept.
  @Test func aPersonOfAnotherNameIsWhoTheyWere() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    for clock in 1...5 { try await house.keep(reading(120, clock: clock)) }
    _ = try await house.store.makeCopy(now: minute(200))
    try await house.store.close()
    let queue = try DatabaseQueue(path: house.path)
    try await queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF; UPDATE patients SET id = 'x'")
    }
    try queue.close()
    let damaged = try await Store.open(directory: house.directory)
    #expect(!damaged.wasRepaired)
    await #expect(throws: StoreFailure.corrupt(detail: "what a row refers to is not there")) {
      try await damaged.commit(reading(121, clock: 9), policy: policy, now: minute(100), live: true)
    }
    #expect(Self.isSuspect(house))
    try await damaged.close()
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(try await store.patients().map(\.id) == [lan.id])
    let kept = try await store.commit(reading(121, clock: 9), policy: policy, now: minute(100), live: true).kept
    #expect(kept?.patient == lan.id)
    #expect(try await store.dueDeliveries(for: record, at: minute(200), limit: 99).count == 6)
    try await store.close()
  }

  /// A row that no rebuilding takes out does not have the database rebuilt over and over.
  @Test func itIsNotRebuiltOnceMoreForARow() async throws {
    let house = try await House.open()
    let files = StoreFiles(house.directory)
    #expect(!DamageSignal(files, wasRepaired: true).note(.corrupt(detail: "")))
    #expect(StoreFiles.size(files.suspect) == nil)
    #expect(DamageSignal(files, wasRepaired: true).note(.damaged(code: 11)))
    #expect(DamageSignal(files, wasRepaired: false).note(.corrupt(detail: "")))
    #expect(!DamageSignal(files, wasRepaired: false).note(.fullDisk))
    try await house.store.close()
  }

  /// A bit that is flipped in the list of tables: SQLite reads it as it stands there.
  @Test(arguments: [
    "'cancelled', 'cancellad') WHERE name = 'outbox'",
    "'content', 'contant') WHERE name = 'observations'",
    "'outbox_told_with', 'outbox_tald_with') WHERE name = 'outbox_told_with'",
    "'', ''), type = NULL WHERE name = 'outbox_told_with'",
  ]) func aListOfTablesThatIsAnotherOneIsDamage(_ change: String) async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...20 { try await house.keep(reading(120, clock: clock)) }
    _ = try await house.store.makeCopy(now: minute(200))
    for clock in 21...30 { try await house.keep(reading(120, clock: clock)) }
    try await house.store.close()
    let files = StoreFiles(house.directory)
    #expect(try Damage.look(files) == nil)
    let queue = try DatabaseQueue(path: house.path)
    try await queue.write { db in
      try db.execute(sql: "PRAGMA writable_schema = ON")
      try db.execute(sql: "UPDATE sqlite_master SET sql = replace(sql, \(change)")
      try #require(db.changesCount > 0)
    }
    try queue.close()
    #expect(try Damage.look(files) != nil)
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    // Those since the copy too: the copy's list leads to them.
    #expect(try await store.observations().count == 30)
    #expect(store.repair?.missing == 0)
    try await store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(!again.wasRepaired)
    try await again.close()
  }

  /// What has no name at all is no name of a version.
  @Test func aVersionWithoutANameIsDamage() async throws {
    let house = try await House.open()
    for clock in 1...20 { try await house.keep(reading(120, clock: clock)) }
    try await house.store.close()
    func change(_ statements: [String]) async throws {
      let queue = try DatabaseQueue(path: house.path)
      for statement in statements { try await queue.write { db in try db.execute(sql: statement) } }
      try queue.close()
    }
    let sql = "UPDATE sqlite_master SET sql ="
    try await change([
      "PRAGMA writable_schema = ON",
      "\(sql) replace(sql, 'NOT NULL', '') WHERE name = 'grdb_migrations'",
    ])
    try await change(["UPDATE grdb_migrations SET identifier = NULL WHERE identifier LIKE '3-%'"])
    #expect(try Damage.look(StoreFiles(house.directory))?.reason == "the names of its schema's versions")
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(try await store.observations().count == 20)
    try await store.close()
  }

  /// A device may say a name that is no UTF-8: what stands for the octets that are none is no damage.
  @Test func aNameOfOtherOctetsIsNone() async throws {
    let house = try await House.open()
    var device = pairedCuff
    device.description.name = "Cuff \u{FFFD}"
    try await house.store.saveDevice(device)
    _ = try await house.store.makeCopy(now: minute(200))
    try await house.store.close()
    try StoreFiles.make(file: StoreFiles(house.directory).suspect)
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired && store.repair?.incomplete == [])
    #expect(try await store.devices().map(\.description.name) == ["Cuff \u{FFFD}"])
    try await store.close()
  }
}
