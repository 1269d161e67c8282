import LocalAPI

extension HealthWarning.Kind {
  /// What stands between the gateway and an adapter; a warning about one device does not.
  static let ofAdapter: Set<String> = [adapterAbsent, adapterOff, adapterFailed, rivalService, bluetoothPermission]
}

extension Health {
  /// The worst of what stands between the gateway and an adapter.
  var adapterWarning: HealthWarning? { warnings.first { HealthWarning.Kind.ofAdapter.contains($0.kind) } }
}
