import LocalAPI
import Observations
import Store

/// Who and what is meant: people and devices by id or name, and their names for what is shown.
struct Names: Sendable {
  var patients: [Observations.Patient]
  var devices: [DeviceRecord]

  init(_ store: Store) async throws(StoreFailure) {
    patients = try await store.patients()
    devices = try await store.devices()
  }

  func name(_ patient: PatientID?) -> String? { patients.first { $0.id == patient }?.name }

  func name(_ device: DeviceID) -> String? {
    guard let description = devices.first(where: { $0.id == device })?.description else { return nil }
    return description.name ?? description.information.model
  }

  /// By id or name.
  /// - Throws: ``RequestFailure``.
  static func patient(_ text: String, in store: Store) async throws -> Observations.Patient {
    if let patient = try await store.patient(PatientID(rawValue: text)) { return patient }
    if let patient = try await store.patient(named: text) { return patient }
    throw RequestFailure(
      APIError.Code.notFound, "nobody here is called '\(text)'", remedy: "'vitals patients list' shows who is here")
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
        remedy: "'vitals devices' shows the known devices")
    }
    return record
  }

  /// For a filter: readings stay when their device goes, so an id is taken as it is, known or not.
  func deviceFilter(_ text: String) throws -> DeviceID {
    let looksLikeID = ["ble:", "sim:", "usb:", "ant:", "phd:"].contains { text.hasPrefix($0) }
    return looksLikeID ? DeviceID(rawValue: text) : try device(text).id
  }
}
