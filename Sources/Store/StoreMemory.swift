import AlertRules
import Foundation
import GRDB
import Observations
import Synchronization

/// What the store keeps at hand beside the file: the alert states, so that a strap's samples cost no write, and who may
/// be told what, so that an alert can be told while the file cannot be read.
///
/// Only the writer's thread puts in what was committed. The live path changes states in between without writing; when
/// both touch one state the committed one stays, and the next sample, a second later, catches up.
final class StoreMemory: Sendable {
  struct Contents {
    var states: [AlertKey: AlertState]
    var household: Household
    /// The alerts that fire, as they are being told.
    var episodes: [EpisodeID: AlertEpisode]
    var silences: [Silence]
    /// Told from memory since the last commit that worked; the next one writes them.
    var untold: [AlertTransition] = []
    /// The states that go with ``untold``.
    var unwritten: Set<AlertKey> = []

    init(
      states: [AlertKey: AlertState], household: Household, episodes: [EpisodeID: AlertEpisode] = [:],
      silences: [Silence] = []
    ) {
      self.states = states
      self.household = household
      self.episodes = episodes
      self.silences = silences
    }

    mutating func apply(_ step: RuleStep) {
      for state in step.states { states[state.key] = state }
    }

    /// When a ladder's next step is due, or what is silenced is to be looked at again; nil: never.
    var nextStep: Date? { EpisodeBook(episodes).due }

    /// The ladders go on though it cannot be written down; the next commit that works does.
    mutating func climb(_ policy: IngestPolicy, now: Date) -> [AlertTransition] {
      let context = TellingContext(
        plan: policy.escalation, rules: policy.rules, states: states, silences: silences, now: now)
      var book = EpisodeBook(episodes)
      defer { episodes = book.episodes }
      return book.climb(context)
    }

    /// Takes in what could not be written, and gives what of it is new: a reading that comes again because it was not
    /// confirmed is not told again.
    mutating func applyUnstored(_ step: RuleStep) -> [AlertTransition] {
      apply(step)
      let new = step.transitions.filter { one in
        !untold.contains { $0.idempotencyKey == one.idempotencyKey }
      }.map { one in
        var one = one
        one.notStored = true
        return one
      }
      untold += new
      unwritten.formUnion(step.states.map(\.key))
      return new
    }
  }

  private let contents: Mutex<Contents>

  init(_ contents: Contents) { self.contents = Mutex(contents) }

  func withContents<Value: Sendable>(_ body: (inout sending Contents) -> sending Value) -> Value {
    contents.withLock(body)
  }
}

/// A copy of who is who and who may be told.
struct Household: Sendable {
  struct Grant: Hashable {
    var patient: PatientID
    var destination: DestinationID
  }

  var patients: [PatientID: Patient] = [:]
  var grants: Set<Grant> = []
  var devices: [DeviceID: Ownership] = [:]

  init(_ db: Database) throws {
    for patient in try People(db).patients() { patients[patient.id] = patient }
    for row in try Row.fetchAll(db, sql: "SELECT patient, destination FROM consents WHERE withdrawn_at IS NULL") {
      grants.insert(Grant(patient: PatientID(rawValue: row[0]), destination: DestinationID(rawValue: row[1])))
    }
    for row in try Row.fetchAll(db, sql: "SELECT id, shared, numbered FROM devices WHERE removed_at IS NULL") {
      devices[DeviceID(rawValue: row[0])] = Ownership(isShared: row[1], isNumbered: row[2])
    }
    for row in try Row.fetchAll(db, sql: "SELECT device, slot, patient FROM device_users") {
      devices[DeviceID(rawValue: row[0]), default: Ownership()].users[row[1]] = PatientID(rawValue: row[2])
    }
  }

  /// Whose reading it is; nil: nobody's.
  func owner(of device: DeviceID, number: Int?) -> PatientID? { devices[device]?.owner(ofNumber: number).patient }

  /// Whether `destination` may be told of a reading of `patient`; nil: of somebody of the house who is not known, which
  /// is said without a name wherever anybody of the house is spoken of.
  func mayTell(_ destination: DestinationID, of patient: PatientID?) -> Bool {
    guard let patient else { return grants.contains { $0.destination == destination } }
    return grants.contains(Grant(patient: patient, destination: destination))
  }
}
