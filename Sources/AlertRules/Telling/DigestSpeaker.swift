import Foundation
import Observations

/// Puts several changes into one message.
struct DigestSpeaker {
  let digest: AlertDigest
  let context: AlertTextContext
  private let lead: AlertSpeaker

  init(_ digest: AlertDigest, _ context: AlertTextContext) {
    self.digest = digest
    self.context = context
    lead = AlertSpeaker(digest.lead, context, hasWaited: digest.isLate)
  }

  /// Of what matters most.
  var title: String { lead.title }
  var thinTitle: String { lead.thinTitle }

  /// The longest telling that is short enough: first what came before goes, from its middle, then the other alerts.
  var sentences: [String] {
    guard digest.changes.count > 1 || !digest.flooded.isEmpty else { return lead.sentences }
    let (others, steps) = (digest.present.count - 1, digest.before.count)
    for shownOthers in stride(from: min(others, Self.mostOthers), through: 0, by: -1) {
      for shownSteps in stride(from: min(steps, Self.mostSteps), through: 0, by: -1) {
        let sentences = sentences(others: shownOthers, steps: shownSteps)
        if sentences.joined(separator: " ").count <= AlertText.longestBody { return sentences }
      }
    }
    return lead.sentences
  }

  private static let mostOthers = 4
  private static let mostSteps = 6

  private func sentences(others: Int, steps: Int) -> [String] {
    var sentences = [lead.measured] + self.others(others)
    let notes = lead.certainty + lead.marks
    if !notes.isEmpty { sentences.append(lead.sentence(notes.joined(separator: "; "))) }
    if let before = before(steps) { sentences.append(before) }
    if let flooded { sentences.append(flooded) }
    guard !digest.lead.isSimulated else { return [lead.trial] + sentences }
    sentences.append(lead.next)
    if let call = lead.call { sentences.append(call) }
    return sentences
  }

  /// Without a value, and without more than how many.
  var thinSentences: [String] {
    var sentences = lead.thinSentences
    if let flooded { sentences.insert(flooded, at: 1) }
    let more = digest.present.count - 1
    if more > 0 { sentences.insert(moreAlerts(more), at: 1) }
    return sentences
  }

  // MARK: The other alerts

  private func others(_ most: Int) -> [String] {
    let others = digest.present.dropFirst()
    var sentences = others.prefix(most).map(other)
    if others.count > most { sentences.append(moreAlerts(others.count - most)) }
    return sentences
  }

  private func other(_ change: AlertTransition) -> String {
    let speaker = AlertSpeaker(change, context, hasWaited: digest.isLate)
    guard change.observation != nil, change.observation == digest.lead.observation, change.basis == nil,
      let component = change.component
    else { return speaker.measured }
    // The same reading, whose values were said.
    let (name, words) = (speaker.name(component), speaker.limitWords)
    return speaker.sentence(
      change.to == digest.lead.to
        ? lead.say("\(name) is \(words), too", "\(name) cũng \(words)")
        : lead.say("\(name) is \(words)", "\(name) \(words)"))
  }

  private func moreAlerts(_ count: Int) -> String {
    lead.say(
      count == 1 ? "There is 1 more alert with it." : "There are \(count) more alerts with it.",
      "Cùng với đó còn \(count) cảnh báo khác.")
  }

  // MARK: What came before

  private func before(_ most: Int) -> String? {
    let all = digest.before
    guard !all.isEmpty, most > 0 else { return nil }
    // How it began, and what came last.
    let shown = all.count <= most ? all : [all[0]] + all.suffix(most - 1)
    var steps = shown.map(step)
    if shown.count < all.count {
      let left = all.count - shown.count
      steps.insert(
        lead.say(left == 1 ? "1 more change" : "\(left) more changes", "thêm \(left) lần báo"), at: min(1, steps.count))
    }
    return lead.sentence(
      lead.say("before that: ", "trước đó: ") + steps.joined(separator: "; "))
  }

  private func step(_ change: AlertTransition) -> String {
    let speaker = AlertSpeaker(change, context)
    let values = speaker.values.isEmpty ? nil : speaker.pair(speaker.values)
    func with(_ en: String, _ vi: String) -> String {
      lead.say(en + (values.map { ", \($0)" } ?? ""), vi + (values.map { ", \($0)" } ?? ""))
    }
    let (date, words): (Date, String) =
      switch (change.to, change.stage) {
      case (.firing, .acknowledged):
        (
          change.acknowledgement?.at ?? change.at,
          lead.say("\(speaker.answerer ?? "") said that they know", "\(speaker.answerer ?? "") báo là đã biết")
        )
      case (.firing, .escalated): (change.decidedAt, lead.say("nobody had answered", "chưa ai trả lời"))
      case (.firing, .unanswered): (change.decidedAt, lead.say("nobody had answered at all", "không ai trả lời cả"))
      case (.firing, .confirmed): (change.at, with("a second reading confirmed it", "đo lại vẫn vậy"))
      case (.firing, .notRepeated): (change.decidedAt, lead.say("nobody had measured again", "chưa ai đo lại"))
      case (.firing, .still): (change.decidedAt, lead.say("it was still so", "vẫn vậy"))
      case (.firing, .reopened): (change.at, with("there was a new reading", "có lần đo mới"))
      case (.resolved, .ruleChanged): (change.decidedAt, lead.say("its rule was changed", "quy tắc đã đổi"))
      case (.resolved, _): (change.at, with("it ended", "hết cảnh báo"))
      default: (change.at, with("it began", "bắt đầu"))
      }
    let time = clock(date)
    return lead.say("at \(time) \(words)", "lúc \(time) \(words)")
  }

  /// Without the day where it is that of the reading that was said first.
  private func clock(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = context.timeZone
    let isSameDay = digest.lead.stage != .acknowledged && calendar.isDate(date, inSameDayAs: digest.lead.at)
    return isSameDay ? lead.clock(date) : lead.time(date)
  }

  // MARK: What was held back

  private var flooded: String? {
    guard !digest.flooded.isEmpty else { return nil }
    let count = digest.flooded.values.reduce(0, +)
    let rules = digest.flooded.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
    return lead.say(
      count == 1
        ? "Too many messages came within an hour, so 1 was held back until now: \(rules)."
        : "Too many messages came within an hour, so \(count) were held back until now: \(rules).",
      "Trong một giờ có quá nhiều tin, nên \(count) tin được giữ lại đến bây giờ: \(rules).")
  }
}
