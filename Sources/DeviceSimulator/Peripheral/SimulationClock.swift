package import Foundation
import Synchronization

/// The time of a played session: it stands still but for the session's own waiting.
package final class SimulationClock: Sendable {
  private let date: Mutex<Date>

  package init(_ start: Date) { date = Mutex(start) }

  package var now: Date { date.withLock { $0 } }

  package func advance(by seconds: TimeInterval) {
    date.withLock { $0 = $0.addingTimeInterval(seconds) }
  }
}
