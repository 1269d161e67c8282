import BluetoothLE
import WireFormats

/// Consent by the User Data Service (0x181C). A device that has it keeps each user's measurements shut until that user's code
/// was written to its User Control Point (0x2A9F) on this link, and answers by an indication.
///
/// One user at a time is open: what the device sends is of the user whose consent it took last. So the consents are given one
/// after the other, each once nothing more comes of the one before.
extension GATTVisit {
  /// How often a person may be wrong on one visit: there are devices that shut a user after a row of wrong codes.
  static var consentAttempts: Int { 3 }
  /// How long an answer is waited for: a procedure's time limit (User Data Service §3.2.1.5 takes it from ATT).
  static var consentLimit: Duration { .seconds(30) }

  /// Nil where the profile does not want consent, or the device has no User Control Point.
  private var userControlPoint: GATTDatabase.Characteristic? {
    policy.consent == .none ? nil : database.characteristic(Self.userControlPointUUID)
  }

  static var userControlPointUUID: BluetoothUUID { BluetoothUUID(0x2A9F) }

  /// Opens the readings of the first user who can be opened; a first visit asks the person, if one is there, until they say
  /// that there are no more users.
  ///
  /// - Throws: ``SessionEnd/consentRefused(reason:)`` when the device opens nobody's and the profile says that nothing can be
  ///   had so.
  mutating func giveConsent() async throws(SessionFailure) {
    guard policy.consent != .none else { return }
    guard !session.consents.known.isEmpty || session.consents.ask != nil else {
      guard policy.consent == .required else { return }
      throw SessionFailure(.consentRefused(reason: Self.nobodyKnown))
    }
    // A secret is written, and its handle may only be remembered. A changed database comes by here by itself.
    guard try await verify() == .asRemembered else { return }
    guard let control = userControlPoint else {
      guard policy.consent == .required else { return }
      throw SessionFailure(.unsuitable(missing: Self.userControlPointUUID))
    }
    try await need("Subscribing to \(control.uuid)") {
      try await $0.setClientCharacteristicConfiguration(control, .indication)
    }
    waitingConsents = session.consents.known
    guard session.consents.ask != nil else {
      guard try await !openNextUser(), policy.consent == .required else { return }
      throw SessionFailure(.consentRefused(reason: Self.refused))
    }
    var opened: [UserConsent] = []
    for consent in session.consents.known {
      if try await open(consent, control) { opened.append(consent) }
    }
    opened = try await ask(opened, control)
    // What is sent from here on is of the last one that was opened; the others have their turn after it.
    waitingConsents = Array(opened.dropLast())
    guard opened.isEmpty, policy.consent == .required else { return }
    throw SessionFailure(.consentRefused(reason: session.consents.known.isEmpty ? Self.nobodyKnown : Self.refused))
  }

  private static var nobodyKnown: String {
    "The device keeps its readings shut until one of its users consents, and no consent code is known."
  }

  private static var refused: String {
    "The device does not take the consent code that is known: it was changed, or the user was deleted on the device."
  }

  /// Consents for the next user, once all of the one before has come.
  ///
  /// - Returns: false when there is none left.
  mutating func openNextUser() async throws(SessionFailure) -> Bool {
    guard let control = userControlPoint else { return false }
    while let consent = waitingConsents.first {
      waitingConsents.removeFirst()
      if try await open(consent, control) { return true }
    }
    return false
  }

  /// - Returns: whether the device took it; then the user is open.
  private mutating func open(
    _ consent: UserConsent, _ control: GATTDatabase.Characteristic
  ) async throws(SessionFailure) -> Bool {
    let command = UserControlPoint.Command.consent(userIndex: consent.user, consent.code)
    guard try await reply(to: command, control)?.responseValue == .success else {
      session.progress(.consentRefused(user: consent.user))
      return false
    }
    openUser = Int(consent.user)
    session.progress(.consentGiven(user: consent.user))
    return true
  }

  /// - Returns: those opened before, and what the person added.
  private mutating func ask(
    _ before: [UserConsent], _ control: GATTDatabase.Characteristic
  ) async throws(SessionFailure) -> [UserConsent] {
    guard let ask = session.consents.ask else { return before }
    var opened = before
    var question = ConsentQuestion(opened: opened.map(\.user), attemptsLeft: Self.consentAttempts)
    while question.attemptsLeft > 0 {
      let consent: UserConsent?
      let answer = await ask(question)
      // Nobody said no: the visit is ended from here, and nothing is known of the device.
      guard !Task.isCancelled else { throw SessionFailure(.cancelled) }
      switch answer {
      case .noMore: return opened
      case .existing(let existing): consent = existing
      case .register(let code): consent = try await register(code, control)
      }
      guard let consent, try await open(consent, control) else {
        question.problem = consent == nil ? .notRegistered : .wrong
        question.attemptsLeft -= 1
        continue
      }
      do {
        try await session.consents.keep(consent)
      } catch {
        throw SessionFailure(.notStored(reason: "\(error)"))
      }
      opened.removeAll { $0.user == consent.user }
      opened.append(consent)
      question = ConsentQuestion(opened: opened.map(\.user), attemptsLeft: Self.consentAttempts)
    }
    return opened
  }

  /// A new user of the device's; nil when it makes none.
  private mutating func register(
    _ code: UserControlPoint.ConsentCode, _ control: GATTDatabase.Characteristic
  ) async throws(SessionFailure) -> UserConsent? {
    try await reply(to: .registerNewUser(code), control)?.registeredUserIndex.flatMap {
      UserConsent(user: $0, code: code)
    }
  }

  /// The device's answer; nil when it refuses the write, says nothing, or says what is no answer to this.
  private mutating func reply(
    to command: UserControlPoint.Command, _ control: GATTDatabase.Characteristic
  ) async throws(SessionFailure) -> UserControlPoint? {
    controlPointAnswer = nil
    guard
      try await ask(
        "Writing the consent",
        { [gate] in try await gate.write(command.bytes, to: control, isRequest: true, by: $0) }) != nil,
      let bytes = try await controlPointAnswer(within: Self.consentLimit), let answer = try? UserControlPoint(bytes),
      answer.requestOpCode == command.bytes.first
    else { return nil }
    return answer
  }
}
