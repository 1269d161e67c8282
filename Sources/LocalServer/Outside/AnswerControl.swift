/// What the page of a link can say.
package enum AnswerPage: Hashable, Sendable {
  /// The alert fires and can be answered by this link.
  case open(AnswerPageAlert)
  /// The answer was taken now.
  case taken(AnswerPageAlert)
  /// The link is none of this box, or its time is over.
  case unknown
  /// It was pressed before.
  case used
  /// The alert is over, or is worse than what the link's message told.
  case over
  /// The box cannot write down an answer now.
  case unavailable
}

/// What the page says of an alert: no more than a message without values does.
package struct AnswerPageAlert: Hashable, Sendable {
  package enum Language: String, Hashable, Sendable {
    case vi, en
  }
  /// Of the contact.
  package var language: Language
  /// One line: that there is an alert, and how urgent.
  package var title: String
  /// Whether the contact's word ends the search for somebody who knows.
  package var stopsLadder: Bool

  package init(language: Language, title: String, stopsLadder: Bool) {
    self.language = language
    self.title = title
    self.stopsLadder = stopsLadder
  }
}

/// What the page asks of the running gateway; the module that wires it fills this in.
package struct AnswerControl: Sendable {
  /// Whether this box signed the token and its time is not over. Quick, and asks no store.
  package var isOurs: @Sendable (_ token: String) -> Bool
  /// What opening the link shows. It changes nothing.
  package var look: @Sendable (_ token: String) async -> AnswerPage
  /// What pressing the button does.
  package var take: @Sendable (_ token: String) async -> AnswerPage

  package init(
    isOurs: @escaping @Sendable (_ token: String) -> Bool,
    look: @escaping @Sendable (_ token: String) async -> AnswerPage,
    take: @escaping @Sendable (_ token: String) async -> AnswerPage
  ) {
    self.isOurs = isOurs
    self.look = look
    self.take = take
  }
}
