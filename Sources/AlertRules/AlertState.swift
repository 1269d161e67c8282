package import Foundation
package import Observations

/// Whom an alert is about: a person, a user of a device whom nobody has named, or nobody: a thing.
package enum AlertSubject: Hashable, Sendable, Codable, CustomStringConvertible {
  case patient(PatientID)
  /// The device's user number keeps strangers apart who share it: one's calm reading must not end another's alert.
  case device(DeviceID, user: Int? = nil)
  /// A device itself, whoever uses it.
  case equipment(DeviceID)
  /// Where readings and alerts go.
  case destination(DestinationID)
  /// The gateway.
  case box

  package var description: String {
    switch self {
    case .patient(let id): "patient:\(id)"
    case .device(let id, nil): "device:\(id)"
    case .device(let id, let user?): "device:\(id)#\(user)"
    case .equipment(let id): "equipment:\(id)"
    case .destination(let id): "destination:\(id)"
    case .box: "box"
    }
  }

  /// Nobody's: a device itself, a destination, the gateway.
  var isThing: Bool {
    switch self {
    case .equipment, .destination, .box: true
    case .patient, .device: false
    }
  }

  package var patient: PatientID? {
    if case .patient(let id) = self { id } else { nil }
  }

  package var device: DeviceID? {
    if case .device(let id, _) = self { id } else { nil }
  }
}

/// What one state is kept for. Played readings have states of their own: a simulated 120 must not end a real alert.
package struct AlertKey: Hashable, Sendable, Codable {
  package var rule: RuleID
  package var subject: AlertSubject
  package var isSimulated: Bool

  package init(rule: RuleID, subject: AlertSubject, isSimulated: Bool) {
    self.rule = rule
    self.subject = subject
    self.isSimulated = isSimulated
  }
}

/// Where an alert stands.
package enum AlertPhase: String, Hashable, Sendable, Codable, CaseIterable {
  /// The condition holds, though not yet for long enough. Nobody is told.
  case pending
  case firing
  /// At rest: it ended, or never began.
  case resolved
}

/// One stretch from the first reading beyond the limit to the one that ends it.
package struct EpisodeID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  /// The name of an episode from the words that set it apart: 128-bit FNV-1a. The same words give the same name, so an
  /// alert that was told before it could be stored is not a second alert when the reading comes again.
  init(words: [String]) {
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for word in words {
      for byte in word.utf8 {
        hash ^= UInt128(byte)
        hash &*= 0x0000_0000_0100_0000_0000_0000_0000_013b
      }
      // 0xFF is no UTF-8: it keeps "ab","c" from being "a","bc".
      hash ^= 0xff
      hash &*= 0x0000_0000_0100_0000_0000_0000_0000_013b
    }
    let digits = String(hash, radix: 16)
    rawValue = String(repeating: "0", count: 32 - digits.count) + digits
  }
}

/// What is remembered of one rule on one subject.
package struct AlertState: Hashable, Sendable, Codable {
  package var key: AlertKey
  package var phase: AlertPhase
  /// The current or last episode; nil when there never was one.
  package var episode: EpisodeID?
  /// The effective time of the first reading beyond the limit in the current or last episode.
  package var since: Date?
  /// The effective time at which it fired; nil when it has not, in this episode.
  package var firedAt: Date?
  /// The newest sample by effective time that had the rule's value.
  package var lastInstant: Date
  package var lastValue: Decimal
  package var lastDevice: DeviceID
  package var lastObservation: ObservationID?
  /// Whether the last sample that came late (older than ``lastInstant``) was beyond the limit: a run of such samples is
  /// one episode, in whichever order a device empties its memory.
  package var lateWasMet: Bool
  /// How far the episode has come, for the kinds that tell of it in steps; nil for the others.
  package var stage: AlertStage?
  /// When the step after ``stage`` is due although nothing was measured; nil: nothing is.
  package var deadline: Date?
  /// The reading that opened the episode, for the kinds that hold a later one beside it.
  package var openedWith: [AlertComponent: Decimal]?
  /// The newest reading, whole, for the kinds that look at more than one of its values.
  package var lastValues: [AlertComponent: Decimal]?
  /// What is gathered for a summary; nil for every rule but ``OldReadings/rule``.
  package var old: OldReadings?

  package init(
    key: AlertKey, phase: AlertPhase = .resolved, episode: EpisodeID? = nil, since: Date? = nil, firedAt: Date? = nil,
    lastInstant: Date, lastValue: Decimal, lastDevice: DeviceID, lastObservation: ObservationID?,
    lateWasMet: Bool = false, stage: AlertStage? = nil, deadline: Date? = nil
  ) {
    self.key = key
    self.phase = phase
    self.episode = episode
    self.since = since
    self.firedAt = firedAt
    self.lastInstant = lastInstant
    self.lastValue = lastValue
    self.lastDevice = lastDevice
    self.lastObservation = lastObservation
    self.lateWasMet = lateWasMet
    self.stage = stage
    self.deadline = deadline
  }

  package var isOpen: Bool { phase != .resolved }

  /// The state as it is to be read at `now`. What lies after it was timed by a clock that has been set back since: a box
  /// without a battery for its clock starts hours off. Left as it is, it would make everything measured until then look
  /// late; so it is taken for the minute before.
  func read(at now: Date) -> AlertState {
    var state = self
    if lastInstant > now { state.lastInstant = now.addingTimeInterval(-60) }
    if let since, since > now { state.since = now }
    // What was to happen so long after the episode's beginning still does.
    if let deadline, let since, since > now {
      state.deadline = now.addingTimeInterval(deadline.timeIntervalSince(since))
    }
    return state
  }

  /// The clock was set by so many seconds and shows `now`: what is waited for is as far away as before.
  package mutating func shiftWaits(by difference: TimeInterval, now: Date) {
    deadline?.addTimeInterval(difference)
    // Of a thing, the gateway itself saw by that clock since when; of a reading, a device may have said so.
    if phase == .pending || key.subject.isThing { since?.addTimeInterval(difference) }
    // Else the deadline would be taken for one that nobody has moved yet, and moved again.
    if let since, since > now { self.since = now }
  }
}
