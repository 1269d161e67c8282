import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Keeps one of the local servers listening: within so many connections, without those that ask nothing, and says when it
/// listens no more.
///
/// A process has so many descriptors, and everything in it needs some: the devices, the store, the destinations. A program of
/// this machine that opens connections and forgets them must not take them all, so each server has a limit of its own. Who comes
/// beyond it waits in the kernel's queue until one closes.
struct Listener: Sendable {
  /// For words: the path, or address and port.
  let name: String
  let address: BindAddress
  /// Connections at once. Hummingbird looks between two rounds of accept(2), of four at most: three more may be let in.
  let mostConnections: Int
  /// How long a connection is kept on which nothing is asked.
  ///
  /// It ends no stream, however quiet: Hummingbird counts it from the last octet of a request or the end of an answer, and not
  /// while an answer to a whole request is being given (`HTTPConnectionStateHandler`). And no answer that somebody reads slowly:
  /// ``WholeAnswers``. `ConnectionTests` holds it to both.
  var idleTimeout = usualIdleTimeout
  /// Is given the channel each time that it listens. For tests, which close it.
  var listening: @Sendable (any Channel) -> Void = { _ in }
  let logger: Logger

  /// Longer than the minute between two questions of a program that polls by one connection; so short that one which opens a new
  /// one every second and closes none stays below ``mostConnections`` at the socket.
  static let usualIdleTimeout: Duration = .seconds(75)

  /// Serves until the task is cancelled.
  ///
  /// - Parameters:
  ///   - handlers: for each connection.
  ///   - ready: called once, when it listens; what it throws ends it.
  /// - Throws: ``LocalServerFailure``, and what `ready` throws; not for being cancelled.
  func run(
    _ router: Router<LocalContext>, handlers: @escaping @Sendable () -> [any RemovableChannelHandler] = { [] },
    ready: (any Channel) throws -> Void
  ) async throws {
    let (bound, continuation) = AsyncStream.makeStream(of: (any Channel).self)
    var quiet = logger
    // It would name paths and every connection a second time, and call a stop an error; what matters is thrown.
    quiet.logLevel = .critical
    let failures = AcceptFailures(name: name, logger: logger)
    let application = Application(
      router: router,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: handlers() + [WholeAnswers()], idleTimeout: TimeAmount(idleTimeout))),
      configuration: ApplicationConfiguration(
        address: address, serverName: "vitalsd",
        availableConnectionsDelegate: ConnectionLimit(mostConnections, of: name, logger: logger)),
      onServerRunning: { channel in
        // First: NIO's own handler keeps the failures to itself, and tries again after a second.
        try? await channel.pipeline.addHandler(failures, position: .first).get()
        continuation.yield(channel)
      },
      logger: quiet)
    var isListening = false
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { continuation.finish() }
          try await application.run()
        }
        defer { group.cancelAll() }
        for await channel in bound.prefix(1) {
          try ready(channel)
          isListening = true
          listening(channel)
          // Hummingbird would say so when the last connection has closed, and a stream may last for days.
          group.addTask {
            try? await channel.closeFuture.get()
            throw Closed()
          }
        }
        try await group.next()
      }
    } catch {
      if Task.isCancelled || error is CancellationError { return }
      if isListening { throw LocalServerFailure.stoppedListening(path: name) }
      if error is LocalServerFailure { throw error }
      throw LocalServerFailure.cannotListen(path: name, reason: "\(error)")
    }
  }

  private struct Closed: Error {}
}

/// At most so many connections at once, and a word in the log when they are all taken: who comes then sees nothing but that it
/// is not answered.
struct ConnectionLimit: AvailableConnectionsDelegate {
  private let most: Int
  private let name: String
  private let logger: Logger
  private var count = 0
  /// Somebody who opens one after the other has the last one taken again and again.
  private var told: ContinuousClock.Instant?

  init(_ most: Int, of name: String, logger: Logger) {
    (self.most, self.name, self.logger) = (most, name, logger)
  }

  mutating func connectionOpened() {
    count += 1
    let now = ContinuousClock.now
    guard count == most, told.map({ $0.duration(to: now) >= AcceptFailures.betweenLines }) ?? true else { return }
    told = now
    logger.warning(
      """
      all \(most) connections of \(name) are taken, others wait until one closes; find the program that leaves them open \
      ('ss -xp' or 'ss -tp' name it) and stop it
      """)
  }

  mutating func connectionClosed() { count -= 1 }

  func isAcceptingNewConnections() -> Bool { count < most }
}

/// What is done when a connection cannot be accepted, for want of descriptors say: it is logged, and accepting rests for a
/// second. NIO's own handler for that (`AcceptBackoffHandler`) lets the listener stand, and rests only where no read was asked for
/// yet: with connections in the queue the loop would turn without pause.
///
/// Of one channel, on whose event loop all of it happens.
final class AcceptFailures: ChannelInboundHandler, Sendable {
  typealias InboundIn = NIOAny

  private static let rest = TimeAmount.seconds(1)
  /// It may go on for hours.
  static let betweenLines: Duration = .seconds(600)

  private let name: String
  private let logger: Logger
  private let logged = Mutex<ContinuousClock.Instant?>(nil)

  init(name: String, logger: Logger) { (self.name, self.logger) = (name, logger) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    log(error)
    let channel = context.channel
    try? channel.syncOptions?.setOption(.autoRead, value: false)
    channel.eventLoop.scheduleTask(in: Self.rest) { try? channel.syncOptions?.setOption(.autoRead, value: true) }
    context.fireErrorCaught(error)
  }

  private func log(_ error: any Error) {
    let now = ContinuousClock.now
    let isTold = logged.withLock { logged in
      if let last = logged, last.duration(to: now) < Self.betweenLines { return true }
      logged = now
      return false
    }
    guard !isTold else { return }
    let reason = error is IOError ? "\(error)" : "\(type(of: error))"
    logger.error(
      """
      a connection to \(name) could not be accepted, which is tried again every second; if it does not answer, restart the \
      service, and send in what 'ls -l /proc/PID/fd' shows of vitalsd
      """, metadata: ["reason": "\(reason)"])
  }
}
