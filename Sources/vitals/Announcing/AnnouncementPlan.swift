import LocalAPI

/// What is to be said aloud next, from what fires: a pure function of what was said before and the time.
struct AnnouncementPlan: Sendable {
  /// How bad an alert is, the mildest first.
  enum Severity: String, CaseIterable, Comparable, Sendable {
    case notice, warning, urgent

    static func < (left: Severity, right: Severity) -> Bool {
      guard let left = allCases.firstIndex(of: left), let right = allCases.firstIndex(of: right) else { return false }
      return left < right
    }

    /// One that this program does not know is taken for a warning: it is better said once too often.
    init(of alert: Alert) { self = Severity(rawValue: alert.severity) ?? .warning }
  }

  /// The mildest that is said aloud.
  var least: Severity
  /// From one time an urgent alert is said to the next.
  var every: Duration
  /// How often an urgent alert is said in all, until something new happens in it.
  var times: Int

  private struct Standing {
    /// The step that was said last.
    var step: String
    var count: Int
    var last: SuspendingClock.Instant
  }

  private var standing: [String: Standing] = [:]

  init(least: Severity, every: Duration, times: Int) {
    self.least = least
    self.every = every
    self.times = times
  }

  /// What fires when this program starts: what is not urgent counts as said, since it may have fired for days.
  mutating func begin(with open: [Episode], at now: SuspendingClock.Instant) {
    for episode in open where Severity(of: episode.alert) != .urgent { said(episode, at: now) }
  }

  /// The next to be said now, the worst first; nil: there is none.
  ///
  /// What somebody knows of, and what is silenced or hidden, is not said. A step that was said is not said again, except
  /// while an alert is urgent and nobody has answered.
  mutating func due(_ open: [Episode], at now: SuspendingClock.Instant) -> Episode? {
    let ids = Set(open.map(\.id))
    standing = standing.filter { ids.contains($0.key) }
    return open.filter { isDue($0, at: now) }
      .max { Severity(of: $0.alert) < Severity(of: $1.alert) }
  }

  /// How long until something is to be repeated; nil: nothing is.
  func next(_ open: [Episode], at now: SuspendingClock.Instant) -> Duration? {
    open.compactMap { episode in
      guard let before = standing[episode.id], before.count < times, isSaid(episode),
        Severity(of: episode.alert) == .urgent
      else { return nil }
      return max(.zero, every - (now - before.last))
    }.min()
  }

  /// Whether it is anybody's to hear.
  private func isSaid(_ episode: Episode) -> Bool {
    episode.held == nil && episode.acknowledgedBy == nil && Severity(of: episode.alert) >= least
  }

  private func isDue(_ episode: Episode, at now: SuspendingClock.Instant) -> Bool {
    guard isSaid(episode) else { return false }
    guard let before = standing[episode.id], before.step == episode.alert.id else { return true }
    return Severity(of: episode.alert) == .urgent && before.count < times && now - before.last >= every
  }

  /// It was said.
  ///
  /// - Returns: how often this step has been said now.
  @discardableResult
  mutating func said(_ episode: Episode, at now: SuspendingClock.Instant) -> Int {
    let before = standing[episode.id].flatMap { $0.step == episode.alert.id ? $0.count : nil } ?? 0
    standing[episode.id] = Standing(step: episode.alert.id, count: before + 1, last: now)
    return before + 1
  }
}
