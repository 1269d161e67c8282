import Foundation
import Observations

/// One threshold rule's step. One notification a change, not a reading:
///
/// - beyond the limit, at rest → pending when the rule has a hold, else firing;
/// - pending: a value within the limit ends it in silence; a value beyond it that is old enough fires;
/// - firing: only a value that clears the clear limit resolves;
/// - **a late sample** (older than the newest one seen) never resolves and never ends a pending alert: what is newer is
///   what is true now. A late value beyond the limit of a rule without hold is told all the same, for nothing severe is
///   suppressed: it fires, and if the newest value is a clear one, it is resolved with that value in the same step. A
///   run of late ones is told once. A rule with a hold passes late samples over, since how long they held can't be
///   known.
struct ThresholdEvaluation {
  let rule: AlertRule
  let threshold: ThresholdRule
  let now: Date
  let salt: String
  var transitions: [AlertTransition] = []

  init(rule: AlertRule, threshold: ThresholdRule, now: Date, salt: String) {
    self.rule = rule
    self.threshold = threshold
    self.now = now
    self.salt = salt
  }

  /// The state after `sample`; nil when the sample has no value for this rule.
  mutating func see(_ sample: RuleSample, key: AlertKey, state: AlertState?) -> AlertState? {
    guard let value = sample.values[threshold.component], value.isFinite else { return nil }
    guard let state else {
      let fresh = AlertState(
        key: key, lastInstant: sample.instant, lastValue: value, lastDevice: sample.device,
        lastObservation: sample.observation)
      return inOrder(sample, value, fresh)
    }
    return sample.instant < state.lastInstant ? late(sample, value, state) : inOrder(sample, value, state)
  }

  /// The state when a hold has run out by now; nil when nothing changes.
  mutating func wait(_ state: AlertState) -> AlertState? {
    guard state.phase == .pending, let since = state.since, now >= since.addingTimeInterval(threshold.hold) else {
      return nil
    }
    var next = state
    let at = since.addingTimeInterval(threshold.hold)
    next.phase = .firing
    next.firedAt = at
    record(next, from: .pending, at: at, value: state.lastValue, device: state.lastDevice, observation: nil)
    return next
  }

  private mutating func inOrder(_ sample: RuleSample, _ value: Decimal, _ state: AlertState) -> AlertState {
    var next = state
    next.lastInstant = sample.instant
    next.lastValue = value
    next.lastDevice = sample.device
    next.lastObservation = sample.observation
    next.lateWasMet = false
    switch state.phase {
    case .resolved:
      guard threshold.isMet(by: value) else { break }
      next.episode = episode(sample, state.key)
      next.since = sample.instant
      next.firedAt = nil
      next.phase = .pending
      if threshold.hold == 0 { fire(&next, from: nil, sample, value) }
    case .pending:
      guard threshold.isMet(by: value) else {
        next.phase = .resolved
        break
      }
      if let since = state.since, sample.instant.timeIntervalSince(since) >= threshold.hold {
        fire(&next, from: .pending, sample, value)
      }
    case .firing:
      guard threshold.isCleared(by: value) else { break }
      next.phase = .resolved
      record(
        next, from: .firing, at: sample.instant, value: value, device: sample.device, observation: sample.observation)
    }
    return next
  }

  private mutating func late(_ sample: RuleSample, _ value: Decimal, _ state: AlertState) -> AlertState {
    var next = state
    guard threshold.hold == 0, state.phase != .firing else { return state }
    next.lateWasMet = threshold.isMet(by: value)
    guard next.lateWasMet, !state.lateWasMet else { return next }
    next.episode = episode(sample, state.key)
    next.since = sample.instant
    fire(&next, from: nil, sample, value)
    if threshold.isCleared(by: state.lastValue) {
      next.phase = .resolved
      record(
        next, from: .firing, at: state.lastInstant, value: state.lastValue, device: state.lastDevice,
        observation: state.lastObservation)
    }
    return next
  }

  private mutating func fire(_ state: inout AlertState, from: AlertPhase?, _ sample: RuleSample, _ value: Decimal) {
    state.phase = .firing
    state.firedAt = sample.instant
    record(
      state, from: from, at: sample.instant, value: value, device: sample.device, observation: sample.observation)
  }

  private mutating func record(
    _ state: AlertState, from: AlertPhase?, at: Date, value: Decimal, device: DeviceID, observation: ObservationID?
  ) {
    guard let episode = state.episode else { return }
    var transition =
      AlertTransition(
        episode: episode, rule: rule.id, severity: rule.severity, patient: state.key.subject.patient, device: device,
        from: from, to: state.phase, at: at, decidedAt: now, observation: observation, component: threshold.component,
        value: value, comparison: threshold.comparison,
        limit: state.phase == .resolved ? threshold.clearLimit ?? threshold.limit : threshold.limit,
        unit: threshold.component.unit, isSimulated: state.key.isSimulated)
    if threshold.hold > 0, state.phase == .firing { transition.basis = .held(threshold.hold) }
    transitions.append(transition)
  }

  private func episode(_ sample: RuleSample, _ key: AlertKey) -> EpisodeID {
    RuleContext(rule: rule, now: now, salt: salt).episode(sample, key)
  }
}
