import AlertRules
import BluetoothLE
import Devices
import Forwarding
import Foundation
import HealthRecords
import LocalAPI
import LocalServer
package import Logging
import NIOCore
import Observations
import ServiceLifecycle
import Store
import UnixSignals

/// The daemon: everything wired, started in order, stopped in reverse.
package struct GatewayDaemon: Sendable {
  /// For `vitalsd --version`.
  package static let version = Version.current

  private let start: ConfigurationStart
  /// By which it starts.
  var configuration: Configuration { start.loaded.configuration }
  private let printsToConsole: Bool
  private let logger: Logger

  /// - Parameter printsToConsole: readings and alerts go to standard output, for a person who watches.
  package init(start: ConfigurationStart, printsToConsole: Bool, logger: Logger) {
    self.start = start
    self.printsToConsole = printsToConsole
    self.logger = logger
  }

  /// Runs until SIGTERM or SIGINT. SIGHUP reads the configuration anew; with a terminal to print to it is the terminal that
  /// was closed, and ends it.
  ///
  /// - Throws: ``GatewayFailure`` when the store or the socket cannot be opened.
  package func run() async throws {
    // Caught from here on: it would end the process, also while the database is being mended. One that comes early is
    // answered when everything runs.
    let hangUps: UnixSignalsSequence?
    if printsToConsole { hangUps = nil } else { hangUps = await UnixSignalsSequence(trapping: .sighup) }
    // Before anything else: another daemon's data is not touched.
    do { try makeDataDirectory() } catch { throw GatewayFailure.store(error) }
    let lock: DataLock
    do { lock = try DataLock(directory: configuration.dataDirectory) } catch { throw GatewayFailure.data(error) }
    defer { withExtendedLifetime(lock) {} }
    // One event loop serves what few clients and destinations a household has.
    NIOSingletons.groupLoopCountSuggestion = 1
    let running = RunningConfiguration(start.loaded)
    let (rules, library) = (start.loaded.rules, start.loaded.library)
    for fault in start.loaded.faults { logger.warning("device profile left out: \(fault)") }
    let destinations = configuration.destinationSettings
    let store: Store
    do {
      store = try await Store.open(directory: configuration.dataDirectory)
    } catch {
      throw GatewayFailure.store(error)
    }
    let health = Health(logger: logger)
    let copies = CopyService(store: store, health: health, logger: logger)
    copies.warnOfRepair(now: Date())
    rules.sayEmpty(configuration.rulesDirectory, health)
    RefusedConfiguration.say(start.refused, isHeld: start.isLastGood, of: start.path, health)
    if start.refused.isEmpty { Reloader.keep(start.loaded, logger) }
    logger.info("\(rules.rules.count) alert rules hold")
    let policy = try start.loaded.policy()
    let liveness = Liveness(isExcused: { store.isWritingAnew })
    let ingest = Ingest(
      store: store, policy: policy, health: health, logger: logger,
      clock: BoxClockWatch(trust: configuration.clockTrust), liveness: liveness)
    await ingest.recallClock()
    await closeWhatIsNoMore(policy, store, ingest)
    let gateway = try await store.gatewayDescription(softwareVersion: Version.current)
    let http = OutboundHTTP()
    var surroundings = ForwarderSurroundings(gateway: gateway, timeZone: configuration.timeZone, http: http)
    let key = try await answerKey(store)
    surroundings.answers = configuration.answers?.ways(key)
    let answerDesk = AnswerDesk(key: key, store: store, logger: logger, policy: { ingest.policy })
    let forwarding = try ForwardingService(
      store: store, destinations: destinations, surroundings: surroundings, log: logger)
    ingest.tellUnstored { await forwarding.tell($0) }
    let constants = configuration.constants
    let visits = VisitBoard(store: store, logger: logger)
    let registry = DeviceRegistry(store: store, library: library, logger: logger)
    let bluetooth = try await bluetooth(registry, ingest, visits, health, constants)
    let straps = ANTStraps(configuration.ant)
    let directory = configuration.dataDirectory
    let watch = GatewayWatch(
      GatewayWatch.Sources(
        store: store, health: health, library: { registry.library },
        destinations: { await forwarding.standing() },
        adapter: { await bluetooth?.adapterStatus.state }, staleBonds: { await registry.staleBonds() },
        freeRoom: { DiskRoom.free(of: directory) }))
    ingest.look { await watch.factsIfDue() }
    let budget = DiskBudget(
      bytes: configuration.storageBudget ?? DiskBudget.usual(of: directory), store: store, health: health,
      clock: ingest.clock, logger: logger)
    let heartbeats = HeartbeatBoard()
    let usb =
      configuration.isUSBEnabled
      ? USBService(
        store: store, library: library, ingest: ingest, visits: visits, health: health,
        timeZone: configuration.timeZone, constants: constants, straps: straps, logger: logger) : nil
    let replies = RestartableService(configuration.answers?.reply)
    let page = RestartableService(configuration.answers?.page)
    let reloader = Reloader(
      path: start.path, running: running, store: store, ingest: ingest, health: health, logger: logger,
      parts: Reloader.Parts(
        forwarding: { loaded in
          try await forwarding.adopt(
            loaded.configuration.destinationSettings, timeZone: loaded.configuration.timeZone,
            answers: loaded.configuration.answers?.ways(key))
        },
        others: { loaded in
          let configuration = loaded.configuration
          ingest.clock.trust = configuration.clockTrust
          registry.adopt(loaded.library)
          await bluetooth?.adopt(timeZone: configuration.timeZone, constants: configuration.constants)
          await usb?.adopt(
            loaded.library, timeZone: configuration.timeZone, constants: configuration.constants,
            ant: configuration.ant)
          replies.adopt(configuration.answers?.reply)
          page.adopt(configuration.answers?.page)
        }))
    let control = ControlDesk(
      running: running, startedAt: Date(), store: store, health: health, ingest: ingest, budget: budget,
      forwarding: forwarding, visits: visits, bluetooth: bluetooth, straps: straps, answers: answerDesk,
      heartbeats: heartbeats, reloader: reloader)
    let notification = ServiceNotification()
    var desk = control.gatewayControl
    let record = localRecord(of: gateway, running)
    desk.record = record
    let server = LocalServer(socketPath: configuration.socketPath, store: store, control: desk, logger: logger)

    var services: [any Service] = []
    func add(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
      services.append(LoopService(name: name, logger: logger, body: body))
    }
    if printsToConsole {
      let console = ConsoleOutput(timeZone: { running.configuration.timeZone }, ingest: ingest)
      add("console") { await console.run() }
    }
    add("forwarding") { await forwarding.run() }
    add("replies") {
      await replies.run { reply in
        await ReplyService(
          settings: reply, http: http, store: store, desk: answerDesk, health: health, logger: logger
        ).run()
        health.clear(HealthWarning.Kind.answersNotFetched)
      }
    }
    add("answer page") {
      await page.run { page in
        await AnswerPageService(page: page, desk: answerDesk, health: health, logger: logger).run()
        health.clear(HealthWarning.Kind.answerPageDown)
      }
    }
    if let hangUps {
      add("reload") { for await _ in hangUps { _ = await reloader.reload() } }
    }
    add("copies") { await copies.run() }
    add("damage") {
      guard let damage = await store.damage() else { return }
      logger.critical("\(damage)")
      // What was told from memory meanwhile is still on its way.
      try await Task.sleep(for: .seconds(5))
      throw GatewayFailure.damaged(damage)
    }
    add("rule clock") { await RuleClock(ingest: ingest).run() }
    add("disk budget") { try await budget.run() }
    add("writer probe") { await WriterProbe(liveness: liveness) { try await store.takeTurn() }.run() }
    add("watchdog") { await Watchdog(notification: notification, liveness: liveness, logger: logger).run() }
    if let settings = configuration.heartbeat {
      let sender = HeartbeatSender(settings, http: http)
      let heartbeat = HeartbeatService(
        settings: settings, liveness: liveness, health: health, board: heartbeats, logger: logger,
        send: { (report) async throws(HeartbeatFault) in try await sender.send(report) },
        lastReading: { try? await store.lastArrival() }, isReadOnly: { store.isReadOnly })
      add("heartbeat") { await heartbeat.run() }
    }
    add("local server") {
      do {
        try await LocalSocketService(server: server, logger: logger).run { notification.ready() }
      } catch {
        throw GatewayFailure.server("\(error)")
      }
    }
    if let loopback = loopbackServer(store, record, logger) {
      add("local record") { await RecordPortService(server: loopback, health: health).run() }
    }
    if let usb { add("usb") { await usb.run() } }
    if let bluetooth { add("bluetooth") { await bluetooth.run() } }
    let simulation = SimulationService(
      configuration: configuration, library: library, ingest: ingest, bluetooth: bluetooth, constants: constants,
      logger: logger)
    add("simulation") { await simulation.run() }

    if printsToConsole { Welcome.print(configuration) }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: printsToConsole ? [.sigterm, .sigint, .sighup] : [.sigterm, .sigint], logger: logger))
    do {
      try await group.run()
    } catch {
      notification.stopping()
      try? await store.close()
      throw error
    }
    notification.stopping()
    try? await store.close()
  }

  /// Seconds that an observation stays at home before it may be forwarded. A cuff that empties its memory without time stamps
  /// shows within this that an earlier reading was not taken just now.
  static let settling: TimeInterval = 15

  /// Rules and destinations may have gone while the service was off.
  private func closeWhatIsNoMore(_ policy: IngestPolicy, _ store: Store, _ ingest: Ingest) async {
    do throws(StoreFailure) {
      let closed = try await store.adopt(policy, now: ingest.clock.now().wall)
      guard closed != PolicyClosing() else { return }
      logger.notice(
        "what stood by rules and destinations that are no more was closed",
        metadata: ["alerts": "\(closed.alerts.count)", "deliveries": "\(closed.deliveries.values.reduce(0, +))"])
    } catch {
      // A full disk is no reason not to start: it is closed with the next reload or start.
      logger.warning("what stood by rules and destinations that are no more was not closed: \(error)")
    }
  }

  private func makeDataDirectory() throws(StoreFailure) {
    do {
      try FileManager.default.createDirectory(
        atPath: configuration.dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .cannotOpen(path: configuration.dataDirectory, reason: error.localizedDescription)
    }
  }

  private func answerKey(_ store: Store) async throws(GatewayFailure) -> AnswerKey {
    do throws(StoreFailure) { return AnswerKey(try await store.answerKey()) } catch { throw .store(error) }
  }

  private func bluetooth(
    _ registry: DeviceRegistry, _ ingest: Ingest, _ visits: VisitBoard, _ health: Health,
    _ constants: [String: Decimal]
  ) async throws -> BluetoothService? {
    guard configuration.isBluetoothEnabled else { return nil }
    let text = try await registry.store.staticRandomAddress()
    guard let address = BluetoothAddress(text, kind: .random) else {
      throw GatewayFailure.store(.corrupt(detail: "setting static-random-address"))
    }
    return BluetoothService(
      registry: registry, ingest: ingest, visits: visits, health: health, timeZone: configuration.timeZone,
      ownAddress: address, constants: constants,
      logger: logger)
  }
}

extension Configuration {
  /// Driver constants that it sets.
  var constants: [String: Decimal] { ["window": Decimal(strapWindow)] }

  /// The destinations as the forwarders take them, with the words for whoever reads there: in the first owner's language, in
  /// Vietnamese where it is nobody's; to the patient where nobody else reads there.
  var destinationSettings: [DestinationSettings] {
    destinations.map { destination in
      var settings = destination.settings
      let owners = escalation.owners(of: destination.id)
      settings.text = AlertTextContext(
        language: owners.first?.language ?? .vi, timeZone: timeZone, emergencyNumber: emergencyNumber,
        isToPatient: !owners.isEmpty && owners.allSatisfy { $0.role == .patient })
      settings.answerer = escalation.answerer(of: destination.id)?.id
      return settings
    }
  }
}

extension EscalationPlan {
  /// Whose word it is when an alert told at `destination` is answered from outside. Where several people share one, it
  /// counts as that of a patient among them: who presses is not known, and a patient's word stops nothing.
  func answerer(of destination: DestinationID) -> Contact? {
    let owners = owners(of: destination)
    return owners.first { !$0.role.stopsLadder } ?? owners.first
  }
}

extension Configuration.Answers {
  /// As messages offer them.
  func ways(_ key: AnswerKey) -> AnswerWays {
    AnswerWays(key: key, lasting: valid / .seconds(1), replyURL: reply?.url, pageAddress: page?.address)
  }
}

extension Configuration.Destination {
  /// The same as the forwarders take it.
  var settings: DestinationSettings {
    var settings: DestinationSettings
    switch kind {
    case .fhir(let patientSystem, let tokenFile, let allowsPrivate):
      settings = DestinationSettings(id: id, kind: "fhir", url: url.absoluteString)
      settings.naming.patientSystem = patientSystem
      settings.secretFile = tokenFile
      settings.allowsPrivate = allowsPrivate
      record.apply(to: &settings)
    case .webhook(let secretFile, let allowsPrivate, let includesValues, let tellsReadings):
      settings = DestinationSettings(id: id, kind: "webhook", url: url.absoluteString)
      settings.urlFile = urlFile
      settings.token = token
      settings.success = success
      settings.secretFile = secretFile
      settings.allowsPrivate = allowsPrivate
      settings.sendsValues = includesValues
      settings.sendsReadings = tellsReadings
    case .hl7v2(let hl7v2, let allowsPrivate):
      settings = DestinationSettings(id: id, kind: "hl7v2", url: url.absoluteString)
      settings.hl7v2 = hl7v2
      settings.clientCertificateFile = record.clientCertificateFile
      settings.clientKeyFile = record.clientKeyFile
      settings.allowsPrivate = allowsPrivate
    }
    settings.takesSimulated = takesSimulated
    settings.only = only
    settings.timeLimit = timeLimit
    settings.authorityFile = authorityFile
    settings.templateFile = template?.file
    settings.templateText = template?.text
    settings.contentType = template?.contentType
    if let firstRetry { settings.retry = .exponential(first: firstRetry, most: longestRetry ?? .seconds(300)) }
    return settings
  }
}
