package import Foundation
import Observations

/// How a value is held against a limit.
package enum Comparison: String, Hashable, Sendable, Codable, CaseIterable {
  /// ≥
  case atLeast = "at-least"
  /// >
  case above
  /// ≤
  case atMost = "at-most"
  /// <
  case below

  package func holds(_ value: Decimal, _ limit: Decimal) -> Bool {
    switch self {
    case .atLeast: value >= limit
    case .above: value > limit
    case .atMost: value <= limit
    case .below: value < limit
    }
  }

  /// Whether high values are the worrying ones.
  package var isUpward: Bool { self == .atLeast || self == .above }
}

/// A value beyond a limit.
package struct ThresholdRule: Hashable, Sendable, Codable {
  package var component: AlertComponent
  package var comparison: Comparison
  /// In the component's unit.
  package var limit: Decimal
  /// A firing alert ends when the comparison no longer holds against *this* number, so that a value wavering about the
  /// limit makes one alert. On the calm side of ``limit`` or equal to it; nil: the limit itself, no hysteresis.
  package var clearLimit: Decimal?
  /// The alert is pending, and nobody is told, until the value has been beyond the limit for this long, counted from
  /// the effective time of the first such reading. It fires with a reading at least that much later, or by
  /// ``RuleEngine/tick`` when no reading said otherwise in the meantime. Nil or zero: it fires at once.
  package var holdFor: Duration?

  package init(
    component: AlertComponent, comparison: Comparison, limit: Decimal, clearLimit: Decimal? = nil,
    holdFor: Duration? = nil
  ) {
    self.component = component
    self.comparison = comparison
    self.limit = limit
    self.clearLimit = clearLimit
    self.holdFor = holdFor
  }

  /// Whether `value` is beyond the limit.
  package func isMet(by value: Decimal) -> Bool { comparison.holds(value, limit) }

  /// Whether `value` ends an alert that fires.
  package func isCleared(by value: Decimal) -> Bool { !comparison.holds(value, clearLimit ?? limit) }

  /// ``holdFor`` in seconds; 0 when there is none.
  var hold: TimeInterval { holdFor?.inSeconds ?? 0 }
}

extension RuleKind {
  /// `component`, exactly one of `at-least`, `above`, `at-most`, `below` with the limit, and optionally `clear-below` (for a
  /// high limit) or `clear-above` (for a low one), and `for`.
  static let threshold = RuleKind(
    name: "threshold",
    fields: ["component"] + Comparison.allCases.map(\.rawValue) + ["clear-below", "clear-above", "for"]
  ) { (parameters: RuleParameters) throws(RuleFault) -> AlertRule.Kind in
    let known = Comparison.allCases.map(\.rawValue).joined(separator: ", ")
    let given = Comparison.allCases.filter { parameters.values[$0.rawValue] != nil }
    guard let comparison = given.first else {
      throw RuleFault(
        field: "kind", message: "a threshold needs its limit: one of \(known)",
        vi: "quy tắc threshold cần một ngưỡng: một trong \(known)")
    }
    guard given.count == 1 else {
      throw RuleFault(
        field: given[1].rawValue, message: "only one of \(known) may stand in a rule",
        vi: "một quy tắc chỉ được có một trong \(known)")
    }
    let limit = try parameters.number(comparison.rawValue)
    let (field, other) = comparison.isUpward ? ("clear-below", "clear-above") : ("clear-above", "clear-below")
    guard parameters.values[other] == nil else {
      throw RuleFault(
        field: other, message: "a rule with \(comparison.rawValue) ends by \(field)",
        vi: "quy tắc có \(comparison.rawValue) kết thúc theo \(field)")
    }
    let clear = try parameters.optionalNumber(field)
    if let clear, comparison.isUpward ? clear > limit : clear < limit {
      throw RuleFault(
        field: field,
        message: "must be \(comparison.isUpward ? "at most" : "at least") the limit \(limit), got \(clear)",
        vi: "phải \(comparison.isUpward ? "nhiều nhất bằng" : "ít nhất bằng") ngưỡng \(limit), nhưng ở đây là \(clear)")
    }
    return .threshold(
      ThresholdRule(
        component: try parameters.choice("component"), comparison: comparison, limit: limit, clearLimit: clear,
        holdFor: try parameters.optionalDuration("for")))
  }
}
