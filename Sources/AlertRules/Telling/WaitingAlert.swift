package import Foundation

/// Why a change is not told at once to somebody who is to be told of it.
package enum AlertWait: String, Hashable, Sendable, Codable, CaseIterable {
  /// The contact's quiet hours.
  case quiet
  /// More came within the hour than the contact is to be told.
  case flood
}

/// One change on its way to one destination.
package struct WaitingAlert: Hashable, Sendable, Identifiable {
  /// In the order they were made.
  package var id: Int64
  package var transition: AlertTransition
  /// What the change is called on its way, if it is told by itself.
  package var key: String
  /// How many attempts are known to have failed.
  package var attempts: Int
  /// Not to be told before; nil: at once.
  package var dueAt: Date?
  /// Why it was made to wait; it stays when the wait is over. Nil: it was not.
  package var wait: AlertWait?
  /// The message that it goes with: the number of one of its changes. Nil: it goes by itself.
  package var group: Int64?
  /// It left, or may have, and what became of it is not known: it goes once more as it was.
  package var isOnTheWay: Bool
  /// It goes by itself: it is told anew after it was taken back, or a message of several was refused for its own sake.
  package var isAlone: Bool

  package init(
    id: Int64, transition: AlertTransition, key: String, attempts: Int = 0, dueAt: Date? = nil, wait: AlertWait? = nil,
    group: Int64? = nil, isOnTheWay: Bool = false, isAlone: Bool = false
  ) {
    self.id = id
    self.transition = transition
    self.key = key
    self.attempts = attempts
    self.dueAt = dueAt
    self.wait = wait
    self.group = group
    self.isOnTheWay = isOnTheWay
    self.isAlone = isAlone
  }

  /// Whether it is told later than it was made: held back, or refused before.
  package var isLate: Bool { attempts > 0 || wait != nil }

  /// Whose: one message is of one person, and never of a person and a trial.
  var subject: Subject {
    Subject(
      name: transition.patient.map { "patient:\($0)" } ?? transition.fact?.condition.subject.description
        ?? "device:\(transition.device)",
      isSimulated: transition.isSimulated)
  }

  struct Subject: Hashable {
    var name: String
    var isSimulated: Bool
  }
}

/// One message to one destination: the changes that it tells, in the order they were made.
package struct AlertMessage: Hashable, Sendable {
  package var alerts: [WaitingAlert]

  package init(_ alerts: [WaitingAlert]) { self.alerts = alerts.sorted { $0.id < $1.id } }

  /// What the message is called on its way: the same for the same changes, and for one that of the change.
  package var key: String { Self.key(alerts.map(\.key)) }

  /// - Parameter keys: of its changes, in the order they were made.
  package static func key(_ keys: [String]) -> String {
    keys.count == 1 ? keys[0] : "alerts-\(EpisodeID(words: keys))"
  }

  package var digest: AlertDigest { digest(at: nil) }

  /// - Parameter now: of the attempt to tell it; see ``AlertDigest/init(_:waits:at:)``.
  package func digest(at now: Date?) -> AlertDigest {
    AlertDigest(alerts.map(\.transition), waits: alerts.map(\.wait), at: now)
  }

  /// Whether it has to be written down before it leaves what it is made of: it is not as it was made, or it failed before.
  package var isToBeSealed: Bool {
    alerts.contains { ($0.isLate || $0.group != group) && !$0.isOnTheWay }
  }

  /// The number that its changes go by; nil: one by itself.
  package var group: Int64? { alerts.count == 1 ? nil : alerts[0].group ?? alerts[0].id }

  var isLate: Bool { alerts.contains(where: \.isLate) }
  var isUrgent: Bool { alerts.contains { $0.transition.severity == .urgent } }
}

/// Which changes are told together: pure functions of what waits for one destination.
package enum Gathering {
  /// The most changes of one message; the others make another.
  static let most = 100

  /// What one transaction makes of what it adds: changes of one person go as one message, and what is told at once takes
  /// along what was to wait, of the same transaction and of the same episodes.
  ///
  /// - Parameters:
  ///   - new: made in this transaction; on their way: told before from memory, and never gathered.
  ///   - waiting: what is held back for the same destination.
  /// - Returns: those that are otherwise now.
  package static func born(_ new: [WaitingAlert], beside waiting: [WaitingAlert]) -> [WaitingAlert] {
    var changed: [WaitingAlert] = []
    let mine = new.filter { !$0.isOnTheWay }
    for subject in subjects(mine) {
      var together = mine.filter { $0.subject == subject }
      if together.contains(where: { $0.dueAt == nil }) {
        // Or the end of something would be known before its beginning.
        let episodes = Set(together.map(\.transition.episode))
        together += waiting.filter { one in
          one.subject == subject && episodes.contains(one.transition.episode) && one.wait != nil && one.attempts == 0
            && !one.isOnTheWay && !one.isAlone
        }
      }
      guard together.count > 1 else { continue }
      together.sort { $0.id < $1.id }
      let goesNow = together.contains { $0.dueAt == nil }
      for one in together {
        var next = one
        next.group = together[0].id
        if goesNow {
          next.dueAt = nil
          // It did not wait.
          if new.contains(where: { $0.id == one.id }) { next.wait = nil }
        }
        if next != one { changed.append(next) }
      }
    }
    return changed
  }

  /// The messages that are to be told now, in their order.
  ///
  /// What was told late is told once: all that waits for one person and has waited, with what came since. What was never
  /// held up goes as it was made. What may have left goes once more as it was, so that whoever had it refuses it.
  ///
  /// - Parameter due: what may be told now.
  package static func messages(_ due: [WaitingAlert]) -> [AlertMessage] {
    var messages: [AlertMessage] = []
    messages += asTheyAre(due.filter(\.isOnTheWay))
    messages += due.filter { $0.isAlone && !$0.isOnTheWay }.map { AlertMessage([$0]) }
    let rest = due.filter { !$0.isOnTheWay && !$0.isAlone }
    for subject in subjects(rest) {
      let mine = rest.filter { $0.subject == subject }
      guard mine.contains(where: \.isLate) else {
        messages += asTheyAre(mine)
        continue
      }
      let ordered = mine.sorted { $0.id < $1.id }
      for start in stride(from: 0, to: ordered.count, by: most) {
        messages.append(AlertMessage(Array(ordered[start..<min(start + most, ordered.count)])))
      }
    }
    return messages.sorted { first, second in
      let urgency = (first.isLate && first.isUrgent, second.isLate && second.isUrgent)
      return urgency.0 == urgency.1 ? first.alerts[0].id < second.alerts[0].id : urgency.0
    }
  }

  private static func asTheyAre(_ alerts: [WaitingAlert]) -> [AlertMessage] {
    Dictionary(grouping: alerts) { $0.group ?? $0.id }.values.map { AlertMessage($0) }
  }

  private static func subjects(_ alerts: [WaitingAlert]) -> [WaitingAlert.Subject] {
    var seen: Set<WaitingAlert.Subject> = []
    return alerts.map(\.subject).filter { seen.insert($0).inserted }
  }
}
