import Devices
import Observations
import Synchronization

/// The visits on one cable, one after the other: it is known whose each one is when an agent associates.
final class AgentVisits: Sendable {
  private struct State {
    var current: RunningVisit?
    /// Of those that have ended.
    var readings = 0
  }

  private let board: VisitBoard
  private let state = Mutex(State())

  init(_ board: VisitBoard) { self.board = board }

  /// An agent says who it is; again within an association it is still the same visit.
  func begin(_ device: DeviceID) async {
    if let current = state.withLock({ $0.current }) {
      guard current.device != device else { return }
      await end("\(SessionEnd.linkEnded(reason: "another agent associated"))")
    }
    let visit = board.begin(device)
    state.withLock { $0.current = visit }
  }

  func note(_ step: SessionProgress) { state.withLock { $0.current }?.note(step) }

  /// Ends the visit that goes on, if one does.
  func end(_ reason: String) async {
    let ended = state.withLock { state in
      let current = state.current
      state.readings += current?.readings ?? 0
      state.current = nil
      return current
    }
    if let ended { await board.end(ended, reason) }
  }

  /// How many readings all of them gave.
  var readings: Int { state.withLock { $0.readings + ($0.current?.readings ?? 0) } }
}
