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
  private let accounts: Accounts
  private let patience: Duration
  /// Connections at once. A household has a handful of programs that follow a stream for ever and some that ask now and then; a
  /// hundred and twenty-eight is several times that, and an eighth of the descriptors that a process is given where nothing says
  /// more (`ulimit -n`: 1024), so that the devices and the store keep theirs.
  var mostConnections = 128
  /// As of ``Listener``; shorter only in tests.
  var idleTimeout = Listener.usualIdleTimeout
  /// As of ``Listener``.
  var listening: @Sendable (any Channel) -> Void = { _ in }

  /// - Parameters:
  ///   - accounts: who asks; another's word than this machine's only in tests.
  ///   - patience: how long an answer waits for the note of who looked; longer only in tests, which read it at once.
  package init(
    socketPath: String, store: Store, control: GatewayControl, logger: Logger, accounts: Accounts = .machine,
    patience: Duration = .milliseconds(250)
  ) {
    self.socketPath = socketPath
    self.store = store
    self.control = control
    self.logger = logger
    self.accounts = accounts
    self.patience = patience
  }

  /// Serves until the task is cancelled or nothing can be accepted any more; then open streams end, pairings are cancelled and
  /// the socket file is removed. It can be called again.
  ///
  /// - Parameter ready: called once, when clients can connect.
  /// - Throws: ``LocalServerFailure``; not for being cancelled.
  package func run(ready: @escaping @Sendable () -> Void = {}) async throws {
    let place = try SocketPlace(path: socketPath)
    let pairings = Pairings()
    let (peers, seen) = (logger, SeenAccounts())
    let listener = Listener(
      name: socketPath, address: .unixDomainSocket(path: place.hiddenPath), mostConnections: mostConnections,
      idleTimeout: idleTimeout, listening: listening, logger: logger)
    var identity: SocketPlace.FileIdentity?
    do {
      try await listener.run(
        router(pairings), handlers: { [PeerCredentialsHandler(logger: peers, seen: seen)] },
        ready: { _ in
          let hasGroup = try place.publish(group: "vitals")
          identity = place.identity()
          logger.info(
            "local socket", metadata: ["path": "\(socketPath)", "mode": "0660", "group-vitals": "\(hasGroup)"])
          ready()
        })
    } catch {
      place.clear(identity)
      await pairings.cancelAll()
      throw error
    }
    place.clear(identity)
    await pairings.cancelAll()
  }

  /// Every route of the socket, with what it needs.
  package var routes: [RouteDeclaration] { routed(Pairings()).declarations }

  private func router(_ pairings: Pairings) -> Router<LocalContext> { routed(pairings).router }

  private func routed(_ pairings: Pairings) -> (router: Router<LocalContext>, declarations: [RouteDeclaration]) {
    let router = Router(context: LocalContext.self)
    router.add(middleware: ErrorsAsJSON())
    // Nothing is added to the router itself: what is added to these says which role it needs.
    let notes = AccessNotes(store: store, patience: patience)
    let gate = Gate(notes: notes, accounts: accounts, policy: control.access)
    let routes = Routes(router, gate)
    StatusRoutes(store: store, control: control).add(to: routes)
    ReloadRoutes(control: control).add(to: routes)
    WhoAmIRoutes(store: store).add(to: routes)
    DeviceRoutes(store: store, control: control).add(to: routes)
    PatientRoutes(store: store).add(to: routes)
    ReadingRoutes(store: store).add(to: routes)
    OwnershipRoutes(store: store, control: control).add(to: routes)
    AlertRoutes(store: store).add(to: routes)
    EpisodeRoutes(store: store, control: control).add(to: routes)
    SilenceRoutes(store: store, control: control).add(to: routes)
    ConsentRoutes(store: store, control: control).add(to: routes)
    DeliveryRoutes(store: store, control: control).add(to: routes)
    WebhookRoutes(store: store, control: control).add(to: routes)
    ScanRoutes(control: control).add(to: routes)
    PairingRoutes(store: store, control: control, pairings: pairings).add(to: routes)
    let record = Routes(router, gate, root: "/")
    if let held = control.record {
      FHIRRoutes(store: store, record: held, way: .socket).add(to: record)
      ExportRoutes(store: store, record: held).add(to: routes)
    }
    BackupRoutes(control: control).add(to: routes)
    ErasureRoutes(store: store).add(to: routes)
    AccessRoutes(store: store, notes: notes).add(to: routes)
    return (router, routes.declarations + record.declarations)
  }
}
