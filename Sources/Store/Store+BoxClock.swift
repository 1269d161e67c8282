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
      var streams: Set<AlertKey> = []
      for (reading, time) in try times.open() {
        let corrected = correct(reading, time)
        let settles = corrected.provenance.receivedAt.addingTimeInterval(policy.settling)
        try times.settle(corrected, due: settles > now ? settles : nil, at: now)
        let move = ClockMove(reading, corrected, uptime: time.uptime)
        var states = draft.states.values.filter { $0.lastObservation == reading.id }.map(move.moved)
        // A stream's samples are kept as windows: the states that a sample moved go with a window of their device.
        for state in draft.states.values where !streams.contains(state.key) && move.holds(streamed: state) {
          streams.insert(state.key)
          states.append(move.moved(state))
        }
        draft.apply(RuleStep(states: states))
        draft.changed(.observation(corrected.id))
        settled.append(corrected)
      }
      guard !settled.isEmpty else { return [] }
      // By a clock that ran ahead these would wait for as long. What is held back, for a day at most, waits on.
      try db.execute(
        sql: """
          UPDATE outbox SET due_at = 0
          WHERE state = 'waiting' AND alert IS NOT NULL AND due_at > ?
            AND (wait IS NULL OR attempts > 0 OR due_at > ?)
          """,
        arguments: [now.timeIntervalSince1970, now.timeIntervalSince1970 + 25 * 3600])
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
}

/// How the dates of one reading moved, for what the rules remember beside it.
private struct ClockMove {
  private let before: Observation
  private let after: Observation
  private let shift: TimeInterval
  /// The boot, by the clock of before: a date from before it was by another clock.
  private let boot: Date

  init(_ before: Observation, _ after: Observation, uptime: TimeInterval) {
    self.before = before
    self.after = after
    shift = after.provenance.receivedAt.timeIntervalSince(before.provenance.receivedAt)
    boot = before.provenance.receivedAt.addingTimeInterval(-uptime)
  }

  /// Whether the newest sample of this state was of the stream that the reading sums up a part of.
  func holds(streamed state: AlertState) -> Bool {
    state.lastObservation == nil && state.lastDevice == before.device
      && abs(state.lastInstant.timeIntervalSince(before.provenance.receivedAt)) <= 3600 && state.lastInstant >= boot
  }

  func moved(_ state: AlertState) -> AlertState {
    var state = state
    state.lastInstant =
      state.lastObservation == before.id ? RuleSample(after, live: true).instant : moved(state.lastInstant)
    state.since = state.since.map(moved)
    state.firedAt = state.firedAt.map(moved)
    state.deadline = state.deadline.map(moved)
    return state
  }

  private func moved(_ date: Date) -> Date { date >= boot ? date.addingTimeInterval(shift) : date }
}
