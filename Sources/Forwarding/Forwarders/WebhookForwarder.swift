import AlertRules
import Foundation
import Observations
package import Store

/// Tells alerts, and readings where configured, by Standard Webhooks: signed, retried densely, refused twice by its id.
package struct WebhookForwarder: Forwarder {
  static let kind = ForwarderKind(
    name: "webhook", takesObservations: false, takesAlerts: true, retry: .alerts
  ) { settings, surroundings throws(DestinationFault) in
    try WebhookForwarder(settings, surroundings)
  }

  /// Few: between two batches a new alert can step to the front.
  package let batchLimit = 5

  let url: DestinationURL
  let secrets: SecretFile
  let settings: DestinationSettings
  let surroundings: ForwarderSurroundings
  /// Nil where private targets are allowed.
  let targets: TargetGuard?

  /// - Throws: what is wrong with the address or the secret.
  init(
    _ settings: DestinationSettings, _ surroundings: ForwarderSurroundings, targets: TargetGuard = TargetGuard()
  ) throws(DestinationFault) {
    url = try DestinationURL(settings.url, allowsPrivate: settings.allowsPrivate)
    guard let path = settings.secretFile else { throw .secretMissing(kind: "webhook") }
    secrets = SecretFile(path: path)
    _ = try WebhookSecret.all(in: secrets)
    self.settings = settings
    self.surroundings = surroundings
    self.targets = settings.allowsPrivate ? nil : targets
  }

  package func deliver(_ deliveries: [Delivery]) async throws(CancellationError) -> [DeliveryOutcome] {
    var outcomes: [DeliveryOutcome] = []
    for delivery in deliveries {
      let outcome = try await deliver(delivery)
      outcomes.append(outcome)
      if case .destinationFailed = outcome { break }
    }
    return outcomes
  }

  private func deliver(_ delivery: Delivery) async throws(CancellationError) -> DeliveryOutcome {
    if delivery.content.isSimulated && !settings.takesSimulated {
      return .rejected(reason: "a simulated reading, and this destination does not take them")
    }
    let message = WebhookMessage(
      delivery, withValues: settings.sendsValues, timeZone: surroundings.timeZone, text: settings.text)
    let timestamp = Int(Date().timeIntervalSince1970)
    let signatures: String
    do {
      signatures = try WebhookSecret.all(in: secrets)
        .map { $0.signature(id: message.id, timestamp: timestamp, body: message.body) }.joined(separator: " ")
    } catch {
      return .destinationFailed(after: nil, reason: error.description)
    }
    do {
      let address: String? = if let targets { try await targets.check(url.host) } else { nil }
      let answer = try await surroundings.http.post(
        message.body, to: url,
        headers: [
          ("Content-Type", "application/json"), ("webhook-id", message.id), ("webhook-timestamp", "\(timestamp)"),
          ("webhook-signature", signatures),
        ],
        limit: settings.timeLimit ?? .seconds(15), at: address)
      return outcome(answer)
    } catch OutboundHTTP.Failure.cancelled {
      throw CancellationError()
    } catch {
      return .destinationFailed(after: nil, reason: "\(error)")
    }
  }

  /// Only 2xx is success; a redirect is not followed, since the secret was made for one address.
  private func outcome(_ answer: OutboundHTTP.Answer) -> DeliveryOutcome {
    let said = "\(url.host) answered \(answer.status)"
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
