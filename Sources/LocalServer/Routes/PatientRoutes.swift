import Foundation
import HealthRecords
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/patients`, `POST /v1/patients`, `POST /v1/patients/group`, `GET` and `POST /v1/patients/identifiers`.
struct PatientRoutes {
  let store: Store

  func add(to routes: Routes) {
    routes.own(.get, "patients", noting: .read) { [store] _, _, scope in
      try Response.json(await store.patients().filter { scope.takes($0.id) }.map { LocalAPI.Patient($0) })
    }
    routes.operate(.post, "patients", noting: .patient) { [store] request, context in
      var request = request
      let new = try await request.decoded(NewPatient.self)
      let group = try new.group.map(Self.group) ?? .adult
      try Self.check(new.name)
      let patient = try await store.addPatient(name: new.name, group: group)
      context.note(patient.id)
      return try Response.json(LocalAPI.Patient(patient), status: .created)
    }
    routes.operate(.post, "patients/group", noting: .patient) { [store] request, context in
      var request = request
      let change = try await request.decoded(GroupChange.self)
      let patient = try await context.patient(change.patient, in: store)
      return try Response.json(
        LocalAPI.Patient(await store.setGroup(Self.group(change.group), of: patient.id)))
    }
    routes.own(.get, "patients/identifiers") { [store] request, context, scope in
      guard let name = request.query("patient") else {
        throw RequestFailure(APIError.Code.invalid, "'patient' is missing: numbers are shown of one person")
      }
      let patient = try await context.patient(name, in: store, for: scope)
      // Nobody sees a number unless it is written down who did: so before, and not by the gate.
      try await store.recordAccess(.read, .socket, uid: context.uid, patient: patient.id, at: Date())
      return try Response.json(
        await store.identifiers(of: patient.id).map { PatientIdentifier(kind: $0.kind, value: $0.value) })
    }
    routes.operate(.post, "patients/identifiers", noting: .patient) { [store] request, context in
      var request = request
      let change = try await request.decoded(IdentifierChange.self)
      let patient = try await context.patient(change.patient, in: store)
      let kind = try Self.kind(change.kind)
      if let value = change.value {
        do throws(NationalIdentifier.Fault) {
          _ = try NationalIdentifier(kind, value)
        } catch {
          var failure = RequestFailure(APIError.Code.invalid, "this is no \(kind.rawValue): \(error)")
          if case .length(.citizen, let count) = error {
            failure.error.kind = APIError.Kind.citizenNumberLength
            failure.error.parameters = ["count": "\(count)"]
          }
          throw failure
        }
      }
      try await store.setIdentifier(kind.rawValue, change.value, of: patient.id)
      return try Response.json(LocalAPI.Patient(patient))
    }
  }

  /// A name is shown on screens and stands in arguments, where an id may stand too.
  private static func check(_ name: String) throws {
    let isFit =
      name.unicodeScalars.count <= 100 && !name.lowercased().hasPrefix("p-")
      && name.unicodeScalars.allSatisfy { scalar in
        scalar != "\u{FFFD}" && scalar.properties.generalCategory != .control
          && ![0x200E, 0x200F].contains(scalar.value) && !(0x2028...0x202E).contains(scalar.value)
          && !(0x2066...0x2069).contains(scalar.value)
      }
    guard !isFit else { return }
    throw RequestFailure(
      APIError.Code.invalid, "a name has at most 100 characters, no control characters, and does not begin with 'p-'",
      kind: APIError.Kind.unfitName)
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
