import AlertRules
import Foundation
import Glibc
import LocalAPI
import LocalServer
import Observations
import Store
import Testing

@Suite(.timeLimit(.minutes(2))) struct OwnershipRouteTests {
  private static let clinic = DestinationID(rawValue: "clinic")
  private static let policy = IngestPolicy(
    rules: [
      AlertRule(
        id: RuleID(rawValue: "crisis"),
        kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
        source: "test")
    ],
    destinations: [
      DestinationPolicy(id: clinic, takesObservations: true, takesAlerts: true, takesSimulated: false)
    ])

  /// A cuff of Mai, who consented to the clinic, and Sơn, who did too.
  private func household(_ body: (Served) async throws -> Void) async throws {
    try await Served.with(.quiet(policy: Self.policy)) { (served) async throws in
      try await served.pairCuff()
      for name in ["Mai", "Sơn"] {
        _ = try await served.client.addPatient(NewPatient(name: name))
        _ = try await served.client.grantConsent(
          ConsentRequest(patient: name, destination: "clinic", who: "Dr Lan", relationship: "doctor"))
      }
      _ = try await served.client.assign("UA-651", AssignRequest(patient: "Mai"))
      try await body(served)
    }
  }

  private func keep(_ served: Served, _ number: Int, user: Int?, systolic: Decimal = 128) async throws -> String {
    var observation = Observation.cuff(number, systolic: systolic)
    observation.userSlot = user
    try await served.commit(observation, Self.policy)
    return observation.id.rawValue
  }

  @Test func aDeviceIsAssignedByNumberAndShared() async throws {
    try await household { (served) async throws in
      let numbered = try await served.client.assign("ua-651", AssignRequest(user: 2, patient: "sơn"))
      #expect(numbered.users?.map(\.slot) == [2, nil])
      #expect(numbered.users?.map(\.patientName) == ["Sơn", "Mai"])
      #expect(numbered.shared == nil)
      let shared = try await served.client.assign("ua-651", AssignRequest(shared: true))
      #expect(shared.shared == true && shared.patient == nil)
      #expect(shared.users?.map(\.slot) == [2])
      #expect(try await served.client.devices().map(\.shared) == [true])
      let nobodys = try await served.client.assign("ua-651", AssignRequest(user: 2))
      #expect(nobodys.users == [])
      for wrong in [
        AssignRequest(user: 255, patient: "Mai"), AssignRequest(user: 1, shared: true),
        AssignRequest(patient: "Mai", shared: true),
      ] {
        let refused = try await refusal { _ = try await served.client.assign("ua-651", wrong) }
        #expect(refused.status == 400)
      }
      let nobody = try await refusal {
        _ = try await served.client.assign("ua-651", AssignRequest(patient: "Nobody"))
      }
      #expect(nobody.status == 404)
      let nothing = try await refusal { _ = try await served.client.assign("nothing", AssignRequest(patient: "Mai")) }
      #expect(nothing.status == 404)
    }
  }

  @Test func anUnassignedReadingIsListedSaidAndClaimed() async throws {
    try await household { (served) async throws in
      for number in 1...3 { _ = try await keep(served, number, user: 1) }
      let strange = try await keep(served, 4, user: 2, systolic: 131)
      let unassigned = try await served.client.readings(ReadingQuery(unassigned: true))
      #expect(unassigned.map(\.id) == [strange])
      #expect(unassigned.first?.userSlot == 2)
      // Mai's readings are near; that is a hint and no more.
      #expect(unassigned.first?.likelyPatientName == "Mai")
      #expect(unassigned.first?.patient == nil)
      #expect(try await served.client.readings().allSatisfy { $0.likelyPatient == nil })
      let status = try await served.client.status()
      #expect(status.unassigned == 1)
      let warning = try #require(status.warnings.last)
      #expect(warning.kind == HealthWarning.Kind.readingsUnassigned)
      #expect(warning.parameters == ["count": "1"])
      let before = try await served.client.deliveries(destination: "clinic")
      #expect(!before.contains { $0.subject == strange })

      let answer = try await served.client.claim(ClaimRequest(readings: [strange], patient: "Sơn"))
      #expect(answer.changed == [strange])
      #expect(answer.told == [])
      let claimed = try #require(answer.readings.first)
      #expect(claimed.patientName == "Sơn")
      #expect(claimed.effective == unassigned.first?.effective)
      #expect(claimed.changes?.map(\.action) == ["claimed"])
      // Who is asking here, by the kernel.
      #expect(claimed.changes?.map(\.uid) == [getuid()])
      let delivery = try await served.client.deliveries(destination: "clinic").first { $0.subject == strange }
      #expect(delivery?.state == "waiting")
      #expect(try await served.client.claim(ClaimRequest(readings: [strange], patient: "Sơn")).changed == [])
      #expect(try await served.client.status().unassigned == 0)

      let taken = try await refusal {
        _ = try await served.client.claim(ClaimRequest(readings: [strange], patient: "Mai"))
      }
      #expect(taken.status == 409)
      #expect(taken.error.error == APIError.Code.exists)
      let unknown = try await refusal {
        _ = try await served.client.claim(ClaimRequest(readings: ["o-none"], patient: "Mai"))
      }
      #expect(unknown.status == 404)
      #expect(unknown.error.message.contains("o-none"))
    }
  }

  @Test func manyAreClaimedByDeviceAndNumber() async throws {
    try await household { (served) async throws in
      _ = try await keep(served, 1, user: 1)
      let strange = [try await keep(served, 2, user: 2), try await keep(served, 3, user: 2)]
      let other = try await keep(served, 4, user: 3)
      let since = Timestamp(Date(timeIntervalSince1970: 1_795_307_403)).text(in: .gmt)
      let late = try await served.client.claim(
        ClaimRequest(device: "ua-651", user: 2, since: since, patient: "Sơn"))
      #expect(late.changed == [strange[1]])
      let all = try await served.client.claim(ClaimRequest(device: "ua-651", user: 2, patient: "Sơn"))
      #expect(all.changed == [strange[0]])
      #expect(try await served.client.claim(ClaimRequest(device: "ua-651", user: 2, patient: "Sơn")).readings == [])
      #expect(try await served.client.readings(ReadingQuery(unassigned: true)).map(\.id) == [other])
      for wrong in [
        ClaimRequest(patient: "Sơn"), ClaimRequest(readings: [], patient: "Sơn"),
        ClaimRequest(readings: [other], device: "ua-651", patient: "Sơn"),
        ClaimRequest(readings: [other], user: 3, patient: "Sơn"), ClaimRequest(device: "ua-651", patient: "Sơn"),
        ClaimRequest(device: "ua-651", user: 255, patient: "Sơn"),
        ClaimRequest(device: "ua-651", user: 1 << 32, patient: "Sơn"),
      ] {
        let refused = try await refusal { _ = try await served.client.claim(wrong) }
        #expect(refused.status == 400)
      }
    }
  }

  @Test func aDisownedReadingNamesWhoWasTold() async throws {
    try await household { (served) async throws in
      let guest = try await keep(served, 1, user: 1, systolic: 190)
      let due = try await served.store.dueDeliveries(for: Self.clinic, at: Date(), limit: 10)
      #expect(due.count == 2)
      try await served.store.recordDelivered([due[1].id], at: Date())
      let answer = try await served.client.disown(DisownRequest(readings: [guest]))
      #expect(answer.changed == [guest])
      #expect(answer.told == ["clinic"])
      let reading = try #require(answer.readings.first)
      #expect(reading.patient == nil)
      #expect(reading.uncorrected == ["clinic"])
      #expect(reading.changes?.map(\.patientName) == ["Mai"])
      #expect(try await served.client.readings().first?.uncorrected == ["clinic"])
      let deliveries = try await served.client.deliveries(destination: "clinic")
      #expect(Set(deliveries.map(\.state)) == ["cancelled", "delivered", "waiting"])
      #expect(deliveries.compactMap(\.needsCorrection) == [true])
      let warnings = try await served.client.status().warnings
      #expect(warnings.map(\.kind).suffix(2) == ["readings-unassigned", "corrections-needed"])
      #expect(warnings.last?.parameters == ["destinations": "clinic", "count": "1"])
      #expect(try await served.client.disown(DisownRequest(readings: [guest])).changed == [])

      let corrected = try await served.client.disown(DisownRequest(readings: [guest], corrected: true))
      #expect(corrected.told == [] && corrected.changed == [guest])
      #expect(try await served.client.disown(DisownRequest(readings: [guest], corrected: true)).changed == [])
      #expect(try await served.client.status().warnings.last?.kind == "readings-unassigned")
      let unknown = try await refusal { _ = try await served.client.disown(DisownRequest(readings: ["o-none"])) }
      #expect(unknown.status == 404)
      let none = try await refusal { _ = try await served.client.disown(DisownRequest(readings: [])) }
      #expect(none.status == 400)
    }
  }
}
