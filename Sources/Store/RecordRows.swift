package import Foundation
import GRDB
package import Observations

/// Which readings a record is made of, in which order.
package struct RecordQuery: Hashable, Sendable {
  package var patient: PatientID?
  /// Only these people's; nil: anybody's.
  package var within: Set<PatientID>?
  package var device: DeviceID?
  package var ids: [ObservationID]?
  /// Only those whose effective time ends at or after this.
  package var from: Date?
  /// Only those whose effective time ends before this.
  package var until: Date?
  /// Readings of nobody known, and those whose times are not certain yet, too.
  package var includesUnsettled: Bool
  /// The means of home readings, too.
  package var includesAverages: Bool
  package var newestFirst: Bool

  package init(
    patient: PatientID? = nil, within: Set<PatientID>? = nil, device: DeviceID? = nil, ids: [ObservationID]? = nil,
    from: Date? = nil, until: Date? = nil, includesUnsettled: Bool = false, newestFirst: Bool = true,
    includesAverages: Bool = false
  ) {
    self.includesAverages = includesAverages
    self.patient = patient
    self.within = within
    self.device = device
    self.ids = ids
    self.from = from
    self.until = until
    self.includesUnsettled = includesUnsettled
    self.newestFirst = newestFirst
  }

  /// Of the rows and of their count alike.
  fileprivate var condition: (sql: String, arguments: StatementArguments) {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    if let patient {
      conditions.append("patient = ?")
      arguments += [patient.rawValue]
    }
    if let within { conditions.append(ObservationFilter.condition(within, &arguments)) }
    if let device {
      conditions.append("device = ?")
      arguments += [device.rawValue]
    }
    if let ids {
      conditions.append("id IN (\(ids.map { _ in "?" }.joined(separator: ", ")))")
      arguments += StatementArguments(ids.map(\.rawValue))
    }
    if let from {
      conditions.append("effective_end >= ?")
      arguments += [from.timeIntervalSince1970]
    }
    if let until {
      conditions.append("effective_end < ?")
      arguments += [until.timeIntervalSince1970]
    }
    // The plus keeps the planner from the index of the few means.
    conditions.append(includesAverages ? "withdrawn_at IS NULL" : "+kind <> 'home-average'")
    if includesUnsettled {
      conditions.append(OwedCorrections.isNone)
    } else {
      // The plus keeps the planner from taking an index for it that is in another order.
      conditions.append("+patient IS NOT NULL")
      conditions.append(
        "NOT EXISTS (SELECT 1 FROM uncertain_times WHERE observation = observations.id AND settled_at IS NULL)")
    }
    return (conditions.joined(separator: " AND "), arguments)
  }

  /// The statement for the rows from `position` on, that one included.
  func statement(from position: RecordPosition?, limit: Int) -> (sql: String, arguments: StatementArguments) {
    var (condition, arguments) = condition
    if let position {
      condition += " AND (effective_end, seq) \(newestFirst ? "<=" : ">=") (?, ?)"
      arguments += [position.end, position.sequence]
    }
    arguments += [limit]
    let order = newestFirst ? "effective_end DESC, seq DESC" : "effective_end, seq"
    return (
      """
      SELECT seq, effective_end, received_at, content,
        (SELECT MAX(at) FROM ownership_events WHERE observation = observations.id) AS owned_at,
        (SELECT settled_at FROM uncertain_times WHERE observation = observations.id) AS settled_at,
        (SELECT patient FROM ownership_events WHERE observation = observations.id ORDER BY seq LIMIT 1) AS first_owner
      FROM observations WHERE \(condition) ORDER BY \(order) LIMIT ?
      """, arguments
    )
  }
}

/// A place in the order of effective time: what is stored or removed meanwhile moves no other row across it.
package struct RecordPosition: Hashable, Sendable {
  /// Seconds since 1970, exactly as stored.
  package var end: Double
  package var sequence: Int64

  package init(end: Double, sequence: Int64) {
    self.end = end
    self.sequence = sequence
  }
}

/// One reading with its place and with when it last changed.
package struct RecordRow: Hashable, Sendable {
  package var position: RecordPosition
  package var observation: Observation
  /// When it arrived, was given to its person, or got its certain time; the latest of the three.
  package var updatedAt: Date
  /// Whether it was somebody else's first: what was said of it then was said under its identity alone.
  package var wasAnothers: Bool
}

extension Store {
  /// The rows from `position` on, that one included; at most `limit`.
  package func recordRows(
    _ query: RecordQuery, from position: RecordPosition? = nil, limit: Int
  ) async throws(StoreFailure) -> [RecordRow] {
    let (sql, arguments) = query.statement(from: position, limit: limit)
    let signal = signal
    return try await read { db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap { row in
        let times: [Double?] = [row["received_at"], row["owned_at"], row["settled_at"]]
        guard let observation = try signal.readable({ try JSONText.decode(Observation.self, row["content"]) })
        else { return nil }
        let firstOwner = (row["first_owner"] as String?).map { PatientID(rawValue: $0) }
        return RecordRow(
          position: RecordPosition(end: row["effective_end"], sequence: row["seq"]), observation: observation,
          updatedAt: Date(timeIntervalSince1970: times.compactMap { $0 }.max() ?? 0),
          wasAnothers: observation.patient != nil && firstOwner != nil && firstOwner != observation.patient)
      }
    }
  }

  /// How many rows a query has.
  package func recordCount(_ query: RecordQuery) async throws(StoreFailure) -> Int {
    let (condition, arguments) = query.condition
    return try await read { db in
      try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM observations WHERE \(condition)", arguments: arguments) ?? 0
    }
  }

  /// The readings that have this device time, in the device's digits: few, by index.
  package func readings(of device: DeviceID, atDeviceTime verbatim: String) async throws(StoreFailure)
    -> [ObservationID]
  {
    try await read { db in
      try ObservationKind.allCases.flatMap { kind in
        try String.fetchAll(
          db, sql: "SELECT id FROM observations WHERE device = ? AND kind = ? AND device_time = ?",
          arguments: [device.rawValue, kind.rawValue, verbatim])
      }.map { ObservationID(rawValue: $0) }
    }
  }

  /// The readings of which `isWanted` is true, by their identities alone: no reading is decoded.
  package func readings(
    where isWanted: @escaping @Sendable (ReadingIdentity) -> Bool
  ) async throws(StoreFailure) -> [ObservationID] {
    try await read { db in
      var found: [ObservationID] = []
      let rows = try Row.fetchCursor(db, sql: "SELECT id, identity FROM observations")
      while let row = try rows.next() {
        if isWanted(ReadingIdentity(rawValue: row["identity"])) { found.append(ObservationID(rawValue: row["id"])) }
      }
      return found
    }
  }

  /// The readings of a device that arrived within these bounds, the second not included.
  package func readings(of device: DeviceID, arrived: Range<Date>) async throws(StoreFailure) -> [ObservationID] {
    try await read { db in
      try String.fetchAll(
        db, sql: "SELECT id FROM observations WHERE device = ? AND received_at >= ? AND received_at < ?",
        arguments: [
          device.rawValue, arrived.lowerBound.timeIntervalSince1970, arrived.upperBound.timeIntervalSince1970,
        ]
      ).map { ObservationID(rawValue: $0) }
    }
  }

  /// What measured a reading: as it was paired, now or once; else what the reading says of it.
  package func recordDevice(of observation: Observation) async throws(StoreFailure) -> DeviceDescription {
    try await read { db in
      try Devices(db).record(observation.device, orRemoved: true)?.description
        ?? DeviceDescription(
          id: observation.device, address: nil, name: nil, profile: observation.provenance.profile,
          information: DeviceInformation())
    }
  }

  /// Every device that a reading of the record came from, paired now or once, with the kind of its first reading; in the
  /// order of their first readings. Of one that was never paired only the id and the profile are known.
  package func recordDevices(
    of patient: PatientID? = nil, within: Set<PatientID>? = nil
  ) async throws(StoreFailure) -> [(device: DeviceDescription, kind: ObservationKind)] {
    try await read { db in
      var arguments: StatementArguments = [patient?.rawValue]
      let condition = within.map { "AND " + ObservationFilter.condition($0, &arguments) } ?? ""
      return try Row.fetchAll(
        db,
        sql: """
          SELECT device, kind, json_extract(content, '$.provenance.profile') AS profile, MIN(seq) FROM observations
          WHERE patient IS NOT NULL AND patient = COALESCE(?, patient) AND kind <> 'home-average' \(condition)
          GROUP BY device ORDER BY MIN(seq)
          """, arguments: arguments
      ).map { row in
        let id = DeviceID(rawValue: row["device"])
        guard let kind = ObservationKind(rawValue: row["kind"]) else {
          throw StoreFailure.corrupt(detail: "observations.kind")
        }
        let known = try Devices(db).record(id, orRemoved: true)?.description
        return (
          known
            ?? DeviceDescription(
              id: id, address: nil, name: nil, profile: row["profile"] ?? "", information: DeviceInformation()),
          kind
        )
      }
    }
  }
}
