import AlertRules
import Foundation
import GRDB
import Observations

/// The tables of alert states and alert events.
struct AlertRecords {
  let db: Database
  init(_ db: Database) { self.db = db }

  func states() throws -> [AlertKey: AlertState] {
    var states: [AlertKey: AlertState] = [:]
    for text in try String.fetchAll(db, sql: "SELECT content FROM alert_states") {
      let state = try JSONText.decode(AlertState.self, text)
      states[state.key] = state
    }
    return states
  }

  func save(_ state: AlertState) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO alert_states (rule, subject, simulated, content) VALUES (?, ?, ?, ?)
        ON CONFLICT (rule, subject, simulated) DO UPDATE SET content = excluded.content
        """
    ).execute(arguments: [
      state.key.rule.rawValue, state.key.subject.description, state.key.isSimulated, try JSONText.encode(state),
    ])
  }

  /// The event's number; nil when this change of this episode is there already.
  func append(_ transition: AlertTransition) throws -> Int64? {
    try db.cachedStatement(
      sql: """
        INSERT INTO alert_events (episode, phase, patient, at, content) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (episode, phase) DO NOTHING
        """
    ).execute(arguments: [
      transition.episode.rawValue, transition.step, transition.patient?.rawValue,
      transition.at.timeIntervalSince1970, try JSONText.encode(transition),
    ])
    return db.changesCount == 1 ? db.lastInsertedRowID : nil
  }
}

/// One transaction's changes to alerts, put into memory only when it has committed.
struct AlertDraft {
  private(set) var states: [AlertKey: AlertState]
  private var touched: Set<AlertKey>
  private var transitions: [AlertTransition]
  private var bound: [BoundNumber] = []
  /// The changes to tell, so far.
  var told: [AlertTransition] { transitions }
  private(set) var changes: [StoreChange] = []

  init(_ contents: StoreMemory.Contents) {
    states = contents.states
    touched = contents.unwritten
    transitions = contents.untold.map { one in
      var one = one
      one.notStored = false
      return one
    }
  }

  mutating func apply(_ step: RuleStep) {
    for state in step.states {
      states[state.key] = state
      touched.insert(state.key)
    }
    transitions += step.transitions
  }

  mutating func bind(_ number: BoundNumber?) {
    if let number { bound.append(number) }
  }

  mutating func changed(_ change: StoreChange) {
    if !changes.contains(change) { changes.append(change) }
  }

  /// Writes states, events and the rows that tell of them.
  mutating func write(_ db: Database, destinations: [DestinationPolicy], now: Date) throws {
    let records = AlertRecords(db)
    for key in touched {
      if let state = states[key] { try records.save(state) }
    }
    for transition in transitions {
      guard let event = try records.append(transition) else { continue }
      changed(.alert)
      if try Outbox(db).add(transition, event: event, destinations: destinations, now: now) { changed(.outbox) }
    }
  }

  /// Puts the committed changes into memory; what was told meanwhile without a commit stays for the next one.
  func adopt(into contents: inout StoreMemory.Contents) {
    for key in touched {
      if let state = states[key] { contents.states[key] = state }
    }
    let written = Set(transitions.map(\.idempotencyKey))
    contents.untold.removeAll { written.contains($0.idempotencyKey) }
    contents.unwritten.subtract(touched)
    for bound in bound { contents.household.devices[bound.device]?.bind(bound.number, to: bound.patient) }
  }
}
