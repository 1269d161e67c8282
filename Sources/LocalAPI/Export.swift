/// What `GET /v1/export` gives, and `GET /v1/export/count` counts.
package struct ExportQuery: Hashable, Sendable {
  package enum Format: String, Hashable, Sendable, CaseIterable {
    /// FHIR R4, one resource a line (`application/fhir+ndjson`).
    case fhir
    /// One reading a line.
    case csv
    /// HL7 v2.6 `ORU^R01`, one message a reading, each ended by a line feed.
    case hl7
    /// The vital signs of Decision 831/QĐ-BYT, one reading a line.
    case qd831
    /// The same as a page to print (HTML).
    case qd831Page = "qd831-page"
    /// Rows named like XML4 of Decision 130/QĐ-BYT.
    case xml4
  }

  package var format: Format
  /// What ``Since`` reads.
  package var since: String?
  /// The same; not included.
  package var until: String?
  /// Id or name; nil: everybody.
  package var patient: String?

  package init(_ format: Format, since: String? = nil, until: String? = nil, patient: String? = nil) {
    self.format = format
    self.since = since
    self.until = until
    self.patient = patient
  }

  var pairs: [(name: String, value: String?)] {
    [("format", format.rawValue), ("since", since), ("until", until), ("patient", patient)]
  }
}

/// `GET /v1/export/count`: how many readings there are to export.
package struct ExportCount: Hashable, Sendable, Codable {
  package var readings: Int
  /// How many of the same time and person the format has no place for: played, not measured, of another kind. Nil: none.
  package var leftOut: Int?

  package init(readings: Int, leftOut: Int? = nil) {
    self.readings = readings
    self.leftOut = leftOut
  }
}

extension LocalClient {
  package func exportCount(_ query: ExportQuery) async throws -> ExportCount {
    try await answer(to: LocalRequest(.get, ["export", "count"], query: query.pairs))
  }

  /// The export piece by piece, as it comes; an end without an error means that it is whole.
  package func export(_ query: ExportQuery, each: ([UInt8]) async throws -> Void) async throws {
    try await download(LocalRequest(.get, ["export"], query: query.pairs), each: each)
  }
}
