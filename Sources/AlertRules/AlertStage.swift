/// How far an episode has come, of a rule that tells of it in steps.
package enum AlertStage: String, Hashable, Sendable, Codable, CaseIterable {
  /// One severe reading: somebody knows, and the person is asked to rest and measure again.
  case first
  /// A second reading was severe, too.
  case confirmed
  /// A second reading was not: the end of it.
  case notConfirmed = "not-confirmed"
  /// Nobody measured again in time. That a severe reading was followed by nothing is no calm.
  case notRepeated = "not-repeated"
  /// What was told before still is so, and for longer than it may be.
  case still
  /// Readings that were old when they came, told together. Nothing is open afterwards.
  case summary
  /// Somebody has said that they know. It fires as before; the rule knows nothing of it.
  case acknowledged
  /// Nobody answered in time: the next people are told.
  case escalated
  /// Nobody answered, and there is nobody left to tell.
  case unanswered
  /// Acknowledged, and news again: a worse reading, or another one long after.
  case reopened
  /// Its rule is another or no more: the alert is closed by that, and nothing was measured that would end it.
  case ruleChanged = "rule-changed"

  /// Whether the episode is over with it.
  package var isEnd: Bool { self == .notConfirmed || self == .ruleChanged }
}
