import AlertRules
import Foundation
import GRDB
import Observations

/// The table of what is to leave the house.
///
/// Rows are made in the transaction that makes what they tell of. A consent granted later makes no rows for what came
/// before: a person who agrees today has not agreed to their past being sent.
struct Outbox {
  enum SQL {
    static let insertObservation = """
      INSERT INTO outbox (destination, patient, observation, idempotency_key, created_at, due_at, names_patient)
      VALUES (?, ?, ?, ?, ?, ?, FALSE) ON CONFLICT (destination, idempotency_key) DO NOTHING
      """
    static let consents = "SELECT DISTINCT destination FROM consents WHERE patient = ? AND withdrawn_at IS NULL"
    static let consentsSince = """
      SELECT DISTINCT destination FROM consents WHERE patient = ? AND withdrawn_at IS NULL AND granted_at <= ?
      """
    static let anybody = "SELECT 1 FROM consents WHERE destination = ? AND withdrawn_at IS NULL LIMIT 1"
    static let people = "SELECT DISTINCT patient FROM consents WHERE destination = ? AND withdrawn_at IS NULL"
    static let held = """
      SELECT MIN(id) FROM outbox INDEXED BY outbox_held
      WHERE destination = ? AND patient = ? AND state = 'waiting' AND observation IS NOT NULL AND due_at > ?
        AND withdraws IS NULL
      """
    static let observations = """
      SELECT outbox.*, observations.content FROM outbox INDEXED BY outbox_observations
      JOIN observations ON observations.id = outbox.observation
      WHERE destination = ? AND outbox.patient = ? AND state = 'waiting' AND outbox.observation IS NOT NULL
        AND outbox.id < ? AND withdraws IS NULL
      ORDER BY outbox.id LIMIT ?
      """
    static let alerts = """
      SELECT outbox.*, alert_events.content FROM outbox INDEXED BY outbox_alerts
      JOIN alert_events ON alert_events.seq = outbox.alert
      WHERE destination = ? AND state = 'waiting' AND alert IS NOT NULL AND due_at <= ? AND withdraws IS NULL
        AND EXISTS (
          SELECT 1 FROM consents
          WHERE (consents.patient = outbox.patient OR outbox.patient IS NULL)
            AND consents.destination = outbox.destination AND withdrawn_at IS NULL)
      ORDER BY due_at, outbox.id LIMIT ?
      """
    static let firstObservation = """
      SELECT due_at FROM outbox INDEXED BY outbox_observations
      WHERE destination = ? AND patient = ? AND state = 'waiting' AND observation IS NOT NULL AND withdraws IS NULL
      ORDER BY id LIMIT 1
      """
    static let firstAlert = """
      SELECT due_at FROM outbox INDEXED BY outbox_alerts
      WHERE destination = ? AND state = 'waiting' AND alert IS NOT NULL AND withdraws IS NULL
        AND EXISTS (
          SELECT 1 FROM consents
          WHERE (consents.patient = outbox.patient OR outbox.patient IS NULL)
            AND consents.destination = outbox.destination AND withdrawn_at IS NULL)
      ORDER BY due_at LIMIT 1
      """
    static let one = """
      SELECT outbox.*, COALESCE(observations.content, alert_events.content) AS content FROM outbox
      LEFT JOIN observations ON observations.id = outbox.observation
      LEFT JOIN alert_events ON alert_events.seq = outbox.alert
      WHERE outbox.id = ? AND state != 'cancelled' AND (
        withdraws IS NOT NULL OR (outbox.disowned_reading IS NULL AND EXISTS (
          SELECT 1 FROM consents
          WHERE (consents.patient = outbox.patient OR outbox.patient IS NULL)
            AND consents.destination = outbox.destination AND withdrawn_at IS NULL)))
      """
    static let mayKnow = """
      SELECT destination FROM outbox
      WHERE alert IN (SELECT seq FROM alert_events WHERE episode = ?)
        AND (state = 'delivered' OR state = 'waiting' AND (attempts > 0 OR due_at <= ?))
      """
    static let waitingOf = """
      SELECT destination FROM outbox
      WHERE alert IN (SELECT seq FROM alert_events WHERE episode = ?) AND state = 'waiting'
      """
    static let callOff = """
      UPDATE outbox SET state = 'cancelled', finished_at = ?
      WHERE alert IN (SELECT seq FROM alert_events WHERE episode = ?) AND state = 'waiting'
      """
    static let undelivered = """
      SELECT 1 FROM outbox INDEXED BY outbox_alerts JOIN alert_events ON alert_events.seq = outbox.alert
      WHERE destination = ? AND state = 'waiting' AND alert IS NOT NULL AND attempts > 0 AND withdraws IS NULL
        AND json_extract(alert_events.content, '$.fact') IS NULL
      LIMIT 1
      """
    static let counts = "SELECT destination, state, COUNT(*) FROM outbox GROUP BY destination, state"
    static let oldestWaiting = """
      SELECT created_at, reason FROM outbox WHERE destination = ? AND state = 'waiting' ORDER BY id LIMIT 1
      """
    static let lastRejected = """
      SELECT reason FROM outbox WHERE destination = ? AND state = 'rejected' ORDER BY id DESC LIMIT 1
      """
    static let tried = "SELECT 1 FROM outbox WHERE observation = ? AND (state = 'delivered' OR attempts > 0) LIMIT 1"
    static let ofObservation = """
      SELECT id, patient, state FROM outbox WHERE observation = ? AND destination = ? AND withdraws IS NULL
      """
    static let cancel = """
      UPDATE outbox SET state = 'cancelled', finished_at = ?
      WHERE destination = ? AND state = 'waiting' AND patient IS ? AND withdraws IS NULL
      """
  }

  /// The `due_at` of a row that waits until the times of its reading are known. Later than every date that is asked for,
  /// `Date.distantFuture` too: trying what waits ahead of its time must not pass it.
  static let waitsForClock: TimeInterval = 1e12

  let db: Database
  init(_ db: Database) { self.db = db }

  // MARK: In

  /// Rows of a reading that somebody was given after it was kept; whether any was made. One that was cancelled since the
  /// reading was taken back from the same person waits again.
  func addClaimed(_ observation: Observation, of patient: PatientID, policy: IngestPolicy, now: Date) throws -> Bool {
    var hasAdded = false
    for taker in try takers(of: observation, patient, policy) {
      let earlier = try Row.fetchAll(
        db.cachedStatement(sql: SQL.ofObservation), arguments: [observation.id.rawValue, taker.id.rawValue])
      if let row = earlier.first(where: { ($0["patient"] as String?) == patient.rawValue }) {
        guard row["state"] == DeliveryState.cancelled.rawValue else { continue }
        try db.cachedStatement(
          sql: "UPDATE outbox SET state = 'waiting', due_at = ?, finished_at = NULL, reason = NULL WHERE id = ?"
        ).execute(arguments: [try earliest(observation.id, nil), row["id"] as Int64])
        hasAdded = true
        continue
      }
      // What the destination once had under the first key was said of somebody else.
      let key = earlier.isEmpty ? "obs-\(observation.id)" : "obs-\(observation.id)-\(patient)"
      let isNew = try insert(
        [taker], patient: patient, observation: observation.id, alert: nil, key: key, due: nil, now: now,
        namesPatient: !earlier.isEmpty)
      hasAdded = hasAdded || isNew
    }
    return hasAdded
  }

  /// Rows for those of `audience` that may be told.
  ///
  /// - Parameters:
  ///   - isFromMemory: it was told before it could be stored.
  ///   - letters: takes in the rows that are new.
  /// - Returns: the destinations that have a row of this change now.
  func add(
    _ alert: AlertTransition, event: Int64, audience: Audience, plan: EscalationPlan,
    destinations: [DestinationPolicy], isFromMemory: Bool = false, into letters: inout NewAlerts, now: Date
  ) throws -> Set<DestinationID> {
    guard !audience.isNobody else { return [] }
    let takers = destinations.filter { $0.takes(alert) }
    let willing: [DestinationPolicy]
    if let patient = alert.patient {
      willing = try consented(takers, patient)
    } else if Self.leavesUnnamed(alert) {
      willing = try takers.filter {
        try Int.fetchOne(db.cachedStatement(sql: SQL.anybody), arguments: [$0.id.rawValue]) != nil
      }
    } else {
      return []
    }
    let unaware = try callOff(alert, now: now)
    var reached: Set<DestinationID> = []
    for taker in willing where !unaware.contains(taker.id) {
      guard let due = audience.due(taker.id, plan) else { continue }
      let (until, wait) = try letters.wait(
        alert, taker.id, quiet: due, limit: isFromMemory ? nil : plan.flood(of: taker.id), now: now, db)
      _ = try insert(
        [taker], patient: alert.patient, observation: nil, alert: event, key: alert.idempotencyKey, due: until, now: now
      )
      if db.changesCount == 1 {
        letters.add(
          WaitingAlert(
            id: db.lastInsertedRowID, transition: alert, key: alert.idempotencyKey, dueAt: until, wait: wait,
            isOnTheWay: isFromMemory), to: taker.id)
      }
      reached.insert(taker.id)
    }
    return reached
  }

  /// Whether an alert of nobody known leaves the house: the severe ones do, to whoever is told of anybody of the house,
  /// for one of them may be in danger. The others can wait until somebody says whose they are. What is said of the gateway
  /// and its devices names nobody and measured nothing: whoever is told of anybody may have it.
  static func leavesUnnamed(_ alert: AlertTransition) -> Bool {
    alert.patient == nil && (alert.severity == .urgent || alert.fact != nil)
  }

  /// What waits of an alert about the gateway that is over now never leaves: a destination that comes back is told what is
  /// still so. One that may have been told, or is being told just now, is among those that hear of the end.
  ///
  /// - Returns: those that need not hear of the end.
  private func callOff(_ alert: AlertTransition, now: Date) throws -> Set<DestinationID> {
    guard alert.fact != nil, alert.to == .resolved else { return [] }
    let told = try Set(
      String.fetchAll(
        db.cachedStatement(sql: SQL.mayKnow), arguments: [alert.episode.rawValue, now.timeIntervalSince1970]))
    let waiting = try String.fetchAll(
      db.cachedStatement(sql: SQL.waitingOf), arguments: [alert.episode.rawValue])
    try db.cachedStatement(sql: SQL.callOff).execute(arguments: [
      now.timeIntervalSince1970, alert.episode.rawValue,
    ])
    return Set(waiting.filter { !told.contains($0) }.map { DestinationID(rawValue: $0) })
  }

  /// Whether an alert was tried there and not taken, and waits. What is said of the gateway itself is left out: that such an
  /// alert waits is no news, and would keep itself going.
  func isUndelivered(_ destination: DestinationID) throws -> Bool {
    try Int.fetchOne(db.cachedStatement(sql: SQL.undelivered), arguments: [destination.rawValue]) != nil
  }

  /// Those that are sent this observation of this person. A mean tells of every reading in it, so the consent has to be
  /// older than the first.
  func takers(
    of observation: Observation, _ patient: PatientID, _ policy: IngestPolicy
  ) throws -> [DestinationPolicy] {
    let takers = policy.destinations.filter { $0.takes(observation, of: patient) }
    guard !takers.isEmpty, observation.kind == .homeAverage else { return try consented(takers, patient) }
    let consents = Set(
      try String.fetchAll(
        db.cachedStatement(sql: SQL.consentsSince),
        arguments: [patient.rawValue, observation.effective.start.timeIntervalSince1970]))
    return takers.filter { consents.contains($0.id.rawValue) }
  }

  /// Those that the person has consented to.
  func consented(_ takers: [DestinationPolicy], _ patient: PatientID) throws -> [DestinationPolicy] {
    let consents = try consents(of: patient)
    return takers.filter { consents.contains($0.id.rawValue) }
  }

  func consents(of patient: PatientID) throws -> Set<String> {
    Set(try String.fetchAll(db.cachedStatement(sql: SQL.consents), arguments: [patient.rawValue]))
  }

  func insert(
    _ takers: [DestinationPolicy], patient: PatientID?, observation: ObservationID?, alert: Int64?,
    key: String, due: Date?, now: Date, namesPatient: Bool = false
  ) throws -> Bool {
    var hasAdded = false
    let due = try earliest(observation, due)
    for taker in takers {
      try db.cachedStatement(
        sql: """
          INSERT INTO outbox
            (destination, patient, observation, alert, idempotency_key, created_at, due_at, names_patient)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (destination, idempotency_key) DO NOTHING
          """
      ).execute(arguments: [
        taker.id.rawValue, patient?.rawValue, observation?.rawValue, alert, key, now.timeIntervalSince1970,
        due, namesPatient,
      ])
      hasAdded = true
    }
    return hasAdded
  }

  /// The `due_at` of a new row.
  private func earliest(_ observation: ObservationID?, _ due: Date?) throws -> TimeInterval {
    if let observation, try UncertainTimes(db).isOpen(observation) { return Self.waitsForClock }
    return due?.timeIntervalSince1970 ?? 0
  }

  // MARK: Out

  /// The deliveries, and the rows whose content cannot be read.
  func due(for destination: DestinationID, at now: Date, limit: Int) throws -> ([Delivery], [DeliveryID]) {
    guard limit > 0 else { return ([], []) }
    let instant = now.timeIntervalSince1970
    var unreadable: [DeliveryID] = []
    var people: [String: Patient] = [:]
    var devices: [String: DeviceDescription] = [:]

    func person(_ id: String) throws -> Patient {
      if let person = people[id] { return person }
      guard let person = try People(db).patient(PatientID(rawValue: id)) else { throw StoreFailure.unknownPatient }
      people[id] = person
      return person
    }
    func device(_ observation: Observation) throws -> DeviceDescription {
      if let device = devices[observation.device.rawValue] { return device }
      let device = try description(of: observation)
      devices[observation.device.rawValue] = device
      return device
    }
    // Only content that is no content is unreadable: a database that does not answer now is asked again.
    func deliveries<Value: Decodable>(
      _ rows: [Row], _ type: Value.Type, _ makeContent: (Row, Value) throws -> DeliveryContent
    ) throws -> [Delivery] {
      try rows.compactMap { row in
        let id = DeliveryID(rawValue: row["id"])
        guard let value = try? JSONText.decode(type, row["content"]) else {
          unreadable.append(id)
          return nil
        }
        let content: DeliveryContent
        do {
          content = try makeContent(row, value)
        } catch StoreFailure.unknownPatient {
          unreadable.append(id)
          return nil
        }
        return try delivery(row, content)
      }
    }

    let alertRows = try Row.fetchAll(
      db.cachedStatement(sql: SQL.alerts), arguments: [destination.rawValue, instant, limit])
    var due = try deliveries(alertRows, AlertTransition.self) { row, alert in
      .alert(alert, try (row["patient"] as String?).map(person))
    }.sorted { $0.id < $1.id }

    let withdrawalRows = try Withdrawals(db).due(for: destination, at: now, limit: limit - alertRows.count)
    due += try deliveries(withdrawalRows.filter { $0["alert"] != nil }, AlertTransition.self) { row, alert in
      .alertWithdrawn(alert, try (row["patient"] as String?).map(person))
    }
    due += try deliveries(withdrawalRows.filter { $0["alert"] == nil }, Observation.self) { row, observation in
      .observationWithdrawn(observation, try person(row["patient"]), try device(observation))
    }

    let room = limit - alertRows.count - withdrawalRows.count
    guard room > 0 else { return (due, unreadable) }
    var rows: [Row] = []
    for patient in try String.fetchAll(db.cachedStatement(sql: SQL.people), arguments: [destination.rawValue]) {
      let held =
        try Int64.fetchOne(db.cachedStatement(sql: SQL.held), arguments: [destination.rawValue, patient, instant])
        ?? Int64.max
      rows += try Row.fetchAll(
        db.cachedStatement(sql: SQL.observations), arguments: [destination.rawValue, patient, held, room])
    }
    rows.sort { ($0["id"] as Int64) < ($1["id"] as Int64) }
    due += try deliveries(Array(rows.prefix(room)), Observation.self) { row, observation in
      .observation(observation, try person(row["patient"]), try device(observation))
    }
    return (due, unreadable)
  }

  private func description(of observation: Observation) throws -> DeviceDescription {
    let record: DeviceRecord?
    do {
      record = try Devices(db).record(observation.device, orRemoved: true)
    } catch  where error is DecodingError || error is StoreFailure {
      // A device's row that says nonsense is no reason to keep its readings back.
      record = nil
    }
    return record?.description
      ?? DeviceDescription(
        id: observation.device, address: nil, name: nil, profile: observation.provenance.profile,
        information: DeviceInformation())
  }

  private func delivery(_ row: Row, _ content: DeliveryContent) throws -> Delivery {
    let due: Double = row["due_at"]
    var delivery = Delivery(
      id: DeliveryID(rawValue: row["id"]), destination: DestinationID(rawValue: row["destination"]),
      idempotencyKey: row["idempotency_key"], content: content, attempts: row["attempts"],
      createdAt: Date(timeIntervalSince1970: row["created_at"]),
      dueAt: due > 0 ? Date(timeIntervalSince1970: due) : nil, restates: row["restates"],
      namesPatient: row["names_patient"], wait: (row["wait"] as String?).flatMap(AlertWait.init),
      group: row["told_with"], isOnTheWay: row["on_the_way"])
    delivery.refusals = row["refusals"]
    delivery.firstRefusedAt = (row["first_refused_at"] as Double?).map { Date(timeIntervalSince1970: $0) }
    if case .alert = content {
      let people = try String.fetchAll(
        db.cachedStatement(sql: SQL.people), arguments: [delivery.destination.rawValue])
      delivery.isOfOnlyPerson = people == (row["patient"] as String?).map { [$0] }
    }
    switch content {
    case .observation(let observation, _, _), .observationWithdrawn(let observation, _, _):
      delivery.sources = try sources(of: observation, at: delivery.destination)
    case .alert, .alertWithdrawn: break
    }
    return delivery
  }

  /// What a mean was made of, as the destination was, or is to be, told of each.
  private func sources(of observation: Observation, at destination: DestinationID) throws -> [SourceReading] {
    try (observation.derivedFrom ?? []).compactMap { id in
      // One that was taken away since (pruned, erased, lost with a damaged file) must not keep the mean, and with it every
      // other row of the destination, from leaving.
      guard let reading = try OwnershipRecords(db).kept(id) else { return nil }
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT names_patient FROM outbox
            WHERE observation = ? AND destination = ? AND patient = ? AND withdraws IS NULL
            """), arguments: [id.rawValue, destination.rawValue, observation.patient?.rawValue])
      return SourceReading(
        observation: reading, device: try description(of: reading), namesPatient: row?["names_patient"] ?? false)
    }
  }

  /// One row, if what it says may leave now.
  func delivery(_ id: DeliveryID) throws -> Delivery? {
    guard let row = try Row.fetchOne(db.cachedStatement(sql: SQL.one), arguments: [id.rawValue]) else { return nil }
    let patient = try (row["patient"] as String?).flatMap { try People(db).patient(PatientID(rawValue: $0)) }
    let isWithdrawal = (row["withdraws"] as Int64?) != nil
    if (row["alert"] as Int64?) != nil {
      guard let alert = try? JSONText.decode(AlertTransition.self, row["content"]) else { return nil }
      // Somebody of the house who is no longer there is not nobody known.
      guard (patient == nil) == ((row["patient"] as String?) == nil) else { return nil }
      if isWithdrawal { return try delivery(row, .alertWithdrawn(alert, patient)) }
      return try together(try delivery(row, .alert(alert, patient)), patient)
    }
    guard let observation = try? JSONText.decode(Observation.self, row["content"]), let patient else { return nil }
    let device = try description(of: observation)
    return try delivery(
      row,
      isWithdrawal ? .observationWithdrawn(observation, patient, device) : .observation(observation, patient, device))
  }

  func redelivered(_ id: DeliveryID, at now: Date) throws {
    for id in try [id] + others(with: id) { try redeliveredOne(id, at: now) }
  }

  private func redeliveredOne(_ id: DeliveryID, at now: Date) throws {
    let state = try String.fetchOne(
      db.cachedStatement(sql: "SELECT state FROM outbox WHERE id = ?"), arguments: [id.rawValue])
    if state == DeliveryState.rejected.rawValue {
      try db.cachedStatement(
        sql: "UPDATE outbox SET state = 'waiting', finished_at = NULL, reason = NULL WHERE id = ?"
      ).execute(arguments: [id.rawValue])
    }
    // Taken back while it was on its way: that it left is kept as for any other.
    if state != DeliveryState.delivered.rawValue { try finish([id], as: .delivered, reason: nil, at: now) }
  }

  func lastDelivered(to destination: DestinationID) throws -> Date? {
    try Double?.fetchOne(
      db.cachedStatement(sql: "SELECT MAX(finished_at) FROM outbox WHERE destination = ? AND state = 'delivered'"),
      arguments: [destination.rawValue]
    ).flatMap { $0 }.map { Date(timeIntervalSince1970: $0) }
  }

  func nextDue(for destination: DestinationID) throws -> Date? {
    var instants: [Double] = []
    if let alert = try Double.fetchOne(
      db.cachedStatement(sql: SQL.firstAlert), arguments: [destination.rawValue])
    {
      instants.append(alert)
    }
    if let withdrawal = try Double.fetchOne(
      db.cachedStatement(sql: Withdrawals.SQL.first), arguments: [destination.rawValue])
    {
      instants.append(withdrawal)
    }
    for patient in try String.fetchAll(db.cachedStatement(sql: SQL.people), arguments: [destination.rawValue]) {
      if let first = try Double.fetchOne(
        db.cachedStatement(sql: SQL.firstObservation), arguments: [destination.rawValue, patient])
      {
        instants.append(first)
      }
    }
    return instants.min().map { Date(timeIntervalSince1970: $0) }
  }

  func finish(_ ids: [DeliveryID], as state: DeliveryState, reason: String?, at now: Date) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE outbox SET state = ?, attempts = attempts + 1, first_attempt_at = COALESCE(first_attempt_at, ?),
          finished_at = ?, reason = ?, on_the_way = 0,
          -- It was on its way while its reading was taken back.
          needs_correction = needs_correction OR (state = 'cancelled' AND disowned_reading IS NOT NULL)
        WHERE id = ? AND (state = 'waiting' OR (state = 'cancelled' AND ?))
        """)
    let calledOff = state == .delivered ? try ids.filter { try isCancelled($0) } : []
    for id in ids {
      let instant = now.timeIntervalSince1970
      try statement.execute(arguments: [
        state.rawValue, instant, instant, reason, id.rawValue, state == .delivered,
      ])
    }
    let withdrawals = Withdrawals(db)
    if state == .delivered {
      try withdrawals.restateCalledOff(calledOff)
      try withdrawals.settle(ids)
    }
    try withdrawals.addBelated(ids, now: now)
    try OwedCorrections(db).dropSettled()
  }

  private func isCancelled(_ id: DeliveryID) throws -> Bool {
    try Int.fetchOne(
      db.cachedStatement(sql: "SELECT 1 FROM outbox WHERE id = ? AND state = 'cancelled'"), arguments: [id.rawValue])
      != nil
  }

  func retry(
    _ ids: [DeliveryID], next: Date, reason: String, at now: Date, isRefusal: Bool = false, mayHaveArrived: Bool = false
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE outbox SET attempts = attempts + 1, first_attempt_at = COALESCE(first_attempt_at, ?),
          due_at = ?, reason = ?, on_the_way = ?, refusals = refusals + ?,
          first_refused_at = COALESCE(first_refused_at, ?)
        WHERE id = ? AND state = 'waiting'
        """)
    // Taken back while it was on its way; it may have arrived before it failed.
    let disowned = try db.cachedStatement(
      sql: """
        UPDATE outbox SET attempts = attempts + 1, first_attempt_at = COALESCE(first_attempt_at, ?), needs_correction = 1
        WHERE id = ? AND state = 'cancelled' AND disowned_reading IS NOT NULL
        """)
    for id in ids {
      try statement.execute(arguments: [
        now.timeIntervalSince1970, next.timeIntervalSince1970, reason, mayHaveArrived, isRefusal,
        isRefusal ? now.timeIntervalSince1970 : nil, id.rawValue,
      ])
      try disowned.execute(arguments: [now.timeIntervalSince1970, id.rawValue])
    }
    let withdrawals = Withdrawals(db)
    try withdrawals.restateCalledOff(ids.filter { try isCancelled($0) })
    try withdrawals.addBelated(ids, now: now)
  }

  /// Nothing of this person leaves for this destination any more.
  ///
  /// - Parameter patient: nil: what waits there about somebody who is not known.
  func cancel(patient: PatientID?, destination: DestinationID, at now: Date) throws {
    try db.cachedStatement(sql: SQL.cancel).execute(arguments: [
      now.timeIntervalSince1970, destination.rawValue, patient?.rawValue,
    ])
  }

  // MARK: Lists

  func list(_ filter: DeliveryFilter) throws -> [DeliveryRecord] {
    var conditions = ["id > ?"]
    var arguments: StatementArguments = [filter.after?.rawValue ?? 0]
    if let destination = filter.destination {
      conditions.append("destination = ?")
      arguments += [destination.rawValue]
    }
    if let state = filter.state {
      conditions.append("state = ?")
      arguments += [state.rawValue]
    }
    arguments += [max(0, filter.limit)]
    let order = filter.newestFirst ? "id DESC" : "id"
    let sql = "SELECT * FROM outbox WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) LIMIT ?"
    return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
      let due: Double = row["due_at"]
      let state = DeliveryState(rawValue: row["state"]) ?? .waiting
      return DeliveryRecord(
        id: DeliveryID(rawValue: row["id"]), destination: DestinationID(rawValue: row["destination"]), state: state,
        patient: (row["patient"] as String?).map { PatientID(rawValue: $0) }, idempotencyKey: row["idempotency_key"],
        observation: (row["observation"] as String?).map { ObservationID(rawValue: $0) }, attempts: row["attempts"],
        createdAt: Date(timeIntervalSince1970: row["created_at"]),
        firstAttemptAt: (row["first_attempt_at"] as Double?).map { Date(timeIntervalSince1970: $0) },
        nextAttemptAt: state == .waiting && due > 0 && due < Self.waitsForClock
          ? Date(timeIntervalSince1970: due) : nil,
        finishedAt: (row["finished_at"] as Double?).map { Date(timeIntervalSince1970: $0) }, reason: row["reason"],
        needsCorrection: row["needs_correction"],
        withdraws: (row["withdraws"] as Int64?).map { DeliveryID(rawValue: $0) }, messageKey: try messageKey(row))
    }
  }

  func counts() throws -> [DestinationID: OutboxCounts] {
    var all: [DestinationID: OutboxCounts] = [:]
    for row in try Row.fetchAll(db, sql: SQL.counts) {
      let destination = DestinationID(rawValue: row[0])
      var counts = all[destination] ?? OutboxCounts(waiting: 0, delivered: 0, rejected: 0, cancelled: 0)
      switch DeliveryState(rawValue: row[1]) {
      case .waiting: counts.waiting = row[2]
      case .delivered: counts.delivered = row[2]
      case .rejected: counts.rejected = row[2]
      case .cancelled: counts.cancelled = row[2]
      case nil: break
      }
      all[destination] = counts
    }
    for destination in all.keys {
      if let row = try Row.fetchOne(db, sql: SQL.oldestWaiting, arguments: [destination.rawValue]) {
        all[destination]?.oldestWaiting = Date(timeIntervalSince1970: row["created_at"])
        all[destination]?.lastError = row["reason"]
      } else {
        all[destination]?.lastError =
          try String?.fetchOne(
            db, sql: SQL.lastRejected, arguments: [destination.rawValue]) ?? nil
      }
    }
    return all
  }
}
