import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET`, `POST` and `DELETE /v1/consents`.
struct ConsentRoutes {
  let store: Store
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.own(.get, "consents") { [store] _, _, scope in
      let names = try await Names(store, for: scope)
      return try Response.json(
        await store.consents().filter { scope.takes($0.patient) }.map { LocalAPI.Consent($0, names) })
    }
    routes.administer(.post, "consents", noting: .consent) { [self] request, context in
      var request = request
      let consent = try await request.decoded(ConsentRequest.self)
      for (field, word) in [("who", consent.who), ("relationship", consent.relationship)]
      where word.allSatisfy(\.isWhitespace) {
        throw RequestFailure(APIError.Code.invalid, "'\(field)' is empty", remedy: "a consent names somebody")
      }
      let patient = try await context.patient(consent.patient, in: store)
      // A consent for a name that nothing is called would look like one and let nothing through.
      let destinations = await control.status().destinations.map(\.name)
      guard destinations.contains(consent.destination) else {
        throw APIError.unknownDestination(consent.destination, known: destinations)
      }
      let destination = DestinationID(rawValue: consent.destination)
      context.note(subject: destination.rawValue)
      try await store.grantConsent(
        patient: patient.id, destination: destination, grantee: consent.who, relationship: consent.relationship,
        at: Date())
      let names = try await Names(store)
      let held = try await store.consents(of: patient.id).last {
        $0.destination == destination && $0.grantee == consent.who && $0.withdrawnAt == nil
      }
      guard let held else { throw RequestFailure(APIError.Code.failed, "the consent is gone again") }
      return try Response.json(LocalAPI.Consent(held, names), status: .created)
    }
    routes.own(.delete, "consents", noting: .withdraw) { [store] request, context, scope in
      var request = request
      let consent = try await request.decoded(ConsentWithdrawal.self)
      // What somebody has let out of the house they can stop by themselves.
      let patient = try await context.patient(consent.patient, in: store, for: scope)
      let destination = DestinationID(rawValue: consent.destination)
      let held = try await store.consents(of: patient.id).filter {
        $0.destination == destination && $0.withdrawnAt == nil && (consent.who == nil || $0.grantee == consent.who)
      }.map(\.id)
      guard
        try await store.withdrawConsent(
          patient: patient.id, destination: destination, grantee: consent.who, at: Date())
      else {
        throw RequestFailure(
          APIError.Code.notFound, "no such consent holds", remedy: "'vitals consent list' shows all of them")
      }
      context.note(subject: destination.rawValue)
      let names = try await Names(store, for: scope)
      return try Response.json(
        await store.consents(of: patient.id).filter { held.contains($0.id) }.map { LocalAPI.Consent($0, names) })
    }
  }
}
