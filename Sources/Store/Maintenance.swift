import Synchronization

/// Whether the whole file is being written anew, which takes as long as the disk does: commits wait for it, and are not stuck.
final class Maintenance: Sendable {
  private let begun = Mutex<SuspendingClock.Instant?>(nil)

  func begin() { begun.withLock { $0 = .now } }
  func end() { begun.withLock { $0 = nil } }

  /// Longer than the largest file takes on a bad card.
  static let longest: Duration = .seconds(3600)

  var isUnderWay: Bool { begun.withLock { begun in begun.map { .now - $0 < Self.longest } ?? false } }
}

extension Store {
  /// The file is being written anew after an erasure, and has been for less than an hour.
  package var isWritingAnew: Bool { maintenance.isUnderWay }
}
