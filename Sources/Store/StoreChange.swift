package import Observations
import Synchronization

/// A tick after a commit: look again.
package enum StoreChange: Hashable, Sendable {
  /// An observation was stored, or changed hands.
  case observation(ObservationID)
  /// An alert began to fire or ended.
  case alert
  /// Something new waits in the outbox, or what waited may go now (a consent was granted).
  case outbox
  /// The listener was too slow and ticks were dropped: look at everything.
  case missed
}

/// The listeners to a store. Each has a buffer of its own that keeps the newest ticks; what falls out of it is replaced
/// by ``StoreChange/missed``, so a wake-up is never lost, only made less precise.
final class ChangeListeners: Sendable {
  private struct Listeners {
    var next = 0
    var isClosed = false
    var continuations: [Int: AsyncStream<StoreChange>.Continuation] = [:]
  }

  private let listeners = Mutex(Listeners())
  private let capacity: Int

  init(capacity: Int = 256) { self.capacity = capacity }

  func stream() -> AsyncStream<StoreChange> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: StoreChange.self, bufferingPolicy: .bufferingNewest(capacity))
    let number = listeners.withLock { listeners -> Int? in
      guard !listeners.isClosed else { return nil }
      listeners.next += 1
      listeners.continuations[listeners.next] = continuation
      return listeners.next
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      self?.listeners.withLock { _ = $0.continuations.removeValue(forKey: number) }
    }
    return stream
  }

  func tell(_ changes: [StoreChange]) {
    guard !changes.isEmpty else { return }
    // Yielded outside of the lock: a termination handler takes it.
    let continuations = listeners.withLock { Array($0.continuations.values) }
    for continuation in continuations {
      for change in changes {
        if case .dropped = continuation.yield(change) { continuation.yield(.missed) }
      }
    }
  }

  func close() {
    let continuations = listeners.withLock { listeners in
      listeners.isClosed = true
      let open = Array(listeners.continuations.values)
      listeners.continuations = [:]
      return open
    }
    for continuation in continuations { continuation.finish() }
  }
}
