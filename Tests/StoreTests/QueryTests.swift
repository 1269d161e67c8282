import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

@Suite struct QueryTests {
  private func clocks(_ observations: [Observation]) -> [Date] { observations.map(\.effective.end) }

  @Test func listsAndFollowing() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let other = DeviceID(rawValue: "ble:C0:00:00:00:00:02")
    var kept: [Observation] = []
    // Stored out of order, as from a memory that is emptied backwards.
    for clock in [30, 10, 20] { kept.append(try #require(try await house.keep(reading(120, clock: clock)).kept)) }
    try await house.keep(reading(120, clock: 40, device: other))
    let store = house.store
    #expect(clocks(try await store.observations()) == [10, 20, 30, 40].map { minute($0) })
    #expect(clocks(try await store.observations(ObservationFilter(limit: 2))) == [30, 40].map { minute($0) })
    #expect(
      clocks(try await store.observations(ObservationFilter(patient: lan.id))) == [10, 20, 30].map { minute($0) })
    #expect(clocks(try await store.observations(ObservationFilter(device: other))) == [minute(40)])
    #expect(
      clocks(try await store.observations(ObservationFilter(since: minute(20)))) == [20, 30, 40].map { minute($0) })
    #expect(
      clocks(try await store.observations(ObservationFilter(after: kept[0].id))) == [10, 20, 40].map { minute($0) })
    #expect(clocks(try await store.observations(ObservationFilter(after: kept[0].id, limit: 1))) == [minute(10)])
    #expect(try await store.observations(ObservationFilter(limit: 0)) == [])
    let last = try #require(try await house.keep(reading(120, clock: 5)).kept)
    #expect(try await store.lastStored() == last.id)
  }

  @Test func alertEventsBackwardsAndForwards() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    for (index, systolic) in [185, 120, 190].enumerated() { try await house.keep(reading(systolic, clock: index)) }
    let all = try await house.store.alertEvents()
    #expect(all.map(\.transition.to) == [.firing, .resolved, .firing])
    #expect(try await house.store.alertEvents(limit: 2) == Array(all.suffix(2)))
    #expect(try await house.store.alertEvents(after: all[0].id, limit: 1) == [all[1]])
    #expect(try await house.store.alertEvents(since: minute(2)) == [all[2]])
    #expect(try await house.store.alertEvents(patient: lan.id) == all)
    #expect(try await house.store.alertEvents(patient: PatientID(rawValue: "p-x")) == [])
  }

  /// No hot query reads a table from end to end.
  @Test func hotQueriesUseTheirIndices() async throws {
    let house = try await House.open()
    var statements = [
      Intake.SQL.byIdentity, Intake.SQL.latestUntimed, Intake.SQL.countUntimed, Intake.SQL.person, Ownership.SQL.device,
      Ownership.SQL.users, Outbox.SQL.anybody, Outbox.SQL.ofObservation,
      OwnershipRecords.SQL.bloodPressureSince, OwnershipRecords.SQL.bloodPressureBefore,
      OwnershipRecords.SQL.unassignedSince, OwnershipRecords.SQL.unassignedBefore, Outbox.SQL.consents,
      Outbox.SQL.people, Outbox.SQL.held, Outbox.SQL.observations,
      Outbox.SQL.alerts, Outbox.SQL.firstObservation, Outbox.SQL.firstAlert, Outbox.SQL.oldestWaiting,
      Outbox.SQL.lastRejected, Outbox.SQL.cancel, Outbox.SQL.tried, Withdrawals.SQL.due, Withdrawals.SQL.first,
      Withdrawals.SQL.of, Withdrawals.SQL.needed, Withdrawals.SQL.cancel,
    ]
    statements += Intake.SQL.sharesTime.values
    let patient = PatientID(rawValue: "p")
    for filter in [
      ObservationFilter(patient: patient), ObservationFilter(device: cuff), ObservationFilter(since: minute(0)),
      ObservationFilter(patient: patient, since: minute(0)), ObservationFilter(device: cuff, limit: 1),
    ] { statements.append(filter.statement(after: nil).sql) }
    statements.append(ObservationFilter().statement(after: 7).sql)
    for sql in statements {
      let plan = try await house.store.read { db in
        let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
        let nulls = StatementArguments(Array(repeating: DatabaseValue.null, count: statement.sqlite3ParameterCount))
        return try Row.fetchAll(statement, arguments: nulls).map { $0["detail"] as String }
      }
      #expect(!plan.isEmpty)
      #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(sql)\n\(plan)")
      #expect(!plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") }, "\(sql)\n\(plan)")
    }
    let counts = try await house.store.read { db in
      try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + Outbox.SQL.counts).map { $0["detail"] as String }
    }
    #expect(counts.allSatisfy { $0.contains("COVERING INDEX") }, "\(counts)")
  }
}

private extension Statement {
  var sqlite3ParameterCount: Int { sql.filter { $0 == "?" }.count }
}
