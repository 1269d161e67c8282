package import Foundation
package import Observations

/// Who is told, and who after them when nobody answers.
package struct EscalationPlan: Hashable, Sendable {
  /// One rung of the ladder.
  package struct Step: Hashable, Sendable {
    package var contacts: [ContactID]
    /// How long an answer is waited for before the next step.
    package var wait: Duration

    package init(contacts: [ContactID], wait: Duration) {
      self.contacts = contacts
      self.wait = wait
    }
  }

  package var contacts: [Contact]
  /// The least severity that climbs.
  package var severity: AlertSeverity
  /// Empty: everybody is told at once, and nothing climbs.
  package var steps: [Step]
  /// Of destinations whose contact has none of their own; nil: none.
  package var flood: FloodLimit?

  package init(
    contacts: [Contact] = [], severity: AlertSeverity = .urgent, steps: [Step] = [], flood: FloodLimit? = .standard
  ) {
    self.contacts = contacts
    self.severity = severity
    self.steps = steps
    self.flood = flood
  }

  /// How much `destination` is told within an hour; one that several contacts share, as much as the one who hears most.
  package func flood(of destination: DestinationID) -> FloodLimit? {
    let limits = owners(of: destination).map { $0.flood ?? flood }
    guard !limits.isEmpty, !limits.contains(nil) else { return limits.isEmpty ? flood : nil }
    return limits.compactMap { $0 }.max { $0.count < $1.count }
  }

  package func contact(_ id: ContactID) -> Contact? { contacts.first { $0.id == id } }

  /// Whose `destination` is; empty: nobody's in particular, and then it is told of everything at once.
  package func owners(of destination: DestinationID) -> [Contact] {
    contacts.filter { $0.destinations.contains(destination) }
  }

  /// Whether an alert climbs. A played one does not: nobody is to be woken by a trial.
  func climbs(_ transition: AlertTransition) -> Bool {
    transition.severity >= severity && !steps.isEmpty && !transition.isSimulated
  }
}

/// Who is told of one change.
package struct Audience: Hashable, Sendable {
  package var contacts: [ContactID]
  /// The destinations that belong to no contact.
  package var others: Bool
  /// When quiet hours end, of those contacts who are left alone until then.
  package var waits: [ContactID: Date]

  package init(contacts: [ContactID] = [], others: Bool = false, waits: [ContactID: Date] = [:]) {
    self.contacts = contacts
    self.others = others
    self.waits = waits
  }

  package static let nobody = Audience()
  package var isNobody: Bool { contacts.isEmpty && !others }

  /// Whether `destination` is told, and from when; nil inside: at once. One that several contacts share is told as soon as
  /// one of them may be.
  package func due(_ destination: DestinationID, _ plan: EscalationPlan) -> Date?? {
    let owners = plan.owners(of: destination)
    guard !owners.isEmpty else { return others ? .some(nil) : nil }
    let told = owners.filter { contacts.contains($0.id) }
    guard !told.isEmpty else { return nil }
    let waits = told.map { self.waits[$0.id] }
    return .some(waits.contains(nil) ? nil : waits.compactMap { $0 }.min())
  }
}
