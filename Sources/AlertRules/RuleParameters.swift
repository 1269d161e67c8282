package import Foundation
import Observations

/// One value of a rule file, whatever the file's syntax is.
package enum RuleValue: Hashable, Sendable {
  case text(String)
  case number(Decimal)
  case list([String])
}

/// What is wrong with a rule, and in which field.
package struct RuleFault: Error, Hashable, Sendable, CustomStringConvertible {
  package let field: String
  package let message: String
  /// The same in Vietnamese.
  package let vi: String

  package init(field: String, message: String, vi: String) {
    self.field = field
    self.message = message
    self.vi = vi
  }

  package var description: String { "\(field): \(message)" }
}

/// The fields of one rule as neutral names and values: what reads YAML or a form makes one of these, and ``AlertRule``
/// is made from it.
package struct RuleParameters: Hashable, Sendable {
  package let values: [String: RuleValue]

  package init(_ values: [String: RuleValue]) { self.values = values }

  func text(_ field: String) throws(RuleFault) -> String {
    switch values[field] {
    case .text(let text) where !text.isEmpty: return text
    case .number(let number): return number.description
    case nil: throw RuleFault(field: field, message: "missing", vi: "còn thiếu")
    case .text, .list:
      throw RuleFault(field: field, message: "expected a text that is not empty", vi: "cần chữ, không được để trống")
    }
  }

  func number(_ field: String) throws(RuleFault) -> Decimal {
    guard let number = try optionalNumber(field) else {
      throw RuleFault(field: field, message: "missing", vi: "còn thiếu")
    }
    return number
  }

  func optionalNumber(_ field: String) throws(RuleFault) -> Decimal? {
    switch values[field] {
    case nil: return nil
    case .number(let number) where number.isFinite: return number
    default: throw RuleFault(field: field, message: "expected a number", vi: "cần một số")
    }
  }

  func choice<Choice: RawRepresentable & CaseIterable>(_ field: String) throws(RuleFault) -> Choice
  where Choice.RawValue == String {
    let text = try text(field)
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw RuleFault(
        field: field, message: "unknown “\(text)”; known: \(known)", vi: "không có “\(text)”; dùng được: \(known)")
    }
    return choice
  }

  /// `90s`, `15m`, `2h`, `3d`: a whole number and a unit.
  func optionalDuration(_ field: String) throws(RuleFault) -> Duration? {
    guard values[field] != nil else { return nil }
    let text = try text(field)
    let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let unit = text.last.flatMap({ seconds[$0] }), let count = Int64(text.dropLast()),
      (0...1_000_000).contains(count)
    else {
      throw RuleFault(
        field: field, message: "expected a whole number with s, m, h or d, such as 15m, got “\(text)”",
        vi: "cần một số nguyên kèm s, m, h hoặc d, ví dụ 15m, nhưng ở đây là “\(text)”")
    }
    return .seconds(count * unit)
  }

  /// A whole number of at least 1.
  func optionalCount(_ field: String) throws(RuleFault) -> Int? {
    guard let number = try optionalNumber(field) else { return nil }
    guard number >= 1, number <= 10_000, let count = Int(number.description) else {
      throw RuleFault(
        field: field, message: "expected a whole number from 1 on, got \(number)",
        vi: "cần một số nguyên từ 1 trở lên, nhưng ở đây là \(number)")
    }
    return count
  }

  /// One or more limits, each a line as ``RuleCondition`` reads it.
  func conditions(_ field: String) throws(RuleFault) -> [RuleCondition] {
    guard let list = try optionalList(field) else { throw RuleFault(field: field, message: "missing", vi: "còn thiếu") }
    var conditions: [RuleCondition] = []
    for text in list { conditions.append(try RuleCondition(text, field: field)) }
    return conditions
  }

  func optionalList(_ field: String) throws(RuleFault) -> [String]? {
    switch values[field] {
    case nil: return nil
    case .list(let list) where !list.isEmpty: return list
    case .text(let text) where !text.isEmpty: return [text]
    default:
      throw RuleFault(
        field: field, message: "expected a list of names that is not empty",
        vi: "cần một danh sách tên, không được để trống")
    }
  }
}

extension AlertRule {
  /// The fields every rule has; those after `source` may be left out.
  package static let commonFields = [
    "id", "kind", "severity", "source", "patients", "groups", "set-by", "set-on", "hidden-by",
  ]

  /// Reads a rule; `patients` holds patient identifiers (`p-…`).
  ///
  /// - Throws: the first field that is missing, unknown or wrong; an unknown name answers with the known ones.
  package init(_ parameters: RuleParameters) throws(RuleFault) {
    let name = try parameters.text("kind")
    guard let kind = RuleKinds.named(name) else {
      let known = RuleKinds.all.map(\.name).joined(separator: ", ")
      throw RuleFault(
        field: "kind", message: "unknown “\(name)”; known: \(known)", vi: "không có “\(name)”; dùng được: \(known)")
    }
    let known = Self.commonFields + kind.fields
    if let stranger = parameters.values.keys.sorted().first(where: { !known.contains($0) }) {
      throw RuleFault(
        field: stranger, message: "unknown field; known: \(known.joined(separator: ", "))",
        vi: "không có mục này; dùng được: \(known.joined(separator: ", "))")
    }
    let id = try parameters.text("id")
    guard id.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) }) else {
      throw RuleFault(
        field: "id", message: "expected lower-case letters, digits and dashes, got “\(id)”",
        vi: "cần chữ thường không dấu, chữ số và gạch nối, nhưng ở đây là “\(id)”")
    }
    guard id != OldReadings.rule.rawValue else {
      throw RuleFault(
        field: "id", message: "“\(id)” is the name of the gateway's own summaries; choose another",
        vi: "“\(id)” là tên bản tóm tắt của chính cổng; hãy chọn tên khác")
    }
    let patients = try parameters.optionalList("patients")
    for field in ["patients", "groups"] where parameters.values[field] != nil && ["device", "gateway"].contains(name) {
      throw RuleFault(
        field: field, message: "a \(name) rule is about nobody in particular; leave it out",
        vi: "quy tắc loại \(name) không nói về riêng ai; hãy bỏ mục này")
    }
    var groups: Set<PatientGroup>?
    for text in try parameters.optionalList("groups") ?? [] {
      guard let group = PatientGroup(rawValue: text) else {
        let known = PatientGroup.allCases.map(\.rawValue).joined(separator: ", ")
        throw RuleFault(
          field: "groups", message: "unknown “\(text)”; known: \(known)", vi: "không có “\(text)”; dùng được: \(known)")
      }
      groups = (groups ?? []).union([group])
    }
    var order: LimitOrder?
    if patients != nil || parameters.values["set-by"] != nil || parameters.values["set-on"] != nil {
      order = LimitOrder(by: try parameters.text("set-by"), on: try parameters.text("set-on"))
    }
    self.init(
      id: RuleID(rawValue: id), kind: try kind.read(parameters), severity: try parameters.choice("severity"),
      source: try parameters.text("source"), patients: patients.map { Set($0.map { PatientID(rawValue: $0) }) },
      groups: groups, order: order,
      hiddenBy: (try parameters.optionalList("hidden-by") ?? []).map { RuleID(rawValue: $0) })
  }
}
