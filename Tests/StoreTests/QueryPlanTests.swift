import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Synchronization
import Testing

/// The statements that really run when a reading is kept and when a destination asks what is due, each explained by SQLite
/// on a full database: none of them may read a table from end to end that grows with every reading.
@Suite struct QueryPlanTests {
  /// These grow for as long as the box runs. Every other table has a row for each person, device, consent, contact's
  /// silence, or alert that fires now, and is read whole where that is what is wanted.
  fileprivate static let growing: Set<String> = ["observations", "outbox", "alert_events", "uncertain_times"]

  @Test func keepingAReadingScansNothing() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner(
      consents: ["to-mai", "to-tuan", "to-lan", "siren"].map { DestinationID(rawValue: $0) })
    let store = house.store
    try await fill(store, lan.id)
    let statements = Statements()
    try await store.pool.writeWithoutTransaction { db in statements.trace(db) }

    // A rule of every kind, some of them hidden by others; a ladder to climb.
    let policy = EscalationTests.policy(try Self.everyKind(), waits: [10, 20, 30])
    var now = 5 * 1_440.0
    func keep(
      _ reading: Observation, live: Bool = true, uncertain: UncertainTime? = nil
    ) async throws -> CommitOutcome {
      now += 1
      return try await store.commit(reading, policy: policy, now: minute(now), live: live, uncertain: uncertain)
    }
    let before = try await store.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM alert_events") }

    // A crisis in order, hidden ones beneath it, acknowledged, and news again; its end, which lets the hidden ones out.
    #expect(try await keep(reading(190, clock: Int(now), received: now)).transitions.isEmpty == false)
    let episode = try #require(store.episodes().first { $0.key.rule == crisis.id })
    _ = try await store.acknowledge(
      episode: episode.id, patient: nil, by: EscalationTests.mai, policy: policy, now: minute(now))
    _ = try await keep(reading(205, clock: Int(now), received: now))
    _ = try await keep(reading(160, clock: Int(now), received: now))
    _ = try await keep(reading(120, clock: Int(now), received: now))
    // Out of a memory, long ago; twice.
    _ = try await keep(reading(191, clock: 30, received: now), live: false)
    #expect(try await keep(reading(191, clock: 30, received: now), live: false).duplicateOf != nil)
    // Of a cuff without a clock: once, sent again, confirmed and the same again.
    let untimed = try #require(try await keep(reading(118, clock: nil, received: now)).kept)
    #expect(try await keep(reading(118, clock: nil, received: now)).duplicateOf == untimed.id)
    try await store.confirmationSent(untimed.id, at: minute(now))
    _ = try await keep(reading(118, clock: nil, received: now))
    try await store.confirmationArrived(untimed.id)
    // By a user number, of a person who is named, of nobody known, while our own clock is not known to be right.
    _ = try await keep(reading(121, clock: Int(now), received: now, slot: 1))
    _ = try await keep(reading(122, clock: Int(now), received: now, patient: lan.id))
    let strange = DeviceID(rawValue: "ble:C0:00:00:00:00:09")
    _ = try await keep(reading(192, clock: Int(now), received: now, device: strange))
    _ = try await keep(
      reading(123, clock: Int(now), received: now), uncertain: UncertainTime(boot: "b", uptime: 1_000))
    // A ladder climbs, readings stay away.
    for _ in 0..<6 {
      now += 700
      _ = try await store.tick(policy: policy, now: minute(now), facts: GatewayAlertTests.facts(true, battery: 10))
    }
    _ = try await store.tick(policy: policy, now: minute(now), facts: GatewayAlertTests.facts(false))

    let after = try await store.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM alert_events") }
    #expect(try #require(after) - #require(before) > 10, "the story is too calm to run every statement")
    try await store.pool.writeWithoutTransaction { db in statements.endTrace(db) }
    for text in [
      Intake.SQL.byIdentity, Intake.SQL.latestUntimed, Intake.SQL.countUntimed,
      try #require(Intake.SQL.sharesTime[.bloodPressure]),
      StoredHistory.SQL.ofPatient, StoredHistory.SQL.ofNobody, Outbox.SQL.consents, Outbox.SQL.anybody,
      Outbox.SQL.mayKnow, Outbox.SQL.waitingOf, Outbox.SQL.callOff,
      NewAlerts.SQL.flooded, NewAlerts.SQL.made, NewAlerts.SQL.waiting,
    ] { #expect(statements.texts.contains(text), "not traced:\n\(text)") }
    statements.expect(writesTo: ["observations", "outbox", "alert_events", "alert_states", "alert_episodes"])
    try await statements.expectNoScan(store)
  }

  @Test func askingWhatIsDueScansNothing() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let store = house.store
    try await fill(store, lan.id)
    // Something of everything waits: readings, alerts, and one that is taken back after it was delivered.
    let now = minute(5 * 1_440)
    let told = try #require(try await house.keep(reading(190, clock: 7_200, received: 7_200), at: now).kept)
    try await store.recordDelivered(
      try await store.dueDeliveries(for: record, at: now, limit: 100).map(\.id), at: now)
    _ = try await house.keep(reading(195, clock: 7_201, received: 7_201), at: now)
    _ = try await store.disown([told.id], by: nil, policy: policy, now: now)

    // Readers are opened when one is missing: asked one after the other, these are all answered by the one traced here.
    let statements = Statements()
    try await store.read { db in statements.trace(db) }
    for destination in [record, pager, DestinationID(rawValue: "nowhere")] {
      for time in [now, now.addingTimeInterval(86_400)] {
        _ = try await store.dueDeliveries(for: destination, at: time, limit: 20)
        _ = try await store.nextDue(for: destination)
      }
    }
    _ = try await store.undeliveredAlerts(of: [record, pager])
    let due = try await store.dueDeliveries(for: record, at: now, limit: 100)
    #expect(Set(due.map { $0.content.alert == nil && $0.content.observation == nil }) == [true, false])
    try await store.read { db in statements.endTrace(db) }
    let ran = statements.texts
    for text in [
      Outbox.SQL.alerts, Outbox.SQL.observations, Outbox.SQL.held, Outbox.SQL.firstAlert, Outbox.SQL.firstObservation,
      Withdrawals.SQL.due, Withdrawals.SQL.first, Outbox.SQL.undelivered,
    ] { #expect(ran.contains(text), "not traced:\n\(text)") }
    try await statements.expectNoScan(store)
  }

  /// The check itself sees a scan.
  @Test func aScanIsSeen() async throws {
    let house = try await House.open()
    let statements = Statements()
    try await house.store.read { db in
      statements.trace(db)
      _ = try Row.fetchAll(db, sql: "SELECT id FROM observations WHERE received_at > 5")
      _ = try Row.fetchAll(db, sql: "SELECT outbox.id FROM devices JOIN outbox ON outbox.reason = devices.name")
      _ = try Row.fetchAll(db, sql: "SELECT id FROM outbox WHERE destination = 'a' ORDER BY created_at")
      _ = try Row.fetchAll(db, sql: "SELECT id FROM devices")
      statements.endTrace(db)
    }
    #expect(try await statements.scans(house.store).count == 3)
  }

  /// Years of readings of two people and of nobody, most of them delivered, some alerts among them.
  private func fill(_ store: Store, _ patient: PatientID) async throws {
    let other = try await store.addPatient(name: "Hoa", at: minute(0))
    let texts = try (0..<50).map { index in
      let old = reading(110 + index, clock: index * 15, received: Double(index * 15), patient: patient)
      return try JSONText.encode(old)
    }
    try await store.write { db in
      for number in 0..<20_000 {
        let owner: String? = [patient.rawValue, other.id.rawValue, nil][number % 3]
        // Before the story begins, six hours apart; the last of them within the time that rules look back.
        let at = minute(Double(number - 20_000) * 360).timeIntervalSince1970
        try db.cachedStatement(
          sql: """
            INSERT INTO observations (id, identity, untimed_identity, kind, device, patient, device_time, effective_end,
              received_at, content) VALUES (?, ?, ?, 'blood-pressure', ?, ?, ?, ?, ?, ?)
            """
        ).execute(arguments: [
          "old-\(number)", "old-\(number)", number % 7 == 0 ? "old-untimed-\(number % 70)" : nil, cuff.rawValue, owner,
          "old-time-\(number)", at, at, texts[number % texts.count],
        ])
        guard let owner else { continue }
        try db.cachedStatement(
          sql: """
            INSERT INTO outbox (destination, patient, observation, idempotency_key, state, created_at, finished_at)
            VALUES ('record', ?, ?, ?, 'delivered', ?, ?)
            """
        ).execute(arguments: [owner, "old-\(number)", "old-\(number)", at, at])
        guard number % 10 == 0 else { continue }
        try db.cachedStatement(
          sql: "INSERT INTO alert_events (episode, phase, patient, at, content) VALUES (?, 'firing', ?, ?, '{}')"
        ).execute(arguments: ["old-\(number)", owner, at])
      }
    }
  }

  /// One rule of every kind that there is, by the fields that rule files use.
  private static func everyKind() throws -> [AlertRule] {
    let high = [RuleCondition(component: .systolic, comparison: .atLeast, limit: 150)]
    let kinds: [AlertRule.Kind] = [
      .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 150)),
      .sustained(
        SustainedRule(
          threshold: ThresholdRule(component: .systolic, comparison: .atLeast, limit: 150, holdFor: .seconds(60)))),
      .confirm(ConfirmRule(conditions: [RuleCondition(component: .systolic, comparison: .atLeast, limit: 180)])),
      .count(CountRule(sign: .any(high), share: CountRule.Share(times: 1, of: 3))),
      .average(AverageRule(conditions: high, minimum: 1)),
      .change(ChangeRule(component: .systolic, direction: .rise, by: 1, minimum: 1)),
      .missing(MissingRule(component: .systolic, after: .seconds(86_400), escalateAfter: .seconds(2 * 86_400))),
      .device(ConditionRule(.batteryLow, comparison: .atMost, limit: 20, clearLimit: 30)),
      .gateway(ConditionRule(.destinationDown, after: .seconds(60), escalateAfter: .seconds(3_600))),
    ]
    return [crisis]
      + kinds.enumerated().map { index, kind in
        AlertRule(
          id: RuleID(rawValue: "kind-\(index)"), kind: kind, severity: [.urgent, .warning, .notice][index % 3],
          source: "test", hiddenBy: index == 0 ? [crisis.id] : [])
      }
  }
}

/// What SQLite was asked to run, each text once.
private final class Statements: Sendable {
  private let seen = Mutex<Set<String>>([])

  var texts: Set<String> { seen.withLock { $0 } }

  func trace(_ db: Database) {
    db.trace { event in
      guard case .statement(let statement) = event else { return }
      let text = statement.sql
      // A trigger's own statements are told as comments.
      guard !text.hasPrefix("--") else { return }
      self.seen.withLock { _ = $0.insert(text) }
    }
  }

  func endTrace(_ db: Database) { db.trace(options: []) }

  func expect(writesTo tables: [String]) {
    for table in tables {
      #expect(texts.contains { $0.hasPrefix("INSERT INTO \(table)") }, "nothing went into \(table)")
    }
  }

  func expectNoScan(_ store: Store) async throws {
    let scans = try await scans(store)
    #expect(scans.isEmpty, "\(scans.joined(separator: "\n\n"))")
  }

  /// The statements that read a growing table whole, or sort what they find in one, each with SQLite's plan.
  func scans(_ store: Store) async throws -> [String] {
    let texts = texts.sorted()
    return try await store.pool.writeWithoutTransaction { db in
      try texts.compactMap { text in
        guard ["SELECT", "INSERT", "UPDATE", "DELETE"].contains(where: text.hasPrefix) else { return nil }
        let plan = try Self.plan(text, db)
        let names = Self.names(text)
        let isBad = plan.contains { line in
          let words = line.split(separator: " ").map(String.init)
          guard words.count > 1 else { return false }
          if line.contains("TEMP B-TREE FOR ORDER BY") { return QueryPlanTests.growing.contains(where: text.contains) }
          // An index that SQLite makes for one statement is made by reading the table whole.
          return (words[0] == "SCAN" || line.contains("AUTOMATIC"))
            && QueryPlanTests.growing.contains(names[words[1]] ?? words[1])
        }
        return isBad ? "\(text)\n\(plan)" : nil
      }
    }
  }

  private static func plan(_ text: String, _ db: Database) throws -> [String] {
    let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + text)
    // Values say nothing to the planner as long as nobody has run ANALYZE.
    let count = text.count { $0 == "?" }
    let named = text.matches(of: /:([a-z]+)/).map { String($0.1) }
    let arguments: StatementArguments =
      count > 0
      ? StatementArguments(Array(repeating: DatabaseValue.null, count: count))
      : StatementArguments(Dictionary(named.map { ($0, DatabaseValue.null) }, uniquingKeysWith: { first, _ in first }))
    return try Row.fetchAll(statement, arguments: arguments).map { $0["detail"] as String }
  }

  /// A plan names a table as the statement does: `outbox AS told` is told.
  private static func names(_ text: String) -> [String: String] {
    Dictionary(
      text.matches(of: /([a-z_]+) AS ([a-z_]+)/).map { (String($0.2), String($0.1)) },
      uniquingKeysWith: { first, _ in first })
  }
}
