package import LocalAPI
package import Observations

/// What the running gateway does with webhooks on somebody's word.
package struct WebhookControl: Sendable {
  /// How each stands, in the order of configuration.
  package var list: @Sendable () async throws -> [Webhook]
  /// Sends a test message. Throws with ``LocalAPI/APIError/Code/notFound``.
  package var test: @Sendable (_ name: String) async throws -> WebhookTrial
  /// Sends a message once more. Throws with ``LocalAPI/APIError/Code/notFound`` and
  /// ``LocalAPI/APIError/Code/invalid``: it may not leave.
  package var redeliver: @Sendable (_ id: String) async throws -> WebhookTrial
  /// The `webhook-id` of what is called by a `DeliveryRecord.messageKey` at a destination; nil: that is no webhook.
  package var message: @Sendable (_ key: String, DestinationID) -> String?

  package init(
    list: @escaping @Sendable () async throws -> [Webhook],
    test: @escaping @Sendable (_ name: String) async throws -> WebhookTrial,
    redeliver: @escaping @Sendable (_ id: String) async throws -> WebhookTrial,
    message: @escaping @Sendable (_ key: String, DestinationID) -> String?
  ) {
    self.list = list
    self.test = test
    self.redeliver = redeliver
    self.message = message
  }

  /// Of a gateway without webhooks.
  package static let none = WebhookControl(
    list: { [] },
    test: { name in throw APIError(APIError.Code.notFound, "no webhook is called '\(name)'") },
    redeliver: { id in throw APIError(APIError.Code.notFound, "there is no message '\(id)'") },
    message: { _, _ in nil })
}
