/// One thing on its way to a destination.
package struct Delivery: Hashable, Sendable, Codable, Identifiable {
  package var id: String
  package var destination: String
  /// `waiting`, `delivered`, `rejected`, `cancelled`.
  package var state: String
  /// What it carries: `observation` or `alert`.
  package var content: String
  /// The reading it carries, or the idempotency key of the alert.
  package var subject: String
  package var attempts: Int
  package var lastError: String?
  /// When the next attempt may be made; nil: at once, or finished.
  package var dueAt: Timestamp?
  package var createdAt: Timestamp
  /// When it was tried first; nil: it was not yet.
  package var firstAttemptAt: Timestamp?
  package var finishedAt: Timestamp?
  /// What it tells was taken back from its person after it had, or may have, arrived; nil: no.
  package var needsCorrection: Bool?
  /// The `webhook-id` that it goes under; nil where it is not asked as a message of a webhook.
  package var message: String?

  package init(
    id: String, destination: String, state: String, content: String, subject: String, attempts: Int,
    lastError: String? = nil, dueAt: Timestamp? = nil, createdAt: Timestamp,
    firstAttemptAt: Timestamp? = nil, finishedAt: Timestamp? = nil, needsCorrection: Bool? = nil, message: String? = nil
  ) {
    self.id = id
    self.destination = destination
    self.state = state
    self.content = content
    self.subject = subject
    self.attempts = attempts
    self.lastError = lastError
    self.dueAt = dueAt
    self.createdAt = createdAt
    self.firstAttemptAt = firstAttemptAt
    self.finishedAt = finishedAt
    self.needsCorrection = needsCorrection
    self.message = message
  }
}

/// One thing on its way, with all that is known of it: the answer to `GET /v1/deliveries/{id}`.
package struct DeliveryDetail: Hashable, Sendable, Codable {
  package var delivery: Delivery
  /// What the server said when it refused it, whole; nil: nothing is kept. It may name what the delivery held.
  package var answer: String?

  package init(delivery: Delivery, answer: String? = nil) {
    self.delivery = delivery
    self.answer = answer
  }
}

/// Which deliveries to try now: the body of `POST /v1/deliveries/retry`. One of the two.
package struct DeliveryRetry: Hashable, Sendable, Codable {
  /// All that wait for it or were refused by it.
  package var destination: String?
  /// One delivery.
  package var id: String?

  package init(destination: String? = nil, id: String? = nil) {
    self.destination = destination
    self.id = id
  }
}

/// The answer to `POST /v1/deliveries/retry`.
package struct DeliveryRetried: Hashable, Sendable, Codable {
  /// How many are tried now.
  package var count: Int

  package init(count: Int) { self.count = count }
}
