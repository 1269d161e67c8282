import AlertRules
package import Foundation
import HealthRecords
import Observations
import Store

/// The ways by which whoever is told of an alert can answer from outside, as messages offer them.
package struct AnswerWays: Sendable {
  let key: AnswerKey
  /// How long a message can be answered, in seconds from the attempt to bring it.
  let lasting: TimeInterval
  /// The address of the topic that answers are written to; nil: none are fetched.
  let replyURL: String?
  /// Where the page can be reached from outside, without a slash at its end; nil: there is none.
  let pageAddress: String?

  /// Ten years, in seconds.
  private static let untilItIsOver: TimeInterval = 10 * 366 * 86_400

  package init(key: AnswerKey, lasting: TimeInterval, replyURL: String? = nil, pageAddress: String? = nil) {
    self.key = key
    self.lasting = lasting
    self.replyURL = replyURL
    self.pageAddress = pageAddress
  }

  /// Whether messages would offer the same.
  func offersSame(as other: AnswerWays) -> Bool {
    (lasting, replyURL, pageAddress) == (other.lasting, other.replyURL, other.pageAddress)
  }

  /// What a message offers to `contact`; nil: it is nothing to be answered.
  ///
  /// - Parameter now: of the attempt. A message that waited for two days must not arrive with a button that is over.
  func offer(_ delivery: Delivery, to contact: ContactID, at now: Date) -> AnswerOffer? {
    guard case .alert(let alert, _) = delivery.content, alert.isAnswerable else { return nil }
    // The newest that it tells.
    let told = delivery.together.map(\.transition.decidedAt).max() ?? alert.decidedAt
    // By a clock that is about to be set nothing can be said to end; the alert's own end still ends it.
    let lasting = alert.timeIsUncertain == true ? Self.untilItIsOver : lasting
    let until = Date(timeIntervalSince1970: (max(told, now).timeIntervalSince1970 + lasting).rounded(.up))
    let row = delivery.rows.map(\.rawValue).max().flatMap { $0 > 0 ? $0 : nil }
    func token(_ way: AcknowledgementWay) -> String? {
      key.token(
        way, message: "\(delivery.destination)|\(delivery.idempotencyKey)", episode: alert.episode, contact: contact,
        told: told, row: row, until: until)
    }
    let reply = replyURL == nil ? nil : token(.reply)
    let page = pageAddress.flatMap { address in token(.link).map { "\(address)/answer/\($0)" } }
    guard reply != nil || page != nil else { return nil }
    return AnswerOffer(token: reply, replyURL: reply == nil ? nil : replyURL, pageURL: page, until: until)
  }
}

/// How one message can be answered by the one contact it goes to.
struct AnswerOffer: Hashable, Sendable {
  /// What to POST to ``replyURL``, as it is.
  var token: String?
  var replyURL: String?
  /// A page to be opened, with a button to be pressed.
  var pageURL: String?
  var until: Date
}

extension AlertTransition {
  /// Whether somebody can say that they know: it says that something fires.
  var isAnswerable: Bool {
    guard to == .firing else { return false }
    return switch stage {
    case .acknowledged, .summary, .unanswered: false
    default: true
    }
  }
}
