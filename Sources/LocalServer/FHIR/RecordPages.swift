import Foundation
import HealthRecords
import Observations
import Store

/// The pages of a search of Observation.
struct RecordPages {
  struct Page {
    var found: [(resource: HeldResource, reading: ObservationForRecord)] = []
    /// Where the next page begins; nil: there is none.
    var next: (position: RecordPosition, given: Int)?
  }

  let store: Store
  let record: HeldRecord
  private var patients: [PatientID: Patient] = [:]
  private var devices: [DeviceID: DeviceDescription] = [:]

  init(store: Store, record: HeldRecord) {
    self.store = store
    self.record = record
  }

  /// Rows that are read at once: what is in memory stays small, and a search with few matches does not ask too often.
  private static let batch = 200

  mutating func page(_ search: ObservationSearch, from token: PageToken?) async throws -> Page {
    var page = Page()
    var last: (position: RecordPosition, given: Int)?
    var position = token?.position
    // The row that the page before ended in comes again: some of its resources may not have been given.
    var given = token?.given ?? 0
    while true {
      let rows = try await store.recordRows(search.query, from: position, limit: Self.batch)
      for row in rows {
        let isFirst = row.position == position
        let matches = try await matches(of: row, search)
        for (index, match) in matches.enumerated() where !isFirst || index >= given {
          guard page.found.count < search.size else {
            page.next = last
            return page
          }
          page.found.append(match)
          last = (row.position, index + 1)
        }
        if row == rows.last {
          // All of this row was looked at.
          position = row.position
          given = Int.max
        }
      }
      if rows.count < Self.batch { return page }
    }
  }

  /// How many resources match.
  mutating func count(_ search: ObservationSearch) async throws -> Int {
    var count = 0
    var position: RecordPosition?
    while true {
      let rows = try await store.recordRows(search.query, from: position, limit: Self.batch)
      for row in rows where row.position != position { count += try await matches(of: row, search).count }
      guard rows.count == Self.batch, let last = rows.last else { return count }
      position = last.position
    }
  }

  private mutating func matches(
    of row: RecordRow, _ search: ObservationSearch
  ) async throws -> [(resource: HeldResource, reading: ObservationForRecord)] {
    guard let reading = try await reading(row.observation) else { return [] }
    return record.observations(reading, lastUpdated: row.updatedAt).filter { search.takes($0, row) }.map {
      ($0, reading)
    }
  }

  /// Nil where it is nobody's.
  ///
  /// - Parameter namesPatient: its record's own names are of this person too: it was told as another's before.
  mutating func reading(
    _ observation: Observation, namesPatient: Bool = false
  ) async throws -> ObservationForRecord? {
    guard let id = observation.patient else { return nil }
    if patients[id] == nil { patients[id] = try await store.patient(id) }
    guard let patient = patients[id] else { return nil }
    return ObservationForRecord(observation, of: patient, by: try await device(observation), namesPatient: namesPatient)
  }

  /// What measured it.
  mutating func device(_ observation: Observation) async throws -> DeviceDescription {
    if let known = devices[observation.device] { return known }
    let found = try await store.recordDevice(of: observation)
    devices[observation.device] = found
    return found
  }
}
