import Logging
import Synchronization

/// Feeds systemd's watchdog for as long as the loops that matter go on: commits of readings, the clock of the rules, the
/// store's writer. One that does not is ended by systemd, and started again.
///
/// A store that answers with an error (a full disk, say) goes on: a warning tells of it, and a restart would not mend it.
final class Watchdog: Sendable {
  let notification: ServiceNotification
  let liveness: Liveness
  let logger: Logger
  private let isStuck = Mutex(false)

  /// How soon it is looked again while something is stuck.
  static let again: Duration = .seconds(1)

  init(notification: ServiceNotification, liveness: Liveness, logger: Logger) {
    self.notification = notification
    self.liveness = liveness
    self.logger = logger
  }

  func run() async {
    guard let interval = ServiceNotification.watchdogInterval() else { return }
    while !Task.isCancelled {
      let wait = feed() ? interval : Self.again
      guard (try? await Task.sleep(for: wait)) != nil else { return }
    }
  }

  /// - Returns: whether it was fed.
  func feed() -> Bool {
    let stuck = liveness.stuck
    let wasStuck = isStuck.withLock { isStuck in
      defer { isStuck = !stuck.isEmpty }
      return isStuck
    }
    guard stuck.isEmpty else {
      if !wasStuck {
        let parts = stuck.map(\.rawValue).joined(separator: ", ")
        logger.critical("\(parts) did not go on for \(Liveness.longest); the watchdog is not fed until it does")
      }
      return false
    }
    if wasStuck { logger.notice("all goes on again; the watchdog is fed") }
    notification.watchdog()
    return true
  }
}
