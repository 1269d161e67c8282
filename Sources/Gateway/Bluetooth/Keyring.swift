import BluetoothLE
import Synchronization

/// The long-term keys as last read, until a pairing or an unpairing changes them.
final class Keyring: Sendable {
  private struct State {
    var keys: [LongTermKey]?
    var change = 0
  }

  private let state = Mutex(State())

  /// Nil when they have to be read.
  var keys: [LongTermKey]? { state.withLock { $0.keys } }

  /// Rises with each ``forget()``.
  var change: Int { state.withLock { $0.change } }

  func forget() {
    state.withLock { state in
      state.keys = nil
      state.change += 1
    }
  }

  /// What was read before a change is not remembered after it.
  func remember(_ keys: [LongTermKey], ifUnchangedSince change: Int) {
    state.withLock { state in
      if state.change == change { state.keys = keys }
    }
  }
}
