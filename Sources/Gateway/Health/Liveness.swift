import Synchronization

/// Whether the loops that matter still turn: what feeds systemd's watchdog, and lets a sign of life leave the house.
///
/// Nothing to do is never taken for being stuck: a loop says that it has turned whether it did anything or not, and work is
/// only looked at while it is under way. Time is the machine's own, which stands still while it is suspended.
package final class Liveness: Sendable {
  /// What has to go on.
  package enum Part: String, Hashable, Sendable, CaseIterable {
    /// Readings that are being committed.
    case ingest
    /// The clock of the rules.
    case rules
    /// The store's one writer.
    case store
  }

  /// Work that is under way; to be handed to ``end(_:)``.
  package struct Work: Hashable, Sendable { fileprivate let number: Int }

  private struct Standing {
    var next = 0
    var work: [Int: (part: Part, begun: SuspendingClock.Instant)] = [:]
    var turned: SuspendingClock.Instant
  }

  /// Longer than anything takes that will still end: a commit waits 25 s for somebody's lock, and for the commits before it.
  package static let longest: Duration = .seconds(180)

  private let standing: Mutex<Standing>
  private let isExcused: @Sendable () -> Bool
  private let now: @Sendable () -> SuspendingClock.Instant

  /// - Parameters:
  ///   - isExcused: whether everything waits for what is known to take long and to end.
  ///   - now: the time; a test has its own.
  package init(
    isExcused: @escaping @Sendable () -> Bool = { false },
    now: @escaping @Sendable () -> SuspendingClock.Instant = { .now }
  ) {
    self.isExcused = isExcused
    self.now = now
    standing = Mutex(Standing(turned: now()))
  }

  /// The clock of the rules goes on: said at each step, not only after a whole turn.
  package func turned() {
    let now = now()
    standing.withLock { $0.turned = now }
  }

  package func begin(_ part: Part) -> Work {
    let now = now()
    return standing.withLock { standing in
      standing.next += 1
      standing.work[standing.next] = (part, now)
      return Work(number: standing.next)
    }
  }

  package func end(_ work: Work) { standing.withLock { _ = $0.work.removeValue(forKey: work.number) } }

  /// What has not gone on for longer than ``longest``, in the order of ``Part``; nothing while that is excused.
  package var stuck: [Part] {
    if isExcused() { return [] }
    let now = now()
    let found = standing.withLock { standing -> Set<Part> in
      var found = Set(standing.work.values.filter { now - $0.begun > Self.longest }.map(\.part))
      if now - standing.turned > Self.longest { found.insert(.rules) }
      return found
    }
    return Part.allCases.filter(found.contains)
  }
}
