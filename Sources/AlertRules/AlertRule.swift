package import Observations

/// A rule by the name its file gives it. It stands in alerts that leave the house: letters, digits and dashes, no names
/// of people.
package struct RuleID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
}

/// How much somebody should hurry; ordered, `notice` the least.
package enum AlertSeverity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
  case notice, warning, urgent

  package static func < (first: AlertSeverity, second: AlertSeverity) -> Bool { first.rank < second.rank }

  private var rank: Int {
    switch self {
    case .notice: 0
    case .warning: 1
    case .urgent: 2
    }
  }
}

/// One thing worth telling somebody: what to look for, how bad it is, and who says so.
package struct AlertRule: Hashable, Sendable, Codable, Identifiable {
  /// What the rule looks for. A kind is a file in `Rules/`, a case here and a line in ``RuleKinds``.
  package enum Kind: Hashable, Sendable, Codable {
    case threshold(ThresholdRule)
    case sustained(SustainedRule)
    case confirm(ConfirmRule)
    case count(CountRule)
    case average(AverageRule)
    case change(ChangeRule)
    case missing(MissingRule)
    case device(ConditionRule)
    case gateway(ConditionRule)
  }

  package var id: RuleID
  package var kind: Kind
  package var severity: AlertSeverity
  /// Where the limit comes from: a guideline, a doctor's order. Never empty in a rule that was read from a file.
  package var source: String
  /// The people it is for; nil: everybody, and readings that belong to nobody yet.
  package var patients: Set<PatientID>?
  /// `groups`: whom the limit was made for; nil: everybody. Readings of nobody known are an adult's.
  package var groups: Set<PatientGroup>?
  /// `set-by` and `set-on`: who set a limit for one person, and on which day.
  package var order: LimitOrder?
  /// Those of the household who are no adults.
  private var household: [PatientID: PatientGroup] = [:]
  /// `hidden-by`: while one of these rules fires for the same person, this one is logged and not told.
  package var hiddenBy: [RuleID]

  package init(
    id: RuleID, kind: Kind, severity: AlertSeverity, source: String, patients: Set<PatientID>? = nil,
    groups: Set<PatientGroup>? = nil, order: LimitOrder? = nil, hiddenBy: [RuleID] = []
  ) {
    self.id = id
    self.kind = kind
    self.severity = severity
    self.source = source
    self.patients = patients
    self.groups = groups
    self.order = order
    self.hiddenBy = hiddenBy
  }

  /// Whether the rule looks at readings of `patient` (nil: of nobody known).
  package func applies(to patient: PatientID?) -> Bool {
    guard groups?.contains(patient.flatMap { household[$0] } ?? .adult) != false else { return false }
    guard let patients else { return true }
    return patient.map { patients.contains($0) } ?? false
  }

  /// The same rule in a household in which these people are of these groups; everybody else is an adult.
  package func among(_ people: [PatientID: PatientGroup]) -> AlertRule {
    guard groups != nil else { return self }
    var rule = self
    rule.household = people
    return rule
  }
}

/// Who set a limit for one person, and on which day (`2026-11-30`).
package struct LimitOrder: Hashable, Sendable, Codable {
  package var by: String
  package var on: String

  package init(by: String, on: String) {
    self.by = by
    self.on = on
  }
}
