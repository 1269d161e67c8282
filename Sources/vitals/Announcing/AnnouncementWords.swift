import LocalAPI

/// An alert as it is said aloud: words only, since a voice makes nothing of signs and units.
struct AnnouncementWords {
  let language: Language
  /// Without the name and the value: whoever is in the room hears it.
  let isDiscreet: Bool

  func text(_ episode: Episode) -> String {
    let alert = episode.alert
    var sentences: [String] = []
    if alert.simulated { sentences.append(say(.simulated)) }
    let isCondition = ConditionText(alert.component) != nil
    let severity = say(AnnouncementPlan.Severity(of: alert).text)
    if isDiscreet {
      sentences.append(say(.discreet, ["severity": severity]))
    } else if isCondition {
      sentences.append(say(.ofBox, ["severity": severity, "what": what(alert)]))
    } else if let person = alert.patientName {
      sentences.append(say(.ofPerson, ["severity": severity, "person": person, "what": what(alert)]))
    } else {
      sentences.append(say(.ofNobody, ["severity": severity, "what": what(alert)]))
    }
    if episode.unanswered { sentences.append(say(.unanswered)) }
    // Names come from people, and one line is one announcement.
    return Console.cleaned(sentences.joined(separator: " "))
  }

  private func what(_ alert: Alert) -> String {
    if let condition = ConditionText(alert.component) {
      return [alert.about, language.text(condition)].compactMap { $0 }.joined(separator: ": ")
    }
    let name = ListText(measure: alert.component)
    return "\(name.map { language.text($0) } ?? alert.component) \(alert.value)"
  }

  private func say(_ key: AnnounceText, _ values: [String: String] = [:]) -> String { language.text(key, values) }
}

extension AnnouncementPlan.Severity {
  /// The word that an announcement begins with.
  var text: AnnounceText {
    switch self {
    case .notice: .notice
    case .warning: .warning
    case .urgent: .urgent
    }
  }
}
