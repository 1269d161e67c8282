package import AlertRules
package import Foundation
import GRDB
package import Observations

extension Store {
  /// Keeps one reading, in one transaction: insert if new, rules, alert states and events, and one outbox row for each
  /// destination that takes it and that its person has consented to. When this returns, all of it is on disk; when it
  /// throws, none of it is, and nothing may be confirmed to the device: see ``evaluateUnstored(_:policy:now:)``.
  ///
  /// - `patient`: when nil, by what was said of the device, see ``assign(_:slot:to:)`` and ``share(_:)``: the default
  ///   person of a device without user numbers, else the number's person. The first number that a device ever gives is
  ///   taken for its default person's, in the same transaction. A reading of nobody known is kept *unassigned* and leaves
  ///   for no destination; an urgent alert about it leaves without a name.
  /// - *A reading with a time stamp or sequence number* is the same as an earlier one when the ``ReadingIdentity`` is.
  /// - *A reading without one* (no device time, and an identity without one) that equals an earlier one byte by byte:
  ///   if the latest such is not known to be confirmed, it is that one, sent again; if its confirmation was sent
  ///   (``confirmationSent(_:at:)``) and nothing was heard since, both are kept and the new one marked
  ///   ``ObservationMark/possibleRepeat``; if the confirmation arrived (``confirmationArrived(_:)``), it is a new
  ///   reading. The identity of later ones gets a sequence number.
  /// - Another reading of this device and kind with the same device time marks the new one
  ///   ``ObservationMark/sharesDeviceTime``.
  ///
  /// - Parameters:
  ///   - live: taken just now; false: from the device's memory.
  ///   - uncertain: our own clock is not known to be right: the rules see the reading, and its record waits for
  ///     ``settleTimes(in:policy:now:_:)``.
  package func commit(
    _ observation: Observation, policy: IngestPolicy, now: Date, live: Bool, uncertain: UncertainTime? = nil
  ) async throws(StoreFailure) -> CommitOutcome {
    let outcomes = try await commit(
      [NewReading(observation, live: live, uncertain: uncertain)], policy: policy, now: now)
    guard let outcome = outcomes.first else { throw .other(code: -1, message: "a commit of one reading gave nothing") }
    return outcome
  }

  /// Keeps several readings, one after the other, in *one* transaction, as a device's memory gives them: the disk is waited
  /// for once. All of them are on disk when this returns, and none of them when it throws. For each the same holds as for
  /// ``commit(_:policy:now:live:uncertain:)``.
  ///
  /// - Returns: what became of each, in their order.
  package func commit(
    _ readings: [NewReading], policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> [CommitOutcome] {
    let (salt, decoded) = (salt, decoded)
    return try await decide(policy, now) { db, draft in
      let (intake, outbox) = (Intake(db), ObservationOutbox(db))
      return try readings.map { reading in
        try Self.keep(
          reading, db, intake, outbox, &draft, policy: policy, now: now, salt: salt, decoded: decoded)
      }
    }
  }

  /// One reading of a transaction: insert if new, rules, outbox rows.
  private static func keep(
    _ reading: NewReading, _ db: Database, _ intake: Intake, _ outbox: ObservationOutbox, _ draft: inout AlertDraft,
    policy: IngestPolicy, now: Date, salt: String, decoded: DecodedReadings
  ) throws -> CommitOutcome {
    switch try intake.insert(reading.observation) {
    case .duplicate(let id):
      return .duplicate(of: id)
    case .new(let kept, let bound):
      draft.bind(bound)
      if let uncertain = reading.uncertain { try UncertainTimes(db).add(kept, uncertain) }
      var sample = RuleSample(kept, live: reading.live)
      // By a clock that is wrong a device's right stamp lies anywhere; what is live is of the minute of its arrival.
      if reading.uncertain != nil, reading.live { sample.effective = sample.receivedAt }
      let step = try StoredHistory.with(db, decoded: decoded) { [sample] history in
        RuleEngine.evaluate(
          rules: policy.rules, states: draft.states, sample: sample, now: now, salt: salt,
          timeZone: policy.timeZone, history: history)
      }.told(by: policy)
      let before = draft.told.count
      draft.apply(step)
      draft.reopen(by: sample, policy, now: now)
      draft.changed(.observation(kept.id))
      if try outbox.add(kept, policy: policy, now: now, waitsForClock: reading.uncertain != nil) {
        draft.changed(.outbox)
      }
      return .stored(kept, Array(draft.told[before...]))
    }
  }

  /// Shows one sample of a live stream to the rules. Nothing is written unless somebody is to be told; when that cannot
  /// be committed, the changes are given all the same, marked ``AlertTransition/notStored``, and written later.
  ///
  /// A sample without a patient gets the device's default person; of a shared device, nobody.
  ///
  /// - Throws: only ``StoreFailure/cancelled``.
  package func evaluateLive(
    _ sample: RuleSample, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> [AlertTransition] {
    let salt = salt
    let (sample, isQuiet) = memory.withContents { contents in
      var sample = sample
      sample.patient = sample.patient ?? contents.household.owner(of: sample.device, number: sample.userNumber)
      let step = RuleEngine.evaluate(rules: policy.rules, states: contents.states, sample: sample, now: now, salt: salt)
      guard step.transitions.isEmpty else { return (sample, false) }
      contents.apply(step)
      return (sample, true)
    }
    guard !isQuiet else { return [] }
    return try await tell(policy, now) { states in
      RuleEngine.evaluate(rules: policy.rules, states: states, sample: sample, now: now, salt: salt).told(by: policy)
    }
  }

  /// Lets time pass for the rules and for the ladders, and writes what was told while the store could not commit. To be
  /// called at ``nextTick(policy:now:)``, which any commit may bring nearer.
  ///
  /// - Parameter facts: what is known of the gateway and its devices; nil: nobody looked since.
  /// - Throws: only ``StoreFailure/cancelled``.
  package func tick(
    policy: IngestPolicy, now: Date, facts: GatewayFacts? = nil
  ) async throws(StoreFailure) -> [AlertTransition] {
    let salt = salt
    let isQuiet = memory.withContents { contents in
      contents.untold.isEmpty && contents.unwritten.isEmpty
        && contents.nextStep.map { $0 > now } != false
        && RuleEngine.tick(rules: policy.rules, states: contents.states, now: now, salt: salt, facts: facts)
          == RuleStep()
    }
    guard !isQuiet else { return [] }
    do {
      return try await decide(policy, now) { _, draft in
        let before = draft.told.count
        let known = Set(policy.rules.map(\.id))
        draft.close(now: now) { !known.contains($0) }
        draft.apply(
          RuleEngine.tick(rules: policy.rules, states: draft.states, now: now, salt: salt, facts: facts).told(
            by: policy))
        draft.climb(policy, now: now)
        return Array(draft.told[before...])
      }
    } catch .cancelled {
      throw .cancelled
    } catch {
      return memory.withContents { contents in
        var step = RuleEngine.tick(rules: policy.rules, states: contents.states, now: now, salt: salt, facts: facts)
          .told(by: policy)
        step.transitions += contents.climb(policy, now: now)
        return contents.applyUnstored(step)
      }
    }
  }

  /// When ``tick(policy:now:facts:)`` has something to do next; a few seconds from now while something told is unwritten;
  /// nil: nothing waits.
  package func nextTick(policy: IngestPolicy, now: Date = Date()) -> Date? {
    memory.withContents { contents in
      let next = RuleEngine.nextTick(rules: policy.rules, states: contents.states)
      let again = contents.untold.isEmpty ? nil : now.addingTimeInterval(5)
      return [next, again, contents.nextStep].compactMap { $0 }.min()
    }
  }

  /// What the rules say of a reading that ``commit(_:policy:now:live:)`` could not keep: told from memory, marked
  /// ``AlertTransition/notStored``, once, however often the device sends it again. The next commit that works writes
  /// these changes too, under the same idempotency key.
  package func evaluateUnstored(_ observation: Observation, policy: IngestPolicy, now: Date) -> [AlertTransition] {
    let told: [AlertTransition] = memory.withContents { contents in
      var sample = RuleSample(observation, live: true)
      sample.userNumber = Ownership.number(observation.userSlot)
      sample.patient = sample.patient ?? contents.household.owner(of: sample.device, number: sample.userNumber)
      sample.observation = nil
      // A batch in memory would count it again when the device sends it again, and it can wait until then.
      guard !RuleEngine.canWait(sample, now: now) else { return [] }
      return contents.applyUnstored(
        RuleEngine.evaluate(rules: policy.rules, states: contents.states, sample: sample, now: now, salt: salt)
          .told(by: policy))
    }
    // There is no row to find, but who follows alerts looks at what fires, too.
    if !told.isEmpty { changed([.alert]) }
    return told
  }

  /// What brings changes that were told from memory to the destinations that may have them, by the consents as last
  /// read: to be handed to the forwarders directly. Their ``Delivery/id`` is negative: there is no row to record an
  /// outcome in; the row that a later commit writes has the same idempotency key.
  package func unstoredDeliveries(of transitions: [AlertTransition], policy: IngestPolicy, now: Date) -> [Delivery] {
    memory.withContents { contents in
      var deliveries: [Delivery] = []
      for transition in transitions where transition.notStored {
        let patient = transition.patient.flatMap { contents.household.patients[$0] }
        guard transition.patient == nil ? Outbox.leavesUnnamed(transition) : patient != nil else { continue }
        for destination in policy.destinations
        where destination.takes(transition) {
          guard Self.isTold(destination.id, of: transition, contents, policy) else { continue }
          guard contents.household.mayTell(destination.id, of: transition.patient) else { continue }
          deliveries.append(
            Delivery(
              id: DeliveryID(rawValue: -1 - Int64(deliveries.count)), destination: destination.id,
              idempotencyKey: transition.idempotencyKey, content: .alert(transition, patient), attempts: 0,
              createdAt: now))
        }
      }
      return deliveries
    }
  }

  /// A ladder needs a store that remembers who was told: without one, everybody is told at once. Only what is silenced
  /// stays at home, and a step that was due goes to those whose step it is.
  private static func isTold(
    _ destination: DestinationID, of transition: AlertTransition, _ contents: StoreMemory.Contents,
    _ policy: IngestPolicy
  ) -> Bool {
    if contents.silences.contains(where: { $0.covers(transition, at: transition.decidedAt) }) { return false }
    switch transition.stage {
    case .escalated:
      guard let step = contents.episodes[transition.episode]?.ladder?.step,
        policy.escalation.steps.indices.contains(step)
      else { return false }
      return Audience(contacts: policy.escalation.steps[step].contacts).due(destination, policy.escalation) != nil
    case .unanswered: return false
    default: return true
    }
  }

  /// Whether what was told from memory may still leave: the consent may have been withdrawn since.
  package func mayTell(_ delivery: Delivery) -> Bool {
    guard case .alert(_, let patient) = delivery.content else { return false }
    return memory.withContents { $0.household.mayTell(delivery.destination, of: patient?.id) }
  }

  /// The confirmation of this reading was given to the kernel; whether it arrived nobody knows yet. Of a reading with a time
  /// stamp or sequence number nothing is written: its identity alone says whether it comes again.
  package func confirmationSent(_ id: ObservationID, at now: Date) async throws(StoreFailure) {
    try await write { db in
      try db.cachedStatement(
        sql: """
          UPDATE observations SET confirmation = 'sent', confirmation_sent_at = ?
          WHERE id = ? AND confirmation = 'none' AND untimed_identity IS NOT NULL
          """
      ).execute(arguments: [now.timeIntervalSince1970, id.rawValue])
    }
  }

  /// The device was heard of after the confirmation in a way that shows it arrived (its next indication, an ended
  /// transaction). Nothing is written of a reading with a time stamp, as of ``confirmationSent(_:at:)``.
  package func confirmationArrived(_ id: ObservationID) async throws(StoreFailure) {
    try await write { db in
      try ErasedReadings(db).arrived(id)
      try db.cachedStatement(
        sql: """
          UPDATE observations SET confirmation = 'arrived'
          WHERE id = ? AND confirmation != 'arrived' AND untimed_identity IS NOT NULL
          """
      ).execute(arguments: [id.rawValue])
    }
  }

  /// Changes to tell: committed, or, when that fails, remembered.
  private func tell(
    _ policy: IngestPolicy, _ now: Date, _ evaluate: @escaping @Sendable ([AlertKey: AlertState]) -> RuleStep
  ) async throws(StoreFailure) -> [AlertTransition] {
    do {
      return try await decide(policy, now) { _, draft in
        let step = evaluate(draft.states)
        draft.apply(step)
        return step.transitions
      }
    } catch .cancelled {
      throw .cancelled
    } catch {
      return memory.withContents { contents in contents.applyUnstored(evaluate(contents.states)) }
    }
  }

  /// One transaction that may move alerts. Memory follows on the writer's thread, before the next transaction begins.
  func decide<Value: Sendable>(
    _ policy: IngestPolicy, _ now: Date, _ body: @escaping @Sendable (Database, inout AlertDraft) throws -> Value
  ) async throws(StoreFailure) -> Value {
    let (memory, listeners, commits) = (memory, listeners, commits)
    do {
      return try await pool.writeWithoutTransaction { db in
        var draft = memory.withContents { AlertDraft($0) }
        let value = try db.transaction {
          let value = try body(db, &draft)
          try draft.write(db, policy: policy, now: now)
          return value
        }
        memory.withContents { draft.adopt(into: &$0) }
        listeners.tell(draft.changes)
        // Last: what does not count yet is in the file all the same, and an alert among it leaves from there.
        try commits.confirm()
        return value
      }
    } catch { throw await failure(error) }
  }
}

extension Database {
  /// One immediate transaction; rolled back when the body or the commit throws.
  func transaction<Value>(_ body: () throws -> Value) throws -> Value {
    var result: Value?
    try inTransaction(.immediate) {
      result = try body()
      return .commit
    }
    guard let result else { throw StoreFailure.other(code: -1, message: "a transaction gave nothing") }
    return result
  }
}
