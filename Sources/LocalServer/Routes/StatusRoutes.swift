import Hummingbird

/// `GET /v1/status`, `GET /v1/doctor`.
struct StatusRoutes {
  let control: GatewayControl

  func add(to group: RouterGroup<LocalContext>) {
    group.get("status") { [control] _, _ in try Response.json(await control.status()) }
    group.get("doctor") { [control] _, _ in try Response.json(await control.doctor()) }
  }
}
