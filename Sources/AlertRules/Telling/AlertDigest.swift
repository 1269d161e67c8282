package import Foundation

/// What one message says of several changes: how things stand now, and how they came to.
package struct AlertDigest: Hashable, Sendable {
  /// In the order they were made; at least one.
  package var changes: [AlertTransition]
  /// Some of them waited, so the time of the reading is the first thing to say.
  package var isLate: Bool
  /// How many changes of each rule were held back because too many came within an hour.
  package var flooded: [RuleID: Int]

  /// Seconds by which what is told is not of just now: less is the way.
  private static let way: TimeInterval = 60

  /// - Parameters:
  ///   - waits: why each of `changes` waited.
  ///   - now: of the attempt to tell them; nil: they are told as they are made. By a clock that was set since, either way,
  ///     the time is said as well.
  package init(_ changes: [AlertTransition], waits: [AlertWait?] = [], at now: Date? = nil) {
    self.changes = changes
    let times = changes.map(\.decidedAt)
    let span = (times.max() ?? .distantPast).timeIntervalSince(times.min() ?? .distantPast)
    let age = now.flatMap { now in times.max().map { abs(now.timeIntervalSince($0)) } } ?? 0
    isLate = waits.contains { $0 != nil } || span > Self.way || age > Self.way
    flooded = [:]
    for (change, wait) in zip(changes, waits) where wait == .flood { flooded[change.rule, default: 0] += 1 }
  }

  /// The newest change of each episode: what fires before what is over, the graver first, what nobody has answered before
  /// what somebody has, the newer first, and else by the names of the rules.
  package var present: [AlertTransition] {
    var newest: [EpisodeID: (place: Int, change: AlertTransition)] = [:]
    for (place, change) in changes.enumerated() { newest[change.episode] = (place, change) }
    return newest.values.sorted { first, second in
      let (one, other) = (Self.weight(first.change), Self.weight(second.change))
      if one != other { return one > other }
      if first.change.decidedAt != second.change.decidedAt { return first.change.decidedAt > second.change.decidedAt }
      return first.change.rule == second.change.rule
        ? first.place > second.place : first.change.rule.rawValue < second.change.rule.rawValue
    }.map(\.change)
  }

  /// What is said first.
  package var lead: AlertTransition { present[0] }

  /// The changes of the lead's episode before its newest.
  package var before: [AlertTransition] { changes.filter { $0.episode == lead.episode }.dropLast() }

  private static func weight(_ change: AlertTransition) -> Int {
    let severity = AlertSeverity.allCases.firstIndex(of: change.severity) ?? 0
    let isOpen = change.to == .firing && change.stage != .summary
    return (isOpen ? 100 : 0) + severity * 10 + (change.stage == .acknowledged ? 0 : 1)
  }
}
