import Foundation
import Logging
import Store

/// Feeds systemd's watchdog for as long as the loop that keeps readings answers.
struct Watchdog {
  let notification: ServiceNotification
  let store: Store
  let logger: Logger

  func run() async {
    guard let interval = ServiceNotification.watchdogInterval() else { return }
    while !Task.isCancelled {
      do {
        // A question to the database takes the way that every reading takes. A store that cannot answer (a full disk, say)
        // is no reason to be killed: the warning is told, and restarting would not mend it.
        _ = try await store.setting("system-id")
      } catch {
        logger.warning("the store does not answer: \(error)")
      }
      notification.watchdog()
      guard (try? await Task.sleep(for: interval)) != nil else { return }
    }
  }
}
