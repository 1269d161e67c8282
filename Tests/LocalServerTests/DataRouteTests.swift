import AlertRules
import Foundation
import LocalAPI
import LocalServer
import Observations
import Store
import Testing

@Suite(.timeLimit(.minutes(2))) struct DataRouteTests {
  @Test func statusAndDoctor() async throws {
    try await Served.with { (served) async throws in
      #expect(try await served.client.status() == .quiet)
      #expect(try await served.client.doctor().verdict == .fail)
    }
  }

  /// Whoever asks for everything says so; a list without end is not for a small process.
  @Test func aListWithoutALimitIsTheNewestThousand() async throws {
    try await Served.with { (served) async throws in
      for number in 0..<1002 { try await served.commit(.cuff(number)) }
      let newest = try await served.client.readings(ReadingQuery())
      #expect(newest.count == 1000)
      #expect(newest.last?.id == (try await served.store.observations(ObservationFilter(limit: 1))).last?.id.rawValue)
      #expect(try await served.client.readings(ReadingQuery(since: "2020-01-01")).count == 1002)
      #expect(try await served.client.readings(ReadingQuery(limit: 5)).count == 5)
    }
  }

  @Test func patientsAreAddedAndListed() async throws {
    try await Served.with { (served) async throws in
      #expect(try await served.client.patients().isEmpty)
      let mai = try await served.client.addPatient(NewPatient(name: "Bà Mai"))
      #expect(mai.id.hasPrefix("p-"))
      #expect(try await served.client.patients().map(\.name) == ["Bà Mai"])
      #expect(mai.group == "adult")
      let lan = try await served.client.addPatient(NewPatient(name: "Lan", group: "child"))
      #expect(lan.group == "child")
      let changed = try await served.client.setGroup(GroupChange(patient: "lan", group: "pregnancy"))
      #expect(changed.id == lan.id && changed.group == "pregnancy")
      #expect(try await served.client.patients().map(\.group) == ["adult", "pregnancy"])
      let odd = try await refusal {
        _ = try await served.client.setGroup(GroupChange(patient: lan.id, group: "elder"))
      }
      #expect(odd.status == 400)
      let stranger = try await refusal {
        _ = try await served.client.setGroup(GroupChange(patient: "Hoa", group: "child"))
      }
      #expect(stranger.status == 404)
      let taken = try await refusal { _ = try await served.client.addPatient(NewPatient(name: "bà mai")) }
      #expect(taken.status == 409)
      #expect(taken.error.error == APIError.Code.exists)
      for unfit in ["p-mai", "Mai\u{7}", "Mai\u{202E}", "M\u{FFFD}i", String(repeating: "a", count: 101)] {
        let refused = try await refusal { _ = try await served.client.addPatient(NewPatient(name: unfit)) }
        #expect((refused.status, refused.error.kind) == (400, APIError.Kind.unfitName), "\(unfit)")
      }
      let empty = try await refusal { _ = try await served.client.addPatient(NewPatient(name: " ")) }
      #expect(empty.status == 400)
    }
  }

  @Test func devicesAreListedAndUnpaired() async throws {
    let unpaired = Log<DeviceID>()
    try await Served.with(.quiet(unpair: { (id) async throws(APIError) in unpaired.add(id) })) {
      (served) async throws in
      let mai = try await served.client.addPatient(NewPatient(name: "Mai"))
      try await served.pairCuff()
      let id = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
      try await served.store.assign(id, slot: nil, to: PatientID(rawValue: mai.id))
      let device = try #require(try await served.client.devices().first)
      #expect(device.id == id.rawValue)
      #expect(device.patientName == "Mai")
      #expect(device.connected == true)
      #expect(device.users == [LocalAPI.DeviceUser(patient: mai.id, patientName: "Mai")])
      #expect(!device.simulated)
      for name in ["ble:F0:F1:F2:F3:F4:F5", "f0:f1:f2:f3:f4:f5", "ua-651"] {
        try await served.client.unpair(name)
        #expect(unpaired.all.last == id)
      }
      #expect(unpaired.all.count == 3)
      let unknown = try await refusal { try await served.client.unpair("nothing/100%") }
      #expect(unknown.status == 404)
      #expect(unknown.error.message.contains("nothing/100%"))
      #expect(unknown.error.remedy != nil)
    }
  }

  @Test func readingsAreListed() async throws {
    try await Served.with { (served) async throws in
      let mai = try await served.client.addPatient(NewPatient(name: "Mai"))
      try await served.pairCuff()
      for number in 1...3 {
        try await served.commit(.cuff(number, patient: number == 2 ? PatientID(rawValue: mai.id) : nil))
      }
      let all = try await served.client.readings()
      #expect(all.map(\.raw) == ["1e01", "1e02", "1e03"])
      let second = all[1]
      #expect(second.patientName == "Mai")
      #expect(second.deviceName == "UA-651")
      #expect(second.kind == "blood-pressure")
      #expect(second.flags == ["body-movement", "irregular-pulse"])
      #expect(second.effective.date == Date(timeIntervalSince1970: 1_795_307_402))
      #expect(second.effectiveEnd == nil)
      #expect(second.basis == "device-clock")
      #expect(second.deviceTime == "2026-11-22T07:30:02")
      #expect(second.clockOffset == 0.5)
      #expect(second.authentication == "bonded")
      #expect(
        second.values == [
          "systolic": .quantity(value: 128, unit: "mmHg"), "diastolic": .quantity(value: 82, unit: "mmHg"),
          "pulse": .absent(reason: "not-a-number"),
        ])
      #expect(try await served.client.readings(ReadingQuery(limit: 2)).map(\.raw) == ["1e02", "1e03"])
      #expect(try await served.client.readings(ReadingQuery(patient: "mai")).map(\.raw) == ["1e02"])
      #expect(try await served.client.readings(ReadingQuery(patient: mai.id)).map(\.raw) == ["1e02"])
      let since = Timestamp(Date(timeIntervalSince1970: 1_795_307_403)).text(in: .gmt)
      #expect(try await served.client.readings(ReadingQuery(since: since)).map(\.raw) == ["1e03"])
      #expect(try await served.client.readings(ReadingQuery(device: "UA-651")).count == 3)
      #expect(try await served.client.readings(ReadingQuery(device: "ble:00:00:00:00:00:00")).isEmpty)
      let wrong = try await refusal { _ = try await served.client.readings(ReadingQuery(since: "yesterday")) }
      #expect(wrong.status == 400)
      #expect(wrong.error.message.contains("yesterday"))
      let nobody = try await refusal { _ = try await served.client.readings(ReadingQuery(patient: "Nobody")) }
      #expect(nobody.status == 404)
      let limit = try await refusal { _ = try await served.client.readings(ReadingQuery(limit: 0)) }
      #expect(limit.status == 400)
    }
  }

  @Test func windowOfAStrapIsAReading() async throws {
    try await Served.with { (served) async throws in
      var window = Observation.cuff(1)
      window.kind = .heartRate
      let start = Date(timeIntervalSince1970: 1_795_307_400)
      window.effective = EffectiveTime(span: .period(start, start.addingTimeInterval(60)), basis: .window)
      window.components = [
        ObservationComponent(MDC.ecgHeartRate, statistic: .mean, .quantity(Quantity(71, .perMinute))),
        ObservationComponent(MDC.ecgHeartRate, statistic: .minimum, .quantity(Quantity(64, .perMinute))),
        ObservationComponent(MDC.ecgHeartRate, statistic: .maximum, .quantity(Quantity(80, .perMinute))),
        ObservationComponent(
          MDC.ecgHeartRate, statistic: .count, .quantity(Quantity(72, UCUMUnit(rawValue: "1")))),
      ]
      try await served.commit(window)
      let reading = try #require(try await served.client.readings().first)
      #expect(reading.effectiveEnd?.date == start.addingTimeInterval(60))
      #expect(
        reading.values == [
          "heartRate": .quantity(value: 71, unit: "/min"), "heartRateMinimum": .quantity(value: 64, unit: "/min"),
          "heartRateMaximum": .quantity(value: 80, unit: "/min"), "beats": .quantity(value: 72, unit: "1"),
        ])
    }
  }

  private struct Enough: Error {}

  @Test func followedReadingsComeAsTheyAreStored() async throws {
    try await Served.with { (served) async throws in
      try await served.commit(.cuff(1))
      try await served.commit(.cuff(2))
      var heard: [String] = []
      do {
        try await served.client.followReadings(ReadingQuery(limit: 1)) { reading in
          heard.append(reading.raw)
          // Committed only when the stream is known to run, one after the other.
          if heard.count < 4 { try await served.commit(.cuff(heard.count + 2)) }
          if heard.count == 4 { throw Enough() }
        }
      } catch is Enough {}
      #expect(heard == ["1e02", "1e03", "1e04", "1e05"])
    }
  }

  @Test func followingKeepsToItsFilter() async throws {
    try await Served.with { (served) async throws in
      let mai = try await served.client.addPatient(NewPatient(name: "Mai"))
      try await served.commit(.cuff(1, patient: PatientID(rawValue: mai.id)))
      var heard: [String] = []
      do {
        try await served.client.followReadings(ReadingQuery(patient: "Mai")) { reading in
          heard.append(reading.raw)
          if heard.count == 2 { throw Enough() }
          try await served.commit(.cuff(2))
          try await served.commit(.cuff(3, patient: PatientID(rawValue: mai.id)))
        }
      } catch is Enough {}
      #expect(heard == ["1e01", "1e03"])
    }
  }

  private func policy() -> IngestPolicy {
    IngestPolicy(rules: [
      AlertRule(
        id: RuleID(rawValue: "high-systolic"),
        kind: .threshold(
          ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180, clearLimit: 170)),
        severity: .urgent, source: "test")
    ])
  }

  @Test func alertsAreListedAndFollowed() async throws {
    try await Served.with { (served) async throws in
      let policy = policy()
      let mai = try await served.client.addPatient(NewPatient(name: "Mai"))
      let patient = PatientID(rawValue: mai.id)
      try await served.commit(.cuff(1, systolic: 185, patient: patient), policy)
      let alert = try #require(try await served.client.alerts().first)
      #expect(alert.rule == "high-systolic")
      #expect(alert.state == "firing")
      #expect(alert.severity == "urgent")
      #expect(alert.patientName == "Mai")
      #expect(
        alert.component == "systolic" && alert.value == 185 && alert.comparison == "at-least" && alert.limit == 180)
      #expect(alert.stored)
      #expect(try await served.client.alerts(patient: "Mai").count == 1)
      var heard: [String] = []
      do {
        try await served.client.followAlerts(patient: "Mai") { alert in
          heard.append(alert.state)
          if heard.count == 2 { throw Enough() }
          try await served.commit(.cuff(2, systolic: 120, patient: patient), policy)
        }
      } catch is Enough {}
      #expect(heard == ["firing", "resolved"])
      #expect(try await served.client.alerts(limit: 1).map(\.state) == ["resolved"])
    }
  }

  /// A crisis told from memory must be seen by whoever looks.
  @Test func anAlertThatCouldNotBeStoredIsListed() async throws {
    try await Served.with { (served) async throws in
      let told = served.store.evaluateUnstored(
        .cuff(1, systolic: 190), policy: policy(), now: Date(timeIntervalSince1970: 1_795_307_400))
      #expect(told.count == 1)
      let alert = try #require(try await served.client.alerts().first)
      #expect(alert.state == "firing" && !alert.stored && alert.value == 190)
    }
  }

  /// Who follows must not hear of it only after the disk has room again.
  @Test func anAlertThatCouldNotBeStoredIsFollowed() async throws {
    try await Served.with { (served) async throws in
      let patient = PatientID(rawValue: try await served.client.addPatient(NewPatient(name: "Mai")).id)
      let policy = policy()
      try await served.commit(.cuff(1, systolic: 185, patient: patient), policy)
      var heard: [Bool] = []
      do {
        try await served.client.followAlerts { alert in
          heard.append(alert.stored)
          if heard.count == 2 { throw Enough() }
          let told = served.store.evaluateUnstored(
            .cuff(2, systolic: 190), policy: policy, now: Date(timeIntervalSince1970: 1_795_307_400))
          #expect(told.count == 1)
        }
      } catch is Enough {}
      #expect(heard == [true, false])
    }
  }

  @Test func consentsAreGrantedAndWithdrawn() async throws {
    try await Served.with { (served) async throws in
      _ = try await served.client.addPatient(NewPatient(name: "Mai"))
      let request = ConsentRequest(patient: "Mai", destination: "clinic", who: "Dr Lan", relationship: "doctor")
      let consent = try await served.client.grantConsent(request)
      #expect(consent.patientName == "Mai" && consent.who == "Dr Lan" && consent.relationship == "doctor")
      #expect(consent.withdrawnAt == nil)
      #expect(try await served.client.consents() == [consent])
      for wrong in [
        ConsentRequest(patient: "Nobody", destination: "clinic", who: "a", relationship: "b"),
        ConsentRequest(patient: "Mai", destination: "elsewhere", who: "a", relationship: "b"),
      ] {
        let refused = try await refusal { _ = try await served.client.grantConsent(wrong) }
        #expect(refused.status == 404)
      }
      let nameless = try await refusal {
        _ = try await served.client.grantConsent(
          ConsentRequest(patient: "Mai", destination: "clinic", who: " ", relationship: "b"))
      }
      #expect(nameless.status == 400)
      let other = try await refusal {
        _ = try await served.client.withdrawConsent(
          ConsentWithdrawal(patient: "Mai", destination: "clinic", who: "Dr Minh"))
      }
      #expect(other.status == 404)
      let withdrawn = try await served.client.withdrawConsent(
        ConsentWithdrawal(patient: "Mai", destination: "clinic"))
      #expect(withdrawn.map(\.id) == [consent.id])
      #expect(withdrawn.first?.withdrawnAt != nil)
      #expect(try await served.client.consents().count == 1)
    }
  }

  @Test func deliveriesAreListed() async throws {
    try await Served.with { (served) async throws in
      let mai = try await served.client.addPatient(NewPatient(name: "Mai"))
      try await served.pairCuff()
      _ = try await served.client.grantConsent(
        ConsentRequest(patient: "Mai", destination: "clinic", who: "Dr Lan", relationship: "doctor"))
      let policy = IngestPolicy(destinations: [
        DestinationPolicy(
          id: DestinationID(rawValue: "clinic"), takesObservations: true, takesAlerts: true, takesSimulated: false)
      ])
      let observation = Observation.cuff(1, patient: PatientID(rawValue: mai.id))
      try await served.commit(observation, policy)
      let delivery = try #require(try await served.client.deliveries(destination: "clinic").first)
      #expect(delivery.state == "waiting" && delivery.content == "observation" && delivery.attempts == 0)
      #expect(delivery.subject == observation.id.rawValue)
      let elsewhere = try await refusal { _ = try await served.client.deliveries(destination: "elsewhere") }
      #expect((elsewhere.status, elsewhere.error.kind) == (404, APIError.Kind.noDestinations))
      // With what the server said, and tried again on somebody's word.
      let row = DeliveryID(rawValue: try #require(Int64(delivery.id)))
      try await served.store.recordRejected([row], reason: "answered 422", at: Date())
      try await served.store.keepAnswer(#"{"resourceType":"OperationOutcome"}"#, to: row, at: Date())
      #expect(try await served.client.deliveries(state: "rejected").map(\.id) == [delivery.id])
      let detail = try await served.client.delivery(delivery.id)
      #expect(detail.delivery.lastError == "answered 422")
      #expect(detail.answer == #"{"resourceType":"OperationOutcome"}"#)
      #expect(try await served.client.retry(DeliveryRetry(id: delivery.id)).count == 1)
      #expect(try await refusal { _ = try await served.client.delivery("99") }.status == 404)
      #expect(try await refusal { _ = try await served.client.retry(DeliveryRetry()) }.status == 400)
    }
  }

  @Test func whatIsNotThereOrNotUnderstoodIsSaidAsJSON() async throws {
    try await Served.with { (served) async throws in
      let path = try await refusal { try await served.client.perform(LocalRequest(.get, ["nothing"])) }
      #expect(path.status == 404)
      let body = try await refusal {
        try await served.client.perform(LocalRequest(.post, ["patients"], body: Data("{".utf8)))
      }
      #expect(body.status == 400)
      let field = try await refusal {
        try await served.client.perform(LocalRequest(.post, ["patients"], body: Data("{}".utf8)))
      }
      #expect(field.error.message == "'name' is missing in the body")
    }
  }
}
