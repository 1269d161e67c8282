import Foundation
import Synchronization

/// The straps that the configuration names, and those that are heard: what the stick's visit and `vitals doctor` share.
final class ANTStraps: Sendable {
  /// A strap that was heard.
  struct Heard: Hashable, Sendable {
    /// 20 bits.
    var number: Int
    /// It is in the configuration.
    var isRead: Bool
  }

  private struct State {
    var sticks = 0
    var heard: [Int: Date] = [:]
    var configuration: Configuration.ANT
  }

  private let state: Mutex<State>

  init(_ configuration: Configuration.ANT) { state = Mutex(State(configuration: configuration)) }

  /// The straps and the key as they are configured now. A stick that listens goes by them from its next beginning.
  var configuration: Configuration.ANT {
    get { state.withLock { $0.configuration } }
    set { state.withLock { $0.configuration = newValue } }
  }

  /// Whether a stick is set up and listens.
  var isListening: Bool { state.withLock { $0.sticks > 0 } }
  /// Whether any strap is to be read.
  var isConfigured: Bool { !configuration.straps.isEmpty }

  func stickBegan() { state.withLock { $0.sticks += 1 } }
  func stickEnded() { state.withLock { $0.sticks -= 1 } }

  func hear(_ number: Int, at date: Date) {
    state.withLock { state in
      state.heard[number] = date
      // Anybody can send any number: the oldest go.
      while state.heard.count > 128, let oldest = state.heard.min(by: { $0.value < $1.value }) {
        state.heard[oldest.key] = nil
      }
    }
  }

  /// By number.
  func heard(since date: Date) -> [Heard] {
    let named = Set(configuration.straps.map(\.number))
    return state.withLock { $0.heard }.filter { $0.value >= date }.keys.sorted()
      .map { Heard(number: $0, isRead: named.contains($0)) }
  }
}
