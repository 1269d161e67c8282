/// How one webhook stands: an element of `GET /v1/webhooks`.
package struct Webhook: Hashable, Sendable, Codable, Identifiable {
  package var name: String
  /// Where it leads, without the path and the query: those are often a secret.
  package var address: String
  /// When it last took a message; nil: never.
  package var lastSuccess: Timestamp?
  /// Messages that wait.
  package var waiting: Int
  /// Whether the last attempt failed.
  package var failing: Bool
  /// Since start.
  package var lastFailure: Timestamp?
  /// Why, in English; no patient data.
  package var lastError: String?
  /// Messages that it refused for good since start: they never arrive.
  package var rejected: Int
  /// When what waits is tried again; nil: nothing waits.
  package var nextAttempt: Timestamp?
  package var id: String { name }

  private enum CodingKeys: String, CodingKey {
    case name, address, lastSuccess, waiting, failing, lastFailure, lastError, rejected, nextAttempt
  }

  package init(
    name: String, address: String, lastSuccess: Timestamp? = nil, waiting: Int, failing: Bool,
    lastFailure: Timestamp? = nil, lastError: String? = nil, rejected: Int = 0, nextAttempt: Timestamp? = nil
  ) {
    self.name = name
    self.address = address
    self.lastSuccess = lastSuccess
    self.waiting = waiting
    self.failing = failing
    self.lastFailure = lastFailure
    self.lastError = lastError
    self.rejected = rejected
    self.nextAttempt = nextAttempt
  }
}

/// What became of a message that somebody asked for: the answer to `POST /v1/webhooks/{name}/test` and
/// `POST /v1/webhooks/messages/{id}/redeliver`. That it failed is no error of the request.
package struct WebhookTrial: Hashable, Sendable, Codable {
  package var webhook: String
  /// The `webhook-id` that it was sent under; nil: nothing could be sent.
  package var message: String?
  /// Whether the destination took it.
  package var delivered: Bool
  /// What the destination or the network said, in English; nil when it was taken.
  package var answer: String?

  package init(webhook: String, message: String?, delivered: Bool, answer: String? = nil) {
    self.webhook = webhook
    self.message = message
    self.delivered = delivered
    self.answer = answer
  }
}
