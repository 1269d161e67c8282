import Forwarding
import Foundation
import LocalAPI
import Logging
import Store
import Synchronization

/// Sends a sign of life to a monitor outside, for as long as the loops that matter turn: a box that is dead, or that is stuck,
/// says nothing, and the monitor notices that. Nothing is kept of it on the disk.
struct HeartbeatService: Sendable {
  let settings: HeartbeatSettings
  let liveness: Liveness
  let health: Health
  let board: HeartbeatBoard
  let logger: Logger
  /// To the monitor; the host that took it.
  let send: @Sendable (HeartbeatReport) async throws(HeartbeatFault) -> String
  let lastReading: @Sendable () async -> Date?
  /// Whether nothing can be written because the disk says so: what a commit would find out.
  let isReadOnly: @Sendable () -> Bool

  /// How soon it is tried again after it was not taken, at the latest.
  static let again: Duration = .seconds(30)
  /// So many in a row that were not taken are somebody's business; a short interruption is nobody's.
  static let warnAfter = 3

  /// Until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let wait = await beat() ? settings.every : min(settings.every, Self.again)
      guard (try? await Task.sleep(for: wait)) != nil else { return }
    }
  }

  /// - Returns: whether the monitor took a beat.
  func beat() async -> Bool {
    let stuck = liveness.stuck
    guard stuck.isEmpty else { return withhold(stuck.map(\.rawValue)) }
    let troubles = troubles
    // A monitor that can only count must not count a box that keeps nothing.
    if troubles.contains(HealthWarning.Kind.storeNotCommitting), !settings.kind.takesTrouble {
      return withhold([HealthWarning.Kind.storeNotCommitting])
    }
    let report = HeartbeatReport(
      lastReading: await lastReading(), troubles: troubles, version: Version.current)
    do throws(HeartbeatFault) {
      let host = try await send(report)
      if board.noteTaken(Date()) { logger.info("the monitor at \(host) takes the heartbeat") }
      health.clear(HealthWarning.Kind.heartbeatNotTaken)
      return true
    } catch {
      guard !Task.isCancelled else { return false }
      let failures = board.noteFailure(error.description)
      if failures == 1 { logger.info("no heartbeat was taken: \(error)") }
      if failures >= Self.warnAfter {
        health.warn(
          HealthWarning.Kind.heartbeatNotTaken, .warning, "The monitor outside does not take the heartbeat.",
          remedy: "It is tried again by itself. 'vitals status' says why; check 'heartbeat' in vitalsd.yaml.",
          parameters: ["reason": error.description])
      }
      return false
    }
  }

  private func withhold(_ reasons: [String]) -> Bool {
    if board.noteWithheld(reasons) {
      logger.error("no heartbeat is sent: \(reasons.joined(separator: ", "))")
    }
    return false
  }

  /// The kinds of what is urgent about the box. What concerns a person (nobody answered an alert, nobody is told) is not an
  /// outsider's to know, and neither are addresses: kinds only.
  private var troubles: [String] {
    let ofPeople: Set<String> = [HealthWarning.Kind.alertUnanswered, HealthWarning.Kind.alertsReachNobody]
    var found = Set(health.warnings.filter { $0.severity == .error }.map(\.kind)).subtracting(ofPeople)
    if isReadOnly() { found.insert(HealthWarning.Kind.storeNotCommitting) }
    return found.sorted()
  }
}

/// What became of the last beats, for `vitals status`.
final class HeartbeatBoard: Sendable {
  private struct Standing {
    var taken: Date?
    var failures = 0
    var reason: String?
    var withheld: [String] = []
  }

  private let standing = Mutex(Standing())

  /// - Returns: whether the one before was not taken, or there was none.
  func noteTaken(_ now: Date) -> Bool {
    standing.withLock { standing in
      defer { standing = Standing(taken: now) }
      return standing.taken == nil || standing.reason != nil || !standing.withheld.isEmpty
    }
  }

  /// - Returns: how many in a row were not taken.
  func noteFailure(_ reason: String) -> Int {
    standing.withLock { standing in
      standing.withheld = []
      standing.reason = reason
      standing.failures += 1
      return standing.failures
    }
  }

  /// - Returns: whether that is news.
  func noteWithheld(_ reasons: [String]) -> Bool {
    standing.withLock { standing in
      defer { standing.withheld = reasons }
      return standing.withheld != reasons
    }
  }

  func status(_ settings: HeartbeatSettings) -> Status.Heartbeat {
    standing.withLock { standing in
      Status.Heartbeat(
        kind: settings.kind.rawValue, every: Int(settings.every / .seconds(1)),
        lastTaken: standing.taken.map { Timestamp($0) },
        lastError: standing.reason, withheld: standing.withheld.isEmpty ? nil : standing.withheld)
    }
  }
}
