import Synchronization

/// How many readings a visit gave; counted from the driver's progress, read when it has ended.
final class ReadingCounter: Sendable {
  private let number = Mutex(0)
  func count() { number.withLock { $0 += 1 } }
  var value: Int { number.withLock { $0 } }
}
