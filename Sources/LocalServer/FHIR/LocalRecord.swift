package import Foundation
package import HealthRecords
import Hummingbird
import Observations
import Store

/// The household's record as a FHIR R4 server that only answers.
package struct LocalRecord: Sendable {
  private let current: @Sendable () -> HeldRecord
  package var softwareVersion: String
  /// Since when it can be asked what it can be asked.
  package var startedAt: Date

  /// - Parameter held: asked each time, as the household's time zone may become another while this answers.
  package init(
    held: @escaping @autoclosure @Sendable () -> HeldRecord, softwareVersion: String, startedAt: Date
  ) {
    current = held
    self.softwareVersion = softwareVersion
    self.startedAt = startedAt
  }

  /// In the names and the time zone that hold now.
  package var held: HeldRecord { current() }
}

/// Answers one request of the local record.
struct RecordDesk {
  let store: Store
  let record: LocalRecord
  let way: Access.Way
  let request: FHIRRequest
  /// Whoever asks.
  let uid: UInt32?
  /// Whose may be shown: of anybody else it is answered as if they were not there.
  let scope: Scope

  private var held: HeldRecord { record.held }

  /// - Throws: ``FHIRFailure``, or what the store says.
  func answer() async throws -> JSONValue {
    switch (request.path.count, request.path.first ?? "") {
    case (1, "metadata"):
      return CapabilityStatement.json(
        base: request.base, softwareVersion: record.softwareVersion, date: record.startedAt, timeZone: held.timeZone,
        needsToken: way == .port)
    case (1, "Observation"): return try await observations()
    case (1, "Patient"):
      return try await list(try await store.patients().filter { scope.takes($0.id) }.map { held.patient($0) })
    case (1, "Device"):
      return try await list(try await devices())
    case (2, "Observation"): return try await observation(request.path[1]).json
    case (2, "Patient"): return held.patient(try await patient(request.path[1])).json
    case (2, "Device"):
      guard let device = try await devices().first(where: { $0.id == request.path[1] }) else {
        throw unknown("Device/\(request.path[1])")
      }
      return device.json
    case (3, "Patient") where request.path[2] == "$everything":
      return try await everything(try await patient(request.path[1]))
    default:
      throw FHIRFailure(
        .notFound, .notSupported,
        "there is no '\(request.path.joined(separator: "/"))' here; GET \(request.base)/metadata says what there is")
    }
  }

  private func unknown(_ reference: String) -> FHIRFailure {
    FHIRFailure(.notFound, .notFound, "there is no \(reference) here")
  }

  // MARK: Reading by id

  private func patient(_ id: String) async throws -> Patient {
    let id = PatientID(rawValue: id)
    guard scope.takes(id) else {
      var failure = unknown("Patient/\(id)")
      failure.hidden = try await store.patient(id)?.id
      throw failure
    }
    if let patient = try await store.patient(id) { return patient }
    if try await store.isErased(id) { throw FHIRFailure(.gone, .deleted, "Patient/\(id) was erased") }
    throw unknown("Patient/\(id)")
  }

  private func devices(of patient: PatientID? = nil) async throws -> [HeldResource] {
    [held.gatewayDevice]
      + (try await store.recordDevices(of: patient, within: scope.patients))
      .map { held.device($0.device, measuring: $0.kind) }
  }

  private func observation(_ id: String) async throws -> HeldResource {
    var pages = RecordPages(store: store, record: held)
    if let clock = HeldRecord.clock(ofObservation: id) {
      for device in try await store.recordDevices(within: scope.patients)
      where HeldRecord.digest(of: device.device.id) == clock.device {
        let readings = try await store.readings(of: device.device.id, arrived: clock.minute)
        for row in try await store.recordRows(RecordQuery(within: scope.patients, ids: readings), limit: readings.count)
        {
          guard let reading = try await pages.reading(row.observation), let found = held.clock(of: reading) else {
            continue
          }
          if found.id == id { return found }
        }
      }
    } else if let reading = HeldRecord.reading(ofObservation: id),
      let row = try await store.recordRows(
        RecordQuery(within: scope.patients, ids: [reading], includesAverages: true), limit: 1
      )
      .first,
      let whole = try await pages.reading(row.observation),
      let found = held.observations(whole, lastUpdated: row.updatedAt).first(where: { $0.id == id })
    {
      try await noteAccess(row.observation.patient)
      return found
    }
    throw unknown("Observation/\(id)")
  }

  // MARK: Searching

  /// The few patients and devices of a household: all of them on one page.
  private func list(_ all: [HeldResource]) async throws -> JSONValue {
    var found = all
    var understood: [FHIRRequest.Parameter] = []
    var ignored: [String] = []
    for parameter in request.parameters {
      guard ["_id", "identifier", "_count"].contains(parameter.name) else {
        if request.isStrict {
          throw FHIRFailure(.badRequest, .notSupported, "'\(parameter.name)' is not known here")
        }
        ignored.append(parameter.name)
        continue
      }
      if let modifier = parameter.modifier {
        throw FHIRFailure(.badRequest, .notSupported, "the modifier ':\(modifier)' is not supported; leave it out")
      }
      understood.append(parameter)
      let values = SearchText.list(parameter.value)
      switch parameter.name {
      case "_id": found = found.filter { values.contains($0.id) }
      case "identifier":
        let tokens = try values.map { value in
          guard let token = TokenValue(parsing: value) else {
            throw FHIRFailure.invalid(parameter.name, value, expected: "a value, or system|value")
          }
          return token
        }
        found = found.filter { resource in tokens.contains { resource.hasIdentifier($0) } }
      default:
        guard let count = Int(parameter.value), count >= 0 else {
          throw FHIRFailure.invalid(parameter.name, parameter.value, expected: "a number from 0")
        }
      }
    }
    var bundle = SearchBundle(selfLink: link(understood))
    bundle.total = found.count
    bundle.entries = found.map { SearchBundle.Entry($0) }
    bundle.outcome = outcome(ignored)
    return bundle.json(base: request.base)
  }

  private func observations() async throws -> JSONValue {
    let (search, token) = try await search(isEverything: false)
    var bundle = SearchBundle(selfLink: token == nil ? link(search.understood) : link(request.parameters))
    bundle.outcome = outcome(search.ignored)
    try await noteAccess(search.query.patient)
    var pages = RecordPages(store: store, record: held)
    if search.countsOnly {
      bundle.total = try await pages.count(search)
      return bundle.json(base: request.base)
    }
    let page = try await pages.page(search, from: token)
    bundle.entries = page.found.map { SearchBundle.Entry($0.resource) }
    bundle.next = next(page, search)
    return bundle.json(base: request.base)
  }

  private func everything(_ patient: Patient) async throws -> JSONValue {
    var (search, token) = try await search(isEverything: true)
    search.query.patient = patient.id
    try await noteAccess(patient.id)
    var pages = RecordPages(store: store, record: held)
    let page = try await pages.page(search, from: token)
    var bundle = SearchBundle(selfLink: token == nil ? link(search.understood) : link(request.parameters))
    bundle.outcome = outcome(search.ignored)
    if token == nil {
      bundle.entries.append(SearchBundle.Entry(held.patient(patient)))
      bundle.entries += try await devices(of: patient.id).map { SearchBundle.Entry($0, .include) }
    }
    bundle.entries += page.found.map { SearchBundle.Entry($0.resource) }
    var clocks: Set<String> = []
    for (_, reading) in page.found {
      guard let clock = held.clock(of: reading), clocks.insert(clock.id).inserted else { continue }
      bundle.entries.append(SearchBundle.Entry(clock, .include))
    }
    bundle.next = next(page, search)
    return bundle.json(base: request.base)
  }

  /// The search of this request; of the page that it asks for.
  private func search(isEverything: Bool) async throws -> (ObservationSearch, PageToken?) {
    var parameters = request.parameters
    var token: PageToken?
    if let page = parameters.first(where: { $0.name == "_page" }) {
      guard parameters.count == 1, let read = PageToken(page.value), read.path == request.path else {
        throw FHIRFailure(
          .badRequest, .value, "'_page' is none that this server gave out; follow the next link as it stands")
      }
      token = read
      parameters = try FHIRRequest.parameters(read.query)
    }
    var search = try await ObservationSearch(
      parameters, isStrict: request.isStrict, base: request.base, isEverything: isEverything, record: held,
      store: store)
    search.query.within = scope.patients
    return (search, token)
  }

  private func next(_ page: RecordPages.Page, _ search: ObservationSearch) -> String? {
    page.next.map { next in
      let token = PageToken(
        path: request.path, query: FHIRRequest.query(search.understood), position: next.position, given: next.given)
      return link([FHIRRequest.Parameter(name: "_page", value: token.text)])
    }
  }

  private func link(_ parameters: [FHIRRequest.Parameter]) -> String {
    let query = FHIRRequest.query(parameters)
    return "\(request.base)/\(request.path.joined(separator: "/"))\(query.isEmpty ? "" : "?\(query)")"
  }

  private func outcome(_ ignored: [String]) -> OperationOutcome? {
    guard !ignored.isEmpty else { return nil }
    return OperationOutcome(
      ignored.map { OperationOutcome.Issue(.warning, .notSupported, "'\($0)' is not known here and was passed over") })
  }

  /// Who read whose. That it cannot be written down is no reason not to show people their own readings.
  private func noteAccess(_ patient: PatientID?) async throws {
    var whose: [PatientID?] = [patient]
    if let own = scope.patients, patient == nil { whose = own.sorted { $0.rawValue < $1.rawValue } }
    for patient in whose {
      let refused = patient.map { !scope.takes($0) } ?? false
      // What somebody only made up is nobody's id.
      if refused, let patient, try await store.patient(patient) == nil { continue }
      try? await store.recordAccess(.read, way, uid: uid, patient: patient, refused: refused, at: Date())
    }
  }
}
