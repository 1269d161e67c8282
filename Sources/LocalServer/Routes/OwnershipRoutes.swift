import Foundation
import Hummingbird
import LocalAPI
import Observations
import Store

/// `POST /v1/devices/{id}/users`, `POST /v1/claims`, `POST /v1/disownings`.
struct OwnershipRoutes {
  let store: Store
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.operate(.post, "devices/{id}/users", noting: .assign) { [self] request, context in
      var request = request
      let wanted = try await request.decoded(AssignRequest.self)
      let device = try await Names(store).device(try context.part("id")).id
      context.note(subject: device.rawValue)
      if wanted.shared == true {
        guard wanted.user == nil, wanted.patient == nil else {
          throw RequestFailure(APIError.Code.invalid, "'shared' stands alone, without 'user' and 'patient'")
        }
        try await store.share(device)
      } else {
        var patient: PatientID?
        if let name = wanted.patient { patient = try await context.patient(name, in: store).id }
        try await store.assign(device, slot: try number(wanted.user), to: patient)
      }
      let names = try await Names(store)
      return try Response.json(LocalAPI.Device(names.device(device.rawValue), patients: names.patients))
    }
    routes.operate(.post, "claims", noting: .claim) { [self] request, context in
      var request = request
      let wanted = try await request.decoded(ClaimRequest.self)
      let patient = try await context.patient(wanted.patient, in: store).id
      let uid = context.uid
      let change: OwnershipChange
      switch (wanted.readings, wanted.device) {
      case (let ids?, nil):
        guard wanted.user == nil, wanted.since == nil else {
          throw RequestFailure(APIError.Code.invalid, "'user' and 'since' go with 'device', not with 'readings'")
        }
        change = try await store.claim(readingIDs(ids), for: patient, by: uid, policy: control.policy(), now: Date())
      case (nil, let device?):
        let since = try wanted.since.map { try Since.date($0, now: Date(), timeZone: .current) }
        // All that a shared cuff ever measured is hardly one person's.
        guard wanted.user != nil || since != nil else {
          throw RequestFailure(APIError.Code.invalid, "readings without a number need 'since'")
        }
        let unassigned = UnassignedReadings(
          device: try await Names(store).deviceFilter(device), number: try number(wanted.user), since: since)
        change = try await store.claim(unassigned, for: patient, by: uid, policy: control.policy(), now: Date())
      default:
        throw RequestFailure(APIError.Code.invalid, "either 'readings' or 'device' is needed")
      }
      return try await answer(change)
    }
    routes.operate(.post, "disownings", noting: .disown) { [self] request, context in
      var request = request
      let wanted = try await request.decoded(DisownRequest.self)
      let ids = try readingIDs(wanted.readings)
      if wanted.corrected == true {
        return try await answer(store.recordCorrected(ids))
      }
      return try await answer(
        store.disown(ids, by: context.uid, policy: control.policy(), now: Date()))
    }
  }

  private func number(_ user: Int?) throws -> Int? {
    guard let user else { return nil }
    guard user != 255, (0...Int(UInt32.max)).contains(user) else {
      throw RequestFailure(APIError.Code.invalid, "'user' is \(user); expected 0 to \(UInt32.max) without 255")
    }
    return user
  }

  private func readingIDs(_ texts: [String]) throws -> [ObservationID] {
    guard !texts.isEmpty else { throw RequestFailure(APIError.Code.invalid, "'readings' is empty") }
    return texts.map { ObservationID(rawValue: $0) }
  }

  private func answer(_ change: OwnershipChange) async throws -> Response {
    let readings = try await Reading.list(change.readings, store)
    return try Response.json(
      OwnershipAnswer(
        readings: readings, changed: change.changed.map(\.rawValue),
        told: Set(readings.flatMap { $0.uncorrected ?? [] }).sorted()))
  }
}
