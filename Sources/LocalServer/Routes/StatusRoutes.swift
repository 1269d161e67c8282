import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/status`, `GET /v1/doctor`.
struct StatusRoutes {
  let store: Store
  let control: GatewayControl

  func add(to group: RouterGroup<LocalContext>) {
    group.get("status") { [self] _, _ in
      var status = await control.status()
      // A store that cannot be read has a warning of its own; the rest is told all the same.
      if let counts = try? await store.ownershipCounts() {
        status.unassigned = counts.unassigned
        status.warnings += Self.warnings(counts)
      }
      return try Response.json(status)
    }
    group.get("doctor") { [control] _, _ in try Response.json(await control.doctor()) }
  }

  private static func warnings(_ counts: OwnershipCounts) -> [HealthWarning] {
    var warnings: [HealthWarning] = []
    if counts.unassigned > 0 {
      warnings.append(
        HealthWarning(
          id: HealthWarning.Kind.readingsUnassigned, severity: .notice,
          title: "Readings that are nobody's: \(counts.unassigned). They leave for no destination.",
          remedy: "'vitals readings --unassigned' lists them, 'vitals claim' gives them to a person, "
            + "and 'vitals assign' says whose the next ones are.",
          since: Timestamp(counts.oldestUnassigned ?? Date()), parameters: ["count": "\(counts.unassigned)"]))
    }
    if !counts.corrections.isEmpty {
      let names = counts.corrections.keys.map(\.rawValue).sorted().joined(separator: ", ")
      let count = counts.corrections.values.reduce(0, +)
      warnings.append(
        HealthWarning(
          id: HealthWarning.Kind.correctionsNeeded, severity: .warning,
          title: "Readings that were taken back were told, or may have been, to \(names) (\(count) deliveries). "
            + "The correction has not arrived there.",
          remedy: "It is sent until it arrives. If it is refused, tell them yourself, then "
            + "'vitals disown --corrected READING'; 'vitals readings --ids' shows which.",
          since: Timestamp(counts.oldestCorrection ?? Date()),
          parameters: ["destinations": names, "count": "\(count)"]))
    }
    return warnings
  }
}
