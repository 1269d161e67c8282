package import Foundation
package import Observations

/// How one webhook stands, for `vitals webhooks list`.
package struct WebhookStatus: Hashable, Sendable, Identifiable {
  package var id: DestinationID
  /// Where it leads, without the path and the query.
  package var address: String
  /// Nil: nothing ever arrived, as far as is known here.
  package var lastSuccess: Date?
  /// Messages that wait; nil when the store could not say.
  package var waiting: Int?
  /// Since start.
  package var lastFailure: Date?
  /// Why the last failed attempt failed; no patient data.
  package var lastFailureReason: String?
  /// Whether the last thing that happened was a failure of the destination or of the way to it.
  package var isFailing: Bool
  /// Messages that it refused for good since start.
  package var rejected: Int
  /// Why the last of them was; no patient data.
  package var lastRejectionReason: String?
  /// When the next attempt will be made; nil: nothing waits.
  package var nextAttempt: Date?
}
