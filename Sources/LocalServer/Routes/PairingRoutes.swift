import Hummingbird
import LocalAPI
import Observations
import Store

/// `POST /v1/pairings`, `GET /v1/pairings/{id}/events`, `POST /v1/pairings/{id}/answers`, `DELETE /v1/pairings/{id}`.
struct PairingRoutes {
  let store: Store
  let control: GatewayControl
  let pairings: Pairings

  func add(to routes: Routes) {
    routes.operate(.post, "pairings", noting: .pair) { [self] request, context in
      var request = request
      var pairing = try await request.decoded(PairingRequest.self)
      if let wait = pairing.waitSeconds, !(1...2_592_000).contains(wait) {
        throw RequestFailure(APIError.Code.invalid, "'waitSeconds' is \(wait); expected 1 to 2592000 (30 days)")
      }
      if let again = pairing.again {
        guard pairing.address == nil, pairing.profile == nil, pairing.patient == nil, pairing.recording == nil else {
          throw RequestFailure(
            APIError.Code.invalid, "'again' comes without 'address', 'profile', 'patient' and 'recording'",
            remedy: "a device that is paired again keeps its people; 'vitals assign' changes them")
        }
        let device = try await Names(store).device(again).id.rawValue
        pairing.again = device
        context.note(subject: device)
      }
      if let recording = pairing.recording {
        guard (10...3600).contains(recording.seconds) else {
          throw RequestFailure(APIError.Code.invalid, "'seconds' is \(recording.seconds); expected 10 to 3600")
        }
        guard pairing.address != nil else {
          throw RequestFailure(APIError.Code.invalid, "'address' is missing: a recording is of one device")
        }
      }
      if let patient = pairing.patient {
        pairing.patient = try await context.patient(patient, in: store).id.rawValue
      }
      let id = await pairings.add(try await control.pair(pairing))
      return try Response.json(PairingStarted(id: id), status: .created)
    }
    routes.operate(.get, "pairings/{id}/events") { [pairings] request, context in
      let id = try context.part("id")
      // For the status of the answer; who asks in the same moment as another hears of it in its only line.
      _ = try await pairings.unread(id)
      return Response.lines(request, context) { lines in
        let pairing = try await pairings.read(id)
        // Whatever ends the reading: without a reader nobody is left to answer. After the last event it does nothing.
        do {
          for await event in pairing.events {
            // Before the client hears of the end, so that it finds nothing to answer any more.
            if event.isLast { await pairings.remove(id) }
            try await lines.write(event)
          }
        } catch {
          await pairings.remove(id)
          await pairing.cancel()
          throw error
        }
        await pairings.remove(id)
        await pairing.cancel()
        try Task.checkCancellation()
      }
    }
    routes.operate(.post, "pairings/{id}/answers", noting: .pair) { [self] request, context in
      var request = request
      let pairing = try await pairings.find(try context.part("id"))
      var answer = try await request.decoded(PairingAnswer.self)
      switch answer {
      case .passkey(let passkey):
        guard passkey.count == 6, passkey.allSatisfy({ $0.isASCII && $0.isNumber }) else {
          throw RequestFailure(APIError.Code.invalid, "'passkey' is not six digits")
        }
      case .patient(let patient):
        answer = .patient(try await context.patient(patient, in: store).id.rawValue)
      case .consent(let user, let code):
        guard user.map({ (0...254).contains($0) }) ?? true, (0...9999).contains(code) else {
          throw RequestFailure(APIError.Code.invalid, "'user' is not 0 to 254, or 'code' is not 0 to 9999")
        }
      case .choose, .yes, .no, .cancel, .written, .noConsent: break
      }
      try await pairing.answer(answer)
      return Response.nothing
    }
    routes.operate(.delete, "pairings/{id}", noting: .pair) { [pairings] _, context in
      try await pairings.find(try context.part("id")).cancel()
      return Response.nothing
    }
  }
}
