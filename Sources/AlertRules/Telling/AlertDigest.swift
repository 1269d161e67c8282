import Foundation

/// What one message says of several changes: how things stand now, and how they came to.
package struct AlertDigest: Hashable, Sendable {
  /// In the order they were made; at least one.
  package var changes: [AlertTransition]
  /// Some of them waited, so the time of the reading is the first thing to say. Told again it is the same message, so
  /// this hangs on what the changes are and never on how often they were tried.
  package var isLate: Bool
  /// How many changes of each rule were held back because too many came within an hour.
  package var flooded: [RuleID: Int]

  /// - Parameter waits: why each of `changes` waited.
  package init(_ changes: [AlertTransition], waits: [AlertWait?] = []) {
    self.changes = changes
    let times = changes.map(\.decidedAt)
    let span = (times.max() ?? .distantPast).timeIntervalSince(times.min() ?? .distantPast)
    isLate = waits.contains { $0 != nil } || span > 60
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
