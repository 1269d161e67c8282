package import Foundation
package import Observations

/// How one destination stands, for health and `vitals status`.
package struct DestinationStatus: Hashable, Sendable, Identifiable {
  package var id: DestinationID
  /// The kind's name.
  package var kind: String
  /// Outbox rows that wait; nil when the store could not say.
  package var waiting: Int?
  /// Since start.
  package var lastSuccess: Date?
  /// Since start.
  package var lastFailure: Date?
  /// Why the last failed attempt failed; no patient data. It stays after a success.
  package var lastFailureReason: String?
  /// Whether the last thing that happened was a failure of the destination or of the way to it.
  package var isFailing: Bool
  /// Deliveries that it refused for good since start: they will never arrive.
  package var rejected: Int
  /// When it last did.
  package var lastRejection: Date?
  /// Why; no patient data.
  package var lastRejectionReason: String?
  /// Alerts told from memory, because they could not be stored, that wait here.
  package var waitingUnstored: Int
  /// While failing: since when.
  package var failingSince: Date? = nil
  /// Failing, and not before somebody changes something here or there will it end.
  package var needsSomebody = false
  /// It takes alerts and answers, and what waited for it is being tried just now: whether all of that arrives is not known yet.
  package var isCatchingUp = false
  /// Whose readings wait since the server's record of them has to be looked at first, and why; the reasons name nobody.
  package var held: [PatientID: String] = [:]

  /// The last delivery that it answered was refused for good.
  package var refuses: Bool {
    guard let lastRejection else { return false }
    return lastSuccess.map { $0 < lastRejection } ?? true
  }
}
