import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/patients`, `POST /v1/patients`, `POST /v1/patients/group`.
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
