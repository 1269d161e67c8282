import Foundation
import LocalAPI
import Testing

@testable import vitals

/// A conversation as a script: `-` what the gateway says, `<` what is typed, and the transcript that comes of it.
struct Script {
  var conversation: PairingConversation
  var transcript: [String] = []
  var answers: [PairingAnswer] = []
  var end: CommandStatus?

  init(
    _ language: Language = .en, listener: PairingConversation.Listener = .person, takesFirst: Bool = false,
    addressNamed: Bool = false, waits: String? = nil
  ) {
    conversation = PairingConversation(
      language: language, timeZone: .hanoi, listener: listener, takesFirst: takesFirst, addressNamed: addressNamed,
      waits: waits)
  }

  mutating func hear(_ events: PairingEvent...) {
    for event in events { follow(conversation.receive(event)) }
  }

  mutating func type(_ line: String?) {
    transcript.append("< \(line ?? "(end)")")
    follow(conversation.type(line))
  }

  private mutating func follow(_ actions: [PairingConversation.Action]) {
    for action in actions {
      switch action {
      case .say(let text, _): transcript.append(text)
      case .ask(let text): transcript.append("? \(text)")
      case .read: transcript.append("(read)")
      case .answer(let answer):
        answers.append(answer)
        transcript.append("! \(answer)")
      case .answerNewPerson(let name): transcript.append("! new person \(name)")
      case .end(let status): end = status
      }
    }
  }
}

@Suite struct PairingConversationTests {
  let cuff = FoundDevice(
    address: "F0:F1:F2:F3:F4:F5", name: "UA-651", profile: "sig/blood-pressure", score: 10, rssi: -62)
  let other = FoundDevice(
    address: "F0:F1:F2:F3:F4:F6", name: "BP-2", profile: "sig/blood-pressure", score: 10, rssi: -80)
  let mai = Patient(id: "p-1", name: "Bà Mai", addedAt: Timestamp(morning))
  let device = Device(
    id: "ble:F0:F1:F2:F3:F4:F5", name: "UA-651", profile: "sig/blood-pressure", patient: "p-1", patientName: "Bà Mai",
    simulated: false)

  @Test func passkeyTypedWrongThenRight() {
    var script = Script()
    script.hear(
      .searching(profiles: [SoughtProfile(profile: "sig/blood-pressure", name: "blood-pressure cuff")]), .found(cuff))
    script.type("")
    script.hear(.pairing(address: cuff.address), .passkeyNeeded(attempt: 1))
    script.type("12 345")
    script.type("111 111")
    script.hear(.passkeyWrong(attemptsLeft: 2), .passkeyNeeded(attempt: 2))
    script.type("012345")
    script.hear(
      .bonded(authentication: "authenticated"),
      .deviceInformation(manufacturer: "A&D", model: "UA-651BLE", serial: nil, firmware: ""),
      .clock(offsetSeconds: -7300, note: nil), .whoseIsIt(patients: [mai]))
    script.type("1")
    script.hear(.waitingForReading(instruction: nil), .reading(.cuff()), .finished(device: device))
    #expect(
      script.transcript == [
        "Looking for: blood-pressure cuff",
        "Press and hold the Bluetooth button on the cuff until its Bluetooth sign blinks.",
        "Ctrl-C stops.",
        "Found UA-651 (sig/blood-pressure), F0:F1:F2:F3:F4:F5, -62 dBm",
        "? Is this yours? [Y/n]",
        "< ",
        "! choose F0:F1:F2:F3:F4:F5",
        "Pairing with F0:F1:F2:F3:F4:F5…",
        "The device now shows six digits.",
        "? Type the six digits:",
        "< 12 345",
        "That is not six digits. Look at the device again.",
        "? Type the six digits:",
        "< 111 111",
        "! passkey",
        "That number was wrong. Tries left: 2. Wait until the device shows a new one.",
        "The device now shows six digits.",
        "? Type the six digits:",
        "< 012345",
        "! passkey",
        "Paired. The number proved that it is this device and no other.",
        "It is: A&D, UA-651BLE",
        "Its clock is 2 h behind. The gateway allows for it.",
        "  1. Bà Mai",
        "? Whose is it? Type the number, or a new name:",
        "< 1",
        "! patient",
        "Now take one measurement, sitting still, to see that everything works.",
        "The first reading: 2026-11-22 07:30 +07:00  128/82 mmHg, pulse 71/min",
        "Done: UA-651 is ready for Bà Mai.",
      ])
    #expect(
      script.answers == [
        .choose(address: cuff.address), .passkey("111111"), .passkey("012345"), .patient("p-1"),
      ])
    #expect(script.end == .done)
  }

  @Test func aKnownDeviceIsPairedAgainWithoutQuestions() {
    var known = cuff
    known.known = true
    var script = Script(listener: .nobody, addressNamed: true)
    script.hear(.searching(profiles: []), .found(known), .pairing(address: cuff.address))
    script.hear(.bonded(authentication: "bonded"), .finished(device: device))
    #expect(script.transcript.contains("It is known here already: it is paired again and keeps its readings."))
    #expect(script.answers.isEmpty && script.end == .done)
  }

  @Test(arguments: [
    (PairingFailure.Code.refusedByDevice, CommandStatus.failed, "Thiết bị từ chối ghép nối."),
    (PairingFailure.Code.anotherDevice, .failed, "Đây có thể là thiết bị khác; chưa có gì thay đổi."),
    (PairingFailure.Code.noSuchDevice, .notFound, "Không có thiết bị này trong danh sách."),
  ])
  func failuresInVietnamese(code: String, end: CommandStatus, sentence: String) {
    var script = Script(.vi)
    script.hear(.failed(PairingFailure(code: code, reason: "english", remedy: "english")))
    #expect(script.transcript.first == sentence && script.transcript.count == 2)
    #expect(script.end == end)
  }

  @Test func vietnameseConversation() {
    var script = Script(.vi)
    script.hear(.searching(profiles: []), .found(cuff))
    script.type("c")
    script.hear(.comparePasskey(number: "001234"))
    script.type("?")
    script.type("có")
    script.hear(.bonded(authentication: "bonded"), .clock(offsetSeconds: 1, note: nil), .finished(device: device))
    #expect(
      script.transcript == [
        "Nhấn giữ nút Bluetooth trên máy đo huyết áp cho đến khi biểu tượng Bluetooth nhấp nháy.",
        "Nhấn Ctrl-C để dừng.",
        "Đã thấy UA-651 (sig/blood-pressure), F0:F1:F2:F3:F4:F5, -62 dBm",
        "? Đây có phải máy của mình không? [C/k]", "< c", "! choose F0:F1:F2:F3:F4:F5",
        "Trên thiết bị phải hiện số: 001 234", "? Hai số có giống nhau không? [c/k]", "< ?",
        "Vui lòng gõ c (có) hoặc k (không).", "? Hai số có giống nhau không? [c/k]", "< có", "! yes",
        "Ghép nối xong. Kết quả đo được mã hóa khi gửi.", "Đồng hồ của thiết bị chạy đúng.",
        "Xong: UA-651 đã sẵn sàng cho Bà Mai.",
      ])
  }

  @Test func oneOfSeveralIsChosenByItsNumber() {
    var script = Script()
    script.hear(.found(cuff), .found(other), .found(cuff))
    script.type("3")
    script.type("2")
    #expect(
      script.transcript.suffix(7) == [
        "  1. UA-651 (sig/blood-pressure), F0:F1:F2:F3:F4:F5", "  2. BP-2 (sig/blood-pressure), F0:F1:F2:F3:F4:F6",
        "? Which one is yours? Type its number:", "< 3", "Please type a number from 1 to 2.",
        "? Which one is yours? Type its number:", "< 2",
      ].suffix(6) + ["! choose F0:F1:F2:F3:F4:F6"])
    #expect(script.answers == [.choose(address: other.address)])
  }

  @Test func aDeclinedDeviceIsNotOfferedAgain() {
    var script = Script()
    script.hear(.found(cuff))
    script.type("n")
    script.hear(.found(cuff))
    #expect(script.transcript.last == "< n")
    script.hear(.found(other))
    #expect(script.transcript.last == "? Is this yours? [Y/n]")
    script.type("yes")
    #expect(script.answers == [.choose(address: other.address)])
  }

  @Test func aNewPersonIsAskedForOnce() {
    var script = Script()
    script.hear(.whoseIsIt(patients: [mai]))
    script.type("Lan")
    script.type("n")
    script.type("bà mai")
    #expect(script.answers == [.patient("p-1")])
    var first = Script()
    first.hear(.whoseIsIt(patients: []))
    first.type(" Lan ")
    #expect(first.transcript == ["? Whose is it? Type the name:", "<  Lan ", "! new person Lan"])
  }

  @Test func withoutAnybodyTheFirstDeviceIsTaken() {
    var script = Script(listener: .nobody, takesFirst: true, waits: "24h")
    script.hear(.searching(profiles: []), .found(cuff), .found(other), .bonded(authentication: "unauthenticated"))
    #expect(script.answers == [.choose(address: cuff.address)])
    #expect(script.transcript.contains("Waiting up to 24h. Nobody needs to type anything."))
    #expect(script.transcript.last?.hasPrefix("This device cannot pair") == true)
    #expect(script.end == nil)
  }

  @Test func aDeviceThatIsOnlyHeardIsAddedAndNotPaired() {
    var script = Script(listener: .nobody, takesFirst: true)
    script.hear(.searching(profiles: []), .found(cuff), .listening(address: cuff.address), .finished(device: device))
    #expect(
      script.transcript.suffix(2) == [
        "Added, not paired: the gateway listens to what it sends to everybody. "
          + "That is not protected, and its readings are marked so.",
        "Done: UA-651 is ready for Bà Mai.",
      ])
    #expect(script.end == .done)
  }

  @Test func aNamedDeviceIsNotChosenAgain() {
    var script = Script(addressNamed: true)
    script.hear(.found(cuff))
    #expect(script.answers.isEmpty)
    #expect(script.transcript.count == 1)
  }

  @Test func passkeysComeFromStandardInput() {
    var script = Script(listener: .passkeys, takesFirst: true)
    script.hear(.found(cuff), .passkeyNeeded(attempt: 1))
    script.type("123456")
    script.hear(.passkeyWrong(attemptsLeft: 2), .passkeyNeeded(attempt: 2))
    script.type(nil)
    #expect(script.answers == [.choose(address: cuff.address), .passkey("123456"), .cancel])
    #expect(script.end == .failed)
    #expect(!script.transcript.joined().contains("123456 "))

    var wrong = Script(listener: .passkeys, takesFirst: true)
    wrong.hear(.passkeyNeeded(attempt: 1))
    wrong.type("abc")
    #expect(wrong.answers == [.cancel])
    #expect(wrong.end == .failed)
  }

  /// A yes that nobody looked for would say that somebody had compared.
  @Test func nobodyComparesNothing() {
    for listener in [PairingConversation.Listener.nobody, .passkeys] {
      var script = Script(listener: listener, takesFirst: true)
      script.hear(.comparePasskey(number: "123456"))
      #expect(script.answers == [.no])
      #expect(script.end == .failed)
    }
    var typing = Script(listener: .nobody, takesFirst: true)
    typing.hear(.passkeyNeeded(attempt: 1))
    #expect(typing.answers == [.cancel])
    #expect(typing.end == .failed)
  }

  @Test func failuresSayWhatToDo() {
    var script = Script()
    script.hear(.failed(PairingFailure(code: "nothing-found", reason: "no cuff within 120 s")))
    #expect(
      script.transcript == [
        "no cuff within 120 s",
        "What to do: Bring the device near, hold its Bluetooth button until the sign blinks, and try again.",
      ])
    #expect(script.end == .notFound)
    var vietnamese = Script(.vi)
    vietnamese.hear(.failed(PairingFailure(code: "device-left", reason: "english", remedy: "english")))
    #expect(vietnamese.transcript.first == "Thiết bị ngắt kết nối giữa chừng.")
    #expect(vietnamese.end == .failed)
    var newer = Script(.vi)
    newer.hear(.failed(PairingFailure(code: "a-newer-one", reason: "english")))
    #expect(newer.transcript == ["english"])
  }

  @Test func afterTheEndNothingIsSaid() {
    var script = Script()
    script.hear(.finished(device: device), .found(cuff))
    script.type("x")
    #expect(script.transcript == ["Done: UA-651 is ready for Bà Mai.", "< x"])
  }
}

extension PairingConversationTests {
  @Test func aUsersCodeIsTypedWrongAndRightAndNeverShown() {
    var script = Script()
    script.hear(.consentNeeded(opened: []))
    script.type("two")
    script.type("2")
    script.type("12345")
    script.type("7391")
    script.hear(.consentRefused(reason: "wrong", attemptsLeft: 2), .consentNeeded(opened: []))
    script.type("2")
    script.type("0042")
    script.hear(.consentGiven(user: 2), .consentNeeded(opened: [2]))
    script.type("new")
    script.type("1")
    script.hear(.consentGiven(user: 3), .consentNeeded(opened: [2, 3]))
    script.type("")
    #expect(
      script.answers == [
        .consent(user: 2, code: 7391), .consent(user: 2, code: 42), .consent(user: nil, code: 1), .noConsent,
      ])
    #expect(script.transcript.contains("Please type a number from 0 to 254, or 'new'."))
    #expect(script.transcript.contains("The code is a number of up to four digits."))
    #expect(
      script.transcript.contains(
        "The device does not take this number with this code. Tries left: 2. Look both up on the device."))
    #expect(
      script.transcript.filter { $0.hasPrefix("! ") } == [
        "! consent of user 2", "! consent of user 2", "! consent of a new user", "! no consent",
      ])
  }

  @Test func aUsersCodeInVietnamese() {
    var script = Script(.vi)
    script.hear(.consentNeeded(opened: []))
    script.type("mới")
    script.type("1234")
    script.hear(.consentRefused(reason: "not-registered", attemptsLeft: 2))
    #expect(script.answers == [.consent(user: nil, code: 1234)])
    #expect(script.transcript.last == "Thiết bị không tạo người dùng mới; có thể đã hết chỗ. Còn 2 lần thử.")
  }

  @Test func withoutAnybodyNoCodeIsGuessed() {
    var script = Script(listener: .nobody, takesFirst: true)
    script.hear(.consentNeeded(opened: []))
    #expect(script.answers == [.noConsent])
    var reading = Script(listener: .passkeys, takesFirst: true)
    reading.hear(.consentNeeded(opened: []))
    reading.type("2 7391")
    reading.hear(.consentNeeded(opened: [2]))
    #expect(reading.answers == [.consent(user: 2, code: 7391), .noConsent])
    var wrong = Script(listener: .passkeys, takesFirst: true)
    wrong.hear(.consentNeeded(opened: []))
    wrong.type("7391")
    #expect(wrong.answers == [.cancel] && wrong.end == .failed)
  }
}
