import Synchronization

/// How many readings one request carries, by how the server took the last ones.
final class BatchSize: Sendable {
  private struct State {
    var size: Int
    var most: Int
  }

  /// Some 600 kB of JSON.
  static let most = 100
  /// An answer that comes sooner lets the next batch be larger; one that takes five times as long makes it smaller.
  static let quick: Duration = .seconds(2)

  private let state: Mutex<State>

  /// - Parameter size: to begin with; about 150 kB of JSON.
  init(_ size: Int = 25) { state = Mutex(State(size: size, most: Self.most)) }

  var value: Int { state.withLock { $0.size } }

  /// So many were taken.
  func took(_ count: Int, in time: Duration) {
    state.withLock { state in
      if time > Self.quick * 5 {
        state.size = max(1, state.size / 2)
      } else if time < Self.quick, count >= state.size {
        state.size = min(state.most, state.size * 2)
      }
    }
  }

  /// So many were too many (413): never again as many.
  func refused(_ count: Int) {
    state.withLock { state in
      state.most = max(1, count / 2)
      state.size = min(state.size, state.most)
    }
  }

  /// No answer in time, or none at all: it may have been too much.
  func failed() { state.withLock { $0.size = max(1, $0.size / 2) } }
}
