import AlertRules
package import Foundation
package import LocalAPI
import Observations
import YAMLDocuments

/// What rules would have said of a story: each change, and a picture of the values.
package struct RuleTimeline {
  /// One change, as it would have been told.
  package struct Change: Hashable, Sendable, Encodable {
    /// When it would have been told.
    package var told: Timestamp
    /// The time of what made it.
    package var at: Timestamp
    package var rule: String
    /// `firing`, `resolved`, with a stage where the rule has stages.
    package var change: String
    package var severity: String
    /// Nil while nobody is known to own the reading.
    package var person: String?
    /// The device or destination that it is about; nil: a person, or the gateway itself.
    package var about: String?
    /// What `value` is of: a component, `readings`, `days`, a condition.
    package var measure: String
    package var value: Decimal
    package var comparison: String
    package var limit: Decimal
    /// The contacts who would have been told.
    package var tells: [String]
    /// Of those, who would have been left alone until then.
    package var waits: [String: Timestamp]?
    /// Why nobody would have been told.
    package var held: String?

    /// What ``held`` is when an alert of a graver rule stands; its name follows.
    static let hidden = "hidden by "

    var isOfGateway: Bool { GatewayCondition.Name(rawValue: measure) != nil }
  }

  /// One message that a contact would have had.
  package struct Message: Hashable, Sendable, Encodable {
    package var at: Timestamp
    package var to: String
    /// The changes that it tells, by rule and change, in the order they were made.
    package var says: [String]
    /// What it is headed with, in English.
    package var title: String
    package var body: String
    /// How many of them were held back because too many came within an hour.
    package var heldBack: Int?
  }

  package let title: String
  /// Nil: as ``title``, which a file gave it.
  var vietnameseTitle: String?
  package let timeZone: TimeZone
  package private(set) var changes: [Change] = []
  /// In the order they would have come; none without contacts.
  package private(set) var messages: [Message] = []
  /// What each of ``messages`` is headed with for who reads Vietnamese.
  private(set) var vietnameseTitles: [String] = []
  /// What is drawn: values of one component of one person.
  private(set) var plots: [RulePlot] = []

  /// What happens in a story beside readings.
  enum Act {
    case reading(RuleSample)
    case noted(GatewayFact, at: Date)
    case acknowledged(PatientID?, by: Contact?, at: Date)
    case silenced(AlertRules.Silence)
  }

  /// Plays `acts`, in their order, until `end`.
  init(
    title: String, rules: [AlertRule], plan: EscalationPlan = EscalationPlan(), acts: [Act], until end: Date,
    timeZone: TimeZone, outages: [Mailbox.Outage] = []
  ) {
    self.title = title
    self.timeZone = timeZone
    hasContacts = !plan.contacts.isEmpty
    var trial = RuleTrial(rules: rules, plan: plan, timeZone: timeZone, outages: outages)
    var told: [RuleTrial.Told] = []
    var samples: [RuleSample] = []
    for act in acts {
      switch act {
      case .reading(let sample):
        samples.append(sample)
        told += trial.see(sample)
      case .noted(let fact, let date): told += trial.note(fact, at: date)
      case .acknowledged(let patient, let contact, let date):
        told += trial.acknowledge(patient, by: contact, at: date)
      case .silenced(let silence): told += trial.silence(silence)
      }
    }
    told += trial.pass(until: end)
    changes = told.map(Self.change)
    let words = AlertTextContext(language: .en, timeZone: timeZone)
    vietnameseTitles = trial.messages.map { sent in
      AlertText(sent.message.digest, AlertTextContext(language: .vi, timeZone: timeZone)).title
    }
    messages = trial.messages.map { sent in
      let (digest, text) = (sent.message.digest, AlertText(sent.message.digest, words))
      return Message(
        at: Timestamp(sent.at), to: sent.contact.rawValue,
        says: digest.changes.map { "\($0.rule) \($0.step)" }, title: text.title, body: text.body,
        heldBack: digest.flooded.isEmpty ? nil : digest.flooded.values.reduce(0, +))
    }
    plots = RulePlot.all(samples, told.filter { !$0.isReleased }.map(\.transition))
  }

  let hasContacts: Bool

  private static func change(_ told: RuleTrial.Told) -> Change {
    let transition = told.transition
    let held: String? =
      switch told.hold {
      case nil: nil
      case .silenced: "silenced"
      case .inhibited(let rule): "\(Change.hidden)\(rule)"
      }
    let waits = told.waits.map { ($0.key.rawValue, Timestamp($0.value)) }
    return Change(
      told: Timestamp(transition.decidedAt), at: Timestamp(transition.at), rule: transition.rule.rawValue,
      change: told.isReleased ? "told-\(transition.step)" : transition.step, severity: transition.severity.rawValue,
      person: transition.patient?.rawValue, about: transition.about, measure: transition.measure,
      value: transition.value,
      comparison: transition.comparison.rawValue, limit: transition.limit, tells: told.contacts.map(\.rawValue),
      waits: waits.isEmpty ? nil : Dictionary(uniqueKeysWithValues: waits), held: held)
  }

  /// Where the story went otherwise than the file says, each with its line; empty when all is as expected.
  func differences(from scenario: RuleScenario, isVietnamese: Bool = false) -> [String] {
    RuleTimelineWords(timeline: self, isVietnamese: isVietnamese).differences(from: scenario)
  }

  /// For a terminal: a line for each change, then the pictures.
  package func text(isVietnamese: Bool = false) -> String {
    RuleTimelineWords(timeline: self, isVietnamese: isVietnamese).text
  }
}

extension RuleTimeline.Act {
  /// When the gateway hears of it.
  var at: Date {
    switch self {
    case .reading(let sample): sample.receivedAt
    case .acknowledged(_, _, let date), .noted(_, let date): date
    case .silenced(let silence): silence.from
    }
  }
}
