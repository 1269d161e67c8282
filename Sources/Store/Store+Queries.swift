package import AlertRules
package import Foundation
import GRDB
package import Observations

/// Which observations to list.
package struct ObservationFilter: Hashable, Sendable {
  package var patient: PatientID?
  /// Only these people's; nil: anybody's, and those that are nobody's.
  package var within: Set<PatientID>?
  package var device: DeviceID?
  /// Only those that are nobody's.
  package var unassigned: Bool
  /// Only those whose effective time ends at or after this.
  package var since: Date?
  /// Only those stored after this one, in the order they were stored: for following.
  package var after: ObservationID?
  /// At most so many; nil: all.
  package var limit: Int?

  package init(
    patient: PatientID? = nil, device: DeviceID? = nil, unassigned: Bool = false, since: Date? = nil,
    after: ObservationID? = nil, limit: Int? = nil
  ) {
    self.patient = patient
    self.device = device
    self.unassigned = unassigned
    self.since = since
    self.after = after
    self.limit = limit
  }

  /// The statement and what goes with it; `after` as its row's number.
  func statement(after: Int64?) -> (sql: String, arguments: StatementArguments) {
    // A mean is no reading.
    var conditions = [OwedCorrections.isNone, "kind <> 'home-average'"]
    var arguments: StatementArguments = []
    if let patient {
      conditions.append("patient = ?")
      arguments += [patient.rawValue]
    }
    if let within { conditions.append(Self.condition(within, &arguments)) }
    if let device {
      conditions.append("device = ?")
      arguments += [device.rawValue]
    }
    if unassigned { conditions.append("patient IS NULL") }
    if let since {
      conditions.append("effective_end >= ?")
      arguments += [since.timeIntervalSince1970]
    }
    if let after {
      conditions.append("seq > ?")
      arguments += [after]
    }
    arguments += [limit.map { max(0, $0) } ?? -1]
    let condition = conditions.joined(separator: " AND ")
    let order = after == nil ? "effective_end DESC, seq DESC" : "seq"
    return ("SELECT content FROM observations WHERE \(condition) ORDER BY \(order) LIMIT ?", arguments)
  }
}

extension ObservationFilter {
  /// That a row is one of these people's.
  static func condition(_ patients: Set<PatientID>, _ arguments: inout StatementArguments) -> String {
    arguments += StatementArguments(patients.map(\.rawValue).sorted())
    return "patient IN (\(patients.map { _ in "?" }.joined(separator: ", ")))"
  }
}

/// An alert's change with its number in the log.
package struct AlertEvent: Hashable, Sendable, Identifiable {
  package var id: Int64
  package var transition: AlertTransition
}

/// An alert that is pending or fires.
package struct OpenAlert: Hashable, Sendable {
  package var state: AlertState
  /// The change that made it fire; nil while it is pending.
  package var firing: AlertTransition?
}

extension Store {
  /// Observations, the newest last. Without `after`, `limit` keeps the newest by effective time; with it, the first
  /// ones stored after that one, in the order they were stored. An `after` that is not there counts as none having been
  /// seen.
  package func observations(
    _ filter: ObservationFilter = ObservationFilter()
  ) async throws(StoreFailure) -> [Observation] {
    let signal = signal
    return try await read { db in
      var after: Int64?
      if let id = filter.after {
        after =
          try Int64.fetchOne(db, sql: "SELECT seq FROM observations WHERE id = ?", arguments: [id.rawValue]) ?? 0
      }
      let (sql, arguments) = filter.statement(after: after)
      let found = try String.fetchAll(db, sql: sql, arguments: arguments).compactMap { text in
        try signal.readable { try JSONText.decode(Observation.self, text) }
      }
      return after == nil ? found.reversed() : found
    }
  }

  /// Whether a reading of this identity was stored, whoever's it is now, and though it may have been erased since.
  package func holds(_ identity: ReadingIdentity) async throws(StoreFailure) -> Bool {
    try await read { db in
      let sql = "SELECT EXISTS (SELECT 1 FROM observations WHERE identity = ?)"
      if try Bool.fetchOne(db, sql: sql, arguments: [identity.rawValue]) ?? false { return true }
      return try ErasedReadings(db).holds(identity)
    }
  }

  /// The observation that was stored last, whatever its effective time: where following begins. Nil: there is none.
  package func lastStored() async throws(StoreFailure) -> ObservationID? {
    try await read { db in
      try String.fetchOne(db, sql: "SELECT id FROM observations ORDER BY seq DESC LIMIT 1").map {
        ObservationID(rawValue: $0)
      }
    }
  }

  package func observation(_ id: ObservationID) async throws(StoreFailure) -> Observation? {
    try await read { db in
      try String.fetchOne(db, sql: "SELECT content FROM observations WHERE id = ?", arguments: [id.rawValue]).map {
        try JSONText.decode(Observation.self, $0)
      }
    }
  }

  /// Changes of alerts, the newest last.
  ///
  /// - Parameters:
  ///   - since: only changes at or after this effective time.
  ///   - episode: only changes of this one.
  ///   - after: only those logged after this event; then `limit` keeps the first ones, else the last ones.
  package func alertEvents(
    since: Date? = nil, patient: PatientID? = nil, within: Set<PatientID>? = nil, episode: EpisodeID? = nil,
    after: Int64? = nil, limit: Int? = nil
  ) async throws(StoreFailure) -> [AlertEvent] {
    let signal = signal
    return try await read { db in
      var conditions: [String] = []
      var arguments: StatementArguments = []
      if let since {
        conditions.append("at >= ?")
        arguments += [since.timeIntervalSince1970]
      }
      if let patient {
        conditions.append("patient = ?")
        arguments += [patient.rawValue]
      }
      if let within { conditions.append(ObservationFilter.condition(within, &arguments)) }
      if let episode {
        conditions.append("episode = ?")
        arguments += [episode.rawValue]
      }
      if let after {
        conditions.append("seq > ?")
        arguments += [after]
      }
      arguments += [limit.map { max(0, $0) } ?? -1]
      let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
      let found = try Row.fetchAll(
        db,
        sql: "SELECT seq, content FROM alert_events \(condition) ORDER BY seq \(after == nil ? "DESC" : "") LIMIT ?",
        arguments: arguments
      ).compactMap { row in
        try signal.readable { AlertEvent(id: row[0], transition: try JSONText.decode(AlertTransition.self, row[1])) }
      }
      return after == nil ? found.reversed() : found
    }
  }

  /// What is pending or fires now, by memory, so that it is true even while the file cannot be written; oldest first.
  package func openAlerts() async throws(StoreFailure) -> [OpenAlert] {
    let (states, untold) = memory.withContents { ($0.states.values.filter(\.isOpen), $0.untold) }
    let signal = signal
    return try await read { db in
      try states.map { state in
        guard state.phase == .firing, let episode = state.episode else { return OpenAlert(state: state, firing: nil) }
        let stored = try String.fetchOne(
          db,
          sql: "SELECT content FROM alert_events WHERE episode = ? AND phase LIKE 'firing%' ORDER BY seq DESC LIMIT 1",
          arguments: [episode.rawValue])
        let firing =
          try stored.flatMap { text in try signal.readable { try JSONText.decode(AlertTransition.self, text) } }
          ?? untold.first { $0.episode == episode && $0.to == .firing }
        return OpenAlert(state: state, firing: firing)
      }.sorted { ($0.state.since ?? .distantPast) < ($1.state.since ?? .distantPast) }
    }
  }
}
