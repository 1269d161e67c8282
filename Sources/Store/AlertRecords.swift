import AlertRules
import Foundation
import GRDB
import Observations

/// The tables of alert states and alert events.
struct AlertRecords {
  let db: Database
  init(_ db: Database) { self.db = db }

  func states() throws -> [AlertKey: AlertState] {
    var states: [AlertKey: AlertState] = [:]
    for text in try String.fetchAll(db, sql: "SELECT content FROM alert_states") {
      let state = try JSONText.decode(AlertState.self, text)
      states[state.key] = state
    }
    return states
  }

  func save(_ state: AlertState) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO alert_states (rule, subject, simulated, content) VALUES (?, ?, ?, ?)
        ON CONFLICT (rule, subject, simulated) DO UPDATE SET content = excluded.content
        """
    ).execute(arguments: [
      state.key.rule.rawValue, state.key.subject.description, state.key.isSimulated, try JSONText.encode(state),
    ])
  }

  func episodes() throws -> [EpisodeID: AlertEpisode] {
    var episodes: [EpisodeID: AlertEpisode] = [:]
    for text in try String.fetchAll(db, sql: "SELECT content FROM alert_episodes") {
      let episode = try JSONText.decode(AlertEpisode.self, text)
      episodes[episode.id] = episode
    }
    return episodes
  }

  /// Those of alerts that fire by `states` and have none: they began under a version that kept none.
  func episodesFromBefore(
    _ states: [AlertKey: AlertState], known: [EpisodeID: AlertEpisode]
  ) throws -> [EpisodeID: AlertEpisode] {
    var episodes: [EpisodeID: AlertEpisode] = [:]
    for state in states.values where state.phase == .firing {
      guard let id = state.episode, known[id] == nil,
        let text = try String.fetchOne(
          db,
          sql: "SELECT content FROM alert_events WHERE episode = ? AND phase LIKE 'firing%' ORDER BY seq DESC LIMIT 1",
          arguments: [id.rawValue]),
        let firing = try? JSONText.decode(AlertTransition.self, text), firing.stage != .summary
      else { continue }
      episodes[id] = .fromBefore(firing, key: state.key)
    }
    return episodes
  }

  func save(_ episode: AlertEpisode) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO alert_episodes (episode, content) VALUES (?, ?)
        ON CONFLICT (episode) DO UPDATE SET content = excluded.content
        """
    ).execute(arguments: [episode.id.rawValue, try JSONText.encode(episode)])
  }

  func end(_ episode: EpisodeID) throws {
    try db.cachedStatement(sql: "DELETE FROM alert_episodes WHERE episode = ?").execute(arguments: [episode.rawValue])
  }

  /// The number of the event that made this change; nil when it is not there.
  func event(_ transition: AlertTransition) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT seq FROM alert_events WHERE episode = ? AND phase = ?"),
      arguments: [transition.episode.rawValue, transition.step])
  }

  /// The event's number; nil when this change of this episode is there already.
  func append(_ transition: AlertTransition) throws -> Int64? {
    try db.cachedStatement(
      sql: """
        INSERT INTO alert_events (episode, phase, patient, at, content) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (episode, phase) DO NOTHING
        """
    ).execute(arguments: [
      transition.episode.rawValue, transition.step, transition.patient?.rawValue,
      transition.at.timeIntervalSince1970, try JSONText.encode(transition),
    ])
    return db.changesCount == 1 ? db.lastInsertedRowID : nil
  }
}
