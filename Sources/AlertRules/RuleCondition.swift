package import Foundation

/// A value beyond a limit, as rules that look at several write it in one line: `systolic at-least 180 clear-below 170`.
package struct RuleCondition: Hashable, Sendable, Codable {
  package var component: AlertComponent
  package var comparison: Comparison
  /// In the component's unit.
  package var limit: Decimal
  /// As ``ThresholdRule/clearLimit``.
  package var clearLimit: Decimal?

  package init(component: AlertComponent, comparison: Comparison, limit: Decimal, clearLimit: Decimal? = nil) {
    self.component = component
    self.comparison = comparison
    self.limit = limit
    self.clearLimit = clearLimit
  }

  package func isMet(by value: Decimal) -> Bool { comparison.holds(value, limit) }

  package func isCleared(by value: Decimal) -> Bool { !comparison.holds(value, clearLimit ?? limit) }

  /// - Throws: what is wrong with `text`, said of `field`.
  init(_ text: String, field: String) throws(RuleFault) {
    let words = text.split(separator: " ")
    let example = "systolic at-least 180 clear-below 170"
    let form = (
      en: "expected “component comparison limit”, such as “\(example)”, got “\(text)”",
      vi: "cần “đại lượng, phép so sánh, ngưỡng”, ví dụ “\(example)”, nhưng ở đây là “\(text)”"
    )
    guard words.count == 3 || words.count == 5 else { throw RuleFault(field: field, message: form.en, vi: form.vi) }
    guard let component = AlertComponent(rawValue: String(words[0])) else {
      let known = AlertComponent.allCases.map(\.rawValue).joined(separator: ", ")
      throw RuleFault(
        field: field, message: "unknown component “\(words[0])”; known: \(known)",
        vi: "không có đại lượng “\(words[0])”; dùng được: \(known)")
    }
    guard let comparison = Comparison(rawValue: String(words[1])) else {
      let known = Comparison.allCases.map(\.rawValue).joined(separator: ", ")
      throw RuleFault(
        field: field, message: "unknown comparison “\(words[1])”; known: \(known)",
        vi: "không có phép so sánh “\(words[1])”; dùng được: \(known)")
    }
    guard let limit = Self.number(words[2]) else { throw RuleFault(field: field, message: form.en, vi: form.vi) }
    var clear: Decimal?
    if words.count == 5 {
      let word = comparison.isUpward ? "clear-below" : "clear-above"
      guard words[3] == word else {
        throw RuleFault(
          field: field, message: "a limit with \(comparison.rawValue) ends by \(word), got “\(words[3])”",
          vi: "ngưỡng có \(comparison.rawValue) kết thúc theo \(word), nhưng ở đây là “\(words[3])”")
      }
      guard let number = Self.number(words[4]) else { throw RuleFault(field: field, message: form.en, vi: form.vi) }
      guard comparison.isUpward ? number <= limit : number >= limit else {
        throw RuleFault(
          field: field,
          message: "\(word) must be \(comparison.isUpward ? "at most" : "at least") the limit \(limit), got \(number)",
          vi:
            "\(word) phải \(comparison.isUpward ? "nhiều nhất bằng" : "ít nhất bằng") ngưỡng \(limit), nhưng ở đây là \(number)"
        )
      }
      clear = number
    }
    self.init(component: component, comparison: comparison, limit: limit, clearLimit: clear)
  }

  private static func number(_ word: Substring) -> Decimal? {
    // Decimal(string:) takes the number at the beginning of anything.
    guard word.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), word.contains(where: \.isNumber) else {
      return nil
    }
    return Decimal(string: String(word), locale: Locale(identifier: "en_US_POSIX"))
  }
}

extension [RuleCondition] {
  /// The first that the reading is beyond.
  func met(by values: [AlertComponent: Decimal]) -> RuleCondition? {
    first { condition in values[condition.component].map { condition.isMet(by: $0) } ?? false }
  }

  /// Whether the reading says the opposite of every one. A value that it lacks says nothing: then it is false.
  func areCleared(by values: [AlertComponent: Decimal]) -> Bool {
    allSatisfy { condition in values[condition.component].map { condition.isCleared(by: $0) } ?? false }
  }

  /// Whether the reading has a value for every one.
  func areAnswered(by values: [AlertComponent: Decimal]) -> Bool { allSatisfy { values[$0.component] != nil } }
}
