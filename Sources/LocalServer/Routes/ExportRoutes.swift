import Foundation
import HealthRecords
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/export?format=&since=&until=&patient=`, `GET /v1/export/count`.
struct ExportRoutes {
  let store: Store
  let record: LocalRecord

  /// What is asked for, understood.
  private struct Wanted {
    var format: ExportQuery.Format
    var query: RecordQuery
    /// Nil: everybody.
    var patient: Observations.Patient?
  }

  func add(to routes: Routes) {
    routes.own(.get, "export/count", everybody: .administer) { [self] request, context, scope in
      try Response.json(try await count(try await wanted(request, context, scope)))
    }
    routes.own(.get, "export", noting: .export, everybody: .administer) { [self] request, context, scope in
      let wanted = try await wanted(request, context, scope)
      let type =
        switch wanted.format {
        case .fhir: "application/fhir+ndjson"
        case .hl7: "x-application/hl7-v2+er7; charset=utf-8"
        case .csv, .qd831: "text/csv; charset=utf-8; header=present"
        case .qd831Page: "text/html; charset=utf-8"
        case .xml4: "application/xml; charset=utf-8"
        }
      let asked = request.body
      return Response(
        status: .ok, headers: [.contentType: type],
        body: ResponseBody { writer in
          // What fails on the way breaks the connection: an answer that ends properly is whole.
          try await asked.consumeWithCancellationOnInboundClose { _ in
            var writer = writer
            try await write(wanted) { try await writer.write(ByteBuffer(string: $0)) }
            try await writer.finish(nil)
          }
        })
    }
  }

  private func wanted(_ request: Request, _ context: LocalContext, _ scope: Scope) async throws -> Wanted {
    guard let format = request.query("format").flatMap(ExportQuery.Format.init(rawValue:)) else {
      throw RequestFailure(
        APIError.Code.invalid,
        "'format' is missing or not one of \(ExportQuery.Format.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    var query = RecordQuery(newestFirst: false)
    query.from = try request.querySince()
    query.until = try request.query("until").map { try Since.date($0, now: Date(), timeZone: .current) }
    var patient: Observations.Patient?
    // An account that is linked to one person need not say whose.
    if let name = request.query("patient") ?? scope.only?.rawValue {
      let found = try await context.patient(name, in: store, for: scope)
      patient = found
      query.patient = found.id
    } else if scope.patients != nil {
      throw RequestFailure(
        APIError.Code.invalid, "'patient' is missing: this account is linked to more than one person",
        remedy: "'vitals patients list' shows to whom")
    }
    switch format {
    case .csv: query.includesUnsettled = true
    case .qd831, .qd831Page, .xml4:
      guard patient != nil else {
        throw RequestFailure(APIError.Code.invalid, "'patient' is missing: this export is of one person")
      }
    case .fhir: query.includesAverages = true
    case .hl7: break
    }
    return Wanted(format: format, query: query, patient: patient)
  }

  /// Rows that are read at once.
  private static let batch = 100
  /// Octets that are written at once, and a row more.
  private static let piece = 32 << 10

  /// What ``write(_:_:)`` would give.
  private func count(_ wanted: Wanted) async throws -> ExportCount {
    switch wanted.format {
    case .fhir, .csv, .hl7: return ExportCount(readings: try await store.recordCount(wanted.query))
    case .qd831, .qd831Page, .xml4:
      var count = (taken: 0, leftOut: 0)
      try await each(wanted.query, { _ in }) { row in
        if VitalSignsSection.takes(row.observation) { count.taken += 1 } else { count.leftOut += 1 }
        return ""
      }
      return ExportCount(readings: count.taken, leftOut: count.leftOut > 0 ? count.leftOut : nil)
    }
  }

  private func write(_ wanted: Wanted, _ give: (String) async throws -> Void) async throws {
    let zone = record.held.timeZone
    var pages = RecordPages(store: store, record: record.held)
    switch wanted.format {
    case .fhir:
      try await give(try await parties(wanted.patient))
      var clocks: Set<String> = []
      try await each(wanted.query, give) { row in
        guard let reading = try await pages.reading(row.observation) else { return "" }
        var resources: [HeldResource] = []
        if let clock = record.held.clock(of: reading), clocks.insert(clock.id).inserted { resources.append(clock) }
        // A comparison that is said twice says the same; those of one visit stand close together.
        if clocks.count > Self.batch { clocks.removeAll() }
        resources += record.held.observations(reading, lastUpdated: row.updatedAt)
        return Self.lines(resources)
      }
    case .hl7:
      let naming = HL7v2Naming(patientSystem: record.held.naming.patientSystem)
      try await each(wanted.query, give) { row in
        guard let reading = try await pages.reading(row.observation, namesPatient: row.wasAnothers) else { return "" }
        // The occasion of a first telling of this person's: whoever is sent the reading, too, takes it once (MSH-10).
        let occasion = row.wasAnothers ? "obs--\(reading.patient.id)" : "obs-"
        return ObservationReport(
          reading, occasion: occasion, createdAt: row.updatedAt, gateway: record.held.gateway, naming: naming,
          timeZone: zone
        ).text + "\n"
      }
    case .csv:
      let table = ReadingTable(timeZone: zone)
      try await give(ReadingTable.head)
      var patients: [PatientID: Observations.Patient] = [:]
      for patient in try await store.patients() { patients[patient.id] = patient }
      try await each(wanted.query, give) { [patients] row in
        table.line(
          row.observation, of: row.observation.patient.flatMap { patients[$0] },
          by: try await pages.device(row.observation))
      }
    case .qd831, .qd831Page:
      guard let patient = wanted.patient else { return }
      var section = VitalSignsSection(patient: patient, timeZone: zone)
      let isPage = wanted.format == .qd831Page
      try await give(
        isPage
          ? section.pageHead(from: wanted.query.from, until: wanted.query.until, printedAt: Date())
          : VitalSignsSection.head)
      try await each(wanted.query, give) { row in
        guard VitalSignsSection.takes(row.observation) else { return "" }
        let device = try await pages.device(row.observation)
        return isPage ? section.row(row.observation, by: device) : section.line(row.observation, by: device)
      }
      if isPage { try await give(section.pageEnd) }
    case .xml4:
      var rows = XML4Rows(timeZone: zone)
      try await give(XML4Rows.head)
      try await each(wanted.query, give) { row in
        guard VitalSignsSection.takes(row.observation) else { return "" }
        return rows.rows(row.observation, by: try await pages.device(row.observation))
      }
      try await give(XML4Rows.end)
    }
  }

  /// The rows of a query, a batch at a time: what is in memory does not grow with what there is.
  private func each(
    _ query: RecordQuery, _ give: (String) async throws -> Void, _ text: (RecordRow) async throws -> String
  ) async throws {
    var position: RecordPosition?
    while true {
      let rows = try await store.recordRows(query, from: position, limit: Self.batch)
      var piece = ""
      for row in rows where row.position != position {
        piece += try await text(row)
        guard piece.utf8.count >= Self.piece else { continue }
        try await give(piece)
        piece = ""
      }
      if !piece.isEmpty { try await give(piece) }
      guard rows.count == Self.batch, let last = rows.last else { return }
      position = last.position
    }
  }

  /// Whom and what the readings refer to.
  private func parties(_ patient: Observations.Patient?) async throws -> String {
    let patients = try await store.patients().filter { patient == nil || $0.id == patient?.id }
    return Self.lines(
      patients.map { record.held.patient($0) } + [record.held.gatewayDevice]
        + (try await store.recordDevices(of: patient?.id)).map { record.held.device($0.device, measuring: $0.kind) })
  }

  private static func lines(_ resources: [HeldResource]) -> String {
    resources.map { String(decoding: $0.json.bytes, as: UTF8.self) + "\n" }.joined()
  }
}
