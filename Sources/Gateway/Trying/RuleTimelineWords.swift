import AlertRules
import Foundation
import LocalAPI
import YAMLDocuments

/// What `vitals rules test` says of a story. Names of rules, changes and fields stay as they stand in files, in both languages.
struct RuleTimelineWords {
  let timeline: RuleTimeline
  let isVietnamese: Bool

  private func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }

  /// A line for each change, then the messages, then the pictures.
  var text: String {
    let title = say(timeline.title, timeline.vietnameseTitle ?? timeline.title)
    var lines = title.isEmpty ? [] : [title]
    lines +=
      timeline.changes.isEmpty
      ? ["  " + say("nothing would have been told", "sẽ không báo gì")] : timeline.changes.map { "  " + line($0) }
    if !timeline.messages.isEmpty {
      lines.append("  " + say("messages:", "tin gửi đi:"))
      lines += zip(timeline.messages, timeline.vietnameseTitles).map { message, vietnamese in
        "    " + line(message, title: say(message.title, vietnamese))
      }
    }
    for plot in timeline.plots {
      lines.append("  \(measure(plot.component.rawValue)) \(say("of", "của")) \(plot.person ?? nobody)")
      lines += plot.lines(in: timeline.timeZone).map { "  " + $0 }
    }
    return lines.joined(separator: "\n")
  }

  /// Each with its line in the file; titles are compared as files have them, in English.
  func differences(from scenario: RuleScenario) -> [String] {
    changeDifferences(from: scenario) + messageDifferences(from: scenario)
  }

  private func changeDifferences(from scenario: RuleScenario) -> [String] {
    guard let expected = scenario.expected else { return [] }
    let changes = timeline.changes
    var found: [String] = []
    for (index, one) in expected.enumerated() {
      let place = "\(scenario.document.file):\(one.node.line): \(one.path.description)"
      guard index < changes.count else {
        found.append(
          place + ": "
            + say(
              "expected \(one.rule) \(one.change), and nothing more was told",
              "cần \(one.rule) \(one.change), nhưng không báo gì thêm"))
        continue
      }
      let change = changes[index]
      var wrong: [String] = []
      func compare(_ what: String, _ wanted: String?, _ came: String?) {
        guard let wanted, wanted != came else { return }
        wrong.append(
          say(
            "\(what) \(wanted) expected, \(came ?? "none") told",
            "\(what) cần \(wanted), nhưng là \(came ?? "không có")"))
      }
      compare("rule", one.rule, change.rule)
      compare("change", one.change, change.change)
      compare("severity", one.severity, change.severity)
      compare("person", one.person, change.person)
      compare("about", one.about, change.about)
      compare("value", one.value.map { "\($0)" }, "\(change.value)")
      compare(say("time", "thời điểm"), one.at.map(shown), shown(change.at.date))
      compare("tells", one.tells.map(list), list(change.tells))
      compare("held", one.held, change.held)
      if !wrong.isEmpty { found.append("\(place): \(wrong.joined(separator: "; "))") }
    }
    for change in changes.dropFirst(expected.count) {
      found.append("\(scenario.document.file): \(say("not expected", "không cần")): \(line(change))")
    }
    return found
  }

  private func messageDifferences(from scenario: RuleScenario) -> [String] {
    guard let expected = scenario.expectedMessages else { return [] }
    let messages = timeline.messages
    var found: [String] = []
    for (index, one) in expected.enumerated() {
      let place = "\(scenario.document.file):\(one.node.line): \(one.path.description)"
      guard index < messages.count else {
        found.append(
          place + ": "
            + say(
              "a message to \(one.to) expected, and no more came",
              "cần một tin cho \(one.to), nhưng không có tin nào nữa"))
        continue
      }
      let message = messages[index]
      var wrong: [String] = []
      func compare(_ what: String, _ wanted: String?, _ came: String) {
        guard let wanted, wanted != came else { return }
        wrong.append(say("\(what) '\(wanted)' expected, '\(came)' came", "\(what) cần '\(wanted)', nhưng là '\(came)'"))
      }
      compare("to", one.to, message.to)
      compare(say("time", "thời điểm"), one.at.map(shown), shown(message.at.date))
      compare("says", one.says.map { $0.joined(separator: ", ") }, message.says.joined(separator: ", "))
      compare("title", one.title, message.title)
      for words in one.body where !message.body.contains(words) {
        wrong.append(
          say(
            "'\(words)' expected in its body, which is '\(message.body)'",
            "body cần có '\(words)', nhưng là '\(message.body)'"))
      }
      compare("held-back", one.heldBack.map { "\($0)" }, "\(message.heldBack ?? 0)")
      if !wrong.isEmpty { found.append("\(place): \(wrong.joined(separator: "; "))") }
    }
    for message in messages.dropFirst(expected.count) {
      let told = line(message, title: message.title)
      found.append("\(scenario.document.file): \(say("no message expected", "không cần tin này")): \(told)")
    }
    return found
  }

  private func line(_ message: RuleTimeline.Message, title: String) -> String {
    let to = say("to \(message.to)", "cho \(message.to)")
    return "\(shown(message.at.date))  \(to): \(title) [\(message.says.joined(separator: ", "))]"
  }

  private var nobody: String { say("nobody", "không ai") }

  private func list(_ names: [String]) -> String { names.isEmpty ? nobody : names.joined(separator: ", ") }

  private func shown(_ date: Date) -> String { Timestamp(date).text(in: timeline.timeZone) }

  private func line(_ change: RuleTimeline.Change) -> String {
    let told = shown(change.told.date)
    let isLate = change.told.date.timeIntervalSince(change.at.date) > 60
    let whose =
      change.person ?? change.about
      ?? (change.isOfGateway ? say("the gateway", "cổng") : say("nobody's", "chưa rõ của ai"))
    return
      "\(shown(change.at.date))  \(whose)  \(severity(change.severity))  \(change.rule) \(change.change): "
      + "\(measure(change.measure)) \(change.value), \(comparison(change.comparison)) \(change.limit)"
      + (isLate ? say(" (told \(told))", " (báo lúc \(told))") : "") + tells(change)
  }

  private func tells(_ change: RuleTimeline.Change) -> String {
    if let held = change.held { return "; \(say("nobody is told: \(held)", "không báo ai: \(why(held))"))" }
    guard timeline.hasContacts else { return "" }
    let names = change.tells.map { name in
      guard let from = change.waits?[name] else { return name }
      return "\(name) (\(say("from", "từ")) \(shown(from.date)))"
    }
    return say("; tells \(list(names))", "; báo \(list(names))")
  }

  // MARK: Words of a change

  private func why(_ held: String) -> String {
    held.hasPrefix(RuleTimeline.Change.hidden)
      ? "đã có cảnh báo nặng hơn của quy tắc \(held.dropFirst(RuleTimeline.Change.hidden.count))" : "đang tạm tắt"
  }

  private func severity(_ name: String) -> String {
    guard isVietnamese, let severity = AlertSeverity(rawValue: name) else { return name }
    return switch severity {
    case .notice: "lưu ý"
    case .warning: "cảnh báo"
    case .urgent: "KHẨN CẤP"
    }
  }

  private func comparison(_ name: String) -> String {
    guard isVietnamese, let comparison = Comparison(rawValue: name) else { return name }
    return switch comparison {
    case .atLeast: "≥"
    case .above: ">"
    case .atMost: "≤"
    case .below: "<"
    }
  }

  private func measure(_ name: String) -> String {
    guard isVietnamese else { return name }
    return switch name {
    case AlertComponent.systolic.rawValue: "huyết áp tâm thu"
    case AlertComponent.diastolic.rawValue: "huyết áp tâm trương"
    case AlertComponent.mean.rawValue: "huyết áp trung bình"
    case AlertComponent.pulse.rawValue: "mạch"
    case AlertComponent.heartRate.rawValue: "nhịp tim"
    case "readings": "số lần đo"
    case "days": "số ngày"
    default: name
    }
  }
}
