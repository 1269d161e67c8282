package import Foundation
package import Observations

/// How somebody's word that they know came to the box from outside.
package enum AcknowledgementWay: String, Hashable, Sendable, Codable, CaseIterable {
  /// Fetched by the box from the topic that a message's button writes to.
  case reply
  /// The page of a link, and the button on it.
  case link
}

/// Somebody's word that they know of an alert.
package struct Acknowledgement: Hashable, Sendable, Codable {
  /// Nil: somebody at the box who did not say who they are; it counts as the patient.
  package var by: ContactID?
  package var role: ContactRole
  package var at: Date
  /// What was known of when they said so.
  package var value: Decimal
  /// Nil: said at the box.
  package var way: AcknowledgementWay?

  /// What stands where a name is wanted: the contact's, or `somebody`. That it counts as the patient is caution and no
  /// knowledge of who it was.
  package var name: String { by?.rawValue ?? "somebody" }

  package init(by: ContactID?, role: ContactRole, at: Date, value: Decimal, way: AcknowledgementWay? = nil) {
    self.by = by
    self.role = role
    self.at = at
    self.value = value
    self.way = way
  }
}

/// What is remembered of the telling of one alert that fires: who knows, who is next. It ends with the alert.
package struct AlertEpisode: Hashable, Sendable, Codable, Identifiable {
  /// Why nobody is told.
  package enum Hold: Hashable, Sendable, Codable {
    case silenced(SilenceID, until: Date)
    /// A graver rule fires for the same person.
    case inhibited(by: RuleID)
  }

  /// Where on the ladder it is.
  package struct Ladder: Hashable, Sendable, Codable {
    package var step: Int
    /// When the next step is due; nil: never, somebody answered or there is none.
    package var nextAt: Date?
    /// The destinations of this step that were told, and have not refused it for good.
    package var reached: Set<DestinationID>?
  }

  package var id: EpisodeID
  package var key: AlertKey
  /// The last change that said it fires.
  package var firing: AlertTransition {
    didSet { firingAt = nil }
  }
  /// The effective time of ``firing`` by the clock as it was set since; nil: it was not, and ``AlertTransition/at`` holds.
  private var firingAt: Date?
  package var hold: Hold?
  /// In the order they were told.
  package var told: [ContactID]
  package var toldOthers: Bool
  /// It began before telling was remembered: everybody was told, and is told of what becomes of it. Nil: it did not.
  package var toldEverybody: Bool?
  package var ladder: Ladder?
  /// The one that holds; nil: nobody has said that they know, or a worse reading came since.
  package var acknowledgement: Acknowledgement?
  /// All steps were climbed and nobody answered.
  package var isUnanswered: Bool
  /// How many changes were told beside those of the rule itself: it keeps their names apart.
  package var count: Int
  /// When it was news again last, by the change that told so; nil: never. What was told before is of no more use as an
  /// answer; see `AnsweredMessage`, which asks the history first.
  package var reopenedAt: Date?

  init(_ transition: AlertTransition, key: AlertKey) {
    id = transition.episode
    self.key = key
    firing = transition
    hold = nil
    told = []
    toldOthers = false
    ladder = nil
    acknowledgement = nil
    isUnanswered = false
    count = 0
    reopenedAt = nil
  }

  /// Of an alert that fires and of whose telling nothing was remembered: it began under an earlier version.
  ///
  /// - Parameter transition: the last change that said it fires.
  package static func fromBefore(_ transition: AlertTransition, key: AlertKey) -> AlertEpisode {
    var episode = AlertEpisode(transition, key: key)
    episode.toldOthers = true
    episode.toldEverybody = true
    return episode
  }

  /// A reading from before this is no news of it.
  var newsFrom: Date { firingAt ?? firing.at }

  /// Whether somebody who may end the search knows.
  package var isAcknowledged: Bool { acknowledgement?.role.stopsLadder == true }

  /// The clock was set by so many seconds: a step is as far away as before.
  package mutating func shift(by difference: TimeInterval) {
    // Not forwards: where the device's own clock was right, what comes next would be from before.
    if difference < 0 { firingAt = newsFrom.addingTimeInterval(difference) }
    ladder?.nextAt?.addTimeInterval(difference)
    acknowledgement?.at.addTimeInterval(difference)
  }
}
