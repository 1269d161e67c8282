import Foundation
import Observations

/// What was found: the title, and the first sentence of the body.
extension AlertSpeaker {
  var isOver: Bool { transition.to == .resolved }

  /// Nothing was measured for days.
  var isMissing: Bool { transition.component == nil && transition.unit == .day && transition.fact == nil }

  // MARK: Titles

  /// The longest of several that is short enough.
  private func fitting(_ titles: [String]) -> String {
    titles.first { $0.count <= AlertText.longestTitle }
      ?? String((titles.last ?? "").prefix(AlertText.longestTitle - 1)) + "…"
  }

  private var severity: String {
    switch transition.severity {
    case .urgent: say("urgent", "khẩn")
    case .warning: say("warning", "cảnh báo")
    case .notice: say("notice", "lưu ý")
    }
  }

  /// Before the colon: whether it is a trial, when it was, how urgent.
  private var head: String {
    if transition.isSimulated { return say("trial", "thử máy") }
    let time = isLate && transition.since == nil ? self.time(transition.at, isShort: true) : nil
    let word: String? =
      switch (transition.to, transition.stage) {
      case (.firing, .acknowledged): say("answered", "đã có người trả lời")
      case (.resolved, .notConfirmed): say("not confirmed", "chưa được xác nhận")
      case (.resolved, .ruleChanged): say("alert closed", "đóng cảnh báo")
      case (.resolved, _): say("alert ended", "hết cảnh báo")
      default: severity
      }
    return [time, word].compactMap { $0 }.joined(separator: ", ")
  }

  private func headed(_ cores: [String]) -> String {
    let head = capitalised(head)
    let named = name.flatMap { name in isUnassigned || isToPatient ? nil : cores.first.map { "\(head): \(name), \($0)" }
    }
    return fitting([named].compactMap { $0 } + cores.map { "\(head): \($0)" })
  }

  var title: String {
    switch transition.stage {
    case .acknowledged: return headed([say("\(answerer ?? "") knows", "\(answerer ?? "") đã biết")])
    case .escalated:
      return headed([
        say("nobody answered, you are the next", "chưa ai trả lời, nay báo đến quý vị"),
        say("nobody answered", "chưa ai trả lời"),
      ])
    case .unanswered: return headed([say("nobody has answered", "chưa có ai trả lời")])
    case .ruleChanged: return headed([say("its rule was changed", "quy tắc đã đổi")])
    default: return headed(found)
    }
  }

  /// What was found, in few words, the longest first.
  private var found: [String] {
    if isMissing {
      if isOver { return [say("measured again", "đã đo lại")] }
      return [
        transition.stage == .still
          ? say("still no reading, for \(days(transition.value))", "vẫn chưa đo, đã \(days(transition.value))")
          : say("no reading for \(days(transition.value))", "chưa đo trong \(days(transition.value))")
      ]
    }
    switch transition.basis {
    case .old: return [oldTitle]
    case .count(let sign, let of): return countTitles(sign, of)
    case .mean(let days):
      let mean = pair(values)
      return [say("\(days)-day average \(mean)", "trung bình \(days) ngày \(mean)"), mean]
    case .change:
      guard let component = transition.component else { return [] }
      let now = amount(transition.value, of: component)
      return [say("\(plainName(component)) now \(now)", "\(plainName(component)) nay là \(now)"), now]
    case .held, nil: break
    }
    if let fact = transition.fact { return titles(of: fact) }
    if transition.stage == .summary { return [oldTitle] }
    guard let part = parts(values).first else { return [say("beyond a limit", "ngoài ngưỡng")] }
    let (long, short) = ("\(part.name) \(part.amount)", part.amount)
    return switch transition.stage {
    case .confirmed:
      [say("confirmed, \(long)", "đo lại vẫn vậy, \(long)"), say("confirmed, \(short)", "đo lại vẫn vậy, \(short)")]
    case .notRepeated:
      [
        say("not measured again, \(long)", "chưa đo lại, \(long)"),
        say("not repeated, \(short)", "chưa đo lại, \(short)"),
      ]
    case .reopened: [say("again, \(long)", "lại có, \(long)"), say("again, \(short)", "lại có, \(short)")]
    default: [long, short]
    }
  }

  private var oldTitle: String {
    say(
      transition.value == 1
        ? "1 older reading beyond a limit" : "\(number(transition.value)) older readings beyond a limit",
      "\(number(transition.value)) lần đo cũ ngoài ngưỡng")
  }

  private func countTitles(_ sign: CountRule.Sign, _ of: Int?) -> [String] {
    isOver
      ? [
        say("\(signName(sign)) not seen any more", "không còn \(signName(sign))"),
        say("not seen any more", "không còn thấy nữa"),
      ]
      : [
        "\(signName(sign)) \(frequency(of))",
        say("beyond a limit \(frequency(of))", "ngoài ngưỡng \(frequency(of))"),
      ]
  }

  // MARK: The first sentence

  /// What was measured, when it is late its time before anything else, and the limit.
  var measured: String {
    if transition.stage == .summary { return sentence(old) }
    let what = finding
    guard isLate else { return sentence(what) }
    return sentence(say("at \(time(transition.at)), \(what)", "lúc \(time(transition.at)), \(what)"))
  }

  private var finding: String {
    if isMissing { return missing }
    switch transition.basis {
    case .count(let sign, let of): return counted(sign, of)
    case .mean(let days):
      return say(
        "\(isToPatient ? "your \(days)-day average" : "the \(days)-day average of \(who)") is \(averages); \(limitClause)",
        "trung bình \(days) ngày của \(who) là \(averages); \(limitClause)")
    case .change(let recent):
      guard let component = transition.component else { return limitClause }
      let usual = transition.openedWith?[component].map { amount($0, of: component) }
      let now = amount(transition.value, of: component)
      return say(
        "\(isToPatient ? "your last \(recent) readings" : "the last \(recent) readings of \(who)") have an average of \(now) for \(name(component))"
          + (usual.map { ", where \($0) is usual" } ?? "") + "; that is \(limitWords)",
        "\(recent) lần đo gần nhất của \(who) có \(name(component)) trung bình \(now)"
          + (usual.map { ", bình thường là \($0)" } ?? "") + "; như vậy là \(limitWords)")
    case .held(let seconds):
      return say(
        "\(who) \(has()) had \(listed(values)) for at least \(span(seconds)); \(limitClause)",
        "\(who) có \(listed(values)) suốt ít nhất \(span(seconds)); \(limitClause)")
    case .old, nil:
      guard transition.component != nil else {
        // A count that an earlier version kept without what it counted.
        return say(
          "something worth knowing was seen \(number(transition.value)) times for \(who); the limit is "
            + readings(transition.limit),
          "\(who) có dấu hiệu cần biết \(number(transition.value)) lần; ngưỡng là \(readings(transition.limit))")
      }
      return say("\(who) measured \(listed(values)); \(limitClause)", "\(who) có \(listed(values)); \(limitClause)")
    }
  }

  private var averages: String {
    parts(values).map(\.amount).joined(separator: say(" and ", ", "))
  }

  var limitWords: String {
    guard let component = transition.component else { return "" }
    let limit = amount(transition.limit, of: component)
    return isOver
      ? calm(transition.value, transition.comparison, limit, than: transition.limit)
      : beyond(transition.value, limit, than: transition.limit)
  }

  /// `the upper number is above the limit of 180 mmHg`.
  private var limitClause: String {
    guard let component = transition.component else { return "" }
    return say("\(name(component)) is \(limitWords)", "\(name(component)) \(limitWords)")
  }

  private var missing: String {
    let (value, limit) = (days(transition.value), days(transition.limit))
    guard isOver else {
      return say(
        "\(who) \(has()) not measured for \(value); the limit is \(limit)",
        "\(who) chưa đo trong \(value); ngưỡng là \(limit)")
    }
    let found = transition.values.map(listed) ?? ""
    return say(
      "\(who) \(has()) measured again after \(value) (the limit is \(limit))" + (found.isEmpty ? "" : ": \(found)"),
      "\(who) đã đo lại sau \(value) (ngưỡng là \(limit))" + (found.isEmpty ? "" : ": \(found)"))
  }

  private var old: String {
    let count = readings(transition.value)
    let first = transition.since ?? transition.at
    let span =
      time(first) == time(transition.at)
      ? say("at \(time(first))", "lúc \(time(first))")
      : say("from \(time(first)) to \(time(transition.at))", "từ \(time(first)) đến \(time(transition.at))")
    var words = say("\(span), \(who) had \(count) beyond a limit", "\(span), \(who) có \(count) ngoài ngưỡng")
    let worst = transition.values ?? [:]
    guard !worst.isEmpty else { return words }
    guard case .old(let condition?) = transition.basis else { return words + ": \(listed(worst))" }
    if transition.value == 1 {
      words += ": \(listed(worst))"
    } else {
      words +=
        condition.comparison.isUpward
        ? say("; the highest was \(listed(worst))", "; lần cao nhất là \(listed(worst))")
        : say("; the lowest was \(listed(worst))", "; lần thấp nhất là \(listed(worst))")
    }
    let limit = amount(condition.limit, of: condition.component)
    words += say(
      ", where the limit of \(name(condition.component)) is \(limit)",
      ", trong khi ngưỡng của \(name(condition.component)) là \(limit)")
    return words
  }

  // MARK: Counts

  private func frequency(_ of: Int?) -> String {
    let seen = number(transition.value)
    guard let of else { return say("on \(days(transition.value))", "trong \(days(transition.value))") }
    return say("in \(seen) of \(of) readings", "ở \(seen) trong \(of) lần đo")
  }

  private func counted(_ sign: CountRule.Sign, _ of: Int?) -> String {
    let limit = of == nil ? days(transition.limit) : readings(transition.limit)
    let sign = signName(sign)
    return isOver
      ? say(
        "for \(who), \(sign) is not seen in the newest readings any more (\(frequency(of))); the limit is \(limit)",
        "\(who) không còn \(sign) trong các lần đo gần nhất (\(frequency(of))); ngưỡng là \(limit)")
      : say(
        "for \(who), \(sign) was seen \(frequency(of)); the limit is \(limit)",
        "\(who) có \(sign) \(frequency(of)); ngưỡng là \(limit)")
  }

  private func signName(_ sign: CountRule.Sign) -> String {
    switch sign {
    case .flag(.irregularPulse): return say("an irregular pulse", "mạch không đều")
    case .flag(let flag): return flagName(flag)
    case .any(let conditions):
      return conditions.map { condition in
        let limit = amount(condition.limit, of: condition.component)
        let name = plainName(condition.component)
        let article = name.hasPrefix("u") ? "an" : "a"
        return condition.comparison.isUpward
          ? say("\(article) \(name) of \(limit) or more", "\(name) từ \(limit) trở lên")
          : say("\(article) \(name) of \(limit) or less", "\(name) từ \(limit) trở xuống")
      }.joined(separator: say(" or ", " hoặc "))
    }
  }

  func flagName(_ flag: MeasurementFlag) -> String {
    switch flag {
    case .bodyMovement: say("movement during the measurement", "cử động khi đo")
    case .cuffTooLoose: say("a loose cuff", "vòng bít lỏng")
    case .irregularPulse: say("an irregular pulse", "mạch không đều")
    case .pulseAboveRange: say("a pulse faster than it can count", "mạch nhanh quá mức máy đếm được")
    case .pulseBelowRange: say("a pulse slower than it can count", "mạch chậm quá mức máy đếm được")
    case .improperPosition: say("a wrong position", "tư thế đo chưa đúng")
    case .questionable: say("a weak signal", "tín hiệu yếu")
    }
  }
}
