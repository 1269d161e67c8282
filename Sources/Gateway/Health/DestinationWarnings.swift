import Forwarding
import Foundation
import LocalAPI
import Observations

/// What is wrong with destinations, for health: loud where nothing arrives before somebody does something.
enum DestinationWarnings {
  /// A destination that fails for longer than this is no matter of waiting any more.
  static let patience: TimeInterval = 86400

  /// - Parameter destination: one that fails.
  static func failing(_ destination: DestinationStatus, now: Date = Date()) -> HealthWarning {
    let reason = destination.lastFailureReason ?? "no reason given"
    let since = destination.failingSince ?? destination.lastFailure ?? now
    if destination.needsSomebody {
      return HealthWarning(
        id: "\(HealthWarning.Kind.destinationBlocked):\(destination.id)", severity: .error,
        title: "Nothing gets through to \(destination.id) until somebody mends it: \(reason).",
        remedy: "All that waits is kept. 'vitals deliveries retry \(destination.id)' tries at once.",
        since: Timestamp(since), parameters: ["destination": destination.id.rawValue, "reason": reason])
    }
    return HealthWarning(
      id: "\(HealthWarning.Kind.destinationFailing):\(destination.id)",
      severity: now.timeIntervalSince(since) > patience ? .error : .warning,
      title: "Deliveries to \(destination.id) fail: \(reason).",
      remedy: "They are tried again by themselves; see that the server runs and the address is right.",
      since: Timestamp(since), parameters: ["destination": destination.id.rawValue])
  }

  /// - Parameter people: nil: the store could not say.
  static func held(_ destinations: [DestinationStatus], _ people: [Observations.Patient]?) -> [HealthWarning] {
    destinations.flatMap { destination in
      destination.held.sorted { $0.key.rawValue < $1.key.rawValue }.map { id, reason in
        let name = people?.first { $0.id == id }?.name ?? id.rawValue
        return HealthWarning(
          id: "\(HealthWarning.Kind.destinationHoldsPerson):\(destination.id):\(id)", severity: .error,
          title: "Readings of \(name) for \(destination.id) wait: \(reason).",
          remedy: "Those of others go on. Once it is mended, 'vitals deliveries retry \(destination.id)' tries at "
            + "once.",
          since: Timestamp(destination.lastFailure ?? Date()),
          parameters: ["destination": destination.id.rawValue, "patient": name, "reason": reason])
      }
    }
  }
}
