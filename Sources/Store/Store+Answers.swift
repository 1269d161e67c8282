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

  /// Up to when its message told: a millisecond is what an answer's time is told to.
  var knows: Date { told.addingTimeInterval(0.001) }

  package init(name: String, episode: EpisodeID, contact: ContactID, way: AcknowledgementWay, told: Date) {
    self.name = name
    self.episode = episode
    self.contact = contact
    self.way = way
    self.told = told
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
      let chosen = draft.book.answerable(answer.episode, patient: nil, draft.states).filter {
        $0.id == answer.episode
          || max($0.firing.decidedAt, $0.reopenedAt ?? .distantPast) <= answer.knows
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
    if let again = episode.reopenedAt, again > answer.knows { return .outdated }
    return nil
  }
}
