/// `POST /v1/pairings`: begin a conversation that ends with a paired device.
package struct PairingRequest: Hashable, Sendable, Codable {
  /// This device and no other; nil: whatever matches, to be chosen.
  package var address: String?
  /// This known device, by id, address or name, is paired again: it stays the same device with all its readings, its people
  /// and its profile. Without ``address``, ``profile`` and ``patient``.
  package var again: String?
  /// Only devices of this profile, `vendor/model`.
  package var profile: String?
  /// Whose it is: id or name; nil: ask.
  package var patient: String?
  /// How long to wait for a device to appear, in seconds; nil: the gateway's own patience of some minutes.
  package var waitSeconds: Double?
  /// Not to be paired for good but recorded: a device that no profile knows; nil: to be paired. Needs ``address``.
  package var recording: RecordingRequest?

  package init(
    address: String? = nil, again: String? = nil, profile: String? = nil, patient: String? = nil,
    waitSeconds: Double? = nil, recording: RecordingRequest? = nil
  ) {
    self.recording = recording
    self.address = address
    self.again = again
    self.profile = profile
    self.patient = patient
    self.waitSeconds = waitSeconds
  }
}

/// The answer to ``PairingRequest``. The conversation is at `/v1/pairings/{id}/events` and `…/answers`; it is cancelled
/// when the one who reads its events goes away, because then nobody is left to answer.
package struct PairingStarted: Hashable, Sendable, Codable {
  package var id: String

  package init(id: String) { self.id = id }
}

/// A kind of device that is being looked for.
package struct SoughtProfile: Hashable, Sendable, Codable {
  /// `vendor/model`.
  package var profile: String
  package var name: String
  /// How to make the device ready for pairing; nil: the words that hold for most.
  package var instruction: LocalizedText?

  package init(profile: String, name: String, instruction: LocalizedText? = nil) {
    self.profile = profile
    self.name = name
    self.instruction = instruction
  }
}

/// Why a pairing ended without a paired device.
package struct PairingFailure: Hashable, Sendable, Codable {
  /// The codes that clients say in another language; newer ones may come.
  package enum Code {
    package static let nothingFound = "nothing-found"
    package static let passkeyWrong = "passkey-wrong"
    package static let refusedByDevice = "refused-by-device"
    package static let anotherDevice = "another-device"
    package static let noSuchDevice = "no-such-device"
    package static let deviceLeft = "device-left"
    package static let bluetoothUnavailable = "bluetooth-unavailable"
    package static let unsupported = "unsupported"
    package static let noSuchPatient = "no-such-patient"
    package static let cancelled = "cancelled"
    package static let notAnswered = "not-answered"
    package static let notStored = "not-stored"
    package static let consentRefused = "consent-refused"
  }

  package var code: String
  /// One sentence, in English.
  package var reason: String
  /// What to do, in English; nil when there is nothing to do.
  package var remedy: String?

  package init(code: String, reason: String, remedy: String? = nil) {
    self.code = code
    self.reason = reason
    self.remedy = remedy
  }
}

/// One line that the gateway says in a pairing: `{"event": "passkeyNeeded", "attempt": 1}`. `finished` or `failed` is the
/// last one, always exactly one of them.
package enum PairingEvent: Hashable, Sendable {
  case searching(profiles: [SoughtProfile])
  /// A candidate; again when something of it changed. Waits for ``PairingAnswer/choose(address:)`` unless the request
  /// named an address.
  case found(FoundDevice)
  /// The link is being secured.
  case pairing(address: String)
  /// The device shows six digits; waits for ``PairingAnswer/passkey(_:)``. Attempts count from 1.
  case passkeyNeeded(attempt: Int)
  /// Both sides show these six digits; waits for yes or no.
  case comparePasskey(number: String)
  /// To be typed on the device.
  case showPasskey(number: String)
  /// Followed by another `passkeyNeeded` while attempts are left.
  case passkeyWrong(attemptsLeft: Int)
  /// The device gives each user's readings only by that user's code; waits for ``PairingAnswer/consent(user:code:)`` or
  /// ``PairingAnswer/noConsent``. Opened are the users, by the device's own numbers, whose code it has taken.
  case consentNeeded(opened: [Int])
  /// Reason `wrong`: the number or the code; `not-registered`: it makes no new user. Followed by another `consentNeeded`
  /// while attempts are left.
  case consentRefused(reason: String, attemptsLeft: Int)
  /// The device has taken this user's code.
  case consentGiven(user: Int)
  /// `authenticated`, `bonded`, or `unauthenticated` for a device that cannot bond.
  case bonded(authentication: String)
  /// In place of `bonded`, for a device that says its values in its advertisements: there is no pairing and no first
  /// reading, it is listened to from now on.
  case listening(address: String)
  case deviceInformation(manufacturer: String?, model: String?, serial: String?, firmware: String?)
  /// Seconds that the device's clock is ahead of ours; nil when it has none or does not tell. The note is English.
  case clock(offsetSeconds: Double?, note: String?)
  /// The request named nobody; waits for ``PairingAnswer/patient(_:)``.
  case whoseIsIt(patients: [Patient])
  /// The device is paired; one reading shows that all of it works. Nil: the words that hold for most.
  case waitingForReading(instruction: LocalizedText?)
  case reading(Reading)
  case finished(device: Device)
  case failed(PairingFailure)
  /// A line of a recording; what it tells is acknowledged to the device after ``PairingAnswer/written(through:)``.
  case recorded(RecordedLine)
  /// The last one of a recording.
  case recordingEnded(RecordingEnd)

  /// Nothing comes after it.
  package var isLast: Bool {
    switch self {
    case .finished, .failed, .recordingEnded: true
    default: false
    }
  }
}

extension PairingEvent: Codable {
  private enum Event: String, Codable {
    case searching, found, pairing, passkeyNeeded, comparePasskey, showPasskey, passkeyWrong, bonded, deviceInformation
    case clock, whoseIsIt, waitingForReading, reading, finished, failed, listening, recorded, recordingEnded
    case consentNeeded, consentRefused, consentGiven
  }

  private enum CodingKeys: String, CodingKey {
    case event, profiles, address, attempt, number, attemptsLeft, authentication, manufacturer, model, serial, firmware
    case offsetSeconds, note, patients, instruction, reading, device, opened, reason, user
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String? { try container.decodeIfPresent(String.self, forKey: key) }
    switch try container.decode(Event.self, forKey: .event) {
    case .searching: self = .searching(profiles: try container.decode([SoughtProfile].self, forKey: .profiles))
    case .found: self = .found(try FoundDevice(from: decoder))
    case .pairing: self = .pairing(address: try container.decode(String.self, forKey: .address))
    case .passkeyNeeded: self = .passkeyNeeded(attempt: try container.decode(Int.self, forKey: .attempt))
    case .comparePasskey: self = .comparePasskey(number: try container.decode(String.self, forKey: .number))
    case .showPasskey: self = .showPasskey(number: try container.decode(String.self, forKey: .number))
    case .passkeyWrong: self = .passkeyWrong(attemptsLeft: try container.decode(Int.self, forKey: .attemptsLeft))
    case .consentNeeded: self = .consentNeeded(opened: try container.decode([Int].self, forKey: .opened))
    case .consentRefused:
      self = .consentRefused(
        reason: try container.decode(String.self, forKey: .reason),
        attemptsLeft: try container.decode(Int.self, forKey: .attemptsLeft))
    case .consentGiven: self = .consentGiven(user: try container.decode(Int.self, forKey: .user))
    case .bonded: self = .bonded(authentication: try container.decode(String.self, forKey: .authentication))
    case .listening: self = .listening(address: try container.decode(String.self, forKey: .address))
    case .deviceInformation:
      self = .deviceInformation(
        manufacturer: try text(.manufacturer), model: try text(.model), serial: try text(.serial),
        firmware: try text(.firmware))
    case .clock:
      self = .clock(
        offsetSeconds: try container.decodeIfPresent(Double.self, forKey: .offsetSeconds), note: try text(.note))
    case .whoseIsIt: self = .whoseIsIt(patients: try container.decode([Patient].self, forKey: .patients))
    case .waitingForReading:
      self = .waitingForReading(
        instruction: try container.decodeIfPresent(LocalizedText.self, forKey: .instruction))
    case .reading: self = .reading(try container.decode(Reading.self, forKey: .reading))
    case .finished: self = .finished(device: try container.decode(Device.self, forKey: .device))
    case .failed: self = .failed(try PairingFailure(from: decoder))
    case .recorded: self = .recorded(try RecordedLine(from: decoder))
    case .recordingEnded: self = .recordingEnded(try RecordingEnd(from: decoder))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func name(_ event: Event) throws { try container.encode(event, forKey: .event) }
    switch self {
    case .searching(let profiles):
      try name(.searching)
      try container.encode(profiles, forKey: .profiles)
    case .found(let device):
      try name(.found)
      try device.encode(to: encoder)
    case .pairing(let address):
      try name(.pairing)
      try container.encode(address, forKey: .address)
    case .passkeyNeeded(let attempt):
      try name(.passkeyNeeded)
      try container.encode(attempt, forKey: .attempt)
    case .comparePasskey(let number):
      try name(.comparePasskey)
      try container.encode(number, forKey: .number)
    case .showPasskey(let number):
      try name(.showPasskey)
      try container.encode(number, forKey: .number)
    case .passkeyWrong(let attemptsLeft):
      try name(.passkeyWrong)
      try container.encode(attemptsLeft, forKey: .attemptsLeft)
    case .consentNeeded(let opened):
      try name(.consentNeeded)
      try container.encode(opened, forKey: .opened)
    case .consentRefused(let reason, let attemptsLeft):
      try name(.consentRefused)
      try container.encode(reason, forKey: .reason)
      try container.encode(attemptsLeft, forKey: .attemptsLeft)
    case .consentGiven(let user):
      try name(.consentGiven)
      try container.encode(user, forKey: .user)
    case .bonded(let authentication):
      try name(.bonded)
      try container.encode(authentication, forKey: .authentication)
    case .listening(let address):
      try name(.listening)
      try container.encode(address, forKey: .address)
    case .deviceInformation(let manufacturer, let model, let serial, let firmware):
      try name(.deviceInformation)
      try container.encodeIfPresent(manufacturer, forKey: .manufacturer)
      try container.encodeIfPresent(model, forKey: .model)
      try container.encodeIfPresent(serial, forKey: .serial)
      try container.encodeIfPresent(firmware, forKey: .firmware)
    case .clock(let offset, let note):
      try name(.clock)
      try container.encodeIfPresent(offset, forKey: .offsetSeconds)
      try container.encodeIfPresent(note, forKey: .note)
    case .whoseIsIt(let patients):
      try name(.whoseIsIt)
      try container.encode(patients, forKey: .patients)
    case .waitingForReading(let instruction):
      try name(.waitingForReading)
      try container.encodeIfPresent(instruction, forKey: .instruction)
    case .reading(let reading):
      try name(.reading)
      try container.encode(reading, forKey: .reading)
    case .finished(let device):
      try name(.finished)
      try container.encode(device, forKey: .device)
    case .failed(let failure):
      try name(.failed)
      try failure.encode(to: encoder)
    case .recorded(let line):
      try name(.recorded)
      try line.encode(to: encoder)
    case .recordingEnded(let end):
      try name(.recordingEnded)
      try end.encode(to: encoder)
    }
  }
}

/// What a client says in a pairing, as the body of `POST /v1/pairings/{id}/answers`: `{"answer": "passkey", "passkey":
/// "123456"}`. Its description has neither a passkey nor a code in it.
package enum PairingAnswer: Hashable, Sendable, Codable, CustomStringConvertible {
  case choose(address: String)
  /// Six digits.
  case passkey(String)
  case yes
  case no
  /// Id or name.
  case patient(String)
  case cancel
  /// The device's number of the user, 0–254, and the code, 0–9999; without a number the device makes a new user with it.
  case consent(user: Int?, code: Int)
  /// No more users, or none at all.
  case noConsent
  /// Every line of a recording up to this number is written and synced.
  case written(through: Int)

  private enum Answer: String, Codable { case choose, passkey, yes, no, patient, cancel, written, consent, noConsent }
  private enum CodingKeys: String, CodingKey { case answer, address, passkey, patient, through, user, code }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Answer.self, forKey: .answer) {
    case .choose: self = .choose(address: try container.decode(String.self, forKey: .address))
    case .passkey: self = .passkey(try container.decode(String.self, forKey: .passkey))
    case .yes: self = .yes
    case .no: self = .no
    case .patient: self = .patient(try container.decode(String.self, forKey: .patient))
    case .cancel: self = .cancel
    case .consent:
      self = .consent(
        user: try container.decodeIfPresent(Int.self, forKey: .user),
        code: try container.decode(Int.self, forKey: .code))
    case .noConsent: self = .noConsent
    case .written: self = .written(through: try container.decode(Int.self, forKey: .through))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .choose(let address):
      try container.encode(Answer.choose, forKey: .answer)
      try container.encode(address, forKey: .address)
    case .passkey(let passkey):
      try container.encode(Answer.passkey, forKey: .answer)
      try container.encode(passkey, forKey: .passkey)
    case .yes: try container.encode(Answer.yes, forKey: .answer)
    case .no: try container.encode(Answer.no, forKey: .answer)
    case .patient(let patient):
      try container.encode(Answer.patient, forKey: .answer)
      try container.encode(patient, forKey: .patient)
    case .cancel: try container.encode(Answer.cancel, forKey: .answer)
    case .consent(let user, let code):
      try container.encode(Answer.consent, forKey: .answer)
      try container.encodeIfPresent(user, forKey: .user)
      try container.encode(code, forKey: .code)
    case .noConsent: try container.encode(Answer.noConsent, forKey: .answer)
    case .written(let number):
      try container.encode(Answer.written, forKey: .answer)
      try container.encode(number, forKey: .through)
    }
  }

  package var description: String {
    switch self {
    case .choose(let address): "choose \(address)"
    case .passkey: "passkey"
    case .yes: "yes"
    case .no: "no"
    case .patient: "patient"
    case .cancel: "cancel"
    case .consent(let user, _): user.map { "consent of user \($0)" } ?? "consent of a new user"
    case .noConsent: "no consent"
    case .written(let number): "written through \(number)"
    }
  }
}
