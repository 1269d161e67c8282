import Foundation

/// What may be asked, by name. All of them throw ``LocalClientError``.
extension LocalClient {
  package func status() async throws -> Status { try await answer(to: LocalRequest(.get, ["status"])) }

  package func doctor() async throws -> DoctorReport { try await answer(to: LocalRequest(.get, ["doctor"])) }

  /// Reads the configuration anew.
  package func reload() async throws -> ReloadAnswer {
    try await answer(to: LocalRequest(.post, ["reload"]), within: .seconds(90))
  }

  package func devices() async throws -> [Device] { try await answer(to: LocalRequest(.get, ["devices"])) }

  /// Forgets the keys of a device, here and in the kernel; its readings stay.
  /// - Parameter device: id, address or name.
  package func unpair(_ device: String) async throws { try await perform(LocalRequest(.delete, ["devices", device])) }

  /// Says whose readings a device's user number is.
  /// - Parameter device: id, address or name.
  package func assign(_ device: String, _ assignment: AssignRequest) async throws -> Device {
    try await answer(to: LocalRequest(.post, ["devices", device, "users"], body: try LocalJSON.line(assignment)))
  }

  package func claim(_ claim: ClaimRequest) async throws -> OwnershipAnswer {
    try await answer(to: LocalRequest(.post, ["claims"], body: try LocalJSON.line(claim)))
  }

  package func disown(_ readings: DisownRequest) async throws -> OwnershipAnswer {
    try await answer(to: LocalRequest(.post, ["disownings"], body: try LocalJSON.line(readings)))
  }

  package func patients() async throws -> [Patient] { try await answer(to: LocalRequest(.get, ["patients"])) }

  package func setGroup(_ change: GroupChange) async throws -> Patient {
    try await answer(to: LocalRequest(.post, ["patients", "group"], body: try LocalJSON.line(change)))
  }

  /// Whose it is; the number is in no answer.
  package func setIdentifier(_ change: IdentifierChange) async throws -> Patient {
    try await answer(to: LocalRequest(.post, ["patients", "identifiers"], body: try LocalJSON.line(change)))
  }

  /// - Parameter patient: id or name.
  package func identifiers(of patient: String) async throws -> [PatientIdentifier] {
    try await answer(to: LocalRequest(.get, ["patients", "identifiers"], query: [("patient", patient)]))
  }

  package func addPatient(_ patient: NewPatient) async throws -> Patient {
    try await answer(to: LocalRequest(.post, ["patients"], body: try LocalJSON.line(patient)))
  }

  /// The oldest first.
  package func readings(_ query: ReadingQuery = ReadingQuery()) async throws -> [Reading] {
    try await answer(to: LocalRequest(.get, ["readings"], query: query.pairs))
  }

  /// Those of the query, then every new one as it is stored, until cancelled.
  package func followReadings(_ query: ReadingQuery, each: (Reading) async throws -> Void) async throws {
    try await follow(LocalRequest(.get, ["readings"], query: query.pairs + [("follow", "true")]), each: each)
  }

  /// The oldest first.
  package func alerts(since: String? = nil, patient: String? = nil, limit: Int? = nil) async throws -> [Alert] {
    try await answer(
      to: LocalRequest(
        .get, ["alerts"], query: [("since", since), ("patient", patient), ("limit", limit.map { String($0) })]))
  }

  /// Those of the query, then every new step as it is stored, until cancelled.
  package func followAlerts(
    since: String? = nil, patient: String? = nil, limit: Int? = nil, each: (Alert) async throws -> Void
  ) async throws {
    try await follow(
      LocalRequest(
        .get, ["alerts"],
        query: [("since", since), ("patient", patient), ("limit", limit.map { String($0) }), ("follow", "true")]),
      each: each)
  }

  /// What fires now, the oldest first.
  package func episodes() async throws -> [Episode] { try await answer(to: LocalRequest(.get, ["episodes"])) }

  package func acknowledge(_ request: AcknowledgementRequest) async throws -> AcknowledgementAnswer {
    try await answer(to: LocalRequest(.post, ["acknowledgements"], body: try LocalJSON.line(request)))
  }

  /// The oldest first.
  package func alertHistory(
    episode: String? = nil, since: String? = nil, patient: String? = nil, limit: Int? = nil
  ) async throws -> [AlertHistoryLine] {
    try await answer(
      to: LocalRequest(
        .get, ["alert-history"],
        query: [
          ("episode", episode), ("since", since), ("patient", patient), ("limit", limit.map { String($0) }),
        ]))
  }

  /// Those that hold, the first to end first.
  package func silences() async throws -> [Silence] { try await answer(to: LocalRequest(.get, ["silences"])) }

  package func silence(_ request: SilenceRequest) async throws -> Silence {
    try await answer(to: LocalRequest(.post, ["silences"], body: try LocalJSON.line(request)))
  }

  package func liftSilence(_ id: String) async throws -> Silence {
    try await answer(to: LocalRequest(.delete, ["silences", id]))
  }

  /// All that were ever given, with those that were withdrawn.
  package func consents() async throws -> [Consent] { try await answer(to: LocalRequest(.get, ["consents"])) }

  package func grantConsent(_ consent: ConsentRequest) async throws -> Consent {
    try await answer(to: LocalRequest(.post, ["consents"], body: try LocalJSON.line(consent)))
  }

  /// The consents that held until now.
  package func withdrawConsent(_ consent: ConsentWithdrawal) async throws -> [Consent] {
    try await answer(to: LocalRequest(.delete, ["consents"], body: try LocalJSON.line(consent)))
  }

  /// The oldest first.
  package func deliveries(
    destination: String? = nil, state: String? = nil, limit: Int? = nil
  ) async throws -> [Delivery] {
    try await answer(
      to: LocalRequest(
        .get, ["deliveries"],
        query: [("destination", destination), ("state", state), ("limit", limit.map { String($0) })]))
  }

  package func delivery(_ id: String) async throws -> DeliveryDetail {
    try await answer(to: LocalRequest(.get, ["deliveries", id]))
  }

  package func retry(_ request: DeliveryRetry) async throws -> DeliveryRetried {
    try await answer(to: LocalRequest(.post, ["deliveries", "retry"], body: try LocalJSON.line(request)))
  }

  package func webhooks() async throws -> [Webhook] {
    try await answer(to: LocalRequest(.get, ["webhooks"]))
  }

  /// The newest first.
  package func webhookMessages(
    of webhook: String, state: String? = nil, limit: Int? = nil
  ) async throws -> [Delivery] {
    try await answer(
      to: LocalRequest(
        .get, ["webhooks", webhook, "messages"], query: [("state", state), ("limit", limit.map { String($0) })]))
  }

  /// Sends a test message and waits for what becomes of it, a minute of the destination's at most.
  package func testWebhook(_ name: String) async throws -> WebhookTrial {
    try await answer(to: LocalRequest(.post, ["webhooks", name, "test"]), within: .seconds(90))
  }

  /// - Parameter id: the number of the delivery, or its `webhook-id`.
  package func redeliver(_ id: String) async throws -> WebhookTrial {
    try await answer(to: LocalRequest(.post, ["webhooks", "messages", id, "redeliver"]), within: .seconds(90))
  }

  package func scan(_ scan: ScanRequest, each: (ScanEvent) async throws -> Void) async throws {
    try await follow(LocalRequest(.post, ["scan"], body: try LocalJSON.line(scan)), each: each)
  }

  package func startPairing(_ pairing: PairingRequest) async throws -> PairingStarted {
    try await answer(to: LocalRequest(.post, ["pairings"], body: try LocalJSON.line(pairing)))
  }

  /// From the first event on; ends after the last. Leaving it before cancels the pairing.
  package func pairingEvents(_ id: String, each: (PairingEvent) async throws -> Void) async throws {
    try await follow(LocalRequest(.get, ["pairings", id, "events"]), each: each)
  }

  package func answerPairing(_ id: String, _ answer: PairingAnswer) async throws {
    try await perform(LocalRequest(.post, ["pairings", id, "answers"], body: try LocalJSON.line(answer)))
  }

  package func cancelPairing(_ id: String) async throws { try await perform(LocalRequest(.delete, ["pairings", id])) }
}

extension ReadingQuery {
  /// As the query of a request.
  package var pairs: [(name: String, value: String?)] {
    [
      ("since", since), ("patient", patient), ("device", device), ("unassigned", unassigned ? "true" : nil),
      ("limit", limit.map { String($0) }),
    ]
  }
}
