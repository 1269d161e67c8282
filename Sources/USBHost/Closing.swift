internal import Synchronization

/// The end of something, which is made once: who asks for it again waits until it has been made.
final class Closing: Sendable {
  private let task = Mutex<Task<Void, Never>?>(nil)

  /// Returns when `body` of the first call has ended; that of a later one is not run. It goes on when a caller is cancelled.
  func run(_ body: @escaping @Sendable () async -> Void) async {
    let task = task.withLock { task in
      let begun = task ?? Task { await body() }
      task = begun
      return begun
    }
    await task.value
  }
}
