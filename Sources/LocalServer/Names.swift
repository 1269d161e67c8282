import LocalAPI
import Observations
import Store

/// Who and what is meant: people and devices by id or name, and their names for what is shown.
struct Names: Sendable {
  var patients: [Observations.Patient]
  var devices: [DeviceRecord]

  /// Those of ``devices`` that others use too.
  let usedByOthers: Set<DeviceID>

  /// - Parameter scope: whom it may be about; of a device that others use too only what is about them.
  init(_ store: Store, for scope: Scope = .everybody) async throws(StoreFailure) {
    patients = try await store.patients().filter { scope.takes($0.id) }
    let all = try await store.devices()
    guard let people = scope.patients else {
      (devices, usedByOthers) = (all, [])
      return
    }
    devices = all.compactMap { $0.part(of: people) }
    usedByOthers = Set(all.filter { !$0.isUsed(onlyBy: people) }.map(\.id))
  }

  func name(_ patient: PatientID?) -> String? { patients.first { $0.id == patient }?.name }

  func name(_ device: DeviceID) -> String? {
    guard let description = devices.first(where: { $0.id == device })?.description else { return nil }
    return description.name ?? description.information.model
  }

  /// By id or name.
  /// - Throws: ``RequestFailure``.
  static func patient(
    _ text: String, in store: Store, for scope: Scope = .everybody
  ) async throws -> Observations.Patient {
    var found = try await store.patient(PatientID(rawValue: text))
    if found == nil { found = try await store.patient(named: text) }
    if let found, scope.takes(found.id) { return found }
    // The same words for who is not there and for who is not theirs.
    var failure = RequestFailure(
      APIError.Code.notFound, "nobody here is called '\(text)'", remedy: "'vitals patients list' shows who is here",
      kind: APIError.Kind.unknownPerson, ["name": text])
    failure.hidden = found?.id
    throw failure
  }

  /// A paired device by id, address or name.
  /// - Throws: ``RequestFailure``.
  func device(_ text: String) throws -> DeviceRecord {
    if let record = devices.first(where: { $0.id.rawValue == text }) { return record }
    let wanted = text.lowercased()
    let found = devices.filter { record in
      record.id.rawValue.lowercased() == wanted || record.description.address?.lowercased() == wanted
        || record.description.name?.lowercased() == wanted
    }
    if found.count > 1 {
      throw RequestFailure(
        APIError.Code.ambiguous, "'\(text)' could be \(found.map(\.id.rawValue).joined(separator: " or "))",
        remedy: "say the id")
    }
    guard let record = found.first else {
      throw RequestFailure(
        APIError.Code.notFound, "no known device is called '\(text)'",
        remedy: "'vitals devices' shows the known devices", kind: APIError.Kind.unknownDevice, ["name": text])
    }
    return record
  }

  /// For a filter: readings stay when their device goes, so an id is taken as it is, known or not.
  func deviceFilter(_ text: String) throws -> DeviceID {
    let looksLikeID = ["ble:", "sim:", "usb:", "ant:", "phd:"].contains { text.hasPrefix($0) }
    return looksLikeID ? DeviceID(rawValue: text) : try device(text).id
  }
}

extension LocalContext {
  /// Whom a request names, by id or name, among those that it may be about; noted.
  /// - Throws: ``RequestFailure``.
  func patient(
    _ text: String, in store: Store, for scope: Scope = .everybody
  ) async throws -> Observations.Patient {
    let patient = try await Names.patient(text, in: store, for: scope)
    note(patient.id)
    return patient
  }
}
