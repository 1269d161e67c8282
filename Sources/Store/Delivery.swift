package import AlertRules
package import Foundation
package import Observations

/// The number of an outbox row. Negative: a delivery told from memory, which has no row.
package struct DeliveryID: RawRepresentable, Hashable, Sendable, Codable, Comparable {
  package let rawValue: Int64
  package init(rawValue: Int64) { self.rawValue = rawValue }

  package static func < (first: DeliveryID, second: DeliveryID) -> Bool { first.rawValue < second.rawValue }
}

/// What a delivery says.
package enum DeliveryContent: Hashable, Sendable {
  case observation(Observation, Patient, DeviceDescription)
  /// Nil: of somebody of the house who is not known.
  case alert(AlertTransition, Patient?)
  /// What was told, or may have been, was not this person's reading.
  case observationWithdrawn(Observation, Patient, DeviceDescription)
  /// An alert that was told, or may have been, rested on a reading that was not this person's.
  case alertWithdrawn(AlertTransition, Patient?)
}

/// One of the readings that a mean was made of.
package struct SourceReading: Hashable, Sendable {
  package var observation: Observation
  package var device: DeviceDescription
  /// Its own delivery's ``Delivery/namesPatient``.
  package var namesPatient: Bool
}

/// One thing to bring to one destination, at least once.
package struct Delivery: Hashable, Sendable, Identifiable {
  package var id: DeliveryID
  package var destination: DestinationID
  /// The same over all attempts: `obs-` and the observation's id, or ``AlertTransition/idempotencyKey``; for a withdrawal,
  /// `withdrawn-` and the key of what it takes back.
  package var idempotencyKey: String
  package var content: DeliveryContent
  /// How many attempts were made before.
  package var attempts: Int
  package var createdAt: Date
  /// How many of ``attempts`` were answered, and this one not taken; the others failed with the destination.
  package var refusals = 0
  /// When the first of ``refusals`` was; nil: there is none.
  package var firstRefusedAt: Date?
  /// Not to be tried before; nil: at once.
  package var dueAt: Date?
  /// It was withdrawn and stands again: what the destination has under its identifiers is overwritten.
  package var restates: Bool
  /// The reading was somebody else's before: an identifier that says nothing of the person would name both.
  package var namesPatient: Bool
  /// Why it was made to wait; nil: it was not.
  package var wait: AlertWait?
  /// The message that an alert goes with: the number of one of its rows; nil: it goes by itself.
  package var group: Int64?
  /// It left, or may have, and nothing is known of what became of it.
  package var isOnTheWay: Bool
  /// Nobody else of the house is spoken of at this destination.
  package var isOfOnlyPerson = false
  /// The changes that this one message tells, where it tells several; ``content`` is the one to say first, and
  /// ``idempotencyKey`` that of all of them.
  package var together: [WaitingAlert] = []
  /// What an observation that was made of others was made of.
  package var sources: [SourceReading] = []

  package init(
    id: DeliveryID, destination: DestinationID, idempotencyKey: String, content: DeliveryContent, attempts: Int,
    createdAt: Date, dueAt: Date? = nil, restates: Bool = false, namesPatient: Bool = false,
    wait: AlertWait? = nil, group: Int64? = nil, isOnTheWay: Bool = false
  ) {
    self.wait = wait
    self.group = group
    self.isOnTheWay = isOnTheWay
    self.id = id
    self.destination = destination
    self.idempotencyKey = idempotencyKey
    self.content = content
    self.attempts = attempts
    self.createdAt = createdAt
    self.dueAt = dueAt
    self.restates = restates
    self.namesPatient = namesPatient
  }
}

/// Where an outbox row stands.
package enum DeliveryState: String, Hashable, Sendable, Codable, CaseIterable {
  case waiting
  case delivered
  /// The destination refused it for good.
  case rejected
  /// The person withdrew the consent before it left, or the reading turned out not to be theirs.
  case cancelled
}

/// An outbox row without its content, for lists.
package struct DeliveryRecord: Hashable, Sendable, Identifiable {
  package var id: DeliveryID
  package var destination: DestinationID
  package var state: DeliveryState
  /// Nil: an alert of somebody who is not known.
  package var patient: PatientID?
  package var idempotencyKey: String
  /// Nil for an alert.
  package var observation: ObservationID?
  package var attempts: Int
  package var createdAt: Date
  /// Nil before the first attempt's outcome was recorded.
  package var firstAttemptAt: Date?
  /// When the next attempt may be made; nil: at once, or finished.
  package var nextAttemptAt: Date?
  package var finishedAt: Date?
  /// Why the last attempt failed.
  package var reason: String?
  /// The reading was taken back from its person after this had, or may have, arrived: somebody has to say so there.
  package var needsCorrection: Bool
  /// The row that this one takes back; nil when it tells something.
  package var withdraws: DeliveryID?
  /// What the message is called that tells it: ``idempotencyKey``, or that of all it is told with.
  package var messageKey: String
}

/// Which outbox rows to list.
package struct DeliveryFilter: Hashable, Sendable {
  package var destination: DestinationID?
  /// Nil: every state.
  package var state: DeliveryState?
  /// Only rows after this one.
  package var after: DeliveryID?
  package var limit: Int
  /// The newest rows, and the newest of them first; else the oldest.
  package var newestFirst: Bool

  package init(
    destination: DestinationID? = nil, state: DeliveryState? = nil, after: DeliveryID? = nil, limit: Int = 100,
    newestFirst: Bool = false
  ) {
    self.destination = destination
    self.state = state
    self.after = after
    self.limit = limit
    self.newestFirst = newestFirst
  }
}

/// How one destination stands.
package struct OutboxCounts: Hashable, Sendable {
  package var waiting: Int
  package var delivered: Int
  package var rejected: Int
  package var cancelled: Int
  /// When the oldest row that waits was made.
  package var oldestWaiting: Date?
  /// Why the last attempt of the oldest waiting row failed, or, when none waits, why the last rejected row was.
  package var lastError: String?
}
