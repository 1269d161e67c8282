import Forwarding
import LocalAPI
import LocalServer
import Observations

/// What the local server asks of the webhooks.
struct WebhookDesk: Sendable {
  let forwarding: ForwardingService

  var control: WebhookControl {
    WebhookControl(
      list: { try await forwarding.webhooks().map { Webhook($0) } },
      test: { name in
        do throws(WebhookRefusal) {
          let trial = try await forwarding.testWebhook(DestinationID(rawValue: name))
          return LocalAPI.WebhookTrial(name, trial)
        } catch {
          throw Self.error(error, name)
        }
      },
      redeliver: { id in
        do {
          let (destination, trial) = try await forwarding.redeliver(id)
          return LocalAPI.WebhookTrial(destination.rawValue, trial)
        } catch let refusal as WebhookRefusal {
          throw Self.error(refusal, id)
        }
      },
      message: { key, destination in forwarding.message(of: key, for: destination) })
  }

  private static func error(_ refusal: WebhookRefusal, _ asked: String) -> APIError {
    switch refusal {
    case .unknownDestination(let known):
      APIError(
        APIError.Code.notFound, "no webhook is called '\(asked)'",
        remedy: known.isEmpty
          ? "name one under 'destinations' in the configuration" : "known: \(known.joined(separator: ", "))")
    case .unknownMessage:
      APIError(
        APIError.Code.notFound, "there is no message '\(asked)' for a webhook",
        remedy: "'vitals webhooks messages NAME' shows the newest ones")
    case .notToBeTold:
      APIError(
        APIError.Code.invalid,
        "the message '\(asked)' may not leave: the consent was withdrawn, or its reading was taken back",
        remedy: "'vitals consent list' shows who agreed to what")
    case .cancelled: APIError(APIError.Code.failed, "vitalsd is stopping")
    }
  }
}

extension Webhook {
  init(_ status: WebhookStatus) {
    self.init(
      name: status.id.rawValue, address: status.address, lastSuccess: status.lastSuccess.map { Timestamp($0) },
      waiting: status.waiting ?? 0, failing: status.isFailing, lastFailure: status.lastFailure.map { Timestamp($0) },
      lastError: status.isFailing ? status.lastFailureReason : status.lastRejectionReason ?? status.lastFailureReason,
      rejected: status.rejected, nextAttempt: status.nextAttempt.map { Timestamp($0) })
  }
}

extension LocalAPI.WebhookTrial {
  init(_ name: String, _ trial: Forwarding.WebhookTrial) {
    self.init(
      webhook: name, message: trial.message.isEmpty ? nil : trial.message, delivered: trial.outcome == .delivered,
      answer: trial.outcome.reason)
  }
}
