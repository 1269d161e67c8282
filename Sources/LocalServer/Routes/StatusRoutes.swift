import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/status`, `GET /v1/doctor`.
struct StatusRoutes {
  let store: Store
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.own(.get, "status") { [self] _, _, scope in
      var status = await control.status()
      guard scope.patients == nil else {
        return try Response.json(Self.part(of: status, for: try await Names(store, for: scope), scope))
      }
      // A store that cannot be read has a warning of its own; the rest is told all the same.
      if let counts = try? await store.ownershipCounts() {
        status.unassigned = counts.unassigned
        status.warnings += Self.warnings(counts)
      }
      return try Response.json(status)
    }
    routes.operate(.get, "doctor") { [control] _, _ in try Response.json(await control.doctor()) }
  }

  /// What is said to an account of its own people: how the box is, and nothing that tells of anybody else. Named is what is
  /// told, so that a field that is added is not.
  private static func part(of status: Status, for names: Names, _ scope: Scope) -> Status {
    let theirs = Set(names.devices.map(\.id).filter { !names.usedByOthers.contains($0) }.map(\.rawValue))
    return Status(
      version: status.version, startedAt: status.startedAt, adapter: status.adapter,
      bluetooth: status.bluetooth.filter { theirs.contains($0.id) },
      visits: status.visits?.filter { theirs.contains($0.id) },
      // How much there is, and what was taken away, is of everybody.
      store: Status.Storage(ok: status.store.ok, sentence: status.store.sentence), destinations: [],
      warnings: status.warnings.filter { ofTheBox.contains($0.kind) },
      unreachable: status.unreachable.filter { scope.takes(PatientID(rawValue: $0.patient)) })
  }

  /// Warnings that name nobody's device, destination or readings.
  private static let ofTheBox: Set<String> = [
    HealthWarning.Kind.adapterAbsent, HealthWarning.Kind.adapterOff, HealthWarning.Kind.adapterFailed,
    HealthWarning.Kind.rivalService, HealthWarning.Kind.bluetoothPermission, HealthWarning.Kind.storeNotCommitting,
    HealthWarning.Kind.diskLow,
  ]

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
