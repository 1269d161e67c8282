import Devices
import LocalAPI
import Testing
import WireFormats

@testable import Gateway

/// What a visit asks about its device's users, and what a person says to it.
@Suite(.timeLimit(.minutes(5))) struct ConsentDialogueTests {
  /// A visit that asks, in a task of its own.
  private static func asking(_ question: ConsentQuestion) async -> (PendingConsent, Task<ConsentAnswer, Never>) {
    let (stream, continuation) = AsyncStream.makeStream(of: PendingConsent.self)
    let asking = Task { await PendingConsent.ask(question) { continuation.yield($0) } }
    var iterator = stream.makeAsyncIterator()
    guard let pending = await iterator.next() else { fatalError("the task puts one") }
    return (pending, asking)
  }

  /// Somebody has it and does not answer.
  private static func keep(_ question: PendingConsent) {
    Task {
      try await Task.sleep(for: .seconds(3600))
      question.answer(.noMore)
    }
  }

  private static func consent(_ user: UInt8, _ code: UInt16) throws -> UserConsent {
    try #require(UserControlPoint.ConsentCode(code).flatMap { UserConsent(user: user, code: $0) })
  }

  private static func events(_ conversation: Gateway.PairingConversation) async -> [PairingEvent] {
    conversation.say(.finished(device: LocalAPI.Device(id: "ble:A", profile: "c/d", simulated: false)))
    var heard: [PairingEvent] = []
    for await event in conversation.events where !event.isLast { heard.append(event) }
    return heard
  }

  @Test func whatIsTypedReachesTheVisit() async throws {
    let conversation = Gateway.PairingConversation(id: "1")
    var dialogue = ConsentDialogue(conversation)
    let (first, answer) = await Self.asking(ConsentQuestion(opened: [], attemptsLeft: 3))
    dialogue.ask(first)
    // No code, and no user's number: asked again, and the visit goes on waiting.
    dialogue.answer(user: 255, code: 1)
    dialogue.answer(user: 2, code: 10_000)
    dialogue.answer(user: 2, code: 7391)
    #expect(await answer.value == .existing(try Self.consent(2, 7391)))
    let (again, second) = await Self.asking(ConsentQuestion(opened: [], problem: .wrong, attemptsLeft: 2))
    dialogue.ask(again)
    dialogue.answerNoMore()
    #expect(await second.value == .noMore)
    #expect(dialogue.wasAnswered)
    #expect(
      await Self.events(conversation) == [
        .consentNeeded(opened: []), .consentNeeded(opened: []), .consentNeeded(opened: []),
        .consentRefused(reason: "wrong", attemptsLeft: 2), .consentNeeded(opened: []),
      ])
  }

  /// The device had gone while somebody typed: on its next link nobody types it again.
  @Test func anAnswerThatNobodyDecidedOnIsGivenAgain() async throws {
    let conversation = Gateway.PairingConversation(id: "1")
    var dialogue = ConsentDialogue(conversation)
    let (first, answer) = await Self.asking(ConsentQuestion(opened: [], attemptsLeft: 3))
    dialogue.ask(first)
    dialogue.answer(user: nil, code: 7391)
    let code = try #require(UserControlPoint.ConsentCode(7391))
    #expect(await answer.value == .register(code))
    let (second, again) = await Self.asking(ConsentQuestion(opened: [], attemptsLeft: 3))
    dialogue.ask(second)
    #expect(await again.value == .register(code))
    dialogue.given(4)
    let (third, more) = await Self.asking(ConsentQuestion(opened: [4], attemptsLeft: 3))
    dialogue.ask(third)
    dialogue.answerNoMore()
    #expect(await more.value == .noMore)
    #expect(
      await Self.events(conversation) == [
        .consentNeeded(opened: []), .consentGiven(user: 4), .consentNeeded(opened: [4]),
      ])
  }

  @Test func aQuestionThatNobodyAnswersEnds() async {
    var (pending, answer): (PendingConsent?, Task<ConsentAnswer, Never>) = await Self.asking(
      ConsentQuestion(opened: [], attemptsLeft: 3))
    #expect(pending != nil)
    pending = nil
    #expect(await answer.value == .noMore)
  }

  /// The adapter was pulled out, or the gateway stops: nobody waits until somebody types.
  @Test func aVisitThatIsEndedDoesNotWaitForItsAnswer() async {
    let (pending, answer) = await Self.asking(ConsentQuestion(opened: [], attemptsLeft: 3))
    answer.cancel()
    #expect(await answer.value == .noMore)
    pending.answer(.noMore)
    // Also where it was ended before it asked.
    let late = Task {
      while !Task.isCancelled { await Task.yield() }
      return await PendingConsent.ask(ConsentQuestion(opened: [], attemptsLeft: 3)) { question in
        Self.keep(question)
      }
    }
    late.cancel()
    #expect(await late.value == .noMore)
  }

  /// It was put when the pairing was just over.
  @Test func aQuestionThatTheProcedureDidNotTakeEnds() async throws {
    try await ArmedHouse.with { (house) async throws in
      let conversation = Gateway.PairingConversation(id: "1")
      let (put, isPut) = AsyncStream.makeStream(of: Void.self)
      let answer = Task {
        await PendingConsent.ask(ConsentQuestion(opened: [], attemptsLeft: 3)) { question in
          conversation.put(.consentAsked(question))
          isPut.finish()
        }
      }
      for await _ in put {}
      // Nobody is called that: it ends before it takes anything.
      let request = PairingRequest(patient: "nobody")
      await house.service.pair(request, conversation)
      #expect(await answer.value == .noMore)
      conversation.abandon()
    }
  }

  /// A session waits for the one before it, which may wait for a person.
  @Test func endingADevicesSessionEndsTheOneBeforeIt() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff()
      for _ in 1...3 {
        await house.service.begin(cuff.address) {
          _ = await PendingConsent.ask(ConsentQuestion(opened: [], attemptsLeft: 3)) { question in
            Self.keep(question)
          }
        }
      }
      await house.service.endSession(cuff.address)
      #expect(await house.service.running.isEmpty)
    }
  }
}
