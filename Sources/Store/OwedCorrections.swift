import AlertRules
import Foundation
import GRDB
import Observations

/// Corrections that another person's destinations still have to be told, of readings that are erased with their later owner.
///
/// A reading was told as A's, was taken back and is B's when B is erased. A's record must still be told that it was not A's.
/// So what a correction says of the reading is kept until it is told: its identity, of which the device's bytes are a part, its
/// time and its flags, in nobody's list and without an owner. Then that goes too.
struct OwedCorrections {
  /// What stands in the column `device` of such a reading: no device has this name, so it is in no device's list.
  static let device = "erased"
  /// For lists that name no device.
  static let isNone = "device <> '\(device)'"

  enum SQL {
    /// What other people's destinations were told and is not corrected yet. `withdraws` of a correction is one of these.
    static let told = """
      SELECT id FROM outbox WHERE patient <> :patient AND needs_correction AND (
        disowned_reading IN (SELECT id FROM observations WHERE patient = :patient)
        OR observation IN (SELECT id FROM observations WHERE patient = :patient))
      """
    static let settled = """
      SELECT id FROM observations WHERE device = '\(device)' AND NOT EXISTS (
        SELECT 1 FROM outbox WHERE disowned_reading = observations.id AND needs_correction)
      """
  }

  private let db: Database
  /// Rows of the outbox that stay: what was told, and its corrections.
  private(set) var rows: [Int64] = []
  private var readings: [String] = []
  private var events: [Row] = []

  init(_ db: Database) { self.db = db }

  /// What is owed to others of the readings of this person.
  init(_ db: Database, ofReadingsOf patient: PatientID) throws {
    self.db = db
    let told = try Int64.fetchAll(db, sql: SQL.told, arguments: ["patient": patient.rawValue])
    guard !told.isEmpty else { return }
    let list = Self.list(told)
    rows = told + (try Int64.fetchAll(db, sql: "SELECT id FROM outbox WHERE withdraws IN (\(list))"))
    readings = try String.fetchAll(
      db,
      sql: """
        SELECT id FROM observations WHERE patient = :patient AND id IN (
          SELECT disowned_reading FROM outbox WHERE id IN (\(list))
          UNION SELECT observation FROM outbox WHERE id IN (\(list)))
        """, arguments: ["patient": patient.rawValue])
    events = try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM alert_events WHERE seq IN (SELECT alert FROM outbox WHERE id IN (\(list)))
          AND json_extract(content, '$.observation') IN (SELECT id FROM observations WHERE patient = :patient)
        """, arguments: ["patient": patient.rawValue])
  }

  /// For an SQL list; numbers of rows, and nothing that anybody typed.
  static func list(_ rows: [Int64]) -> String { rows.map(String.init).joined(separator: ", ") }

  /// The alerts that were told of them, which were deleted with the person's, come back without their numbers. Within an
  /// erasure.
  func keepAlerts() throws {
    for event in events {
      var alert = try JSONText.decode(AlertTransition.self, event["content"])
      (alert.value, alert.values, alert.openedWith, alert.flags) = (0, nil, nil, nil)
      var columns = Dictionary(uniqueKeysWithValues: event.map { ($0.0, $0.1) })
      columns["content"] = try JSONText.encode(alert).databaseValue
      let names = columns.keys.sorted()
      try db.execute(
        sql: """
          INSERT INTO alert_events (\(names.joined(separator: ", ")))
          VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
          """, arguments: StatementArguments(names.map { columns[$0] }))
    }
  }

  /// The readings become what a correction says of them, and are no longer the person's. Before these are deleted.
  func strip() throws {
    for id in readings {
      guard
        let text = try String.fetchOne(db, sql: "SELECT content FROM observations WHERE id = ?", arguments: [id])
      else { continue }
      var reading = try JSONText.decode(Observation.self, text)
      (reading.patient, reading.userSlot, reading.provenance.bytes) = (nil, nil, [])
      for index in reading.components.indices {
        // A correction has the same components as what it corrects, and leaves their values out.
        guard let quantity = reading.components[index].value.quantity else { continue }
        reading.components[index].value = .quantity(Quantity(0, quantity.unit))
      }
      try db.execute(
        sql: """
          UPDATE observations SET patient = NULL, device = '\(Self.device)', identity = id, untimed_identity = NULL,
            device_time = NULL, effective_end = 0, content = ? WHERE id = ?
          """, arguments: [try JSONText.encode(reading), id])
    }
  }

  /// Takes away what was kept for corrections that are told by now, or that somebody told by other means.
  func dropSettled() throws {
    let readings = try String.fetchAll(db.cachedStatement(sql: SQL.settled))
    guard !readings.isEmpty else { return }
    // Rows refer to each other in both directions; history may be deleted only within an erasure; and the file is written
    // anew when the store is next opened.
    try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
    try db.execute(
      sql: """
        UPDATE erasures SET is_removing = 1, cleaned_at = NULL
        WHERE patient = (SELECT patient FROM erasures ORDER BY at DESC LIMIT 1)
        """)
    // The note of the erasure was lost with a damaged file, and without one history stays. What is kept has no value in it,
    // and a delivery that was made must be written down.
    guard db.changesCount > 0 else { return }
    for reading in readings {
      let told = Self.list(
        try Int64.fetchAll(
          db, sql: "SELECT id FROM outbox WHERE disowned_reading = :reading OR observation = :reading",
          arguments: ["reading": reading]))
      let alerts = Self.list(
        try Int64.fetchAll(
          db,
          sql: """
            SELECT seq FROM alert_events WHERE seq IN (SELECT alert FROM outbox WHERE id IN (\(told)))
              AND json_extract(content, '$.observation') = ?
            """, arguments: [reading]))
      try db.execute(sql: "DELETE FROM outbox WHERE withdraws IN (\(told))")
      try db.execute(sql: "DELETE FROM outbox WHERE id IN (\(told))")
      try db.execute(sql: "DELETE FROM alert_events WHERE seq IN (\(alerts))")
      try db.execute(sql: "DELETE FROM observations WHERE id = ?", arguments: [reading])
    }
    try db.execute(sql: "UPDATE erasures SET is_removing = 0 WHERE is_removing")
  }
}
