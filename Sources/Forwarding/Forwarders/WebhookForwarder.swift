import AlertRules
import Foundation
import Observations
package import Store

/// Tells alerts, and readings where configured, by Standard Webhooks: signed, retried densely, refused twice by its id.
///
/// Where a template makes the body, the service behind it is one that has a form of its own and looks at no signature; it
/// gets one all the same if there is a secret.
package struct WebhookForwarder: Forwarder {
  static let kind = ForwarderKind(
    name: "webhook", takesObservations: false, takesAlerts: true, retry: .alerts
  ) { settings, surroundings throws(DestinationFault) in
    try WebhookForwarder(settings, surroundings)
  }

  /// Few: between two batches a new alert can step to the front.
  package let batchLimit = 5

  /// Nil: a template's service that needs none.
  let secrets: SecretFile?
  let settings: DestinationSettings
  let surroundings: ForwarderSurroundings
  /// Nil where private targets are allowed.
  let targets: TargetGuard?

  /// - Throws: what is wrong with the address or the secret.
  init(
    _ settings: DestinationSettings, _ surroundings: ForwarderSurroundings, targets: TargetGuard = TargetGuard()
  ) throws(DestinationFault) {
    secrets = try Self.check(settings)
    self.settings = settings
    self.surroundings = surroundings
    self.targets = settings.allowsPrivate ? nil : targets
  }

  /// - Returns: where its secrets are; nil: it has none.
  /// - Throws: what is wrong with the address, the secret, the authority or the template.
  static func check(_ settings: DestinationSettings) throws(DestinationFault) -> SecretFile? {
    _ = try settings.address()
    _ = try settings.token?.value()
    guard settings.secretFile != nil || settings.templateFile != nil else { throw .secretMissing(kind: "webhook") }
    let secrets = settings.secretFile.map(SecretFile.init)
    if let secrets { _ = try WebhookSecret.all(in: secrets) }
    _ = try CertificateAuthority.of(settings)
    _ = try BodyTemplate.of(settings)
    return secrets
  }

  package func deliver(_ deliveries: [Delivery]) async throws(CancellationError) -> [DeliveryOutcome] {
    var outcomes: [DeliveryOutcome] = []
    for delivery in deliveries {
      let outcome = try await deliver(delivery)
      outcomes.append(outcome)
      switch outcome {
      case .destinationFailed, .destinationRefuses, .unanswered: return outcomes
      case .delivered, .rejected, .retry, .behind: break
      }
    }
    return outcomes
  }

  private func deliver(_ delivery: Delivery) async throws(CancellationError) -> DeliveryOutcome {
    if delivery.content.isSimulated && !settings.takesSimulated {
      return .rejected(reason: "a simulated reading, and this destination does not take them")
    }
    let offer = settings.answerer.flatMap { surroundings.answers?.offer(delivery, to: $0, at: surroundings.now()) }
    return try await send(
      WebhookMessage(
        delivery, withValues: settings.sendsValues, timeZone: surroundings.timeZone, text: settings.text, offer: offer,
        at: surroundings.now()))
  }

  /// Sends a message that is of nobody and says that it is a test, once.
  ///
  /// - Returns: its id, and what became of it.
  func sendTest() async throws(CancellationError) -> WebhookTrial {
    let message = WebhookMessage(test: settings.id, at: surroundings.now(), timeZone: surroundings.timeZone)
    return WebhookTrial(message: message.id, outcome: try await send(message))
  }

  private func send(_ message: WebhookMessage) async throws(CancellationError) -> DeliveryOutcome {
    let timestamp = Int(surroundings.now().timeIntervalSince1970)
    var headers = [("webhook-id", message.id), ("webhook-timestamp", "\(timestamp)")]
    let body: [UInt8]
    let authority: CertificateAuthority?
    let url: DestinationURL
    do {
      url = try settings.address()
      if let token = settings.token { headers.append((token.name, try token.value())) }
      authority = try CertificateAuthority.of(settings)
      body = try BodyTemplate.of(settings)?.body(of: message.json) ?? message.body
      if let secrets {
        let signatures = try WebhookSecret.all(in: secrets)
          .map { $0.signature(id: message.id, timestamp: timestamp, body: body) }
        headers.append(("webhook-signature", signatures.joined(separator: " ")))
      }
    } catch let fault as TemplateFault {
      // The template took this type of message to where it fails; other types may go.
      return .retry(after: nil, reason: "the template makes no body of this message: \(fault.message)")
    } catch {
      return .destinationFailed(after: nil, reason: "\(error)")
    }
    headers.append(("Content-Type", settings.contentType ?? DestinationSettings.json))
    do {
      let address: String? = if let targets { try await targets.check(url.host) } else { nil }
      let answer = try await surroundings.http.post(
        body, to: url, headers: headers, limit: settings.timeLimit ?? .seconds(15), at: address, trusting: authority)
      return outcome(answer, of: url)
    } catch OutboundHTTP.Failure.cancelled {
      throw CancellationError()
    } catch let failure as OutboundHTTP.Failure where failure.mayHaveArrived {
      return .unanswered(reason: "\(failure)")
    } catch {
      return .destinationFailed(after: nil, reason: "\(error)")
    }
  }

  /// Only 2xx is success; a redirect is not followed, since the secret was made for one address.
  private func outcome(_ answer: OutboundHTTP.Answer, of url: DestinationURL) -> DeliveryOutcome {
    let said = "\(url.host) answered \(answer.status)"
    if (200..<300).contains(answer.status), let fault = settings.success?.fault(in: answer.body) {
      // By a number of its own: whether it is this message or the token that it does not take is not ours to know.
      return .destinationFailed(
        after: answer.retryAfter, reason: "\(said) and says \(fault): see what it means by that")
    }
    return switch answer.status {
    case 200..<300: .delivered
    case 300..<400: .destinationFailed(after: nil, reason: "\(said), a redirect; set url to where it points")
    case 410: .rejected(reason: "\(said): it wants no more webhooks; remove this destination or ask for a new address")
    case 401, 403: .destinationFailed(after: answer.retryAfter, reason: "\(said): check the secret")
    case 404, 405, 408, 429, 502, 503, 504: .destinationFailed(after: answer.retryAfter, reason: said)
    // It may be this one message that it cannot take: the others go on.
    default: .retry(after: answer.retryAfter, reason: said)
    }
  }
}

extension DeliveryContent {
  /// Made by a played session.
  var isSimulated: Bool {
    switch self {
    case .observation(let observation, _, _), .observationWithdrawn(let observation, _, _):
      observation.provenance.isSimulated
    case .alert(let alert, _), .alertWithdrawn(let alert, _): alert.isSimulated
    }
  }
}

/// What became of a message that somebody asked for, and not the outbox.
package struct WebhookTrial: Hashable, Sendable {
  /// Its `webhook-id`.
  package var message: String
  package var outcome: DeliveryOutcome
}

extension BodyTemplate {
  /// That of a destination; nil: it names none.
  ///
  /// - Throws: ``DestinationFault/templateUnreadable(path:)``, ``DestinationFault/templateWrong(path:_:)``.
  static func of(_ settings: DestinationSettings) throws(DestinationFault) -> BodyTemplate? {
    guard let path = settings.templateFile else { return nil }
    let contents = settings.templateText.map { Data($0.utf8) } ?? FileManager.default.contents(atPath: path)
    guard let contents else { throw .templateUnreadable(path: path) }
    let text = String(decoding: contents, as: UTF8.self)
    do {
      return try BodyTemplate(text, isJSON: settings.makesJSON)
    } catch {
      throw .templateWrong(path: path, error)
    }
  }
}
