import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/patients`, `POST /v1/patients`, `POST /v1/patients/group`.
struct PatientRoutes {
  let store: Store

  func add(to routes: Routes) {
    routes.own(.get, "patients") { [store] _, _, scope in
      try Response.json(await store.patients().filter { scope.takes($0.id) }.map { LocalAPI.Patient($0) })
    }
    routes.operate(.post, "patients", noting: .patient) { [store] request, context in
      var request = request
      let new = try await request.decoded(NewPatient.self)
      let group = try new.group.map(Self.group) ?? .adult
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
