import Foundation
import HealthRecords
import Hummingbird
import Observations
import Store

/// What a search of Observation asks for.
struct ObservationSearch: Sendable {
  /// One criterion; all have to hold.
  typealias Criterion = @Sendable (HeldResource, RecordRow) -> Bool

  var query = RecordQuery(includesAverages: true)
  var criteria: [Criterion] = []
  var size = Self.usualSize
  var countsOnly = false
  /// As they were understood, for the self link and the next page.
  var understood: [FHIRRequest.Parameter] = []
  /// What was not, and is passed over.
  var ignored: [String] = []

  static let usualSize = 100
  static let largestSize = 1000

  /// - Parameter isEverything: of `$everything`, which has parameters of its own.
  /// - Throws: ``FHIRFailure``.
  init(
    _ parameters: [FHIRRequest.Parameter], isStrict: Bool, base: String, isEverything: Bool, record: HeldRecord,
    store: Store
  ) async throws {
    for parameter in parameters {
      let isKnown = try await take(parameter, base, isEverything, record, store)
      if isKnown {
        understood.append(parameter)
      } else if isStrict {
        throw FHIRFailure(
          .badRequest, .notSupported,
          "'\(parameter.name)' is not known here; GET \(base)/metadata says what is, handling=lenient passes over it")
      } else {
        ignored.append(parameter.name)
      }
    }
  }

  func takes(_ resource: HeldResource, _ row: RecordRow) -> Bool { criteria.allSatisfy { $0(resource, row) } }

  /// Whether the parameter is known.
  private mutating func take(
    _ parameter: FHIRRequest.Parameter, _ base: String, _ isEverything: Bool, _ record: HeldRecord, _ store: Store
  ) async throws -> Bool {
    let (name, value) = (parameter.name, parameter.value)
    let known = isEverything ? Self.everythingNames : Self.searchNames
    guard known.contains(name) else { return false }
    // A modifier that is passed over would answer another question.
    if let modifier = parameter.modifier, !(modifier == "Patient" && ["patient", "subject"].contains(name)) {
      throw FHIRFailure(
        .badRequest, .notSupported, "the modifier ':\(modifier)' of '\(name)' is not supported; leave it out")
    }
    let values = SearchText.list(value)
    switch name {
    case "patient", "subject": takePatients(values, base)
    case "device": try await takeDevices(values, base, store)
    case "code", "category":
      let tokens = try tokens(name, values)
      criteria.append { resource, _ in tokens.contains { resource.hasCoding(name, $0) } }
    case "status":
      let tokens = try tokens(name, values)
      criteria.append { resource, _ in tokens.contains { $0.code == resource.status } }
    case "identifier": try await takeIdentifiers(try tokens(name, values), record, store)
    case "_id":
      let ids = Set(values.map { SearchText.split($0, at: ",").joined() })
      narrow(ids.compactMap(HeldRecord.reading))
      criteria.append { resource, _ in ids.contains(resource.id) }
    case "date": try takeDates(name, values, record)
    case "start": try takeDates(name, values.map { "ge\($0)" }, record)
    case "end": try takeDates(name, values.map { "le\($0)" }, record)
    case "_lastUpdated": try takeUpdates(name, values, record)
    case "_since": try takeUpdates(name, values.map { "ge\($0)" }, record)
    case "_count":
      guard let size = Int(value), size >= 0 else {
        throw FHIRFailure.invalid(name, value, expected: "a number from 0")
      }
      self.size = min(size, Self.largestSize)
      if size == 0 { countsOnly = true }
    case "_summary":
      guard value == "count" || value == "false" else { return false }
      if value == "count" { countsOnly = true }
    case "_sort":
      guard ["date", "-date"].contains(value) else {
        throw FHIRFailure.invalid(name, value, expected: "date or -date")
      }
      query.newestFirst = value == "-date"
    default: return false
    }
    return true
  }

  private static let searchNames: Set<String> = [
    "patient", "subject", "device", "code", "category", "status", "identifier", "_id", "date", "_lastUpdated", "_since",
    "_count", "_summary", "_sort",
  ]
  private static let everythingNames: Set<String> = ["start", "end", "_since", "_count"]

  private mutating func takePatients(_ values: [String], _ base: String) {
    let ids = values.map { Self.id(of: $0, type: "Patient", base) }
    if ids.count == 1, query.patient == nil {
      query.patient = PatientID(rawValue: ids[0] ?? "")
    } else {
      let wanted = Set(ids.compactMap { $0.map { "Patient/\($0)" } })
      criteria.append { resource, _ in resource.reference("subject").map(wanted.contains) ?? false }
    }
  }

  private mutating func takeDevices(_ values: [String], _ base: String, _ store: Store) async throws {
    let wanted = Set(values.compactMap { Self.id(of: $0, type: "Device", base) })
    let known = try await store.recordDevices().map(\.device.id).filter { wanted.contains(HeldRecord.id(of: $0)) }
    if known.count == 1, query.device == nil { query.device = known[0] }
    criteria.append { _, row in known.contains(row.observation.device) }
    if known.isEmpty { narrow([]) }
  }

  /// A reference to something at another server is a reference to nothing here.
  private static func id(of text: String, type: String, _ base: String) -> String? {
    var text = SearchText.split(text, at: ",").joined()
    if text.hasPrefix(base + "/") { text = String(text.dropFirst(base.count + 1)) }
    if text.hasPrefix(type + "/") { text = String(text.dropFirst(type.count + 1)) }
    return text.contains("/") ? nil : text
  }

  private mutating func takeIdentifiers(_ tokens: [TokenValue], _ record: HeldRecord, _ store: Store) async throws {
    var found: [ObservationID] = []
    for wanted in Set(tokens.flatMap { record.readings(identifiedBy: $0) }) {
      switch wanted {
      case .deviceTime(let verbatim):
        for device in try await store.recordDevices() {
          found += try await store.readings(of: device.device.id, atDeviceTime: verbatim)
        }
      case .digest(let digest): found += try await store.readings { HeldRecord.has($0, digest: digest) }
      }
    }
    narrow(found)
    criteria.append { resource, _ in tokens.contains { resource.hasIdentifier($0) } }
  }

  private mutating func narrow(_ ids: [ObservationID]) {
    query.ids = query.ids.map { earlier in earlier.filter(ids.contains) } ?? ids
  }

  private func tokens(_ name: String, _ values: [String]) throws -> [TokenValue] {
    try values.map { value in
      guard let token = TokenValue(parsing: value) else {
        throw FHIRFailure.invalid(name, value, expected: "a code, or system|code")
      }
      return token
    }
  }

  private func dates(_ name: String, _ values: [String], _ record: HeldRecord) throws -> [DateValue] {
    try values.map { value in
      guard let date = DateValue(parsing: value, timeZone: record.timeZone) else {
        throw FHIRFailure.invalid(
          name, value,
          expected: "a date like 2026-11-22 or 2026-11-22T07:30:00+07:00, after one of eq ne gt lt ge le sa eb")
      }
      return date
    }
  }

  private mutating func takeDates(_ name: String, _ values: [String], _ record: HeldRecord) throws {
    let dates = try dates(name, values, record)
    if dates.count == 1 {
      let bounds = dates[0].bounds
      query.from = [query.from, bounds.from].compactMap { $0 }.max()
      query.until = [query.until, bounds.until].compactMap { $0 }.min()
    }
    criteria.append { _, row in
      let effective = row.observation.effective
      return dates.contains { $0.matches(from: effective.start, until: effective.end) }
    }
  }

  private mutating func takeUpdates(_ name: String, _ values: [String], _ record: HeldRecord) throws {
    let dates = try dates(name, values, record)
    criteria.append { _, row in dates.contains { $0.matches(from: row.updatedAt, until: row.updatedAt) } }
  }
}
