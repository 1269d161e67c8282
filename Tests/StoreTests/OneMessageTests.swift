import AlertRules
import Foundation
import GRDB
import Observations
import Testing

@testable import Store

/// What the store remembers of messages of several changes, and what an older file is made of.
@Suite struct OneMessageTests {
  private static let rules = [
    AlertRule(
      id: RuleID(rawValue: "upper"),
      kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180, clearLimit: 170)),
      severity: .urgent, source: "test"),
    AlertRule(
      id: RuleID(rawValue: "mild"),
      kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 150, clearLimit: 140)),
      severity: .warning, source: "test"),
  ]

  private static func policy(_ contact: Contact? = nil) -> IngestPolicy {
    IngestPolicy(
      rules: rules,
      destinations: [DestinationPolicy(id: pager, takesObservations: false, takesAlerts: true, takesSimulated: false)],
      escalation: EscalationPlan(contacts: contact.map { [$0] } ?? []))
  }

  private struct Kept: Sendable {
    var id: Int64
    var group: Int64?
    var wait: String?
    var isOnTheWay: Bool
    var due: Double
    var state: String
  }

  private static func rows(_ store: Store) async throws -> [Kept] {
    try await store.read { db in
      try Row.fetchAll(db, sql: "SELECT id, told_with, wait, on_the_way, due_at, state FROM outbox ORDER BY id").map {
        Kept(id: $0[0], group: $0[1], wait: $0[2], isOnTheWay: $0[3], due: $0[4], state: $0[5])
      }
    }
  }

  @Test func oneReadingIsOneMessageFromTheStart() async throws {
    let house = try await House.open()
    try await house.addOwner()
    _ = try await house.store.commit(reading(190, clock: 1), policy: Self.policy(), now: minute(1), live: true)
    let rows = try await Self.rows(house.store)
    #expect(rows.count == 2)
    #expect(rows.map(\.group) == [rows[0].id, rows[0].id])
    let records = try await house.store.deliveries()
    #expect(Set(records.map(\.messageKey)).count == 1)
    #expect(records[0].messageKey != records[0].idempotencyKey)
    try await house.store.close()
  }

  @Test func whatQuietHoursHoldIsMarkedAndStaysMarked() async throws {
    let house = try await House.open()
    try await house.addOwner()
    // All day but a minute.
    let mai = Contact(
      id: ContactID(rawValue: "mai"), role: .caregiver, destinations: [pager],
      quiet: QuietHours(from: 0, until: 1439, timeZone: .gmt))
    _ = try await house.store.commit(reading(160, clock: 1), policy: Self.policy(mai), now: minute(1), live: true)
    var rows = try await Self.rows(house.store)
    #expect(rows.map(\.wait) == ["quiet"])
    // What is urgent takes nothing of another alert along.
    _ = try await house.store.commit(reading(190, clock: 2), policy: Self.policy(mai), now: minute(2), live: true)
    rows = try await Self.rows(house.store)
    #expect(rows.map(\.wait) == ["quiet", nil])
    #expect(rows.map { $0.due > 0 } == [true, false])
    // The reading that ends both tells both, with the beginning that was held.
    _ = try await house.store.commit(reading(120, clock: 3), policy: Self.policy(mai), now: minute(3), live: true)
    rows = try await Self.rows(house.store)
    #expect(rows.count == 4)
    #expect(rows.map(\.due) == [0, 0, 0, 0])
    #expect(rows.map { $0.group == rows[0].id } == [true, false, true, true])
    try await house.store.close()
  }

  @Test func aSealHoldsUntilTheOutcomeIsKnown() async throws {
    let house = try await House.open()
    try await house.addOwner()
    _ = try await house.store.commit(reading(190, clock: 1), policy: Self.policy(), now: minute(1), live: true)
    let due = try await house.store.dueDeliveries(for: pager, at: minute(2), limit: 9)
    let message = AlertMessage(
      due.compactMap { delivery in
        guard case .alert(let alert, _) = delivery.content else { return nil }
        return WaitingAlert(id: delivery.id.rawValue, transition: alert, key: delivery.idempotencyKey, attempts: 1)
      })
    try await house.store.seal([message])
    #expect(try await Self.rows(house.store).allSatisfy { $0.isOnTheWay })
    try await house.store.recordRetry(
      due.map(\.id), next: minute(3), reason: "down", at: minute(2), mayHaveArrived: true)
    #expect(try await Self.rows(house.store).allSatisfy { $0.isOnTheWay })
    try await house.store.recordRetry(due.map(\.id), next: minute(4), reason: "down", at: minute(3))
    #expect(try await Self.rows(house.store).allSatisfy { !$0.isOnTheWay })
    // What is told once more is the whole message.
    let whole = try #require(try await house.store.delivery(due[1].id))
    #expect(whole.together.map(\.id) == due.map(\.id.rawValue))
    #expect(whole.idempotencyKey == message.key)
    try await house.store.recordRedelivered(due[1].id, at: minute(5))
    #expect(try await Self.rows(house.store).allSatisfy { $0.state == "delivered" })
    try await house.store.close()
  }

  /// A file of the version before episodes, with an alert that fires, told and waiting.
  @Test func anOldFileIsTakenOverAndItsAlertCanBeAnswered() async throws {
    let house = try await House.open()
    try await house.store.close()
    for file in try FileManager.default.contentsOfDirectory(atPath: house.directory) {
      try FileManager.default.removeItem(atPath: "\(house.directory)/\(file)")
    }
    let queue = try DatabaseQueue(path: house.path)
    try Migrations.migrator.migrate(queue, upTo: "5-box-clock")
    let key = AlertKey(
      rule: RuleID(rawValue: "upper"), subject: .patient(PatientID(rawValue: "p-lan")), isSimulated: false)
    let state = AlertState(
      key: key, phase: .firing, episode: EpisodeID(rawValue: "e-1"), since: minute(1), firedAt: minute(1),
      lastInstant: minute(1), lastValue: 190, lastDevice: cuff, lastObservation: nil)
    let firing = AlertTransition(
      episode: EpisodeID(rawValue: "e-1"), rule: key.rule, severity: .urgent, patient: PatientID(rawValue: "p-lan"),
      device: cuff, from: nil, to: .firing, at: minute(1), decidedAt: minute(1), observation: nil,
      component: .systolic, value: 190, comparison: .atLeast, limit: 180, unit: .millimetreOfMercury, isSimulated: false
    )
    try await queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO patients (id, name, folded_name, added_at) VALUES ('p-lan', 'Lan', 'lan', 0);
          INSERT INTO devices (id, profile, authentication, information, paired_at)
            VALUES ('\(cuff)', 'sig/blood-pressure', 'bonded', '{}', 0);
          INSERT INTO device_users (device, slot, patient) VALUES ('\(cuff)', -1, 'p-lan');
          INSERT INTO consents (patient, destination, grantee, relationship, granted_at)
            VALUES ('p-lan', '\(pager)', 'Mai', 'daughter', 0);
          """)
      try db.execute(
        sql: "INSERT INTO alert_states (rule, subject, simulated, content) VALUES ('upper', 'patient:p-lan', 0, ?)",
        arguments: [try JSONText.encode(state)])
      try db.execute(
        sql:
          "INSERT INTO alert_events (seq, episode, phase, patient, at, content) VALUES (1, 'e-1', 'firing', 'p-lan', ?, ?)",
        arguments: [minute(1).timeIntervalSince1970, try JSONText.encode(firing)])
      try db.execute(
        sql: """
          INSERT INTO outbox (id, destination, patient, alert, idempotency_key, created_at, due_at)
          VALUES (1, ?, 'p-lan', 1, ?, 0, 4000000000)
          """, arguments: [pager.rawValue, firing.idempotencyKey])
    }
    try queue.close()
    let store = try await Store.open(directory: house.directory)
    // Nothing but quiet hours made a new row wait.
    #expect(try await Self.rows(store).map(\.wait) == ["quiet"])
    let open = store.episodes()
    #expect(open.map(\.id.rawValue) == ["e-1"])
    let mai = Contact(id: ContactID(rawValue: "mai"), role: .caregiver, destinations: [pager])
    let outcome = try await store.acknowledge(
      episode: EpisodeID(rawValue: "e-1"), patient: nil, by: mai, policy: Self.policy(mai), now: minute(5))
    #expect(outcome?.transitions.map(\.stage) == [.acknowledged])
    // Everybody was told of it, so everybody is told of the answer, and of the end.
    #expect(try await store.dueDeliveries(for: pager, at: minute(6), limit: 9).count == 2)
    #expect(store.episodes().first?.isAcknowledged == true)
    _ = try await store.commit(reading(120, clock: 9), policy: Self.policy(mai), now: minute(9), live: true)
    #expect(store.episodes().isEmpty)
    #expect(try await Self.rows(store).count == 3)
    try await store.close()
    // It is written down with its first change.
    let again = try await Store.open(directory: house.directory)
    #expect(again.episodes().isEmpty)
    try await again.close()
  }
}
