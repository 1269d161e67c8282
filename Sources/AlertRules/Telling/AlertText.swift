package import Foundation

/// A language that alerts are told in.
package enum AlertLanguage: String, Hashable, Sendable, Codable, CaseIterable {
  /// Vietnamese.
  case vi
  /// English.
  case en
}

/// What the words of an alert depend on beside the alert.
package struct AlertTextContext: Hashable, Sendable {
  package var language: AlertLanguage
  /// In which times are said.
  package var timeZone: TimeZone
  /// The name of the person whose alert it is; nil: it is not to be said.
  package var person: String?
  /// What to call in an emergency, as it is dialled; nil: the text says "the doctor or the emergency service".
  package var emergencyNumber: String?
  /// Whoever reads it is the person whose alert it is, and is spoken to.
  package var isToPatient: Bool

  package init(
    language: AlertLanguage, timeZone: TimeZone, person: String? = nil, emergencyNumber: String? = nil,
    isToPatient: Bool = false
  ) {
    self.isToPatient = isToPatient
    self.language = language
    self.timeZone = timeZone
    self.person = person
    self.emergencyNumber = emergencyNumber
  }
}

/// One alert as it is told to a person: what was measured and when, the limit, how sure that is, what to do next. It informs;
/// it never names an illness.
///
/// For a lock screen and for a voice: no signs that a voice reads wrongly (187/102, ≥), times and numbers as people say
/// them. The advice is of the AHA's page "When to Call 911": rest, measure again, call when there are symptoms.
package struct AlertText: Hashable, Sendable, Codable {
  /// At most ``longestTitle`` characters.
  package var title: String
  /// Two to four sentences, at most ``longestBody`` characters.
  package var body: String

  package static let longestTitle = 60
  package static let longestBody = 720

  init(title: String, sentences: [String]) {
    self.title = title
    body = sentences.joined(separator: " ")
  }

  /// With everything that is known.
  package init(_ transition: AlertTransition, _ context: AlertTextContext) {
    let speaker = AlertSpeaker(transition, context)
    self.init(title: speaker.title, sentences: speaker.sentences)
  }

  /// Of several changes in one: how it stands now, the time of the reading first where some of them waited, then what came
  /// before.
  package init(_ digest: AlertDigest, _ context: AlertTextContext) {
    let speaker = DigestSpeaker(digest, context)
    self.init(title: speaker.title, sentences: speaker.sentences)
  }

  /// The same without a measured value.
  package static func thin(_ digest: AlertDigest, _ context: AlertTextContext) -> AlertText {
    let speaker = DigestSpeaker(digest, context)
    return AlertText(title: speaker.thinTitle, sentences: speaker.thinSentences)
  }

  /// For a way on which no measured value may go: that there is something, how urgent it is, and where to look.
  package static func thin(_ transition: AlertTransition, _ context: AlertTextContext) -> AlertText {
    let speaker = AlertSpeaker(transition, context)
    return AlertText(title: speaker.thinTitle, sentences: speaker.thinSentences)
  }

  /// What was told of `transition` is taken back: its reading was not this person's. Without values, which are somebody
  /// else's.
  package static func withdrawn(_ transition: AlertTransition, _ context: AlertTextContext) -> AlertText {
    let speaker = AlertSpeaker(transition, context)
    return AlertText(title: speaker.withdrawnTitle, sentences: speaker.withdrawnSentences)
  }
}
