import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/devices`, `DELETE /v1/devices/{id}`.
struct DeviceRoutes {
  let store: Store
  let control: GatewayControl

  func add(to group: RouterGroup<LocalContext>) {
    group.get("devices") { [self] _, _ in
      let names = try await Names(store)
      let status = await control.status()
      return try Response.json(
        names.devices.map { record in
          let link = status.bluetooth.first { $0.id == record.id.rawValue }?.link
          let visit = status.visits?.first { $0.id == record.id.rawValue }
          // A cable without a visit may be plugged in or not.
          let connected = link.map { $0 == .connected } ?? (visit?.progress == nil ? nil : true)
          var device = LocalAPI.Device(record, patients: names.patients, connected: connected)
          device.progress = visit?.progress
          device.lastEnd = visit?.lastEnd
          device.warning = status.warnings.first { $0.id == "\(HealthWarning.Kind.staleBond):\(record.id)" }
          return device
        })
    }
    group.delete("devices/{id}") { [self] _, context in
      let record = try await Names(store).device(try context.part("id"))
      try await control.unpair(record.id)
      return Response.nothing
    }
  }
}
