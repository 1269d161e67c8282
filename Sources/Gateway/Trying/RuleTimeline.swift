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
    /// What `value` is of: a component, `readings`, `days`.
    package var measure: String
    package var value: Decimal
    package var comparison: String
    package var limit: Decimal
  }

  package let title: String
  package let timeZone: TimeZone
  package private(set) var changes: [Change] = []
  /// What is drawn: values of one component of one person.
  private(set) var plots: [RulePlot] = []

  /// Plays `samples`, in the order in which they came, until `end`.
  init(title: String, rules: [AlertRule], samples: [RuleSample], until end: Date, timeZone: TimeZone) {
    self.title = title
    self.timeZone = timeZone
    var trial = RuleTrial(rules: rules, timeZone: timeZone)
    var transitions: [AlertTransition] = []
    for sample in samples { transitions += trial.see(sample) }
    transitions += trial.pass(until: end)
    changes = transitions.map(Self.change)
    plots = RulePlot.all(samples, transitions)
  }

  private static func change(_ transition: AlertTransition) -> Change {
    Change(
      told: Timestamp(transition.decidedAt), at: Timestamp(transition.at), rule: transition.rule.rawValue,
      change: transition.step, severity: transition.severity.rawValue, person: transition.patient?.rawValue,
      measure: transition.measure, value: transition.value, comparison: transition.comparison.rawValue,
      limit: transition.limit)
  }

  /// Where the story went otherwise than the file says, each with its line; empty when all is as expected.
  func differences(from scenario: RuleScenario) -> [String] {
    guard let expected = scenario.expected else { return [] }
    var found: [String] = []
    for (index, one) in expected.enumerated() {
      let place = "\(scenario.document.file):\(one.node.line): \(one.path.description)"
      guard index < changes.count else {
        found.append("\(place): expected \(one.rule) \(one.change), and nothing more was told")
        continue
      }
      let change = changes[index]
      var wrong: [String] = []
      func compare(_ what: String, _ wanted: String?, _ came: String?) {
        guard let wanted, wanted != came else { return }
        wrong.append("\(what) \(wanted) expected, \(came ?? "none") told")
      }
      compare("rule", one.rule, change.rule)
      compare("change", one.change, change.change)
      compare("severity", one.severity, change.severity)
      compare("person", one.person, change.person)
      compare("value", one.value.map { "\($0)" }, "\(change.value)")
      compare("time", one.at.map(shown), shown(change.at.date))
      if !wrong.isEmpty { found.append("\(place): \(wrong.joined(separator: "; "))") }
    }
    for change in changes.dropFirst(expected.count) {
      found.append("\(scenario.document.file): not expected: \(line(change))")
    }
    return found
  }

  private func shown(_ date: Date) -> String { Timestamp(date).text(in: timeZone) }

  private func line(_ change: Change) -> String {
    let late = change.told.date.timeIntervalSince(change.at.date) > 60 ? " (told \(shown(change.told.date)))" : ""
    return
      "\(shown(change.at.date))  \(change.person ?? "nobody's")  \(change.severity)  \(change.rule) \(change.change): "
      + "\(change.measure) \(change.value), \(change.comparison) \(change.limit)\(late)"
  }

  /// For a terminal: a line for each change, then the pictures.
  package var text: String {
    var lines = title.isEmpty ? [] : [title]
    lines += changes.isEmpty ? ["  nothing would have been told"] : changes.map { "  " + line($0) }
    for plot in plots { lines += plot.lines(in: timeZone).map { "  " + $0 } }
    return lines.joined(separator: "\n")
  }
}
