import Devices
import LocalAPI
import WireFormats

/// The part of a pairing in which a person opens the readings of the device's users. Codes go through it and stay nowhere.
struct ConsentDialogue {
  private let conversation: PairingConversation
  private var pending: PendingConsent?
  /// What was answered, until the device has said what it thinks of it: it may have left while somebody typed.
  private var undecided: ConsentAnswer?
  /// Somebody typed a code.
  private(set) var wasAnswered = false

  init(_ conversation: PairingConversation) { self.conversation = conversation }

  mutating func ask(_ pending: PendingConsent) {
    let question = pending.question
    if question.problem == nil, let undecided {
      self.undecided = nil
      return pending.answer(undecided)
    }
    undecided = nil
    self.pending = pending
    if let problem = question.problem {
      conversation.say(
        .consentRefused(reason: problem == .wrong ? "wrong" : "not-registered", attemptsLeft: question.attemptsLeft))
    }
    conversation.say(.consentNeeded(opened: question.opened.map { Int($0) }))
  }

  /// - Parameter user: nil: the device is to make a new one.
  mutating func answer(user: Int?, code: Int) {
    guard let pending else { return }
    guard let code = UInt16(exactly: code).flatMap({ UserControlPoint.ConsentCode($0) }),
      let answer = Self.answer(user, code)
    else { return conversation.say(.consentNeeded(opened: pending.question.opened.map { Int($0) })) }
    wasAnswered = true
    undecided = answer
    self.pending = nil
    pending.answer(answer)
  }

  mutating func answerNoMore() {
    pending?.answer(.noMore)
    pending = nil
  }

  mutating func given(_ user: UInt8) {
    undecided = nil
    conversation.say(.consentGiven(user: Int(user)))
  }

  private static func answer(_ user: Int?, _ code: UserControlPoint.ConsentCode) -> ConsentAnswer? {
    guard let user else { return .register(code) }
    return UInt8(exactly: user).flatMap { UserConsent(user: $0, code: code) }.map { .existing($0) }
  }
}
