package import AlertRules
package import Foundation
import GRDB
import Observations

/// Somebody's word from outside that they know of an alert. That it is theirs has been looked at before.
package struct OutsideAnswer: Hashable, Sendable {
  /// The same for one answer, another for every other: what it is known by once it has been taken. Not the answer itself.
  package var name: String
  package var episode: EpisodeID
  package var contact: ContactID
  package var way: AcknowledgementWay
  /// When the change was decided that the answered message told of.
  package var told: Date
  /// The number of the answered message in the outbox, or of one of its rows; nil: it was told from memory.
  package var row: Int64?

  package init(
    name: String, episode: EpisodeID, contact: ContactID, way: AcknowledgementWay, told: Date, row: Int64?
  ) {
    self.name = name
    self.episode = episode
    self.contact = contact
    self.way = way
    self.told = told
    self.row = row
  }
}

/// Why an answer from outside that is somebody's counts for nothing.
package enum OutsideAnswerRefusal: String, Error, Hashable, Sendable, CaseIterable {
  /// It was taken before.
  case used
  /// Its alert does not fire, or not any more.
  case ended
  /// The alert was answered after this was told, and is worse now.
  case outdated
  /// The configuration knows nobody of that name.
  case unknownContact
}

extension Store {
  /// Takes an answer from outside as ``acknowledge(episode:patient:by:policy:now:)`` takes one at the box, in one
  /// transaction with the note that it has been used.
  ///
  /// - Returns: what became of it, and of whom it was; or why it counts for nothing, and then nothing was written.
  package func answer(
    _ answer: OutsideAnswer, policy: IngestPolicy, now: Date
  ) async throws(StoreFailure) -> Result<(AcknowledgementOutcome, Contact), OutsideAnswerRefusal> {
    guard let contact = policy.escalation.contact(answer.contact) else { return .failure(.unknownContact) }
    return try await decide(policy, now) { db, draft in
      if let refusal = try Self.refusal(of: answer, db, draft.book, draft.states) { return .failure(refusal) }
      try db.cachedStatement(
        sql: "INSERT INTO outside_answers (answer, episode, contact, way, at) VALUES (?, ?, ?, ?, ?)"
      ).execute(arguments: [
        answer.name, answer.episode.rawValue, answer.contact.rawValue, answer.way.rawValue, now.timeIntervalSince1970,
      ])
      // Whoever pressed saw what the message told, and nothing that began since.
      let told = try AnsweredMessage(answer, db)
      let chosen = try draft.book.answerable(answer.episode, patient: nil, draft.states).filter {
        try $0.id == answer.episode || told.tells($0, db)
      }
      let before = draft.told.count
      draft.acknowledge(chosen, by: contact, way: answer.way, policy, now: now)
      return .success((AcknowledgementOutcome(episodes: chosen, transitions: Array(draft.told[before...])), contact))
    }
  }

  /// What ``answer(_:policy:now:)`` would say now, without doing anything.
  ///
  /// - Returns: the alert and whose answer it is.
  package func answerable(
    _ answer: OutsideAnswer, policy: IngestPolicy
  ) async throws(StoreFailure) -> Result<(AlertEpisode, Contact), OutsideAnswerRefusal> {
    guard let contact = policy.escalation.contact(answer.contact) else { return .failure(.unknownContact) }
    let (book, states) = memory.withContents { (EpisodeBook($0.episodes), $0.states) }
    let refusal = try await read { db in try Self.refusal(of: answer, db, book, states) }
    if let refusal { return .failure(refusal) }
    guard let episode = book.open(states).first(where: { $0.id == answer.episode }) else { return .failure(.ended) }
    return .success((episode, contact))
  }

  private static func refusal(
    of answer: OutsideAnswer, _ db: Database, _ book: EpisodeBook, _ states: [AlertKey: AlertState]
  ) throws -> OutsideAnswerRefusal? {
    let isUsed = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM outside_answers WHERE answer = ?)"),
      arguments: [answer.name])
    if isUsed == true { return .used }
    guard let episode = book.open(states).first(where: { $0.id == answer.episode }) else { return .ended }
    return try AnsweredMessage(answer, db).isOutdated(episode, db) ? .outdated : nil
  }
}

/// How far a message told. By the numbers of the history, which grow while the clock may be set back; by the time only of a
/// message that was told from memory, or whose row is gone.
private struct AnsweredMessage {
  /// The newest change that it told of.
  private let event: Int64?
  /// A millisecond is what an answer's time is told to.
  private let time: Date

  init(_ answer: OutsideAnswer, _ db: Database) throws {
    time = answer.told.addingTimeInterval(0.001)
    event = try answer.row.flatMap { row in
      try Int64.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT MAX(alert) FROM outbox
            WHERE id = ?1 OR told_with = (SELECT told_with FROM outbox WHERE id = ?1)
            """), arguments: [row])
    }
  }

  /// Whether the episode had begun, as it stands now, when the message was made.
  func tells(_ episode: AlertEpisode, _ db: Database) throws -> Bool {
    guard let event else {
      return max(episode.firing.decidedAt, episode.reopenedAt ?? .distantPast) <= time
    }
    let (began, again) = try numbers(of: episode.id, db)
    guard let began else { return false }
    return max(began, again ?? began) <= event
  }

  /// Whether the episode was news once more after the message.
  func isOutdated(_ episode: AlertEpisode, _ db: Database) throws -> Bool {
    guard let event else { return episode.reopenedAt.map { $0 > time } ?? false }
    return try numbers(of: episode.id, db).again.map { $0 > event } ?? false
  }

  /// The numbers of the changes by which an episode began, and was news once more last.
  private func numbers(of episode: EpisodeID, _ db: Database) throws -> (began: Int64?, again: Int64?) {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT MIN(seq) AS began, MAX(CASE WHEN phase LIKE 'firing-reopened-%' THEN seq END) AS again
          FROM alert_events WHERE episode = ?
          """), arguments: [episode.rawValue])
    return (row?["began"], row?["again"])
  }
}
