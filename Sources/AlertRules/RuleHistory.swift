package import Foundation
import Observations

/// The stored readings of one subject, for the rules that look at more than one, as they are at one moment: rules that ask
/// the same get the same answer, and what answers is asked once.
package struct RuleHistory {
  /// Which readings.
  package struct Query: Hashable, Sendable {
    package var subject: AlertSubject
    package var isSimulated: Bool
    /// By ``RuleSample/instant``, both ends included.
    package var since: Date
    package var until: Date
    /// The newest so many.
    package var limit: Int

    package init(subject: AlertSubject, isSimulated: Bool, since: Date, until: Date, limit: Int) {
      self.subject = subject
      self.isSimulated = isSimulated
      self.since = since
      self.until = until
      self.limit = limit
    }
  }

  private final class Answers {
    var known: [Query: [RuleSample]] = [:]
  }

  private let answer: (Query) -> [RuleSample]?
  private let answers = Answers()

  /// - Parameter answer: oldest first, the reading that is being shown among them; nil when it can't be told.
  package init(_ answer: @escaping (Query) -> [RuleSample]?) { self.answer = answer }

  /// What was measured, oldest first: readings without a number are left out. Nil when it can't be told; a rule that asked
  /// leaves everything as it is then.
  func readings(_ query: Query) -> [RuleSample]? {
    if let known = answers.known[query] { return known }
    let readings = answer(query)?.filter { !$0.values.isEmpty && $0.origin != .stream }
      .sorted { $0.instant < $1.instant }
    answers.known[query] = readings
    return readings
  }
}

/// What a rule's step may look at beside its sample and its state.
struct RuleContext {
  let rule: AlertRule
  let now: Date
  let salt: String
  /// Where days begin and end.
  let timeZone: TimeZone
  /// Nil when nothing is known but the sample: nothing is stored, or it is told from memory.
  let history: RuleHistory?

  init(rule: AlertRule, now: Date, salt: String = "", timeZone: TimeZone = .gmt, history: RuleHistory? = nil) {
    self.rule = rule
    self.now = now
    self.salt = salt
    self.timeZone = timeZone
    self.history = history
  }

  /// Days by the household's clock: one with a change to summer time has 23 hours.
  var calendar: Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    return calendar
  }

  /// More readings than anybody takes within the times that rules look back; the newest count.
  private static let mostReadings = 500

  /// What the key's subject measured between two instants, oldest first; nil when that can't be told.
  func readings(of key: AlertKey, since: Date, until: Date) -> [RuleSample]? {
    history?.readings(
      RuleHistory.Query(
        subject: key.subject, isSimulated: key.isSimulated, since: since, until: until, limit: Self.mostReadings))
  }

  /// The name of the episode that `sample` opens.
  func episode(_ sample: RuleSample, _ key: AlertKey) -> EpisodeID {
    episode(key, of: sample.identity?.rawValue ?? "\(sample.device)@\(sample.instant.timeIntervalSince1970)")
  }

  /// The name of an episode by what sets it apart among the key's.
  func episode(_ key: AlertKey, of word: String) -> EpisodeID {
    EpisodeID(words: [
      salt, key.rule.rawValue, key.subject.description, key.isSimulated ? "simulated" : "measured", word,
    ])
  }

  /// A state that has seen `sample`.
  func taking(_ sample: RuleSample, value: Decimal, key: AlertKey, state: AlertState?) -> AlertState {
    var next =
      state
      ?? AlertState(
        key: key, lastInstant: sample.instant, lastValue: value, lastDevice: sample.device,
        lastObservation: sample.observation)
    guard sample.instant >= next.lastInstant else { return next }
    next.lastInstant = sample.instant
    next.lastValue = value
    next.lastDevice = sample.device
    next.lastObservation = sample.observation
    return next
  }

  /// The change that `state` has just made.
  func transition(
    _ state: AlertState, from: AlertPhase?, at: Date, observation: ObservationID?, component: AlertComponent?,
    value: Decimal, comparison: Comparison, limit: Decimal, unit: UCUMUnit, severity: AlertSeverity? = nil,
    values: [AlertComponent: Decimal]? = nil, openedWith: [AlertComponent: Decimal]? = nil, basis: AlertBasis? = nil
  ) -> [AlertTransition] {
    guard let episode = state.episode else { return [] }
    var transition =
      AlertTransition(
        episode: episode, rule: rule.id, severity: severity ?? rule.severity, patient: state.key.subject.patient,
        device: state.lastDevice, from: from, to: state.phase, at: at, decidedAt: now, observation: observation,
        component: component, value: value, comparison: comparison, limit: limit, unit: unit,
        isSimulated: state.key.isSimulated, stage: state.stage, values: values, openedWith: openedWith)
    transition.basis = basis
    return [transition]
  }
}

/// What a rule's step gives.
struct RuleOutcome: Hashable {
  var state: AlertState
  var transitions: [AlertTransition] = []

  /// With the whole reading in the changes that it made by itself, for whoever is told of one of its values.
  func telling(_ sample: RuleSample) -> RuleOutcome {
    guard sample.origin != .stream else { return self }
    var outcome = self
    for index in transitions.indices where transitions[index].isOf(sample) {
      outcome.transitions[index].values = transitions[index].values ?? sample.values
      outcome.transitions[index].flags = sample.flags.isEmpty ? nil : sample.flags
    }
    return outcome
  }
}

extension AlertTransition {
  /// Whether it was made by `sample` and nothing beside it.
  fileprivate func isOf(_ sample: RuleSample) -> Bool {
    guard observation == sample.observation, at == sample.instant else { return false }
    return switch basis {
    case nil, .held: true
    case .mean, .change, .count, .old: false
    }
  }
}

extension Decimal {
  /// To one decimal place.
  var rounded: Decimal {
    var exact = self
    var rounded = Decimal()
    NSDecimalRound(&rounded, &exact, 1, .plain)
    return rounded
  }
}

extension Duration {
  /// In seconds; 0 for a negative one.
  var inSeconds: TimeInterval {
    let parts = components
    return max(0, TimeInterval(parts.seconds) + TimeInterval(parts.attoseconds) * 1e-18)
  }
}
