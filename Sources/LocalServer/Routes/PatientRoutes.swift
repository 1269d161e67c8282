import Foundation
import HealthRecords
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/patients`, `POST /v1/patients`, `POST /v1/patients/group`, `GET` and `POST /v1/patients/identifiers`.
struct PatientRoutes {
  let store: Store

  func add(to group: RouterGroup<LocalContext>) {
    group.get("patients") { [store] _, context in
      await context.noteRead(of: nil, in: store)
      return try Response.json(await store.patients().map { LocalAPI.Patient($0) })
    }
    group.post("patients") { [store] request, _ in
      var request = request
      let new = try await request.decoded(NewPatient.self)
      let group = try new.group.map(Self.group) ?? .adult
      return try Response.json(
        LocalAPI.Patient(await store.addPatient(name: new.name, group: group)), status: .created)
    }
    group.post("patients/group") { [store] request, _ in
      var request = request
      let change = try await request.decoded(GroupChange.self)
      let patient = try await Names.patient(change.patient, in: store)
      return try Response.json(
        LocalAPI.Patient(await store.setGroup(Self.group(change.group), of: patient.id)))
    }
    group.get("patients/identifiers") { [store] request, context in
      guard let name = request.query("patient") else {
        throw RequestFailure(APIError.Code.invalid, "'patient' is missing: numbers are shown of one person")
      }
      let patient = try await Names.patient(name, in: store)
      // Nobody sees a number unless it is written down who did.
      try await store.recordAccess(.read, .socket, uid: await context.peerUID(), patient: patient.id, at: Date())
      return try Response.json(
        await store.identifiers(of: patient.id).map { PatientIdentifier(kind: $0.kind, value: $0.value) })
    }
    group.post("patients/identifiers") { [store] request, _ in
      var request = request
      let change = try await request.decoded(IdentifierChange.self)
      let patient = try await Names.patient(change.patient, in: store)
      let kind = try Self.kind(change.kind)
      if let value = change.value {
        do {
          _ = try NationalIdentifier(kind, value)
        } catch {
          throw RequestFailure(APIError.Code.invalid, "this is no \(kind.rawValue): \(error)")
        }
      }
      try await store.setIdentifier(kind.rawValue, change.value, of: patient.id)
      return try Response.json(LocalAPI.Patient(patient))
    }
  }

  private static func kind(_ name: String) throws -> NationalIdentifier.Kind {
    guard let kind = NationalIdentifier.Kind.ofPeople.first(where: { $0.rawValue == name }) else {
      throw RequestFailure(
        APIError.Code.invalid,
        "'kind' is not one of \(NationalIdentifier.Kind.ofPeople.map(\.rawValue).joined(separator: ", "))")
    }
    return kind
  }

  private static func group(_ name: String) throws -> PatientGroup {
    guard let group = PatientGroup(rawValue: name) else {
      throw RequestFailure(
        APIError.Code.invalid,
        "'group' is not one of \(PatientGroup.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return group
  }
}
