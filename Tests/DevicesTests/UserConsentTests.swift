import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Synchronization
import Testing
import WireFormats

/// Devices that give a user's readings only after that user's consent (User Data Service, 0x181C). The octets are those of the
/// specification's tables: 02, user, code low octet first; the answer 20, request, value.
@Suite(.timeLimit(.minutes(5))) struct UserConsentTests {
  /// A cuff, and a User Control Point at 21 and 22.
  private static func table(hash: UInt8? = nil) -> [SimulatedAttribute] {
    var table = Visit.cuff(hash: hash)
    table.insert(
      contentsOf: [
        SimulatedAttribute(24, .primaryService, [0x1C, 0x18]),
        SimulatedAttribute(25, .characteristic, [0x28, 26, 0, 0x9F, 0x2A]),
        SimulatedAttribute(26, BluetoothUUID(0x2A9F), [], isWritable: true, readError: 2),
        SimulatedAttribute(27, .clientCharacteristicConfiguration, [0, 0]),
      ], at: 8)
    return table
  }

  /// 4711 is 0x1267; 42 is 0x002A.
  private static let right: [UInt8] = [0x02, 0x02, 0x67, 0x12]
  private static let other: [UInt8] = [0x02, 0x03, 0x2A, 0x00]
  private static let taken: [UInt8] = [0x20, 0x02, 0x01]
  private static let refused: [UInt8] = [0x20, 0x02, 0x05]
  private static let stamped: [UInt8] = [0x02, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0xEA, 0x07, 11, 22, 0, 29, 0]
  private static let second: [UInt8] = [0x02, 0x82, 0x00, 0x55, 0x00, 0x64, 0x00, 0xEA, 0x07, 11, 22, 0, 28, 0]

  private static func consent(_ user: UInt8, _ code: UInt16) throws -> UserConsent {
    try #require(UserControlPoint.ConsentCode(code).flatMap { UserConsent(user: user, code: $0) })
  }

  /// What was asked and kept.
  private final class Desk: Sendable {
    let answers: Mutex<[ConsentAnswer]>
    let questions = Mutex<[ConsentQuestion]>([])
    let kept = Mutex<[UserConsent]>([])
    init(_ answers: [ConsentAnswer]) { self.answers = Mutex(answers) }

    func consents(known: [UserConsent] = []) -> UserConsents {
      UserConsents(
        known: known,
        ask: { question in
          self.questions.withLock { $0.append(question) }
          return self.answers.withLock { $0.isEmpty ? .noMore : $0.removeFirst() }
        }, keep: { consent in self.kept.withLock { $0.append(consent) } })
    }
  }

  private static func visit(
    _ steps: [SimulatedStep], _ consents: UserConsents, _ table: [SimulatedAttribute] = Self.table(),
    policy consent: SessionPolicy.Consent = .required, isKnown: Bool = false, idle: Duration = .seconds(600)
  ) async throws -> Visit {
    var policy = SessionPolicyTests.policy(idle: idle, quiet: idle)
    policy.consent = consent
    var visit = try await Visit(
      table, steps, cache: isKnown ? try await Visit.discovered(table) : nil,
      keepsSubscriptions: isKnown ? false : nil, profile: Visit.profile(policy))
    visit.session.consents = consents
    return visit
  }

  private static func slots(_ visit: Visit) async -> [Int?] {
    await visit.sink.collector.collected.map(\.observation.userSlot)
  }

  // MARK: The right code

  @Test(arguments: [SessionPolicy.Consent.required, .automatic])
  func aKnownCodeOpensTheReadings(_ policy: SessionPolicy.Consent) async throws {
    let visit = try await Self.visit(
      [
        .awaitSubscription(27), .awaitWrite(26, Self.right), .indicate(26, Self.taken), .awaitSubscription(19),
        .indicate(18, Self.stamped), .end,
      ], UserConsents(known: [try Self.consent(2, 4711)]), policy: policy, isKnown: true)
    _ = await visit.run()
    // The reading itself does not say whose it is.
    #expect(await Self.slots(visit) == [2])
    #expect(visit.progress.all.contains(.consentGiven(user: 2)))
    let heard = await visit.heard()
    #expect(heard == ["write 27: 02 00", "write 26: 02 02 67 12", "confirmation", "write 19: 02 00", "confirmation"])
  }

  /// What the device sent before it answered is taken, and is not of the user who was not open yet.
  @Test func aValueThatComesBeforeTheAnswerIsTakenAfterIt() async throws {
    let visit = try await Self.visit(
      [
        .awaitWrite(26, Self.right), .notify(18, [Self.second], times: 1, every: 0), .indicate(26, Self.taken),
        .awaitSubscription(19), .indicate(18, Self.stamped), .end,
      ], UserConsents(known: [try Self.consent(2, 4711)]), isKnown: true)
    _ = await visit.run()
    #expect(await Self.slots(visit) == [nil, 2])
  }

  /// A User ID in the reading goes before.
  @Test func aReadingThatSaysWhoseItIsIsBelieved() async throws {
    let visit = try await Self.visit(
      [
        .awaitWrite(26, Self.right), .indicate(26, Self.taken), .awaitSubscription(19),
        .indicate(18, [0x08, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0x07]), .end,
      ], UserConsents(known: [try Self.consent(2, 4711)]), isKnown: true)
    _ = await visit.run()
    #expect(await Self.slots(visit) == [7])
  }

  @Test func severalUsersAreOpenedOneAfterTheOther() async throws {
    let visit = try await Self.visit(
      [
        .awaitWrite(26, Self.right), .indicate(26, Self.taken), .awaitSubscription(19), .indicate(18, Self.stamped),
        .awaitWrite(26, Self.other), .indicate(26, Self.taken), .indicate(18, Self.second), .end,
      ], UserConsents(known: [try Self.consent(2, 4711), try Self.consent(3, 42)]), isKnown: true, idle: .seconds(1))
    _ = await visit.run()
    #expect(await Self.slots(visit) == [2, 3])
  }

  // MARK: The wrong code

  @Test func aRefusedCodeOpensNothing() async throws {
    let visit = try await Self.visit(
      [.awaitWrite(26, Self.right), .indicate(26, Self.refused)], UserConsents(known: [try Self.consent(2, 4711)]),
      isKnown: true)
    let end = await visit.run()
    guard case .consentRefused(let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(!reason.contains("4711"))
    #expect(visit.progress.all.contains(.consentRefused(user: 2)))
    #expect(await visit.peripheral.awaitConfirmations(1))
    // Once on a visit: a device may shut a user whose code is tried again and again.
    #expect(await visit.heard().filter { $0.hasPrefix("write 26") }.count == 1)
  }

  @Test func oneUsersWrongCodeShutsOutNobodyElse() async throws {
    let visit = try await Self.visit(
      [
        .awaitWrite(26, Self.right), .indicate(26, Self.refused), .awaitWrite(26, Self.other),
        .indicate(26, Self.taken), .awaitSubscription(19), .indicate(18, Self.second), .end,
      ], UserConsents(known: [try Self.consent(2, 4711), try Self.consent(3, 42)]), isKnown: true)
    _ = await visit.run()
    #expect(await Self.slots(visit) == [3])
  }

  @Test func aPersonIsAskedAgainUntilTheCodeIsRight() async throws {
    let desk = Desk([.existing(try Self.consent(3, 42)), .existing(try Self.consent(2, 4711))])
    let visit = try await Self.visit(
      [
        .awaitWrite(26, Self.other), .indicate(26, Self.refused), .awaitWrite(26, Self.right),
        .indicate(26, Self.taken),
        .awaitSubscription(19), .indicate(18, Self.stamped), .end,
      ], desk.consents())
    _ = await visit.run()
    #expect(await Self.slots(visit) == [2])
    #expect(
      desk.questions.withLock { $0 } == [
        ConsentQuestion(opened: [], attemptsLeft: 3), ConsentQuestion(opened: [], problem: .wrong, attemptsLeft: 2),
        ConsentQuestion(opened: [2], attemptsLeft: 3),
      ])
    #expect(desk.kept.withLock { $0 } == [try Self.consent(2, 4711)])
  }

  @Test func afterThreeWrongCodesNobodyIsAskedAnyMore() async throws {
    let desk = Desk(try (1...4).map { .existing(try Self.consent(2, $0)) })
    let visit = try await Self.visit(
      (1...3).flatMap { [.awaitWrite(26, [0x02, 0x02, $0, 0x00]), .indicate(26, Self.refused)] }, desk.consents())
    let end = await visit.run()
    guard case .consentRefused = end else {
      Issue.record("\(end)")
      return
    }
    #expect(desk.questions.withLock { $0.count } == 3)
    #expect(desk.kept.withLock { $0 }.isEmpty)
  }

  // MARK: A new user

  @Test func theDeviceNumbersANewUser() async throws {
    let desk = Desk([.register(try #require(UserControlPoint.ConsentCode(4711)))])
    let visit = try await Self.visit(
      [
        .awaitWrite(26, [0x01, 0x67, 0x12]), .indicate(26, [0x20, 0x01, 0x01, 0x02]), .awaitWrite(26, Self.right),
        .indicate(26, Self.taken), .awaitSubscription(19), .indicate(18, Self.stamped), .end,
      ], desk.consents())
    _ = await visit.run()
    #expect(await Self.slots(visit) == [2])
    #expect(desk.kept.withLock { $0 } == [try Self.consent(2, 4711)])
  }

  @Test func aDeviceThatIsFullSaysSo() async throws {
    let desk = Desk([.register(try #require(UserControlPoint.ConsentCode(4711)))])
    let visit = try await Self.visit(
      [.awaitWrite(26, [0x01, 0x67, 0x12]), .indicate(26, [0x20, 0x01, 0x04])], desk.consents())
    _ = await visit.run()
    #expect(desk.questions.withLock { $0.last?.problem } == .notRegistered)
  }

  // MARK: None

  @Test func withoutACodeNothingIsWrittenToADeviceThatNeedsOne() async throws {
    let visit = try await Self.visit([], UserConsents(), isKnown: true)
    let end = await visit.run()
    guard case .consentRefused = end else {
      Issue.record("\(end)")
      return
    }
    #expect(await visit.heard().isEmpty)
  }

  @Test func withoutACodeADeviceThatMayGiveItsReadingsIsReadAsEver() async throws {
    let steps: [SimulatedStep] = [.awaitSubscription(19), .indicate(18, Self.stamped), .end]
    let visit = try await Self.visit(steps, UserConsents(), policy: .automatic, isKnown: true)
    _ = await visit.run()
    #expect(await Self.slots(visit) == [nil])
    #expect(await visit.heard() == ["write 19: 02 00", "confirmation"])
    // Nor is anybody asked about a device that has no User Control Point.
    let desk = Desk([])
    let plain = try await Self.visit(steps, desk.consents(), Visit.cuff(), policy: .automatic)
    _ = await plain.run()
    #expect(desk.questions.withLock { $0 }.isEmpty && plain.progress.all.contains { $0.isReading })
  }

  @Test func aDeviceWithoutAUserControlPointDoesNotFitAProfileThatRequiresConsent() async throws {
    let visit = try await Self.visit([], UserConsents(known: [try Self.consent(2, 4711)]), Visit.cuff(), isKnown: true)
    #expect(await visit.run() == .unsuitable(missing: BluetoothUUID(0x2A9F)))
  }

  /// The handle that is remembered is another characteristic's by now.
  @Test func noSecretIsWrittenUnderAHandleThatHasChanged() async throws {
    let cache = try await Visit.discovered(Self.table(hash: 1))
    var moved = Visit.cuff(hash: 2)
    moved.insert(
      contentsOf: [
        SimulatedAttribute(24, .primaryService, [0x00, 0xFF]),
        SimulatedAttribute(25, .characteristic, [0x08, 26, 0, 0x01, 0xFF]),
        SimulatedAttribute(26, BluetoothUUID(0xFF01), [], isWritable: true),
        SimulatedAttribute(40, .primaryService, [0x1C, 0x18]),
        SimulatedAttribute(41, .characteristic, [0x28, 42, 0, 0x9F, 0x2A]),
        SimulatedAttribute(42, BluetoothUUID(0x2A9F), [], isWritable: true, readError: 2),
        SimulatedAttribute(43, .clientCharacteristicConfiguration, [0, 0]),
      ], at: 8)
    var policy = SessionPolicyTests.policy(idle: .seconds(600), quiet: .seconds(600))
    policy.consent = .required
    var visit = try await Visit(
      moved,
      [
        .awaitWrite(42, Self.right), .indicate(42, Self.taken), .awaitSubscription(19), .indicate(18, Self.stamped),
        .end,
      ], cache: cache, keepsSubscriptions: false, profile: Visit.profile(policy))
    visit.session.consents = UserConsents(known: [try Self.consent(2, 4711)])
    _ = await visit.run()
    #expect(await Self.slots(visit) == [2])
    #expect(await !visit.heard().contains { $0.hasPrefix("write 26") })
  }

  /// The gateway stops while a person looks for the code: that is no refusal of the device's.
  @Test func aVisitThatIsEndedWhileItAsksSaysNothingOfTheDevice() async throws {
    let (asked, isAsked) = AsyncStream.makeStream(of: Void.self)
    let visit = try await Self.visit(
      [.awaitSubscription(19), .end],
      UserConsents(ask: { _ in
        isAsked.finish()
        while !Task.isCancelled { await Task.yield() }
        return .noMore
      }))
    let session = Task { await visit.run() }
    for await _ in asked {}
    session.cancel()
    #expect(await session.value == .cancelled)
  }

  @Test func nothingThatIsPrintedHasTheCode() throws {
    let consent = try Self.consent(2, 4711)
    for text in ["\(consent)", "\(ConsentAnswer.existing(consent))", "\(ConsentAnswer.register(consent.code))"] {
      #expect(!text.contains("4711") && !text.contains("1267"))
    }
  }
}

extension SessionProgress {
  fileprivate var isReading: Bool {
    if case .reading = self { true } else { false }
  }
}
