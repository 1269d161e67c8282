import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/patients`, `POST /v1/patients`.
struct PatientRoutes {
  let store: Store

  func add(to group: RouterGroup<LocalContext>) {
    group.get("patients") { [store] _, _ in
      try Response.json(await store.patients().map { LocalAPI.Patient($0) })
    }
    group.post("patients") { [store] request, _ in
      var request = request
      let new = try await request.decoded(NewPatient.self)
      return try Response.json(LocalAPI.Patient(await store.addPatient(name: new.name)), status: .created)
    }
  }
}
