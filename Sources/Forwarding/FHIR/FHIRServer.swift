import Foundation
import HealthRecords
import Observations
import Store

/// One destination's FHIR server: what it offers, what it is known to have, and how it is asked.
actor FHIRServer {
  /// What one transaction came to.
  enum Reply {
    case taken
    /// It looked at the content and refused it (400, 422). `words` are safe to log; `answer` is all that it said.
    case refused(words: String, answer: String)
    /// A condition met several resources, or a version was not the one that was named (409, 412).
    case conflict(words: String, answer: String)
    /// 413.
    case tooLarge(words: String)
  }

  let url: DestinationURL
  let settings: DestinationSettings
  let surroundings: ForwarderSurroundings
  private let proof: RequestProof
  private(set) var creation: FHIRAddressing.Creation?
  private var preparedAt: Date?
  /// Patients and Devices.
  private var parties: [ResourceName: ServerResource] = [:]
  /// Whose Patient was looked at, and when.
  var lookedAt: [PatientID: Date] = [:]

  /// What a server offers, and whom it knows, is looked at anew after this.
  static let trustedFor: TimeInterval = 86400

  init(_ url: DestinationURL, _ settings: DestinationSettings, _ surroundings: ForwarderSurroundings) {
    self.url = url
    self.settings = settings
    self.surroundings = surroundings
    proof = RequestProof(settings, base: url, surroundings)
  }

  // MARK: Before the first reading

  /// Looks at what the server offers and tries it on the gateway's own Device, which says nothing of anybody. Until that
  /// went well no reading leaves: a wrong address is told nothing, and a server that makes two of one is found out.
  func prepare() async throws(DestinationTrouble) {
    let now = surroundings.now()
    if let preparedAt, creation != nil, abs(now.timeIntervalSince(preparedAt)) < Self.trustedFor { return }
    let wanted: FHIRAddressing.Creation
    if let given = settings.creation { wanted = given } else { wanted = try await offeredCreation() }
    let mark = "\(wanted.rawValue) \(url.text)"
    let earlier = try? await surroundings.store?.setting(markKey)
    if earlier != mark {
      parties = [:]
      try? await surroundings.store?.forgetRecordResources(of: settings.id)
    }
    creation = wanted
    if earlier != mark {
      try await tryOnGateway()
      try? await surroundings.store?.setSetting(markKey, to: mark)
    }
    preparedAt = now
  }

  /// Asks for what every server shows to everybody.
  ///
  /// - Throws: what is in the way, where it does not answer for itself.
  func seeThatItIsThere() async throws(DestinationTrouble) {
    let answer = try await ask(nil, "metadata")
    switch answer.status {
    case 401, 403, 408, 429, 500...: throw trouble(answer)
    default: return
    }
  }

  private var markKey: String { "record-server-\(settings.id)" }

  private func offeredCreation() async throws(DestinationTrouble) -> FHIRAddressing.Creation {
    let answer = try await ask(nil, "metadata")
    let statement = try? JSONDecoder().decode(CapabilityStatement.self, from: Data(answer.body))
    guard answer.status == 200, let statement, statement.resourceType == "CapabilityStatement" else {
      if [404, 405, 410, 406, 200].contains(answer.status) {
        throw .refused(
          reason: "\(url.host) answered \(answer.status) without a CapabilityStatement at /metadata; see that url is "
            + "the base address of a FHIR R4 server. If it shows none, set create: conditional or create: update")
      }
      throw trouble(answer)
    }
    do {
      return try statement.creation(ofPatients: settings.patientNaming == .create)
    } catch {
      throw .refused(
        reason: "the CapabilityStatement of \(url.host): \(error.words). If that is not so, set create: conditional or "
          + "create: update")
    }
  }

  /// Sends the gateway's own Device twice and sees that it stays one.
  private func tryOnGateway() async throws(DestinationTrouble) {
    let transaction = FHIRTransaction(
      gateway: surroundings.gateway, addressing: FHIRAddressing(creation: creation ?? .conditional))
    var places: [ServerResource?] = []
    var isCreatedTwice = true
    for _ in 0..<2 {
      let answer = try await ask(transaction.bytes, "")
      let content = TransactionAnswer(body: answer.body)
      switch answer.status {
      case 200, 201:
        if let fault = content.fault(expecting: 1) { throw misfit(answer, fault) }
        places.append(content.resources.first ?? nil)
        isCreatedTwice = isCreatedTwice && content.statuses.first?.hasPrefix("201") == true
      case 412 where content.isOperationOutcome:
        // There are several already, of an earlier time; a server that says so looks at the condition.
        guard let name = transaction.names.first, let found = try await search(name)?.first?.place else {
          throw .failed(after: answer.retryAfter, reason: "\(url.host) answered 412 for the gateway's own Device")
        }
        await remember([(name, found)], owners: [:])
        return
      case 400, 422:
        guard content.isOperationOutcome else { throw trouble(answer) }
        throw .refused(
          reason: "\(url.host) refuses the gateway's own Device: \(content.refusal(hiding: []))")
      default: throw trouble(answer)
      }
    }
    let isOne =
      if let first = places[0], let second = places[1] { first.id == second.id } else { !isCreatedTwice }
    guard isOne else {
      throw .refused(
        reason: "\(url.host) made two Devices of one that was sent twice: it does not look at "
          + (creation == .conditional ? "ifNoneExist" : "the id of a PUT")
          + ", so a repeated upload would double readings"
          + (creation == .conditional ? "; set create: update if it takes ids that clients assign" : ""))
    }
    if let name = transaction.names.first, let place = places[0] { await remember([(name, place)], owners: [:]) }
  }

  // MARK: Readings

  /// Posts readings as one transaction.
  ///
  /// - Parameter bare: without what only some destinations ask for.
  /// - Parameter known: what the server was found to have of this, over what is remembered; nil: only what is remembered.
  func post(
    _ bare: [ObservationForRecord], known: [ResourceName: [ServerResource]]? = nil
  ) async throws(DestinationTrouble) -> Reply {
    let readings: [ObservationForRecord]
    do {
      readings = try await surroundings.identified(bare, settings.naming.identifierSystems)
    } catch {
      throw .failed(after: nil, reason: "the numbers of the person that are asked for could not be read here")
    }
    var addressing = FHIRAddressing(creation: creation ?? .conditional, patient: settings.patientNaming)
    if let known {
      addressing.known = known
    } else {
      for name in FHIRTransaction.parties(of: readings, gateway: surroundings.gateway, naming: settings.naming) {
        if let place = await party(name) { addressing.known[name] = [place] }
      }
    }
    var transaction = transaction(readings, addressing)
    if known == nil, !transaction.replaced.isEmpty {
      for name in transaction.replaced {
        if let place = await kept(name) { addressing.known[name] = [place] }
      }
      transaction = self.transaction(readings, addressing)
    }
    guard transaction.entryCount > 0 else { return .taken }
    let answer = try await ask(transaction.bytes, "")
    let said = "\(url.host) answered \(answer.status)"
    let content = TransactionAnswer(body: answer.body)
    func words() -> String {
      let hidden = readings.flatMap { reading in
        [reading.patient.id.rawValue, reading.patient.name, reading.device.address, reading.device.information.serial]
          .compactMap { $0 } + reading.identifiers.map(\.number.value)
      }
      return "\(said): \(content.refusal(hiding: hidden))"
    }
    switch answer.status {
    case 200, 201:
      if let refused = content.refusedEntry(of: transaction.entryCount) {
        let words = "\(said), and an entry was answered \(refused)"
        switch refused {
        case 400, 422: return .refused(words: words, answer: content.text)
        case 409, 412: return .conflict(words: words, answer: content.text)
        default: throw .failed(after: answer.retryAfter, reason: words)
        }
      }
      if let fault = content.fault(expecting: transaction.entryCount) { throw misfit(answer, fault) }
      await remember(
        zip(transaction.names, content.resources).compactMap { name, place in place.map { (name, $0) } },
        owners: transaction.owners)
      return .taken
    // Without an OperationOutcome it was no FHIR server that refused, but something on the way, and the readings are not
    // to blame.
    case 400, 422:
      guard content.isOperationOutcome else { throw .failed(after: answer.retryAfter, reason: said) }
      return .refused(words: words(), answer: content.text)
    case 409, 412:
      guard content.isOperationOutcome else { throw .failed(after: answer.retryAfter, reason: said) }
      return .conflict(words: words(), answer: content.text)
    case 413: return .tooLarge(words: said)
    default: throw trouble(answer)
    }
  }

  private func transaction(_ readings: [ObservationForRecord], _ addressing: FHIRAddressing) -> FHIRTransaction {
    FHIRTransaction(
      readings, gateway: surroundings.gateway, naming: settings.naming, timeZone: surroundings.timeZone,
      addressing: addressing)
  }

  /// What the server has of one reading and of what it refers to, by looking for each name; what was remembered of its
  /// parties is thereby put right.
  func find(_ reading: ObservationForRecord) async throws(DestinationTrouble) -> [ResourceName: [ServerResource]] {
    let addressing = FHIRAddressing(creation: creation ?? .conditional, patient: settings.patientNaming)
    var names = Set(transaction([reading], addressing).names)
    if case .reference = settings.patientNaming {
      names.insert(FHIRTransaction.patientName(reading.patient, settings.naming))
    }
    var known: [ResourceName: [ServerResource]] = [:]
    for name in names {
      guard let found = try await search(name) else {
        // It does not let us look: what it was sent once is sent again.
        if name.type != "Observation" { parties[name] = nil }
        continue
      }
      var places = found.compactMap(\.place)
      if name.type == "Patient", let looked = await party(name) {
        // It was looked at, and holds; one that is found beside it may be anybody.
        places = [looked]
      } else if name.type != "Observation" {
        parties[name] = places.first
      }
      if !places.isEmpty { known[name] = places }
    }
    return known
  }

  /// The resources under a name; nil: it does not let us look.
  func search(_ name: ResourceName) async throws(DestinationTrouble) -> [ShownResource]? {
    let answer = try await ask(nil, "\(name.type)?\(name.condition)&_count=10")
    switch answer.status {
    case 200:
      guard let found = try? JSONDecoder().decode(SearchAnswer.self, from: Data(answer.body)),
        found.resourceType == "Bundle"
      else { return nil }
      return found.matches(of: name.type)
    case 401, 408, 429, 500...: throw trouble(answer)
    default: return nil
    }
  }

  // MARK: What is known

  /// A party that is known to be there.
  func party(_ name: ResourceName) async -> ServerResource? {
    if let place = parties[name] { return place }
    guard let place = await kept(name) else { return nil }
    parties[name] = place
    return place
  }

  /// A party that was found, or was found to be gone.
  func note(_ name: ResourceName, _ place: ServerResource?) async {
    parties[name] = place
    if let place { await remember([(name, place)], owners: [:]) }
  }

  private func kept(_ name: ResourceName) async -> ServerResource? {
    let kept = try? await surroundings.store?.recordResource(
      of: settings.id, type: name.type, system: name.system, value: name.value)
    return kept.map { ServerResource(id: $0.id, version: $0.version) }
  }

  /// A store that does not take it costs a request later, and nothing else.
  private func remember(_ found: [(ResourceName, ServerResource)], owners: [ResourceName: PatientID]) async {
    for (name, place) in found where name.type != "Observation" { parties[name] = place }
    let resources = found.map { name, place in
      RecordResource(
        type: name.type, system: name.system, value: name.value, id: place.id, version: place.version,
        patient: owners[name])
    }
    try? await surroundings.store?.keep(resources, of: settings.id, at: surroundings.now())
  }

  /// Keeps what the server said of a delivery.
  func keep(_ answer: String, to delivery: DeliveryID) async {
    try? await surroundings.store?.keepAnswer(answer, to: delivery, at: surroundings.now())
  }

  // MARK: One request

  /// - Parameter path: below the base; empty: the base itself.
  func ask(_ body: [UInt8]?, _ path: String) async throws(DestinationTrouble) -> OutboundHTTP.Answer {
    let answer = try await askOnce(body, path)
    guard answer.status == 401, proof.isRenewed else { return answer }
    // A token may end before its time, or with the key that its server signed it by.
    await proof.refused()
    return try await askOnce(body, path)
  }

  private func askOnce(_ body: [UInt8]?, _ path: String) async throws(DestinationTrouble) -> OutboundHTTP.Answer {
    var headers = [("Accept", FHIRTransaction.contentType)]
    if body != nil { headers += [("Content-Type", FHIRTransaction.contentType), ("Prefer", "return=minimal")] }
    if let header = try await proof.header() { headers.append(header) }
    let security: OutboundHTTP.Security
    do { security = try OutboundHTTP.Security(of: settings) } catch { throw .refused(reason: error.description) }
    do {
      return try await surroundings.http.ask(
        body, of: path.isEmpty ? url : url.below(path), headers: headers, limit: settings.timeLimit ?? .seconds(30),
        security)
    } catch .cancelled {
      throw .cancelled
    } catch .insecure(let host, let why) {
      throw .refused(reason: "\(OutboundHTTP.Failure.insecure(host: host, why: why))")
    } catch {
      throw .failed(after: nil, reason: error.description)
    }
  }

  private func misfit(_ answer: OutboundHTTP.Answer, _ fault: String) -> DestinationTrouble {
    .refused(
      reason: "\(url.host) answered \(answer.status), but \(fault); is url the base address of a FHIR server?")
  }

  /// What an answer means for the destination as a whole.
  func trouble(_ answer: OutboundHTTP.Answer) -> DestinationTrouble {
    let said = "\(url.host) answered \(answer.status)"
    switch answer.status {
    case 401:
      let remedy =
        switch settings.proof {
        case .bearer: "check the token in secret-file"
        case .basic: "check the user and the password in secret-file"
        case .smart: "to a new token; see that the token server gives tokens for this record (audience) and scope"
        }
      return .refused(reason: "\(said)\(proof.isRenewed ? " " : ": ")\(remedy)")
    case 403:
      return .refused(reason: "\(said): what this gateway shows is not enough; ask for the right to create there")
    case 300..<400: return .refused(reason: "\(said), a redirect; set url to where it points")
    case 404, 405, 406, 410, 415:
      return .refused(reason: "\(said); see that url is the base address of a FHIR R4 server")
    default: return .failed(after: answer.retryAfter, reason: said)
    }
  }
}
