package import Store

/// What became of one delivery.
package enum DeliveryOutcome: Hashable, Sendable {
  /// The destination has it, durably as far as it says.
  case delivered
  /// Not now, and the reason lies in this delivery: others may go on. `after` is the pause the destination asked for.
  case retry(after: Duration?, reason: String)
  /// Not now, and the reason lies in the destination or on the way to it: the others would fare no better.
  case destinationFailed(after: Duration?, reason: String)
  /// As ``destinationFailed(after:reason:)``, but it left, and whether it arrived nobody knows: it goes once more as it was.
  case unanswered(reason: String)
  /// Not now, and not before somebody changes something here or there: who we are is not believed, the address is no such
  /// server's, its certificate is not trusted. Everything is held, nothing is discarded, and it is said loudly.
  case destinationRefuses(reason: String)
  /// Not tried: an earlier reading of the same person was put off by itself (``retry(after:reason:)``), and this one waits
  /// behind it. A record has each person's readings in their order.
  case behind
  /// Never: the destination has looked at it and refused it for good.
  case rejected(reason: String)

  /// Why it was not delivered; nil: it was, or was not tried.
  package var reason: String? {
    switch self {
    case .delivered, .behind: nil
    case .retry(_, let reason), .destinationFailed(_, let reason), .unanswered(let reason),
      .destinationRefuses(let reason), .rejected(let reason):
      reason
    }
  }
}

/// A way for deliveries to leave the house: ``FHIRForwarder``, ``HL7v2Forwarder`` and ``WebhookForwarder``.
///
/// Reasons name the host at most: no address with a path, no secret, no value of a patient.
package protocol Forwarder: Sendable {
  /// How many deliveries it wants at once, at most.
  var batchLimit: Int { get }

  /// Brings them out in their order.
  ///
  /// - Returns: one outcome for each of the first deliveries. It stops after a
  ///   ``DeliveryOutcome/destinationFailed(after:reason:)``, ``DeliveryOutcome/unanswered(reason:)`` or
  ///   ``DeliveryOutcome/destinationRefuses(reason:)``; what follows was not tried.
  /// - Throws: `CancellationError` when the task was cancelled; nothing is known then.
  func deliver(_ deliveries: [Delivery]) async throws(CancellationError) -> [DeliveryOutcome]
}
