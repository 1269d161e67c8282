import BluetoothLE
import Devices
import Foundation
import LocalAPI
import Observations

/// Pairing one device, step by step: look for it, know whose it is, make keys, visit it for the first time.
///
/// Runs in one task, reads one stream. What a step does not expect it lets pass.
struct PairingProcedure {
  /// How long a person may look for a device when they did not say.
  static let patience: Duration = .seconds(180)
  /// How long the kernel may take to connect and make keys; a device that left never answers.
  static let pairingLimit: Duration = .seconds(60)
  /// How long the link of a paired device may take to reach us.
  static let linkLimit: Duration = .seconds(30)
  /// How long the first reading is waited for. The pairing stands whether it comes or not.
  static let readingLimit: Duration = .seconds(180)
  /// The same, from the first time that the device has gone without one.
  var laterReadingLimit: Duration = .seconds(60)
  /// How many passkeys may be tried.
  static let attempts = 3

  let service: BluetoothService
  let request: PairingRequest
  let conversation: PairingConversation
  private var inputs: AsyncStream<PairingConversation.Input>.Iterator
  var step = 0
  var link: IncomingLink?
  /// What a device answered that is read without a bond.
  private var refusal: ManagementStatus?

  init(service: BluetoothService, request: PairingRequest, conversation: PairingConversation) {
    self.service = service
    self.request = request
    self.conversation = conversation
    inputs = conversation.inputs.makeAsyncIterator()
  }

  /// Ends with exactly one of `finished` and `failed`.
  mutating func run() async {
    do throws(PairingFault) {
      conversation.say(.finished(device: try await pair()))
    } catch {
      link?.channel.close()
      conversation.say(.failed(error.failure))
    }
    await drain()
  }

  /// Lets go of what nobody took: a visit that has just asked something would wait for its answer for ever.
  mutating func drain() async { while await next() != nil {} }

  // MARK: Steps

  private mutating func pair() async throws(PairingFault) -> LocalAPI.Device {
    try await service.requireAdapter()
    guard let sought = try await service.knownDevice(request.again) else { return try await pair(nil) }
    try await service.holdBack(sought)
    let result: Result<LocalAPI.Device, PairingFault>
    do throws(PairingFault) {
      result = .success(try await pair(sought))
    } catch {
      result = .failure(error)
    }
    await service.letGo(sought)
    return try result.get()
  }

  /// - Parameter sought: the known device that is to be paired again; nil: whatever is found.
  private mutating func pair(_ sought: KnownDevice?) async throws(PairingFault) -> LocalAPI.Device {
    var patient = try await service.patient(named: request.patient)
    let profiles: [DeviceProfile]
    if let sought {
      profiles = [sought.profile]
    } else {
      profiles = try service.registry.profiles(named: request.profile)
    }
    conversation.say(
      .searching(
        profiles: profiles.map {
          SoughtProfile(profile: $0.name, name: $0.title, instruction: $0.pairing.map { LocalizedText($0) })
        }))
    let found = try await find(profiles, sought)
    // A known device stays whose it is.
    var isSomebodys = sought != nil
    if let known = await service.known(found.address), !isSomebodys { isSomebodys = await service.isSomebodys(known) }
    if patient == nil, !isSomebodys { patient = try await whose() }
    return try await withPairingLink(found) { (procedure, pairing) async throws(PairingFault) in
      if found.profile.session.connect == .never { return try await procedure.add(found, pairing, patient: patient) }
      let authentication = try await procedure.bond(found, pairing)
      await procedure.service.keysAreMade(pairing)
      return try await procedure.firstVisit(found, pairing, authentication, patient: patient, sought)
    }
  }

  struct Candidate {
    var advertisement: Advertisement
    var profile: DeviceProfile
    var address: BluetoothAddress { advertisement.address }
  }

  /// What was heard in one search, the newest ones: anybody can send one advertisement after the other, each from another
  /// address.
  struct Candidates {
    static let most = 256
    private var byAddress: [BluetoothAddress: Candidate] = [:]
    /// The oldest first.
    private var order: [BluetoothAddress] = []

    /// - Returns: whether it is new.
    mutating func add(_ candidate: Candidate) -> Bool {
      guard byAddress.updateValue(candidate, forKey: candidate.address) == nil else { return false }
      order.append(candidate.address)
      if order.count > Self.most { byAddress[order.removeFirst()] = nil }
      return true
    }

    /// - Parameter address: as printed.
    func named(_ address: String) -> Candidate? { byAddress.values.first { "\($0.address)" == address } }
  }

  private mutating func find(
    _ profiles: [DeviceProfile], _ sought: KnownDevice?
  ) async throws(PairingFault) -> Candidate {
    var isPrivate = false
    if let sought { isPrivate = await service.registry.usesPrivateAddresses(sought.address) }
    let services = profiles.flatMap(\.recognition.services)
    let matcher = DeviceMatcher(ProfileLibrary(profiles))
    // Who waits for a day does not want to begin again because the stick was unplugged in between.
    let search = try await service.search(services, outlivesAdapter: request.waitSeconds != nil) { [conversation] in
      conversation.put(.advertisement($0))
    } lost: { [conversation] in
      conversation.put(.happening(.adapterLost))
    }
    let limit = begin(limit: request.waitSeconds.map { .milliseconds(Int64($0 * 1000)) } ?? Self.patience)
    defer { limit.cancel() }
    var candidates = Candidates()
    var chosen: String? = sought?.address.description ?? request.address?.uppercased()
    let result: Result<Candidate, PairingFault>
    search: while true {
      switch await next() {
      case .advertisement(let advertisement):
        guard let match = matcher.match(advertisement) else { continue }
        let candidate = Candidate(advertisement: advertisement, profile: match.profile)
        if let sought, candidate.address != sought.address {
          // Nobody can tell by an unknown private address whether it is the device, reset; when it is paired it says so.
          guard isPrivate, candidate.address.randomKind == .resolvablePrivate else { continue }
          chosen = candidate.address.description
        }
        if candidates.add(candidate) {
          conversation.say(
            .found(
              FoundDevice(
                address: "\(candidate.address)", name: advertisement.localName, profile: match.profile.name,
                score: match.score, rssi: advertisement.rssi ?? -127,
                known: await service.isKnown(candidate.address))))
        }
      case .answer(.choose(let address)): chosen = address.uppercased()
      case .answer(.cancel), .abandoned, nil:
        result = .failure(.cancelled)
        break search
      case .timeout(step):
        result = .failure(.nothingFound(address: sought?.address.description ?? request.address))
        break search
      case .happening(.adapterLost):
        result = .failure(
          .bluetoothUnavailable("The Bluetooth adapter went away.", remedy: "Plug it in and try again."))
        break search
      default: continue
      }
      if let chosen, let candidate = candidates.named(chosen) {
        result = .success(candidate)
        break search
      }
    }
    await service.endSearch(search)
    return try result.get()
  }

  private mutating func whose() async throws(PairingFault) -> PatientID? {
    let patients = await service.patients()
    conversation.say(.whoseIsIt(patients: patients))
    while true {
      switch await next() {
      case .answer(.patient(let name)):
        if let patient = try? await service.patient(named: name) { return patient }
        conversation.say(.whoseIsIt(patients: await service.patients()))
      case .answer(.cancel), .abandoned, nil: throw .cancelled
      default: continue
      }
    }
  }

  /// Says to the service that what the kernel asks about this device belongs to this conversation, for as long as `body`
  /// runs.
  mutating func withPairingLink<Value>(
    _ candidate: Candidate,
    _ body: (inout PairingProcedure, PairingLink) async throws(PairingFault) -> Value
  ) async throws(PairingFault) -> Value {
    let pairing = PairingLink { [conversation] in conversation.put(.happening($0)) }
    try await service.beginPairing(candidate.address, pairing)
    let result: Result<Value, PairingFault>
    do throws(PairingFault) {
      result = .success(try await body(&self, pairing))
    } catch {
      result = .failure(error)
      await closeLink()
    }
    await service.endPairing(pairing, failed: (try? result.get()) == nil ? candidate.address : nil)
    return try result.get()
  }

  /// Makes keys. A device that cannot is taken as it is where its profile allows it.
  mutating func bond(
    _ candidate: Candidate, _ pairing: PairingLink
  ) async throws(PairingFault) -> LinkAuthentication {
    guard candidate.profile.session.bond != .never else { return .unauthenticated }
    var attempt = 1
    while true {
      pairing.discardKeys()
      try await dropLink(candidate.address)
      conversation.say(.pairing(address: "\(candidate.address)"))
      let (status, wasAsked) = try await makeKeys(candidate.address, pairing, attempt)
      switch status {
      case .success where !pairing.longTermKeys.isEmpty:
        refusal = nil
        return pairing.longTermKeys.contains(where: \.kind.isAuthenticated) ? .authenticated : .bonded
      case .authenticationFailed where wasAsked, .rejected where wasAsked:
        let left = Self.attempts - attempt
        conversation.say(.passkeyWrong(attemptsLeft: left))
        guard left > 0 else { throw .passkeyWrong }
        attempt += 1
      case .success, .authenticationFailed, .notSupported, .rejected:
        // After digits were asked for once, a bare failure says nothing about what the device can do.
        guard candidate.profile.session.bond == .preferred, attempt == 1 else { throw .refusedByDevice(status) }
        // It could once, so whoever says that it cannot is not to be believed without a key.
        guard await !service.isBonded(candidate.address) else { throw .refusedByDevice(status) }
        refusal = status
        try await dropLink(candidate.address)
        return .unauthenticated
      // It let us in, and did not say a word of pairing.
      case .timeout, .disconnected, .notConnected:
        guard link != nil, !wasAsked else { throw .deviceLeft }
        throw .notAnsweredByDevice
      case .connectFailed: throw .deviceLeft
      default: throw .refusedByDevice(status)
      }
    }
  }

  /// Ends the link of a try that failed and waits until the kernel has: on a link that is dying, Pair Device fails at once
  /// and the listener is not given the next one.
  mutating func dropLink(_ address: BluetoothAddress) async throws(PairingFault) {
    await closeLink()
    guard await service.disconnectAndWait(address) else { throw .deviceLeft }
  }

  /// Closes our end of the link, before the kernel is told anything that ends the link itself.
  mutating func closeLink() async {
    link?.channel.close()
    await link?.channel.closed()
    link = nil
  }

  /// One run of Pair Device: its end, and whether a person was asked for digits.
  private mutating func makeKeys(
    _ address: BluetoothAddress, _ pairing: PairingLink, _ attempt: Int
  ) async throws(PairingFault) -> (ManagementStatus, Bool) {
    await service.startPairing(address, pairing)
    let limit = begin(limit: Self.pairingLimit)
    defer { limit.cancel() }
    var asked: BluetoothAddress?
    while true {
      switch await next() {
      case .happening(.asked(let question, let peer)):
        asked = peer
        switch question {
        case .type: conversation.say(.passkeyNeeded(attempt: attempt))
        case .compare(let passkey): conversation.say(.comparePasskey(number: passkey.digits))
        case .show(let passkey): conversation.say(.showPasskey(number: passkey.digits))
        }
      case .answer(.passkey(let digits)):
        guard let asked else { continue }
        if let passkey = Passkey(digits: digits) {
          await service.reply(.passkeyReply(asked, passkey))
        } else {
          conversation.say(.passkeyNeeded(attempt: attempt))
        }
      case .answer(.yes): if let asked { await service.reply(.confirmationReply(asked, accept: true)) }
      case .answer(.no): if let asked { await service.reply(.confirmationReply(asked, accept: false)) }
      case .happening(.linked(let link)): self.link = link
      case .happening(.ended(let status)): return (status, asked != nil)
      case .happening(.adapterLost):
        throw .bluetoothUnavailable("The Bluetooth adapter went away.", remedy: "Plug it in and try again.")
      case .timeout(step):
        let isLinked = link != nil && asked == nil
        await closeLink()
        await service.reply(.cancelPair(address))
        throw isLinked ? PairingFault.notAnsweredByDevice : .deviceLeft
      case .answer(.cancel), .abandoned, nil:
        await closeLink()
        await service.reply(.cancelPair(address))
        throw .cancelled
      default: continue
      }
    }
  }

  /// Takes up a device that is listened to: nothing is made with it, and that it can be heard has been seen.
  mutating func add(
    _ candidate: Candidate, _ pairing: PairingLink, patient: PatientID?
  ) async throws(PairingFault) -> LocalAPI.Device {
    guard candidate.address.isIdentity else { throw .addressChanges(isHeard: true) }
    let device = KnownDevice(
      id: KnownDevice.id(of: candidate.address), address: candidate.address, name: candidate.advertisement.localName,
      profile: candidate.profile, authentication: .unauthenticated, database: nil, informationIsKnown: false,
      keepsSubscriptions: nil, clockOffset: nil, previousVisit: nil)
    if let known = await service.known(device.address), device.authentication.isWeaker(than: known.authentication) {
      throw .anotherDevice(device.address, isWeakerThan: known.authentication)
    }
    try await service.keep(device, pairing, patient: patient)
    conversation.say(.listening(address: "\(device.address)"))
    return await service.described(device)
  }

  mutating func firstVisit(
    _ candidate: Candidate, _ pairing: PairingLink, _ authentication: LinkAuthentication, patient: PatientID?,
    _ sought: KnownDevice?
  ) async throws(PairingFault) -> LocalAPI.Device {
    // A device that was found under a private address is known by its identity from here on.
    let address = pairing.identityResolvingKey?.address ?? pairing.longTermKeys.first?.address ?? candidate.address
    let known = await service.known(address)
    do throws(PairingFault) {
      if let sought, sought.address != address { throw .anotherDevice(address, isWeakerThan: nil) }
      if let known, authentication.isWeaker(than: known.authentication) {
        throw .anotherDevice(address, isWeakerThan: known.authentication)
      }
      // Found under a private address, so that nothing told before whose it is.
      try await service.requireStaying(KnownDevice.id(of: address))
      // Add Device takes identity addresses only, and no key tells what its next address is.
      guard authentication != .unauthenticated || address.isIdentity else { throw .addressChanges(isHeard: false) }
    } catch {
      await closeLink()
      await service.discard(pairing)
      throw error
    }
    var device = KnownDevice(
      id: KnownDevice.id(of: address), address: address, name: candidate.advertisement.localName,
      profile: candidate.profile, authentication: authentication, database: nil,
      informationIsKnown: false, keepsSubscriptions: nil,
      clockOffset: nil, previousVisit: nil)
    if let known { device.learn(from: known) }
    do throws(PairingFault) {
      try await service.keep(device, pairing, patient: patient)
    } catch {
      // Half a pairing would be awaited, and never be read. What a known device had stays as it was.
      await closeLink()
      if known == nil { await service.forgetFailed(device) } else { await service.discard(pairing) }
      throw error
    }
    conversation.say(.bonded(authentication: authentication.rawValue))
    let readings = service.ingest.stored(of: device.id) { [conversation] in conversation.put(.stored($0)) }
    defer { readings.cancel() }
    do throws(PairingFault) {
      let link = try await awaitLink(device)
      pairing.watchVisits { [conversation] in conversation.put($0) }
      if let link {
        self.link = nil
        await service.beginFirstVisit(link, device) { [conversation] in conversation.put($0) }
      }
      return try await watchFirstVisit(device)
    } catch {
      await closeLink()
      // A known device has its new keys, and has forgotten the old ones: the pairing stands, whatever the visit came to.
      if known != nil {
        await service.disconnect(device.address)
        if case .cancelled = error { return await service.described(device) }
        throw error
      }
      // Keys that open nothing we can read would only keep the radio busy.
      await service.forgetFailed(device)
      // It refuses to pair and shows nothing unpaired: it is somebody else's.
      if case .unreadable = error, let refusal { throw .refusedByDevice(refusal) }
      throw error
    }
  }

  /// The link of the device; nil when a bonded device has gone meanwhile, since its next visit will do as well.
  mutating func awaitLink(_ device: KnownDevice) async throws(PairingFault) -> IncomingLink? {
    if let link { return link }
    let limit = begin(limit: Self.linkLimit)
    defer { limit.cancel() }
    while true {
      switch await next() {
      case .happening(.linked(let link)): return link
      case .timeout(step):
        guard device.authentication == .unauthenticated else { return nil }
        throw .deviceLeft
      case .answer(.cancel), .abandoned, nil: throw .cancelled
      case .happening(.adapterLost):
        throw .bluetoothUnavailable("The Bluetooth adapter went away.", remedy: "Plug it in and try again.")
      default: continue
      }
    }
  }

  mutating func watchFirstVisit(_ device: KnownDevice) async throws(PairingFault) -> LocalAPI.Device {
    var limit = begin(limit: Self.readingLimit)
    defer { limit.cancel() }
    var isSubscribed = false
    var hasGone = false
    var consent = ConsentDialogue(conversation)
    while true {
      switch await next() {
      case .consentAsked(let pending): consent.ask(pending)
      case .answer(.consent(let user, let code)): consent.answer(user: user, code: code)
      case .answer(.noConsent): consent.answerNoMore()
      case .progress(.consentGiven(let user)): consent.given(user)
      case .progress(.discovered(let information)):
        conversation.say(
          .deviceInformation(
            manufacturer: information.manufacturer, model: information.model, serial: information.serial,
            firmware: information.firmware))
      case .progress(.clock(let offset)): conversation.say(.clock(offsetSeconds: offset, note: nil))
      // A device may be subscribed to in many places; the person is told once.
      case .progress(.subscribed) where !isSubscribed:
        isSubscribed = true
        conversation.say(.waitingForReading(instruction: nil))
      case .stored(let observation):
        conversation.say(.reading(await service.reading(observation)))
        return await service.described(device)
      case .visitEnded(let end):
        // Nothing was learned of it: the keys are good for nothing that we can read.
        if let reason = end.consentRefusal { throw .consentRefused(reason, wasAsked: consent.wasAnswered) }
        guard !end.isRefusal, isSubscribed || end.isOrderly else { throw .unreadable(end.sentence) }
        // Once: a device that comes and goes would be watched for ever.
        guard !hasGone else { continue }
        hasGone = true
        limit.cancel()
        limit = begin(limit: laterReadingLimit)
      // A device that ends its link after pairing, and measures on the next one, which came before visits were watched.
      case .happening(.linked(let link)):
        await service.beginLaterVisit(link, device.address) { [conversation] in conversation.put($0) }
      // The pairing stands: what the person leaves is only the waiting.
      case .timeout(step), .answer(.cancel), .abandoned, nil: return await service.described(device)
      default: continue
      }
    }
  }

  // MARK: Inputs

  mutating func next() async -> PairingConversation.Input? { await inputs.next(isolation: #isolation) }

  /// A limit for the step that begins; its end arrives as an input with the step's number.
  mutating func begin(limit: Duration) -> Task<Void, Never> {
    step += 1
    let number = step
    return Task { [conversation] in
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      conversation.put(.timeout(step: number))
    }
  }
}

extension KnownDevice {
  /// What holds over a pairing of a device that was known.
  fileprivate mutating func learn(from known: KnownDevice) {
    id = known.id
    name = name ?? known.name
    database = known.database
    informationIsKnown = known.informationIsKnown
    keepsSubscriptions = known.keepsSubscriptions
    clockOffset = known.clockOffset
    previousVisit = known.previousVisit
  }
}

extension LocalizedText {
  fileprivate init(_ hint: PairingHint) { self.init(en: hint.english, vi: hint.vietnamese) }
}

/// Why a pairing did not end in a paired device.
enum PairingFault: Error {
  case cancelled
  case nothingFound(address: String?)
  case noSuchPatient
  case noSuchDevice
  case noSuchProfile(String, known: [String])
  case bluetoothUnavailable(String, remedy: String)
  case busy
  /// Somebody has unpaired it, and that is not over yet.
  case beingForgotten
  /// To be recorded, but read already.
  case alreadyPaired
  case passkeyWrong
  case refusedByDevice(ManagementStatus)
  /// The link was there, and the device said nothing.
  case notAnsweredByDevice
  /// What was paired is not the known device, or proves less than the known one did.
  case anotherDevice(BluetoothAddress, isWeakerThan: LinkAuthentication?)
  case deviceLeft
  case unreadable(String)
  case notStored(String)
  /// It opens nobody's readings; true: with what a person typed.
  case consentRefused(String, wasAsked: Bool)
  /// Nothing tells whose its next address is.
  ///
  /// - Parameter isHeard: it is to be listened to; else visited, without a bond.
  case addressChanges(isHeard: Bool)

  /// What to do about a device that does not want us: most keep one partner only, and refuse every other.
  private static let bondedElsewhere =
    "If it is paired with a phone: delete it in the phone's Bluetooth settings and its pairing on the device (see its "
    + "booklet), switch the phone's Bluetooth off, switch the device to pairing, and try again."

  var failure: PairingFailure {
    typealias Code = PairingFailure.Code
    switch self {
    case .cancelled: return PairingFailure(code: Code.cancelled, reason: "The pairing was cancelled.")
    case .nothingFound(let address):
      return PairingFailure(
        code: Code.nothingFound,
        reason: address.map { "\($0) was not heard." } ?? "No device that can be paired was heard.",
        remedy: "Switch the device to pairing, keep it within two metres, and try again.")
    case .noSuchPatient:
      return PairingFailure(
        code: Code.noSuchPatient, reason: "Nobody is known by that name.",
        remedy: "Add the person first: vitals patients add NAME")
    case .noSuchProfile(let name, let known):
      return PairingFailure(
        code: Code.unsupported, reason: "No device profile is called \(name).",
        remedy: "Known are: \(known.joined(separator: ", ")).")
    case .bluetoothUnavailable(let reason, let remedy):
      return PairingFailure(code: Code.bluetoothUnavailable, reason: reason, remedy: remedy)
    case .busy:
      return PairingFailure(
        code: Code.bluetoothUnavailable, reason: "This device is being paired already.",
        remedy: "Wait until the other pairing has ended.")
    case .beingForgotten:
      return PairingFailure(
        code: Code.bluetoothUnavailable, reason: "This device is being unpaired right now.",
        remedy: "Wait some seconds, and pair it then.")
    case .alreadyPaired:
      return PairingFailure(
        code: Code.unsupported, reason: "This device is paired already; its readings are read.",
        remedy: "To record it all the same, unpair it first: vitals unpair DEVICE")
    case .passkeyWrong:
      return PairingFailure(
        code: Code.passkeyWrong, reason: "The passkey was wrong too often.",
        remedy: "Switch the device to pairing again and type the digits that it shows now.")
    case .refusedByDevice(let status):
      return PairingFailure(
        code: Code.refusedByDevice, reason: "The device refused to pair (\(status)).",
        remedy: Self.bondedElsewhere)
    case .notAnsweredByDevice:
      return PairingFailure(
        code: Code.refusedByDevice, reason: "The device took the link and did not answer the pairing.",
        remedy: Self.bondedElsewhere)
    case .anotherDevice(let address, let authentication):
      let reason =
        switch authentication {
        case nil: "What was paired calls itself \(address): it is not the device that was to be paired again."
        case .bonded:
          "\(address) had a bond before and would now be read without one: it may be another device."
        default: "\(address) proved itself by six digits before and now pairs without any: it may be another device."
        }
      return PairingFailure(
        code: Code.anotherDevice, reason: reason,
        remedy: "Nothing was changed. If it is your device all the same, pair it as a new one: first vitals unpair, "
          + "then vitals pair.")
    case .noSuchDevice:
      return PairingFailure(
        code: Code.noSuchDevice, reason: "No such device is known.", remedy: "See: vitals devices")
    case .deviceLeft:
      return PairingFailure(
        code: Code.deviceLeft, reason: "The device went away before the pairing was done.",
        remedy: "Switch it to pairing again, keep it close, and try again.")
    case .unreadable(let reason):
      return PairingFailure(
        code: Code.unsupported, reason: "The device was paired but could not be read: \(reason).",
        remedy: "Switch it off and on and try again; if it stays so, its kind is not supported yet.")
    case .consentRefused(_, let wasAsked):
      return PairingFailure(
        code: Code.consentRefused,
        reason: wasAsked
          ? "The device did not take the user's number and code."
          : "The device gives its readings only to who knows a user's code, and none was typed.",
        remedy:
          "Look up the user's number and code on the device (see its booklet), or let it make a new user, and pair it "
          + "again in a terminal.")
    case .addressChanges(isHeard: true):
      return PairingFailure(
        code: Code.unsupported,
        reason: "The device changes its address, so it could not be told from others in what is heard.",
        remedy: "Pair it by a profile that makes a link to it, without --profile for instance.")
    case .addressChanges(isHeard: false):
      return PairingFailure(
        code: Code.unsupported,
        reason: "The device changes its address and makes no bond, so it would not be found again.",
        remedy: "Switch it to pairing and try again; if it stays so, its kind cannot be used.")
    case .notStored(let reason):
      return PairingFailure(code: Code.notStored, reason: "The pairing could not be stored: \(reason).")
    }
  }
}
