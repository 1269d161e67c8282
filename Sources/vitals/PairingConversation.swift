import Foundation
import LocalAPI

/// Our side of a pairing: what the gateway says and what is typed go in, what to show and to answer comes out. Pure; the
/// command around it does what it is told.
struct PairingConversation {
  /// Who can be asked.
  enum Listener: Hashable, Sendable {
    /// A person at a terminal.
    case person
    /// Standard input has passkeys, one a line.
    case passkeys
    case nobody
  }

  enum Action: Hashable, Sendable {
    case say(String, Style)
    /// Show the question and read a line.
    case ask(String)
    /// Read a line without a question.
    case read
    case answer(PairingAnswer)
    /// Add a person of this name, then answer with their id.
    case answerNewPerson(String)
    case end(CommandStatus)
  }

  private enum Question: Hashable {
    case which
    case passkey
    case compare
    case consentUser(opened: [Int])
    case consentCode(user: Int?)
    case whose([Patient])
    case add(name: String, [Patient])
  }

  let language: Language
  let timeZone: TimeZone
  let listener: Listener
  /// Take the first device that is found.
  let takesFirst: Bool
  /// The request named the device, so nothing is to be chosen.
  let addressNamed: Bool
  /// What `--wait` said, in words.
  let waits: String?

  private var candidates: [FoundDevice] = []
  private var declined: Set<String> = []
  private var chosen = false
  private var question: Question?
  private(set) var hasEnded = false

  init(
    language: Language, timeZone: TimeZone, listener: Listener, takesFirst: Bool, addressNamed: Bool,
    waits: String? = nil
  ) {
    self.language = language
    self.timeZone = timeZone
    self.listener = listener
    self.takesFirst = takesFirst
    self.addressNamed = addressNamed
    self.waits = waits
  }

  // MARK: - What the gateway says

  mutating func receive(_ event: PairingEvent) -> [Action] {
    if hasEnded { return [] }
    switch event {
    case .searching(let profiles): return searching(profiles)
    case .found(let device): return found(device)
    case .pairing(let address):
      chosen = true
      question = nil
      return [say(.securing, ["address": address])]
    case .passkeyNeeded: return passkeyNeeded()
    case .comparePasskey(let number): return compare(number)
    case .showPasskey(let number): return [say(.typeOnDevice, ["number": Self.grouped(number)])]
    case .passkeyWrong(let attemptsLeft):
      question = nil
      return [
        attemptsLeft > 0
          ? say(.passkeyWrong, ["count": String(attemptsLeft)], .bad) : say(.passkeyWrongLast, style: .bad)
      ]
    case .consentNeeded(let opened): return consentNeeded(opened)
    case .consentRefused(let reason, let attemptsLeft):
      question = nil
      let key: PairingText = reason == "not-registered" ? .consentNotRegistered : .consentWrong
      return [say(key, ["count": String(attemptsLeft)], .bad)]
    case .consentGiven(let user):
      question = nil
      return [say(.consentGiven, ["number": String(user)], .good)]
    case .bonded(let authentication):
      question = nil
      return switch authentication {
      case "authenticated": [say(.bondedAuthenticated, style: .good)]
      case "unauthenticated": [say(.unauthenticated, style: .warning)]
      default: [say(.bonded, style: .good)]
      }
    case .listening:
      chosen = true
      question = nil
      return [say(.listening, style: .warning)]
    case .deviceInformation(let manufacturer, let model, let serial, let firmware):
      let parts = [manufacturer, model, serial, firmware].compactMap { $0 }.filter { !$0.isEmpty }
      return parts.isEmpty ? [] : [say(.information, ["text": parts.joined(separator: ", ")])]
    case .clock(let offset, let note): return clock(offset, note)
    case .whoseIsIt(let patients): return whose(patients)
    case .waitingForReading(let instruction): return [.say(sentence(instruction, else: .measureNow), .plain)]
    case .reading(let reading):
      let words = ReadingWords(language: language, timeZone: timeZone)
      let notes = words.notes(reading)
      let text = "\(words.time(reading))  \(words.values(reading))" + (notes.isEmpty ? "" : "  [\(notes)]")
      return [say(.firstReading, ["text": text], reading.simulated ? .simulated : .good)]
    case .finished(let device):
      hasEnded = true
      let name = device.name ?? device.model ?? device.id
      let said =
        if let person = device.patientName {
          say(.doneFor, ["name": name, "person": person], .good)
        } else {
          say(.done, ["name": name], .good)
        }
      return [said, .end(.done)]
    case .failed(let failure):
      hasEnded = true
      return failed(failure)
    // The command that records writes these; nothing is said of each.
    case .recorded: return []
    case .recordingEnded:
      hasEnded = true
      return [.end(.done)]
    }
  }

  private mutating func searching(_ profiles: [SoughtProfile]) -> [Action] {
    var actions: [Action] = []
    if !profiles.isEmpty {
      actions.append(say(.lookingFor, ["names": profiles.map(\.name).joined(separator: ", ")]))
    }
    // Several kinds have several buttons; the words that hold for most are said then.
    let instructions = Set(profiles.map(\.instruction))
    let only = instructions.count == 1 ? instructions.first ?? nil : nil
    actions.append(.say(sentence(only, else: .pressButton), .plain))
    if let waits { actions.append(say(.waitLong, ["time": waits])) }
    actions.append(say(.stopHint, style: .faint))
    return actions
  }

  private mutating func found(_ device: FoundDevice) -> [Action] {
    if chosen || declined.contains(device.address) { return [] }
    if let index = candidates.firstIndex(where: { $0.address == device.address }) {
      // The same again, stronger or with its name: nobody is asked twice.
      candidates[index] = device
      return []
    }
    candidates.append(device)
    var said = [say(.found, description(device).merging(["rssi": String(device.rssi)]) { $1 })]
    if device.known == true { said.append(say(.knownAlready)) }
    if addressNamed { return said }
    if takesFirst {
      chosen = true
      return said + [say(.takingIt, description(device)), .answer(.choose(address: device.address))]
    }
    return said + askWhich()
  }

  private mutating func askWhich() -> [Action] {
    guard !candidates.isEmpty else { return [] }
    guard listener == .person else {
      // Without a person, the command sees to it that there is an address or a `--yes`.
      hasEnded = true
      return [say(.sayHow, style: .bad), .answer(.cancel), .end(.failed)]
    }
    question = .which
    if candidates.count == 1 { return [.ask(language.text(PairingText.isThisIt))] }
    return candidates.enumerated().map { index, device in
      say(.numbered, description(device).merging(["number": String(index + 1)]) { $1 })
    } + [.ask(language.text(PairingText.whichOne))]
  }

  private mutating func passkeyNeeded() -> [Action] {
    switch listener {
    case .person:
      question = .passkey
      return [say(.passkeyShown), .ask(language.text(PairingText.typePasskey))]
    case .passkeys:
      question = .passkey
      return [.read]
    case .nobody:
      hasEnded = true
      return [say(.passkeyNotTypable, style: .bad), .answer(.cancel), .end(.failed)]
    }
  }

  private mutating func compare(_ number: String) -> [Action] {
    // A yes that nobody looked for would be worse than no pairing: it would say that somebody had compared.
    guard listener == .person else {
      hasEnded = true
      return [say(.compareNobody, style: .bad), .answer(.no), .end(.failed)]
    }
    question = .compare
    return [
      say(.compare, ["number": Self.grouped(number)]), .ask(language.text(PairingText.compareAsk)),
    ]
  }

  private func clock(_ offset: Double?, _ note: String?) -> [Action] {
    guard let offset else {
      return [say(.clockUnknown)] + (language == .en && note != nil ? [.say(note ?? "", .faint)] : [])
    }
    // A device's digits have a resolution of a second, and reading them takes part of another.
    if abs(offset) <= 2 { return [say(.clockRight)] }
    return [
      say(offset > 0 ? .clockAhead : .clockBehind, ["time": Self.length(abs(offset), language)], .warning)
    ]
  }

  private mutating func whose(_ patients: [Patient]) -> [Action] {
    guard listener == .person else {
      if let only = patients.first, patients.count == 1 { return [.answer(.patient(only.id))] }
      hasEnded = true
      return [say(.sayWho, style: .bad), .answer(.cancel), .end(.failed)]
    }
    question = .whose(patients)
    if patients.isEmpty { return [.ask(language.text(PairingText.whoseFirst))] }
    return patients.enumerated().map { index, patient in
      say(.whose, ["number": String(index + 1), "name": patient.name])
    } + [.ask(language.text(PairingText.whoseAsk))]
  }

  private func failed(_ failure: PairingFailure) -> [Action] {
    var words = (failure.reason, failure.remedy)
    if let (reason, remedy) = Self.texts(for: failure.code) {
      // The daemon's English knows more than the code; in another language the code is what we have.
      if language != .en || failure.reason.isEmpty {
        words = (language.text(reason), remedy.map { language.text($0) })
      } else if failure.remedy == nil {
        words.1 = remedy.map { language.text($0) }
      }
    }
    var actions = [Action.say(words.0, .bad)]
    if let remedy = words.1 { actions.append(.say(language.text(StatusText.remedy, ["text": remedy]), .plain)) }
    let status: CommandStatus =
      [
        PairingFailure.Code.nothingFound, PairingFailure.Code.noSuchPatient, PairingFailure.Code.noSuchDevice,
      ].contains(failure.code) ? .notFound : .failed
    return actions + [.end(status)]
  }

  // MARK: - What is typed

  /// - Parameter line: without its line break; nil when the input has ended.
  mutating func type(_ line: String?) -> [Action] {
    guard !hasEnded, let question else { return [] }
    guard let line else {
      hasEnded = true
      let said = listener == .passkeys ? say(.passkeyStdinEnded, style: .bad) : say(.inputEnded, style: .bad)
      return [said, .answer(.cancel), .end(.failed)]
    }
    let word = line.trimmingCharacters(in: .whitespacesAndNewlines)
    switch question {
    case .which: return typedWhich(word)
    case .passkey: return typedPasskey(word)
    case .consentUser(let opened): return typedConsentUser(word, opened)
    case .consentCode(let user): return typedConsentCode(word, user)
    case .compare:
      guard let yes = Self.isYes(word, empty: nil) else {
        return [say(.yesOrNo), .ask(language.text(PairingText.compareAsk))]
      }
      self.question = nil
      return [.answer(yes ? .yes : .no)]
    case .whose(let patients): return typedWhose(word, patients)
    case .add(let name, let patients):
      switch Self.isYes(word, empty: true) {
      case true:
        self.question = nil
        return [.answerNewPerson(name)]
      case false: return whose(patients)
      case nil: return [say(.yesOrNo), .ask(language.text(PairingText.addPerson, ["name": name]))]
      }
    }
  }

  private mutating func typedWhich(_ word: String) -> [Action] {
    if candidates.count == 1 {
      switch Self.isYes(word, empty: true) {
      case true: return choose(candidates[0])
      case false:
        declined.insert(candidates[0].address)
        candidates = []
        question = nil
        return []
      case nil:
        if word == "1" { return choose(candidates[0]) }
        return [say(.yesOrNo), .ask(language.text(PairingText.isThisIt))]
      }
    }
    guard let number = Int(word), candidates.indices.contains(number - 1) else {
      return [
        say(.notThatNumber, ["count": String(candidates.count)]), .ask(language.text(PairingText.whichOne)),
      ]
    }
    return choose(candidates[number - 1])
  }

  private mutating func choose(_ device: FoundDevice) -> [Action] {
    chosen = true
    question = nil
    return [.answer(.choose(address: device.address))]
  }

  private mutating func typedPasskey(_ word: String) -> [Action] {
    let digits = word.filter { $0 != " " && $0 != "-" }
    if digits.count == 6, digits.allSatisfy({ $0.isASCII && $0.isNumber }) {
      question = nil
      return [.answer(.passkey(digits))]
    }
    if listener == .passkeys {
      hasEnded = true
      return [say(.passkeyStdinWrong, style: .bad), .answer(.cancel), .end(.failed)]
    }
    // Seen here already, so that no try at the device is lost for it.
    return [say(.sixDigits, style: .warning), .ask(language.text(PairingText.typePasskey))]
  }

  // MARK: - Consent

  private mutating func consentNeeded(_ opened: [Int]) -> [Action] {
    switch listener {
    case .person:
      question = .consentUser(opened: opened)
      guard opened.isEmpty else { return [.ask(language.text(PairingText.consentAnother))] }
      return [say(.consentNeeded), .ask(language.text(PairingText.consentUser))]
    case .passkeys:
      // One user a line, and one user is what a script pairs for.
      guard opened.isEmpty else { return [.answer(.noConsent)] }
      question = .consentUser(opened: [])
      return [.read]
    case .nobody: return (opened.isEmpty ? [say(.consentNotTypable, style: .warning)] : []) + [.answer(.noConsent)]
    }
  }

  private mutating func typedConsentUser(_ word: String, _ opened: [Int]) -> [Action] {
    let again = Action.ask(language.text(opened.isEmpty ? PairingText.consentUser : .consentAnother))
    guard listener == .person else {
      let words = word.split(separator: " ").map(String.init)
      guard words.count == 2, let user = Self.consentUser(words[0]), let code = Self.consentCode(words[1]) else {
        hasEnded = true
        return [say(.consentStdinWrong, style: .bad), .answer(.cancel), .end(.failed)]
      }
      question = nil
      return [.answer(.consent(user: user.number, code: code))]
    }
    if word.isEmpty {
      question = nil
      return [.answer(.noConsent)]
    }
    guard let user = Self.consentUser(word) else { return [say(.consentNotUser, style: .warning), again] }
    question = .consentCode(user: user.number)
    return [.ask(language.text(user.number == nil ? PairingText.consentNewCode : .consentCode))]
  }

  private mutating func typedConsentCode(_ word: String, _ user: Int?) -> [Action] {
    guard let code = Self.consentCode(word) else {
      return [
        say(.consentNotCode, style: .warning),
        .ask(language.text(user == nil ? PairingText.consentNewCode : .consentCode)),
      ]
    }
    question = nil
    return [.answer(.consent(user: user, code: code))]
  }

  /// Nil for neither a number from 0 to 254 nor the word for a new user, whose number is nil.
  private static func consentUser(_ word: String) -> (number: Int?, isNew: Bool)? {
    if ["new", "moi", "mới"].contains(word.lowercased()) { return (nil, true) }
    return Int(word).flatMap { (0...254).contains($0) ? ($0, false) : nil }
  }

  private static func consentCode(_ word: String) -> Int? {
    guard (1...4).contains(word.count), word.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(word)
  }

  private mutating func typedWhose(_ word: String, _ patients: [Patient]) -> [Action] {
    let again = Action.ask(language.text(patients.isEmpty ? PairingText.whoseFirst : .whoseAsk))
    if word.isEmpty { return [again] }
    if let number = Int(word) {
      guard patients.indices.contains(number - 1) else {
        return patients.isEmpty ? [again] : [say(.notThatNumber, ["count": String(patients.count)]), again]
      }
      question = nil
      return [.answer(.patient(patients[number - 1].id))]
    }
    let named = patients.filter { $0.id == word || $0.name.lowercased() == word.lowercased() }
    if named.count > 1 { return [say(.unclearPerson), again] }
    if let patient = named.first {
      question = nil
      return [.answer(.patient(patient.id))]
    }
    if patients.isEmpty {
      question = nil
      return [.answerNewPerson(word)]
    }
    question = .add(name: word, patients)
    return [.ask(language.text(PairingText.addPerson, ["name": word]))]
  }

  // MARK: - Words

  private func say(_ key: PairingText, _ values: [String: String] = [:], _ style: Style = .plain) -> Action {
    .say(language.text(key, values), style)
  }

  private func say(_ key: PairingText, style: Style) -> Action { say(key, [:], style) }

  /// A profile's own words in this language, else the words that hold for most.
  private func sentence(_ text: LocalizedText?, else key: PairingText) -> String {
    guard let text else { return language.text(key) }
    return switch language {
    case .en: text.en
    case .vi: text.vi ?? language.text(key)
    }
  }

  private func description(_ device: FoundDevice) -> [String: String] {
    [
      "name": device.name ?? language.text(PairingText.foundUnnamed), "profile": device.profile ?? "?",
      "address": device.address,
    ]
  }

  /// `123 456`: as people read six digits.
  static func grouped(_ number: String) -> String {
    number.count == 6 ? "\(number.prefix(3)) \(number.suffix(3))" : number
  }

  /// A length of time in its largest unit that there are two of.
  static func length(_ seconds: Double, _ language: Language) -> String {
    let units: [(Double, PairingText)] = [
      (86_400 * 365, .years), (86_400, .days), (3600, .hours), (60, .minutes),
    ]
    for (size, key) in units where seconds >= size * 2 {
      return language.text(key, ["count": String(Int(seconds / size))])
    }
    return language.text(PairingText.seconds, ["count": String(Int(seconds.rounded()))])
  }

  /// Both languages' letters are taken in both: y, yes, c, có; n, no, k, không.
  static func isYes(_ word: String, empty: Bool?) -> Bool? {
    switch word.lowercased() {
    case "": empty
    case "y", "yes", "c", "co", "có": true
    case "n", "no", "k", "khong", "không": false
    default: nil
    }
  }

  private static func texts(for code: String) -> (PairingText, PairingText?)? {
    switch code {
    case PairingFailure.Code.nothingFound: (.nothingFound, .nothingFoundRemedy)
    case PairingFailure.Code.passkeyWrong: (.passkeyFailed, .passkeyFailedRemedy)
    case PairingFailure.Code.refusedByDevice: (.refusedByDevice, .refusedByDeviceRemedy)
    case PairingFailure.Code.anotherDevice: (.anotherDevice, .anotherDeviceRemedy)
    case PairingFailure.Code.noSuchDevice: (.noSuchDevice, .noSuchDeviceRemedy)
    case PairingFailure.Code.deviceLeft: (.deviceLeft, .deviceLeftRemedy)
    case PairingFailure.Code.bluetoothUnavailable: (.bluetoothUnavailable, .bluetoothUnavailableRemedy)
    case PairingFailure.Code.unsupported: (.unsupported, .unsupportedRemedy)
    case PairingFailure.Code.noSuchPatient: (.noSuchPatient, .noSuchPatientRemedy)
    case PairingFailure.Code.cancelled: (.cancelled, nil)
    case PairingFailure.Code.notAnswered: (.notAnswered, .notAnsweredRemedy)
    case PairingFailure.Code.notStored: (.notStored, .notStoredRemedy)
    case PairingFailure.Code.consentRefused: (.consentFailed, .consentFailedRemedy)
    default: nil
    }
  }
}
