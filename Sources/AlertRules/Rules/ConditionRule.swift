package import Foundation
import Observations

/// Something wrong with the gateway or a device, for a while: what the kinds `device` and `gateway` have in common.
///
/// Time is counted from when the gateway first saw it, by the state that is kept: a start in between neither ends nor
/// prolongs it, and a clock that is set moves it along.
package struct ConditionRule: Hashable, Sendable, Codable {
  package var condition: GatewayCondition.Name
  package var comparison: Comparison
  /// In the condition's unit; 1 where it has none.
  package var limit: Decimal
  /// It ends when the fact is beyond this.
  package var clearLimit: Decimal
  /// How long it must hold before it is told.
  package var after: Duration
  /// Told again, at ``escalatedSeverity``, when it has gone on for so long; nil: never.
  package var escalateAfter: Duration?
  package var escalatedSeverity: AlertSeverity

  /// - Parameters:
  ///   - limit: nil for a condition that holds or does not.
  ///   - clearLimit: nil: the limit.
  package init(
    _ condition: GatewayCondition.Name, comparison: Comparison = .atLeast, limit: Decimal? = nil,
    clearLimit: Decimal? = nil, after: Duration = .zero, escalateAfter: Duration? = nil,
    escalatedSeverity: AlertSeverity = .warning
  ) {
    self.condition = condition
    self.comparison = comparison
    self.limit = limit ?? 1
    self.clearLimit = clearLimit ?? limit ?? 1
    self.after = after
    self.escalateAfter = escalateAfter
    self.escalatedSeverity = escalatedSeverity
  }

  /// In seconds, what may lie between two looks at the facts.
  private static let looking: TimeInterval = 60

  /// In seconds. A hold that ran out so long ago was not waited for: the box was off, or its clock is another one than the
  /// one that the hold began by. It begins anew.
  private static let away: TimeInterval = 3600

  private func isMet(by fact: GatewayFact) -> Bool { comparison.holds(fact.value, limit) }
  private func isCleared(by fact: GatewayFact) -> Bool { !comparison.holds(fact.value, clearLimit) }

  /// Whether a state of this rule can be about `subject`: the rule of that name may have been another one before.
  func isAbout(_ subject: AlertSubject) -> Bool {
    switch (condition.subject, subject) {
    case (.device, .equipment), (.destination, .destination), (.box, .box): true
    default: false
    }
  }

  /// What `fact` and the time make of `state`; nil: nothing.
  func see(_ fact: GatewayFact, key: AlertKey, state: AlertState?, context: RuleContext) -> RuleOutcome? {
    let now = context.now
    guard let state, state.isOpen else {
      guard isMet(by: fact) else { return nil }
      var next = AlertState(
        key: key, phase: .pending, lastInstant: now, lastValue: fact.value,
        lastDevice: fact.condition.device ?? .gateway, lastObservation: nil)
      next.since = now
      return step(next, fact, context) ?? RuleOutcome(state: next)
    }
    var next = state
    guard isMet(by: fact) || (state.phase == .firing && !isCleared(by: fact)) else {
      next.phase = .resolved
      next.stage = nil
      next.deadline = nil
      next.lastInstant = now
      next.lastValue = fact.value
      return RuleOutcome(
        state: next, transitions: state.phase == .firing ? told(next, from: .firing, now, fact, context) : [])
    }
    return step(state, fact, context)
  }

  /// The step that time makes of what still holds; nil: none yet.
  private func step(_ state: AlertState, _ fact: GatewayFact, _ context: RuleContext) -> RuleOutcome? {
    guard let due = due(state), due <= context.now else { return nil }
    if state.phase == .pending, context.now.timeIntervalSince(due) > Self.away {
      var anew = state
      anew.since = context.now
      return RuleOutcome(state: anew)
    }
    // Nobody looks at every second; but a box that was off when it was due has seen it only now.
    let at = context.now.timeIntervalSince(due) <= Self.looking ? due : context.now
    var next = state
    next.lastInstant = at
    next.lastValue = fact.value
    guard state.phase == .firing else {
      next.phase = .firing
      next.stage = nil
      next.firedAt = at
      // A date of its own: a clock that is set moves what is waited for, and not what has been.
      next.deadline = escalateAfter.map { at.addingTimeInterval($0.inSeconds - after.inSeconds) }
      next.episode = context.episode(state.key, of: "\((state.since ?? context.now).timeIntervalSince1970)")
      return RuleOutcome(state: next, transitions: told(next, from: nil, at, fact, context))
    }
    next.stage = .still
    next.deadline = nil
    return RuleOutcome(state: next, transitions: told(next, from: .firing, at, fact, context))
  }

  /// When time alone makes something of `state`, as long as the condition holds; nil: never.
  func due(_ state: AlertState) -> Date? {
    switch state.phase {
    case .pending: return state.since?.addingTimeInterval(after.inSeconds)
    case .firing: return state.deadline
    case .resolved: return nil
    }
  }

  private func told(
    _ state: AlertState, from: AlertPhase?, _ at: Date, _ fact: GatewayFact, _ context: RuleContext
  ) -> [AlertTransition] {
    func minutes(_ seconds: TimeInterval) -> Decimal { Decimal(Int((seconds / 60).rounded())) }
    let hold = state.stage == .still ? escalateAfter ?? after : after
    let measured = condition.unit != nil
    return context.transition(
      state, from: from, at: at, observation: nil, component: nil,
      value: measured ? fact.value : minutes(at.timeIntervalSince(state.since ?? at)),
      comparison: measured ? comparison : .atLeast,
      limit: measured ? (state.phase == .resolved ? clearLimit : limit) : minutes(hold.inSeconds),
      unit: condition.unit ?? .minute, severity: state.stage == .still ? escalatedSeverity : nil
    ).map { told in
      var told = told
      told.fact = fact
      told.fact?.since = state.since
      return told
    }
  }
}

extension ConditionRule {
  /// The fields of both kinds.
  static let fields = ["condition", "after", "escalate-after", "escalate-severity"]

  /// - Parameter subjects: what the kind's conditions are about.
  init(_ parameters: RuleParameters, of subjects: Set<GatewayCondition.Subject>) throws(RuleFault) {
    let text = try parameters.text("condition")
    let names = GatewayCondition.Name.allCases.filter { subjects.contains($0.subject) }
    guard let name = names.first(where: { $0.rawValue == text }) else {
      let known = names.map(\.rawValue).joined(separator: ", ")
      let isOfOther = GatewayCondition.Name(rawValue: text) != nil
      let kind = isOfOther ? "; that is a condition of the other kind" : ""
      let kindVi = isOfOther ? "; đó là tình trạng của loại quy tắc kia" : ""
      throw RuleFault(
        field: "condition", message: "unknown “\(text)”\(kind); known: \(known)",
        vi: "không có “\(text)”\(kindVi); dùng được: \(known)")
    }
    self.init(name)
    try readLimit(parameters)
    after = try parameters.optionalDuration("after") ?? .zero
    escalateAfter = try parameters.optionalDuration("escalate-after")
    if let escalateAfter, escalateAfter <= after {
      throw RuleFault(field: "escalate-after", message: "must be longer than after", vi: "phải dài hơn after")
    }
    if parameters.values["escalate-severity"] != nil {
      guard escalateAfter != nil else {
        throw RuleFault(
          field: "escalate-after", message: "escalate-severity needs escalate-after",
          vi: "escalate-severity cần có escalate-after")
      }
      escalatedSeverity = try parameters.choice("escalate-severity")
    }
  }

  private mutating func readLimit(_ parameters: RuleParameters) throws(RuleFault) {
    switch condition {
    case .batteryLow, .diskLow:
      let unit = condition == .batteryLow ? "percent" : "megabytes"
      let unitVi = condition == .batteryLow ? "phần trăm" : "megabyte"
      guard let limit = try parameters.optionalNumber("at-most") else {
        throw RuleFault(
          field: "at-most", message: "\(condition.rawValue) needs the \(unit) at which it begins",
          vi: "\(condition.rawValue) cần mức bắt đầu, tính bằng \(unitVi)")
      }
      guard let clear = try parameters.optionalNumber("clear-above") else {
        throw RuleFault(
          field: "clear-above", message: "\(condition.rawValue) needs the \(unit) above which it ends",
          vi: "\(condition.rawValue) cần mức kết thúc, tính bằng \(unitVi)")
      }
      guard limit >= 0, condition != .batteryLow || limit < 100 else {
        throw RuleFault(
          field: "at-most", message: "expected \(unit), got \(limit)", vi: "cần số \(unitVi), nhưng ở đây là \(limit)")
      }
      guard clear >= limit, condition != .batteryLow || clear < 100 else {
        throw RuleFault(
          field: "clear-above",
          message: "must be at least at-most (\(limit))"
            + (condition == .batteryLow ? " and below 100" : "") + ", got \(clear)",
          vi: "phải ít nhất bằng at-most (\(limit))"
            + (condition == .batteryLow ? " và dưới 100" : "") + ", nhưng ở đây là \(clear)")
      }
      (comparison, self.limit, clearLimit) = (.atMost, limit, clear)
      try refuse(["by"], parameters)
    case .clockWrong:
      guard let by = try parameters.optionalDuration("by"), by >= .seconds(60) else {
        throw RuleFault(
          field: "by", message: "clock-wrong needs how far the clock is off, at least a minute, such as 1h",
          vi: "clock-wrong cần độ lệch của đồng hồ, ít nhất một phút, ví dụ 1h")
      }
      let minutes = Decimal(Int(by.inSeconds / 60))
      (comparison, limit, clearLimit) = (.atLeast, minutes, minutes / 2)
      try refuse(["at-most", "clear-above"], parameters)
    default: try refuse(["at-most", "clear-above", "by"], parameters)
    }
  }

  private func refuse(_ fields: [String], _ parameters: RuleParameters) throws(RuleFault) {
    guard let field = fields.first(where: { parameters.values[$0] != nil }) else { return }
    throw RuleFault(
      field: field, message: "is not for \(condition.rawValue)", vi: "không dùng cho \(condition.rawValue)")
  }
}
