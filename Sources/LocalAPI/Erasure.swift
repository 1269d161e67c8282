/// What erasing a person takes away (`GET /v1/erasures?patient=`), or took away (the answer of `POST /v1/erasures`).
package struct Erasure: Hashable, Sendable, Codable {
  /// The pseudonym; it is all that stays.
  package var patient: String
  package var patientName: String
  package var readings: Int
  package var alerts: Int
  /// Destinations that have, or may have, copies.
  package var destinations: [String]
  /// Files in the data directory that are not the store's own and were not looked at.
  package var otherFiles: [String]
  /// Whether the database was written anew, so that nothing erased stands in it; false before, and where that failed.
  package var clean: Bool

  package init(
    patient: String, patientName: String, readings: Int, alerts: Int, destinations: [String], otherFiles: [String],
    clean: Bool
  ) {
    self.patient = patient
    self.patientName = patientName
    self.readings = readings
    self.alerts = alerts
    self.destinations = destinations
    self.otherFiles = otherFiles
    self.clean = clean
  }
}

/// `POST /v1/erasures`.
package struct ErasureRequest: Hashable, Sendable, Codable {
  /// Id or name.
  package var patient: String
  /// The person's id or name once more, as somebody typed it.
  package var confirmation: String

  package init(patient: String, confirmation: String) {
    self.patient = patient
    self.confirmation = confirmation
  }
}

extension LocalClient {
  package func erasurePreview(_ patient: String) async throws -> Erasure {
    try await answer(to: LocalRequest(.get, ["erasures"], query: [("patient", patient)]))
  }

  /// The whole file is written anew, so this may take its time.
  package func erase(_ request: ErasureRequest) async throws -> Erasure {
    try await answer(
      to: LocalRequest(.post, ["erasures"], body: try LocalJSON.line(request)), within: .seconds(3600))
  }
}
