import Foundation
import GRDB
import Observations
@testable import Store
import Testing

@Suite struct RecordRowTests {
  private func all(_ store: Store, _ query: RecordQuery, limit: Int) async throws -> [ObservationID] {
    var found: [ObservationID] = []
    var position: RecordPosition?
    while true {
      let rows = try await store.recordRows(query, from: position, limit: limit)
      found += rows.filter { $0.position != position }.map(\.observation.id)
      guard rows.count == limit, let last = rows.last else { return found }
      position = last.position
    }
  }

  /// Pages hold every row once, in order, whatever their size; rows of one moment too, and what comes in between.
  @Test(arguments: [2, 3, 7, 100], [true, false])
  func pagesAreWhole(limit: Int, newestFirst: Bool) async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    var ids: [ObservationID] = []
    for number in 0..<20 {
      // Every fourth shares its moment with the next.
      let one = reading(100 + number, clock: number - (number % 4 == 1 ? 1 : 0), patient: patient.id)
      ids.append(try #require(try await house.keep(one).kept?.id))
    }
    // Nobody's is in no record.
    try await house.keep(reading(150, clock: 5, device: DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F9")))
    let query = RecordQuery(newestFirst: newestFirst)
    let found = try await all(house.store, query, limit: limit)
    #expect(found == (newestFirst ? ids.reversed() : ids))
    #expect(try await house.store.recordCount(query) == 20)
    #expect(try await house.store.recordCount(RecordQuery(includesUnsettled: true)) == 21)
    let some = RecordQuery(patient: patient.id, from: minute(4), until: minute(8), newestFirst: newestFirst)
    #expect(try await all(house.store, some, limit: limit).count == house.store.recordCount(some))
  }

  /// A page begins where the one before ended, by an index: it costs the same on the hundredth as on the first.
  @Test func aPageScansNothing() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    for query in [
      RecordQuery(), RecordQuery(patient: patient.id), RecordQuery(device: cuff), RecordQuery(newestFirst: false),
    ] {
      let (sql, arguments) = query.statement(from: RecordPosition(end: 5, sequence: 7), limit: 9)
      let plan = try await house.store.read { db in
        try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments).map { $0["detail"] as String }
      }
      #expect(plan.contains { $0.hasPrefix("SEARCH observations USING INDEX") }, "\(plan)")
      #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.hasPrefix("SCAN observations") }, "\(plan)")
    }
  }

  @Test func accessesOfAnHourAreOne() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    for time in [0.0, 1, 59, 61] {
      try await house.store.recordAccess(.read, .socket, uid: 1000, patient: patient.id, at: minute(time))
    }
    try await house.store.recordAccess(.export, .socket, uid: 1000, patient: nil, at: minute(2))
    try await house.store.recordAccess(.read, .port, uid: nil, patient: patient.id, at: minute(3))
    let found = try await house.store.accesses()
    #expect(found.map(\.count) == [3, 1, 1, 1])
    #expect(found.first?.until == minute(59) && found.first?.uid == 1000)
  }

  @Test func changesAndRefusalsAreLinesOfTheirOwn() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    func note(_ subject: String?, refused: Bool) async throws {
      try await house.store.recordAccess(
        .unpair, .socket, uid: 1000, patient: patient.id, subject: subject, refused: refused, at: minute(0))
    }
    for subject in ["ble:1", "ble:2", "ble:1"] { try await note(subject, refused: false) }
    try await note("ble:1", refused: true)
    let found = try await house.store.accesses()
    #expect(found.map(\.subject) == ["ble:1", "ble:2", "ble:1"])
    #expect(found.map(\.count) == [2, 1, 1])
    #expect(found.map(\.refused) == [false, false, true])
  }

  /// However often somebody is refused: what was done stays.
  @Test func refusalsPushNothingOut() async throws {
    let house = try await House.open()
    try await house.store.recordAccess(.erase, .socket, uid: 0, patient: nil, at: minute(0))
    let most = Store.keptAccesses.refused
    try await house.store.write { db in
      try db.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
          INSERT INTO accesses (action, way, uid, subject, refused, begun_at, until, count)
          SELECT 'read', 'socket', 1000, 's' || i, 1, 0, 0, 1 FROM n
          """, arguments: [most])
    }
    for number in 0..<3 {
      try await house.store.recordAccess(
        .export, .socket, uid: 1000, patient: nil, subject: "new \(number)", refused: true, at: minute(1))
    }
    let found = try await house.store.accesses(limit: 100_000)
    #expect(found.count == most + 1)
    #expect(found.first?.action == .erase)
    #expect(found.dropFirst().first?.subject == "s4")
    #expect(found.last?.subject == "new 2")
  }

  /// What an older version wrote down was done.
  @Test func accessesOfBeforeAreKept() throws {
    let queue = try DatabaseQueue()
    try Migrations.migrator.migrate(queue, upTo: "12-groups")
    try queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO accesses (action, way, uid, patient, begun_at, until, count)
          VALUES ('export', 'socket', 1000, 'p-1', 5, 6, 2)
          """)
    }
    try Migrations.migrator.migrate(queue)
    let row = try #require(try queue.read { try Row.fetchOne($0, sql: "SELECT * FROM accesses") })
    #expect(row["count"] == 2 && row["refused"] == false && (row["subject"] as String?) == nil)
  }
}
