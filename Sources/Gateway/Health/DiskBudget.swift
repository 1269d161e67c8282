import Foundation
package import LocalAPI
package import Logging
package import Store
import Synchronization

/// Keeps what the store takes of its disk within a budget: what is old and needed here no longer is taken away, in small
/// transactions that a reading waits for no longer than for another reading.
package final class DiskBudget: Sendable {
  /// Where nothing is said: 1 GB, which a strap worn day and night fills in about a year, and a cuff never.
  static let usual: Int64 = 1 << 30
  /// The share of the budget at which it begins, and at which it ends: what was freed is used again, so the file itself
  /// stays below the budget, too.
  static let begin = 0.9
  static let end = 0.8
  /// Seconds between two looks.
  static let every: Duration = .seconds(600)
  /// Between two transactions: a cuff that sends a burst meanwhile goes first.
  static let pause: Duration = .milliseconds(100)
  /// Days that something is kept here for while there is room.
  static let year = 365.0
  /// Days that it is kept for even when there is none.
  static let month = 30.0
  /// Seconds in which it is not looked again for what was just looked for in vain: that reads whole tables.
  static let rest = 3600.0

  /// In bytes.
  package let bytes: Int64
  private let store: Store
  private let health: Health
  private let clock: BoxClockWatch
  private let pause: Duration
  private let logger: Logger

  private struct Search: Hashable {
    /// Nil: what servers are known to have of readings.
    var kind: PrunedKind?
    var days: Double
  }
  /// When nothing was left to find.
  private let ended = Mutex<[Search: Date]>([:])

  /// - Parameters:
  ///   - bytes: what it may take, at least 1.
  ///   - pause: between two transactions.
  package init(
    bytes: Int64, store: Store, health: Health, clock: BoxClockWatch, pause: Duration = DiskBudget.pause, logger: Logger
  ) {
    self.bytes = bytes
    self.store = store
    self.health = health
    self.clock = clock
    self.pause = pause
    self.logger = logger
  }

  /// What `vitalsd.yaml` says: a whole number and `MB` or `GB` (2^20 and 2^30 bytes). Nil when it is not written so.
  package static func bytes(_ text: String) -> Int64? {
    guard let number = Int64(text.dropLast(2)), number > 0, number < 1_000_000 else { return nil }
    switch text.suffix(2) {
    case "MB": return number << 20
    case "GB": return number << 30
    default: return nil
    }
  }

  /// Without anything said: ``usual``, and not more than a sixth of the disk of `directory`: beside the store lie four copies
  /// of it at most, and one that is being made.
  static func usual(of directory: String) -> Int64 {
    min(usual, max(1, (DiskRoom.whole(of: directory) ?? Int64.max) / 6))
  }

  /// Until the task is cancelled.
  package func run() async throws {
    while !Task.isCancelled {
      try await Task.sleep(for: Self.every)
      await keep()
    }
  }

  /// Looks once, and takes away what has to go.
  package func keep() async {
    do {
      var used = try await store.size().used
      let now = clock.now()
      // By a clock that is wrong nothing is old.
      if used > share(Self.begin), now.isRight {
        used = try await prune(olderThan: Self.year, until: share(Self.end), used, now.wall)
        if used > bytes { used = try await prune(olderThan: Self.month, until: share(Self.begin), used, now.wall) }
      }
      say(used)
    } catch is CancellationError {
      return
    } catch {
      logger.warning("not looked at what the readings take of the disk: \(error)")
    }
  }

  /// How the store stands to its budget; nil: it does not answer.
  package func room() async -> Status.Storage.Room? {
    guard let size = try? await store.size(), let pruned = try? await store.pruned() else { return nil }
    return Status.Storage.Room(
      used: Self.megabytes(size.used), budget: Self.megabytes(bytes), prunedReadings: pruned.counts[.readings] ?? 0,
      prunedUntil: pruned.readingsUntil.map { Timestamp($0) })
  }

  private func share(_ part: Double) -> Int64 { Int64(Double(bytes) * part) }

  /// What nobody looks for first, readings last. Gives what is used afterwards.
  private func prune(
    olderThan days: Double, until enough: Int64, _ used: Int64, _ now: Date
  ) async throws -> Int64 {
    let before = now.addingTimeInterval(-days * 86_400)
    var used = try await forgetToldReadings(before: before, Search(kind: nil, days: days), until: enough, used, now)
    for kind in PrunedKind.allCases {
      let search = Search(kind: kind, days: days)
      guard !wasInVain(search, now) else { continue }
      var after: Int64? = 0
      var count = 0
      while let place = after, used > enough {
        let step = try await store.prune(kind, before: before, after: place, now: now)
        count += step.count
        after = step.next
        if after == nil { ended.withLock { $0[search] = now } }
        used = try await store.size().used
        try await Task.sleep(for: pause)
      }
      if count > 0 {
        logger.notice("took away \(count) \(kind.rawValue) of more than \(Int(days)) days ago, for the budget")
      }
    }
    return used
  }

  /// A clock that was set back since says nothing of how long ago it was.
  private func wasInVain(_ search: Search, _ now: Date) -> Bool {
    ended.withLock { $0[search] }.map { abs(now.timeIntervalSince($0)) < Self.rest } ?? false
  }

  /// Hundreds of octets for each reading that a server was told; they are needed for a correction only, and can be asked for.
  private func forgetToldReadings(
    before: Date, _ search: Search, until enough: Int64, _ used: Int64, _ now: Date
  ) async throws -> Int64 {
    var used = used
    var count = 0
    guard !wasInVain(search, now) else { return used }
    while used > enough {
      let step = try await store.forgetToldReadings(before: before)
      guard step > 0 else {
        ended.withLock { $0[search] = now }
        break
      }
      count += step
      used = try await store.size().used
      try await Task.sleep(for: pause)
    }
    if count > 0 {
      logger.notice(
        "forgot what servers have of \(count) readings of more than \(Int(search.days)) days ago, for the budget")
    }
    return used
  }

  private func say(_ used: Int64) {
    guard used > bytes else { return health.clear(HealthWarning.Kind.storageBudget) }
    let (used, budget) = (Self.megabytes(used), Self.megabytes(bytes))
    health.warn(
      HealthWarning.Kind.storageBudget, .warning,
      "The readings take \(used) MB of the \(budget) MB that they may take, and what is left is new, waits, or is nowhere "
        + "else.",
      remedy: "Give them more room in vitalsd.yaml (storage: {budget: 2GB}) and restart the service, or see in "
        + "'vitals status' what waits.",
      parameters: ["used": "\(used)", "budget": "\(budget)"])
  }

  private static func megabytes(_ bytes: Int64) -> Int { Int((bytes + (1 << 19)) >> 20) }
}
