import Hummingbird
import LocalAPI
package import Logging
import NIOCore
package import Store

/// Answers local clients over HTTP/1.1 on a Unix socket of mode 0660 and group `vitals`.
package struct LocalServer: Sendable {
  private let socketPath: String
  private let store: Store
  private let control: GatewayControl
  private let logger: Logger

  package init(socketPath: String, store: Store, control: GatewayControl, logger: Logger) {
    self.socketPath = socketPath
    self.store = store
    self.control = control
    self.logger = logger
  }

  /// Serves until the task is cancelled; then open streams end, pairings are cancelled and the socket file is removed.
  ///
  /// - Parameter ready: called once, when clients can connect.
  /// - Throws: ``LocalServerFailure``; not for being cancelled.
  package func run(ready: @escaping @Sendable () -> Void = {}) async throws {
    let place = try SocketPlace(path: socketPath)
    let pairings = Pairings()
    let (bound, continuation) = AsyncStream.makeStream(of: Void.self)
    var quiet = logger
    // It would name the hidden path and every connection a second time, and call a stop an error; what matters is thrown.
    quiet.logLevel = .critical
    let peers = logger
    let application = Application(
      router: router(pairings),
      server: .http1(configuration: .init(additionalChannelHandlers: [PeerCredentialsHandler(logger: peers)])),
      configuration: ApplicationConfiguration(
        address: .unixDomainSocket(path: place.hiddenPath), serverName: "vitalsd"),
      onServerRunning: { _ in continuation.yield() },
      logger: quiet)
    var identity: SocketPlace.FileIdentity?
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { continuation.finish() }
          try await application.run()
        }
        defer { group.cancelAll() }
        for await _ in bound.prefix(1) {
          let hasGroup = try place.publish(group: "vitals")
          identity = place.identity()
          logger.info(
            "local socket", metadata: ["path": "\(socketPath)", "mode": "0660", "group-vitals": "\(hasGroup)"])
          ready()
        }
        try await group.waitForAll()
      }
    } catch let failure as LocalServerFailure {
      place.clear(identity)
      throw failure
    } catch {
      place.clear(identity)
      await pairings.cancelAll()
      if Task.isCancelled || error is CancellationError { return }
      throw LocalServerFailure.cannotListen(path: socketPath, reason: "\(error)")
    }
    place.clear(identity)
    await pairings.cancelAll()
  }

  private func router(_ pairings: Pairings) -> Router<LocalContext> {
    let router = Router(context: LocalContext.self)
    router.add(middleware: ErrorsAsJSON())
    let group = router.group("v1")
    StatusRoutes(store: store, control: control).add(to: group)
    ReloadRoutes(control: control).add(to: group)
    DeviceRoutes(store: store, control: control).add(to: group)
    PatientRoutes(store: store).add(to: group)
    ReadingRoutes(store: store).add(to: group)
    OwnershipRoutes(store: store, control: control).add(to: group)
    AlertRoutes(store: store).add(to: group)
    EpisodeRoutes(store: store, control: control).add(to: group)
    SilenceRoutes(store: store, control: control).add(to: group)
    ConsentRoutes(store: store, control: control).add(to: group)
    DeliveryRoutes(store: store, control: control).add(to: group)
    WebhookRoutes(store: store, control: control).add(to: group)
    ScanRoutes(control: control).add(to: group)
    PairingRoutes(store: store, control: control, pairings: pairings).add(to: group)
    if let record = control.record {
      FHIRRoutes(store: store, record: record, way: .socket).add(to: router)
      ExportRoutes(store: store, record: record).add(to: group)
    }
    ErasureRoutes(store: store).add(to: group)
    AccessRoutes(store: store).add(to: group)
    return router
  }
}
