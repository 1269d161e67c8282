package import AlertRules
package import Foundation
import GRDB
package import Observations

/// What became of somebody's word that they know.
package struct AcknowledgementOutcome: Hashable, Sendable {
  /// The episodes that it was said of, as they stand now.
  package var episodes: [AlertEpisode]
  /// The changes that tell of it.
  package var transitions: [AlertTransition]
}

/// How an alert came to be known, oldest first: what was said, and to whom it went.
package struct AlertHistoryEntry: Hashable, Sendable {
  /// One telling: to which destination, and when it was there.
  package struct Telling: Hashable, Sendable {
    package var destination: DestinationID
    package var state: DeliveryState
    package var attempts: Int
    package var finishedAt: Date?
    /// Not before; nil: at once.
    package var waitsUntil: Date?
    /// As of ``DeliveryRecord/messageKey``.
    package var messageKey: String
  }

  package var event: AlertEvent
  package var tellings: [Telling]
}

extension Store {
  /// Somebody knows of an alert. It is said of the episode and of every other one that fires for the same person and is no
  /// graver: who knows of 190/120 knows of its lower number, too. See ``EpisodeBook/answerable(_:patient:_:)``.
  ///
  /// - Parameters:
  ///   - episode: its name; nil: all that fire for `patient`, and, when that is nil too, for anybody.
  ///   - contact: nil: somebody at the box who did not say who they are.
  /// - Returns: nil when nothing of that name fires.
  package func acknowledge(
    episode: EpisodeID?, patient: PatientID?, by contact: Contact?, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> AcknowledgementOutcome? {
    try await decide(policy, now) { _, draft in
      let chosen = draft.book.answerable(episode, patient: patient, draft.states)
      guard !chosen.isEmpty else { return nil }
      let before = draft.told.count
      draft.acknowledge(chosen, by: contact, policy, now: now)
      return AcknowledgementOutcome(episodes: chosen, transitions: Array(draft.told[before...]))
    }
  }

  /// The alerts that fire and how far their telling is, by memory; the oldest first.
  package func episodes() -> [AlertEpisode] {
    memory.withContents { EpisodeBook($0.episodes).open($0.states) }
  }

  /// Which destinations have taken something of these alerts; a withdrawal is nothing of it.
  package func delivered(of episodes: [EpisodeID]) async throws(StoreFailure) -> [EpisodeID: Set<DestinationID>] {
    guard !episodes.isEmpty else { return [:] }
    return try await read { db in
      var found: [EpisodeID: Set<DestinationID>] = [:]
      for episode in episodes {
        found[episode] = try Set(
          String.fetchAll(
            db.cachedStatement(
              sql: """
                SELECT DISTINCT outbox.destination FROM alert_events JOIN outbox ON outbox.alert = alert_events.seq
                WHERE alert_events.episode = ? AND outbox.state = 'delivered' AND outbox.withdraws IS NULL
                """),
            arguments: [episode.rawValue]
          ).map { DestinationID(rawValue: $0) })
      }
      return found
    }
  }

  /// Who was told what, when, and who answered.
  ///
  /// - Parameter limit: at most so many changes, the newest; nil: all.
  package func alertHistory(
    episode: EpisodeID? = nil, since: Date? = nil, patient: PatientID? = nil, within: Set<PatientID>? = nil,
    limit: Int? = nil
  ) async throws(StoreFailure) -> [AlertHistoryEntry] {
    let events = try await alertEvents(
      since: since, patient: patient, within: within, episode: episode, limit: limit)
    return try await read { db in
      try events.map { event in
        let rows = try Row.fetchAll(
          db.cachedStatement(
            sql: """
              SELECT destination, state, attempts, finished_at, due_at, told_with, idempotency_key FROM outbox
              WHERE alert = ? AND withdraws IS NULL ORDER BY id
              """),
          arguments: [event.id])
        return AlertHistoryEntry(
          event: event,
          tellings: try rows.map { row in
            let state = DeliveryState(rawValue: row["state"]) ?? .waiting
            let due: Double = row["due_at"]
            return AlertHistoryEntry.Telling(
              destination: DestinationID(rawValue: row["destination"]), state: state, attempts: row["attempts"],
              finishedAt: (row["finished_at"] as Double?).map { Date(timeIntervalSince1970: $0) },
              waitsUntil: state == .waiting && due > 0 ? Date(timeIntervalSince1970: due) : nil,
              messageKey: try Outbox(db).messageKey(row))
          })
      }
    }
  }

  /// The clock was set by `difference` seconds: what is waited for is as far away as before. Kept in memory, and written
  /// with the next change of each episode. In the writer's turn: a change that is being decided by the time before it would
  /// put back what it took.
  ///
  /// - Throws: only when the store was closed, or the task cancelled.
  package func shiftWaits(by difference: TimeInterval, now: Date) async throws(StoreFailure) {
    let memory = memory
    do {
      try await pool.writeWithoutTransaction { _ in
        memory.withContents { contents in
          for id in contents.episodes.keys { contents.episodes[id]?.shift(by: difference) }
          for key in contents.states.keys { contents.states[key]?.shiftWaits(by: difference, now: now) }
        }
      }
    } catch { throw await failure(error) }
  }
}
