import AlertRules
package import Foundation
import GRDB
package import Observations

extension Store {
  /// Our own clock is right now: gives every reading that arrived while it was not its times, and lets their records go, in
  /// one transaction. What the rules remember of such a reading moves with it; what they told stays told.
  ///
  /// - Parameters:
  ///   - now: by the clock that is right.
  ///   - correct: the reading with its times worked out; it changes nothing else.
  /// - Returns: the readings as they are now.
  package func settleTimes(
    policy: IngestPolicy, now: Date, _ correct: @escaping @Sendable (Observation, UncertainTime) -> Observation
  ) async throws(StoreFailure) -> [Observation] {
    try await decide(policy, now) { db, draft in
      let times = UncertainTimes(db)
      var settled: [Observation] = []
      for (reading, time) in try times.open() {
        let corrected = correct(reading, time)
        let settles = corrected.provenance.receivedAt.addingTimeInterval(policy.settling)
        try times.settle(corrected, due: settles > now ? settles : nil, at: now)
        draft.apply(RuleStep(states: Self.moved(draft.states, reading, corrected, uptime: time.uptime)))
        draft.changed(.observation(corrected.id))
        settled.append(corrected)
      }
      guard !settled.isEmpty else { return [] }
      // By a clock that ran ahead these would wait for as long.
      try db.execute(
        sql: "UPDATE outbox SET due_at = 0 WHERE state = 'waiting' AND alert IS NOT NULL AND due_at > ?",
        arguments: [now.timeIntervalSince1970])
      draft.changed(.outbox)
      return settled
    }
  }

  /// How many readings wait for our own clock.
  package func waitingForClock() async throws(StoreFailure) -> WaitingForClock {
    try await read { db in
      WaitingForClock(
        readings: try Int.fetchOne(db, sql: UncertainTimes.SQL.count) ?? 0,
        deliveries: try Int.fetchOne(db, sql: UncertainTimes.SQL.deliveries) ?? 0)
    }
  }

  /// The states whose newest reading this is. Their dates of the same boot move as far as its arrival does; a date from
  /// before the boot was by another clock.
  private static func moved(
    _ states: [AlertKey: AlertState], _ before: Observation, _ after: Observation, uptime: TimeInterval
  ) -> [AlertState] {
    let shift = after.provenance.receivedAt.timeIntervalSince(before.provenance.receivedAt)
    let boot = before.provenance.receivedAt.addingTimeInterval(-uptime)
    func moved(_ date: Date?) -> Date? { date.map { $0 >= boot ? $0.addingTimeInterval(shift) : $0 } }
    return states.values.filter { $0.lastObservation == before.id }.map { state in
      var state = state
      state.lastInstant = RuleSample(after, live: true).instant
      state.since = moved(state.since)
      state.firedAt = moved(state.firedAt)
      state.deadline = moved(state.deadline)
      return state
    }
  }
}
