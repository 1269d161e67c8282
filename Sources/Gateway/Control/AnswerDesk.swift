import AlertRules
import Forwarding
import Foundation
import LocalAPI
import LocalServer
import Logging
import Observations
import Store
import Synchronization

/// Takes answers from outside, whatever way they came: reads the token, asks the store, counts. Nothing of a token goes into
/// the log.
final class AnswerDesk: Sendable {
  private struct Counts {
    var taken = 0
    var refused: [String: Int] = [:]
  }

  private let key: AnswerKey
  private let store: Store
  private let policy: @Sendable () -> IngestPolicy
  private let logger: Logger
  private let now: @Sendable () -> Date
  private let counts = Mutex(Counts())

  init(
    key: AnswerKey, store: Store, logger: Logger, policy: @escaping @Sendable () -> IngestPolicy,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.key = key
    self.store = store
    self.policy = policy
    self.logger = logger
    self.now = now
  }

  /// Since start.
  var status: Status.Answers {
    counts.withLock { Status.Answers(taken: $0.taken, refused: $0.refused) }
  }

  /// Takes an answer. What is refused is counted.
  ///
  /// - Throws: ``Store/StoreFailure``: it was not written down, and can be tried again.
  func take(_ token: String, by way: AcknowledgementWay) async throws(StoreFailure) -> AnswerPage {
    let answer: OutsideAnswer
    switch key.read(token, way, now: now()) {
    case .success(let read): answer = read
    case .failure(let refusal): return refuse(refusal.rawValue, way, .unknown)
    }
    switch try await store.answer(answer, policy: policy(), now: now()) {
    case .success(let (outcome, contact)):
      counts.withLock { $0.taken += 1 }
      logger.notice("an alert was answered from outside", metadata: ["way": "\(way.rawValue)"])
      let named = outcome.episodes.first { $0.id == answer.episode }
      return .taken(alert(named?.firing, contact))
    case .failure(let refusal): return refuse(refusal.rawValue, way, Self.page(refusal))
    }
  }

  /// What the page of a link shows; nothing is counted, since programs open links, too.
  func look(_ token: String) async -> AnswerPage {
    guard case .success(let answer) = key.read(token, .link, now: now()) else { return .unknown }
    do throws(StoreFailure) {
      switch try await store.answerable(answer, policy: policy()) {
      case .success(let (episode, contact)): return .open(alert(episode.firing, contact))
      case .failure(let refusal): return Self.page(refusal)
      }
    } catch {
      return .unavailable
    }
  }

  var control: AnswerControl {
    AnswerControl(
      isOurs: { [self] token in
        if case .success = key.read(token, .link, now: now()) { true } else { false }
      },
      look: { [self] token in await look(token) },
      take: { [self] token in
        do throws(StoreFailure) {
          return try await take(token, by: .link)
        } catch {
          logger.error("an answer from outside could not be written down: \(error)")
          return .unavailable
        }
      })
  }

  private func refuse(_ reason: String, _ way: AcknowledgementWay, _ page: AnswerPage) -> AnswerPage {
    let count = counts.withLock { counts in
      counts.refused[reason, default: 0] += 1
      return counts.refused[reason] ?? 0
    }
    // Whoever floods the box does not fill its log: the 1st, 10th, 100th …
    if String(count).dropFirst().allSatisfy({ $0 == "0" }), String(count).first == "1" {
      logger.notice(
        "an answer from outside was refused",
        metadata: ["reason": "\(reason)", "way": "\(way.rawValue)", "count": "\(count)"])
    }
    return page
  }

  private static func page(_ refusal: OutsideAnswerRefusal) -> AnswerPage {
    switch refusal {
    case .used: .used
    case .ended, .outdated: .over
    case .unknownContact: .unknown
    }
  }

  private func alert(_ transition: AlertTransition?, _ contact: Contact) -> AnswerPageAlert {
    let context = AlertTextContext(language: contact.language, timeZone: policy().timeZone)
    return AnswerPageAlert(
      language: contact.language == .vi ? .vi : .en,
      title: transition.map { AlertText.thin($0, context).title } ?? "", stopsLadder: contact.role.stopsLadder)
  }
}
