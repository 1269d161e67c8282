package import Observations
package import Store

/// Why a webhook can't be tried on somebody's word.
package enum WebhookRefusal: Error, Hashable, Sendable {
  case unknownDestination(known: [String])
  case unknownMessage
  /// It was never sent or was taken back, or the consent was withdrawn: it may not leave.
  case notToBeTold
  case cancelled
}

extension ForwardingService {
  /// How each webhook stands, in the order of configuration.
  ///
  /// - Throws: ``Store/StoreFailure``.
  package func webhooks() async throws(StoreFailure) -> [WebhookStatus] {
    let counts = try await store.outboxCounts()
    var all: [WebhookStatus] = []
    for queue in queues {
      let last = try await store.lastDelivered(to: queue.id)
      if let webhook = await queue.webhook(waiting: counts[queue.id]?.waiting ?? 0, lastDelivered: last) {
        all.append(webhook)
      }
    }
    return all
  }

  /// Sends a test message.
  ///
  /// - Throws: ``WebhookRefusal/unknownDestination(known:)``, ``WebhookRefusal/cancelled``.
  package func testWebhook(_ id: DestinationID) async throws(WebhookRefusal) -> WebhookTrial {
    guard let queue = queues.first(where: { $0.id == id && $0.isWebhook }) else { throw unknown() }
    do {
      guard let trial = try await queue.test() else { throw unknown() }
      return trial
    } catch let refusal as WebhookRefusal {
      throw refusal
    } catch {
      throw .cancelled
    }
  }

  /// The `webhook-id` of what is called by a `DeliveryRecord.messageKey`; nil: the destination is no webhook.
  package func message(of key: String, for destination: DestinationID) -> String? {
    guard queues.contains(where: { $0.id == destination && $0.isWebhook }) else { return nil }
    return WebhookMessage.id(of: key, for: destination)
  }

  /// Sends a message once more under the same `webhook-id`. One that was waiting or was refused for good is done with
  /// where it arrives now.
  ///
  /// - Parameter id: the number of the row, or the `webhook-id`.
  /// - Throws: ``WebhookRefusal``, ``Store/StoreFailure``.
  package func redeliver(_ id: String) async throws -> (destination: DestinationID, trial: WebhookTrial) {
    guard let record = try await record(id), let queue = queues.first(where: { $0.id == record.destination }),
      queue.isWebhook
    else { throw WebhookRefusal.unknownMessage }
    guard let delivery = try await store.delivery(record.id) else { throw WebhookRefusal.notToBeTold }
    guard let trial = try await queue.redeliver(delivery) else { throw WebhookRefusal.unknownMessage }
    if trial.outcome == .delivered { try await store.recordRedelivered(record.id, at: queue.now) }
    return (record.destination, trial)
  }

  private func record(_ id: String) async throws -> DeliveryRecord? {
    if let number = Int64(id) {
      guard number > 0 else { return nil }
      return try await store.deliveries(
        DeliveryFilter(after: DeliveryID(rawValue: number - 1), limit: 1)
      ).first { $0.id.rawValue == number }
    }
    guard id.hasPrefix("msg_") else { return nil }
    for queue in queues where queue.isWebhook {
      var after: DeliveryID?
      while true {
        let page = try await store.deliveries(DeliveryFilter(destination: queue.id, after: after, limit: 500))
        if let found = page.first(where: { message(of: $0.messageKey, for: $0.destination) == id }) { return found }
        guard let last = page.last else { break }
        after = last.id
      }
    }
    return nil
  }

  private func unknown() -> WebhookRefusal {
    .unknownDestination(known: queues.filter(\.isWebhook).map(\.id.rawValue))
  }
}
