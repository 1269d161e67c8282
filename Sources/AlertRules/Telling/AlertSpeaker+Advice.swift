import Foundation
import Observations

/// How sure it is, and what to do: the sentences after the first.
extension AlertSpeaker {
  var sentences: [String] {
    if transition.stage == .ruleChanged { return ruleChangedSentences }
    if let fact = transition.fact { return sentences(of: fact) }
    let notes = certainty + marks
    var sentences = [measured]
    if !notes.isEmpty { sentences.append(sentence(notes.joined(separator: "; "))) }
    // Before the numbers, so that nobody is frightened by them.
    guard !transition.isSimulated else { return [trial] + sentences }
    sentences.append(next)
    if let call { sentences.append(call) }
    return sentences
  }

  var trial: String {
    say(
      "This is only a trial with made-up values, and nobody needs to do anything.",
      "Đây chỉ là thử máy với số liệu giả, không ai cần làm gì cả.")
  }

  // MARK: How sure

  var certainty: [String] {
    var words: [String] = []
    switch (transition.to, transition.stage) {
    case (.firing, .first):
      words.append(say("this is the first reading, not confirmed yet", "đây là lần đo đầu, chưa được xác nhận"))
    case (.firing, .confirmed):
      words.append(
        say("a second reading confirms the first", "đã đo lại lần hai và xác nhận")
          + opened { say(", which was \($0)", "; lần đầu là \($0)") })
    case (.resolved, .notConfirmed):
      words.append(
        say("the first reading", "lần đo đầu") + opened { say(" was \($0), and", " là \($0), nhưng") }
          + say(" the second does not confirm it", " lần thứ hai không xác nhận"))
    case (.firing, .notRepeated):
      words.append(
        say(
          "nobody has measured again, so it is not known how it is now",
          "chưa ai đo lại nên chưa biết bây giờ ra sao"))
    case (.firing, .still): words.append(say("this was told before and is still so", "việc này đã báo và nay vẫn vậy"))
    case (.firing, .summary):
      words.append(
        transition.value == 1
          ? say("it is an old reading that came only now", "đây là lần đo cũ, nay mới nhận được")
          : say(
            "these readings are old and came only now, all together",
            "đây là các lần đo cũ, nay mới nhận được cùng một lúc"))
    case (.firing, .acknowledged): words.append(acknowledged)
    case (.firing, .escalated):
      words.append(
        say(
          "nobody has answered so far, and you are the next to be told",
          "đến giờ chưa ai trả lời, nên nay xin báo đến \(isToPatient ? who : "quý vị")"))
    case (.firing, .unanswered):
      words.append(
        say(
          "everybody on the list was told, and nobody has answered",
          "đã báo cho mọi người trong danh sách mà chưa ai trả lời"))
    case (.firing, .reopened):
      words.append(
        say(
          "this alert was answered before, and here is a new reading",
          "cảnh báo này đã có người trả lời, nay có lần đo mới"))
    default:
      if transition.to == .firing, transition.basis == nil, !isMissing, transition.observation != nil {
        words.append(say("this is a single reading, not repeated yet", "đây mới là một lần đo, chưa đo lại"))
      }
    }
    if isUnassigned {
      words.append(say("it is not known whose reading it is", "chưa rõ đây là kết quả của ai"))
    }
    return words
  }

  func opened(_ words: (String) -> String) -> String {
    guard let opened = transition.openedWith, let part = parts(opened).first else { return "" }
    return words(part.amount)
  }

  private var acknowledged: String {
    let who = answerer ?? ""
    let time = transition.acknowledgement.map { self.time($0.at) } ?? ""
    return say("\(who) has said at \(time) that they know", "\(who) đã báo là đã biết lúc \(time)")
  }

  /// What makes the numbers, the time or the keeping doubtful.
  var marks: [String] {
    var marks: [String] = []
    let flags = MeasurementFlag.allCases.filter { transition.flags?.contains($0) == true }
    if !flags.isEmpty {
      let names = flags.map(flagName).joined(separator: ", ")
      marks.append(
        flags.contains(where: Self.spoils.contains)
          ? say("the device reports \(names), so the numbers may be off", "máy báo \(names), nên số đo có thể lệch")
          : say("the device reports \(names)", "máy báo \(names)"))
    }
    if transition.timeIsUncertain == true {
      marks.append(say("the time may be wrong", "giờ có thể chưa đúng"))
    }
    if transition.notStored {
      marks.append(say("it is not stored yet and may be told again", "chưa lưu được nên có thể báo lại lần nữa"))
    }
    return marks
  }

  /// Those that say of a measurement that it was not done well.
  private static let spoils: Set<MeasurementFlag> = [.bodyMovement, .cuffTooLoose, .improperPosition, .questionable]

  /// Those that the person can mend at the next measurement with a cuff.
  private static let mended: Set<MeasurementFlag> = [.bodyMovement, .cuffTooLoose, .improperPosition]

  // MARK: What to do

  var next: String { (isToPatient ? nextForPatient : nil) ?? nextForOthers }

  /// What to do for whoever it is about; nil: the same as everybody.
  private var nextForPatient: String? {
    switch (transition.to, transition.stage) {
    case (.resolved, _), (_, .summary): return nil
    case (_, .acknowledged):
      return transition.acknowledgement?.role.stopsLadder == true
        ? say("Please rest; whoever answered knows of it.", "Xin cứ nghỉ ngơi; người trả lời đã biết việc này.")
        : say(
          "Please rest; the others are told, too, until one of them answers.",
          "Xin cứ nghỉ ngơi; những người khác vẫn được báo cho đến khi có người trả lời.")
    case (_, .confirmed):
      return say(
        "Please sit and rest, tell somebody near you, and speak with the doctor today.",
        "Xin ngồi nghỉ, báo cho người ở gần, và hỏi bác sĩ trong hôm nay.")
    case (_, .escalated), (_, .reopened), (_, .unanswered), (_, .notRepeated):
      return say(
        "Please sit and rest for five minutes, then measure again, and tell somebody near you.",
        "Xin ngồi nghỉ năm phút rồi đo lại, và báo cho người ở gần.")
    default:
      if isMissing {
        return say(
          "Please measure when you can; if the device does not work, tell somebody.",
          "Xin đo khi tiện; nếu máy đo không chạy, xin báo cho người nhà.")
      }
      switch transition.basis {
      case .mean, .change, .count, .old: return nil
      case .held, nil: break
      }
      if transition.component == .heartRate {
        return say(
          "Please sit and rest for five minutes, then look at the heart rate again.",
          "Xin ngồi nghỉ năm phút rồi xem lại nhịp tim.")
      }
      return transition.flags.map { !$0.isDisjoint(with: Self.mended) } == true
        ? say(
          "Please sit and rest for five minutes, then measure again with a snug cuff and a still arm.",
          "Xin ngồi nghỉ năm phút rồi đo lại, quấn vòng bít vừa khít và giữ yên cánh tay.")
        : say(
          "Please sit and rest for five minutes, then measure again.", "Xin ngồi nghỉ năm phút rồi đo lại.")
    }
  }

  private var nextForOthers: String {
    switch (transition.to, transition.stage) {
    case (.resolved, .notConfirmed):
      return say("Please measure once more later in the day.", "Xin đo thêm một lần nữa trong ngày.")
    case (.resolved, _):
      return say(
        "Nothing needs to be done now; please measure at the usual times.",
        "Bây giờ không cần làm gì; xin đo tiếp vào giờ thường lệ.")
    case (_, .acknowledged):
      return transition.acknowledgement?.role.stopsLadder == true
        ? say("You need not do anything unless they ask you to.", "Quý vị không cần làm gì, trừ khi được nhờ.")
        : say(
          "Please call or go there all the same, until somebody else has answered, too.",
          "Xin vẫn gọi điện hoặc đến xem, cho đến khi có thêm người khác trả lời.")
    case (_, .summary):
      return say(
        "Nothing needs to be done at once; please show these readings to the doctor.",
        "Không cần làm gì ngay; xin cho bác sĩ xem các kết quả này.")
    case (_, .escalated), (_, .reopened):
      return say(
        "Please call or go there now, and answer this alert so that the others know.",
        "Xin gọi điện hoặc đến xem ngay, rồi trả lời cảnh báo này để mọi người biết.")
    case (_, .unanswered):
      return say("Please go and look now, whoever is nearest.", "Xin người ở gần nhất đến xem ngay.")
    case (_, .confirmed):
      return say(
        "Please call or go there now, and speak with the doctor today.",
        "Xin gọi điện hoặc đến xem ngay, và hỏi bác sĩ trong hôm nay.")
    case (_, .notRepeated):
      return say(
        "Please call or go there, and see that it is measured again after five minutes of rest.",
        "Xin gọi điện hoặc đến xem, cho nghỉ yên năm phút rồi đo lại.")
    default: return isMissing ? nextOfMissing : nextOfFinding
    }
  }

  private var nextOfMissing: String {
    transition.stage == .still
      ? say("Please go and see how they are.", "Xin đến xem tình hình thế nào.")
      : say(
        "Please ask how they are, and whether the device works.", "Xin hỏi thăm sức khỏe và xem máy đo còn chạy không.")
  }

  private var nextOfFinding: String {
    switch transition.basis {
    case .mean, .change, .count, .old:
      return transition.severity == .urgent
        ? say("Please speak with the doctor today.", "Xin hỏi bác sĩ trong hôm nay.")
        : say("Please tell the doctor of it in the next days.", "Xin báo cho bác sĩ trong vài ngày tới.")
    case .held, nil: break
    }
    if isUnassigned {
      return say(
        "Please ask everybody who uses the device how they feel, and measure again after five minutes of rest.",
        "Xin hỏi thăm mọi người dùng máy này; nghỉ yên năm phút rồi đo lại.")
    }
    if transition.component == .heartRate {
      return say(
        "They should sit and rest for five minutes, then look at the heart rate again.",
        "\(capitalised(who)) cần ngồi nghỉ năm phút rồi xem lại nhịp tim.")
    }
    return transition.flags.map { !$0.isDisjoint(with: Self.mended) } == true
      ? say(
        "They should sit and rest for five minutes, then measure again with a snug cuff and a still arm.",
        "\(capitalised(who)) cần ngồi nghỉ năm phút rồi đo lại, quấn vòng bít vừa khít và giữ yên cánh tay.")
      : say(
        "They should sit and rest for five minutes, then measure again.",
        "\(capitalised(who)) cần ngồi nghỉ năm phút rồi đo lại.")
  }

  /// Of many readings, none of which need be of now.
  private var isOfReadings: Bool {
    switch transition.basis {
    case .mean, .change, .count, .old: true
    case .held, nil: false
    }
  }

  private var they: String { isToPatient ? "you" : "they" }

  /// The symptoms are those of the AHA's page "When to Call 911", and fainting, for what is low.
  var call: String? {
    guard transition.stage != .acknowledged, transition.stage != .summary else { return nil }
    if isOver {
      guard transition.severity > .notice, !isMissing else { return nil }
      return say("If \(they) feel unwell all the same, call \(help).", "Nếu vẫn thấy không khỏe, xin gọi \(help).")
    }
    switch transition.severity {
    case .urgent where isOfReadings:
      return say("If \(they) feel unwell, call \(help).", "Nếu thấy không khỏe, xin gọi \(help).")
    case .urgent:
      return isMissing
        ? isToPatient
          ? say("If you feel unwell, call \(help).", "Nếu thấy không khỏe, xin gọi \(help).")
          : say("If nobody can be reached, call \(help).", "Nếu không liên lạc được, xin gọi \(help).")
        : say(
          "Call \(help) at once if there is chest pain, trouble breathing, fainting, weakness on one side or trouble speaking.",
          "Nếu đau ngực, khó thở, ngất, yếu một bên người hoặc khó nói, xin gọi ngay \(help).")
    case .warning:
      return isMissing ? nil : say("If \(they) feel unwell, call \(help).", "Nếu thấy không khỏe, xin gọi \(help).")
    case .notice: return nil
    }
  }
}
