import Foundation
import Store

/// Lets time pass for the rules: what waits for a hold to run out fires although no reading comes.
package struct RuleClock {
  private let ingest: Ingest

  package init(ingest: Ingest) { self.ingest = ingest }

  /// The longest sleep: a wall clock that was set must not leave a hold waiting for hours.
  static let longest: Duration = .seconds(5)

  /// Until the task is cancelled.
  package func run() async {
    ingest.liveness.turned()
    while !Task.isCancelled {
      let wait: Duration
      if let due = ingest.store.nextTick(policy: ingest.policy) {
        let seconds = max(0.1, due.timeIntervalSinceNow)
        wait = min(Self.longest, .milliseconds(Int64(min(seconds, 3600) * 1000)))
      } else {
        wait = Self.longest
      }
      guard (try? await Task.sleep(for: wait)) != nil else { return }
      await ingest.tick()
    }
  }
}
