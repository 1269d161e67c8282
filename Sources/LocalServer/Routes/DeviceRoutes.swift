import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/devices`, `DELETE /v1/devices/{id}`.
struct DeviceRoutes {
  let store: Store
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.own(.get, "devices") { [self] _, _, scope in
      let names = try await Names(store, for: scope)
      let status = await control.status()
      return try Response.json(
        names.devices.map { record in
          // Of one that others use too, a visit would tell of theirs.
          guard !names.usedByOthers.contains(record.id) else {
            return LocalAPI.Device(record, patients: names.patients)
          }
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
    routes.operate(.delete, "devices/{id}", noting: .unpair) { [self] _, context in
      let record = try await Names(store).device(try context.part("id"))
      context.note(subject: record.id.rawValue)
      try await control.unpair(record.id)
      return Response.nothing
    }
  }
}
