package import Foundation
import Observations

/// What one contact of a trial would have been sent, message by message: the same pure steps as the outbox's, without its
/// retries. What can't be brought waits until it can.
package struct Mailbox {
  /// One message, and when it would have come.
  package struct Sent: Hashable, Sendable {
    package var at: Date
    package var contact: ContactID
    package var message: AlertMessage
  }

  /// When nothing can be brought to the contact.
  package struct Outage: Hashable, Sendable {
    package var contact: ContactID
    package var from: Date
    package var until: Date

    package init(contact: ContactID, from: Date, until: Date) {
      self.contact = contact
      self.from = from
      self.until = until
    }
  }

  let contact: ContactID
  private let limit: FloodLimit?
  private let outages: [Outage]
  private var waiting: [WaitingAlert] = []
  /// When messages were made that did not wait and are not urgent.
  private var told: [Date] = []
  private var keys: Set<String> = []

  init(_ contact: Contact, _ plan: EscalationPlan, outages: [Outage]) {
    self.contact = contact.id
    limit = contact.flood ?? plan.flood
    self.outages = outages.filter { $0.contact == contact.id }
  }

  /// What one transaction tells this contact.
  ///
  /// - Parameters:
  ///   - changes: each with the end of the quiet hours that it waits for.
  ///   - next: the number of the first; each takes one.
  /// - Returns: until when the changes wait that wait.
  mutating func add(_ changes: [(AlertTransition, quiet: Date?)], from next: Int64, now: Date) -> [Date?] {
    var new: [WaitingAlert] = []
    let heldUntil = waiting.filter { $0.wait == .flood && $0.attempts == 0 }.compactMap(\.dueAt).max()
    let flood = limit?.wait(told: told, heldUntil: heldUntil, now: now)
    for (place, (transition, quiet)) in changes.enumerated() {
      // Told anew to somebody who has it.
      guard keys.insert(transition.idempotencyKey).inserted else { continue }
      var one = WaitingAlert(
        id: next + Int64(place), transition: transition, key: transition.idempotencyKey, dueAt: quiet,
        wait: quiet == nil ? nil : .quiet)
      if quiet == nil, transition.severity < .urgent, let flood { (one.dueAt, one.wait) = (flood, .flood) }
      new.append(one)
    }
    let held = waiting.filter { $0.dueAt.map { $0 > now } == true }
    for changed in Gathering.born(new, beside: held) {
      if let place = new.firstIndex(where: { $0.id == changed.id }) { new[place] = changed }
      if let place = waiting.firstIndex(where: { $0.id == changed.id }) { waiting[place] = changed }
    }
    if !new.isEmpty, new.allSatisfy({ $0.wait == nil && $0.transition.severity < .urgent }) { told.append(now) }
    waiting += new
    return new.map(\.dueAt)
  }

  /// When something can be brought next; nil: nothing waits.
  func due(after now: Date) -> Date? {
    waiting.map { one in
      var due = max(one.dueAt ?? .distantPast, now)
      while let outage = outage(at: due) { due = outage.until }
      return due
    }.min()
  }

  /// What is brought at `now`.
  mutating func bring(_ now: Date) -> [Sent] {
    let due = waiting.filter { $0.dueAt.map { $0 <= now } ?? true }
    guard !due.isEmpty else { return [] }
    guard outage(at: now) == nil else {
      for one in due {
        if let place = waiting.firstIndex(where: { $0.id == one.id }) { waiting[place].attempts = 1 }
      }
      return []
    }
    let ids = Set(due.map(\.id))
    waiting.removeAll { ids.contains($0.id) }
    return Gathering.messages(due).map { Sent(at: now, contact: contact, message: $0) }
  }

  private func outage(at date: Date) -> Outage? { outages.first { $0.from <= date && date < $0.until } }
}
