import Foundation

/// Texts without a measured value: for ways that may not carry one, and for what is taken back.
extension AlertSpeaker {
  private var alert: String {
    switch transition.severity {
    case .urgent: say("an urgent alert", "một cảnh báo khẩn")
    case .warning: say("an alert", "một cảnh báo")
    case .notice: say("a notice", "một tin lưu ý")
    }
  }

  var thinTitle: String {
    // Nothing was measured that might not be told.
    if transition.fact != nil { return title }
    let what =
      switch (transition.to, transition.stage) {
      case (_, .acknowledged): say("an alert is answered", "cảnh báo đã có người trả lời")
      case (_, .escalated): say("nobody answered, you are the next", "chưa ai trả lời, nay báo đến quý vị")
      case (_, .unanswered): say("nobody has answered an alert", "cảnh báo chưa ai trả lời")
      case (_, .summary): say("older readings have come", "có các lần đo cũ mới nhận")
      case (.resolved, .ruleChanged): say("an alert is closed", "cảnh báo đã đóng")
      case (.resolved, _): say("an alert has ended", "cảnh báo đã hết")
      default: alert
      }
    return transition.isSimulated ? say("Trial: \(what)", "Thử máy: \(what)") : capitalised(what)
  }

  var thinSentences: [String] {
    if transition.stage == .ruleChanged { return ruleChangedSentences }
    if let fact = transition.fact { return sentences(of: fact) }
    let when =
      isLate && transition.since == nil
      ? say("from \(time(transition.at)): ", "lúc \(time(transition.at)): ") : ""
    let first = sentence(when + thinNews)
    guard !transition.isSimulated else { return [trial, first] }
    var sentences = [first]
    if transition.timeIsUncertain == true {
      sentences.append(say("The time may be wrong.", "Giờ có thể chưa đúng."))
    }
    sentences.append(
      say("Please open the gateway to see what was measured.", "Xin mở cổng sức khỏe để xem kết quả đo."))
    if transition.to == .firing, transition.severity == .urgent, transition.stage != .acknowledged {
      sentences.append(
        isToPatient
          ? say(
            "If you cannot, please sit and rest, then measure again.", "Nếu không xem được, xin ngồi nghỉ rồi đo lại.")
          : say("If you cannot, please call or go there now.", "Nếu không xem được, xin gọi điện hoặc đến xem ngay."))
    }
    return sentences
  }

  private var thinNews: String {
    let alert =
      isUnassigned
      ? self.alert + say(" about somebody at home", " về một người trong nhà")
      : isToPatient
        ? self.alert + say(" about you", " của \(who)")
        : self.alert + (name.map { say(" about \($0)", " về \($0)") } ?? "")
    return switch (transition.to, transition.stage) {
    case (_, .acknowledged): say("\(answerer ?? "") knows of \(alert)", "\(answerer ?? "") đã biết về \(alert)")
    case (_, .escalated):
      say(
        "nobody has answered \(alert), and you are the next to be told",
        "chưa ai trả lời \(alert), nên nay xin báo đến quý vị")
    case (_, .unanswered):
      say("everybody was told of \(alert), and nobody has answered", "đã báo mọi người về \(alert) mà chưa ai trả lời")
    case (_, .summary): say("some older readings have come only now", "có các lần đo cũ nay mới nhận được")
    case (.resolved, .ruleChanged):
      say("\(alert) is closed, since its rule was changed", "\(alert) được đóng vì quy tắc của nó đã đổi")
    case (.resolved, _): say("\(alert) has ended", "\(alert) đã hết")
    case (_, .confirmed):
      say("\(alert) is confirmed by a second reading", "đo lần thứ hai đã xác nhận \(alert)")
    case (_, .notRepeated): say("there is \(alert), and nobody has measured again", "có \(alert), và chưa ai đo lại")
    case (_, .reopened): say("there is news of \(alert)", "có tin mới về \(alert)")
    default: say("there is \(alert)", "có \(alert)")
    }
  }

  /// With and without values the same: nothing was measured.
  fileprivate var ruleChanged: [String] {
    [
      sentence(thinNews),
      transition.fact == nil
        ? say(
          "No reading has ended it: please go by what was measured last.",
          "Chưa có lần đo nào cho thấy đã hết: xin dựa vào kết quả đo gần nhất.")
        : say("Whether it is mended is not known.", "Chưa biết việc này đã được xử lý chưa."),
    ]
  }

  var ruleChangedSentences: [String] { transition.isSimulated ? [trial] + ruleChanged : ruleChanged }

  var withdrawnTitle: String {
    let time = self.time(transition.at, isShort: true)
    let what = say("taken back: the alert of \(time)", "rút lại: cảnh báo lúc \(time)")
    return transition.isSimulated ? say("Trial, \(what)", "Thử máy, \(what)") : capitalised(what)
  }

  var withdrawnSentences: [String] {
    let time = self.time(transition.at)
    return [
      say(
        "What was told of an alert at \(time) is taken back: the reading was somebody else's.",
        "Cảnh báo lúc \(time) được rút lại vì đó là kết quả đo của người khác."),
      say(
        "Please forget its values; nothing needs to be done for this person.",
        "Xin bỏ qua số đo đã báo; không cần làm gì cho người này."),
    ]
  }
}
