import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/erasures?patient=`: what erasing a person would take away. `POST /v1/erasures`: takes it away.
struct ErasureRoutes {
  let store: Store

  func add(to routes: Routes) {
    routes.administer(.get, "erasures") { [store] request, _ in
      guard let name = request.query("patient") else {
        throw RequestFailure(APIError.Code.invalid, "'patient' is missing")
      }
      let patient = try await Names.patient(name, in: store)
      return try Response.json(LocalAPI.Erasure(await store.erasurePreview(patient.id), of: patient))
    }
    routes.administer(.post, "erasures", noting: .erase) { [store] request, context in
      var request = request
      let wanted = try await request.decoded(ErasureRequest.self)
      let patient = try await context.patient(wanted.patient, in: store)
      // The same words that find a person: capitals and how accents are composed don't count.
      let typed = wanted.confirmation.trimmingCharacters(in: .whitespacesAndNewlines)
      guard let confirmed = try? await Names.patient(typed, in: store), confirmed.id == patient.id else {
        throw RequestFailure(
          APIError.Code.invalid, "'confirmation' is not this person's name or id; nothing was erased")
      }
      let erasure = try await store.erase(patient.id, by: context.uid, now: Date())
      return try Response.json(LocalAPI.Erasure(erasure, of: patient))
    }
  }
}

extension LocalAPI.Erasure {
  /// As clients see it.
  init(_ erasure: StoredErasure, of patient: Observations.Patient) {
    self.init(
      patient: patient.id.rawValue, patientName: patient.name, readings: erasure.readings, alerts: erasure.alerts,
      destinations: erasure.destinations.map(\.rawValue), otherFiles: erasure.otherFiles, clean: erasure.isClean)
  }
}
