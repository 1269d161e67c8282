import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

@Suite struct OutboxTests {
  private func systolic(_ deliveries: [Delivery]) -> [Decimal?] {
    deliveries.map { $0.content.observation?.quantity(MDC.pressBldNoninvSys)?.value }
  }

  @Test func aWaitingReadingHoldsBackTheLaterOnesOfItsPerson() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner(consents: [record])
    let son = try await house.store.addPatient(name: "Son", at: minute(0))
    try await house.store.grantConsent(
      patient: son.id, destination: record, grantee: "Dr Minh", relationship: "doctor", at: minute(0))
    for (systolic, patient) in [(101, lan), (102, son), (103, lan), (104, son)] {
      try await house.keep(reading(systolic, clock: systolic, patient: patient.id))
    }
    let all = try await house.store.dueDeliveries(for: record, at: minute(200), limit: 10)
    #expect(systolic(all) == [101, 102, 103, 104])
    #expect(all.map(\.attempts) == [0, 0, 0, 0])
    #expect(systolic(try await house.store.dueDeliveries(for: record, at: minute(200), limit: 2)) == [101, 102])

    try await house.store.recordRetry([all[0].id], next: minute(210), reason: "HTTP 503", at: minute(200))
    #expect(systolic(try await house.store.dueDeliveries(for: record, at: minute(201), limit: 10)) == [102, 104])
    try await house.store.recordDelivered([all[1].id, all[3].id], at: minute(202))
    #expect(try await house.store.dueDeliveries(for: record, at: minute(203), limit: 10) == [])
    #expect(try await house.store.nextDue(for: record) == minute(210))
    let later = try await house.store.dueDeliveries(for: record, at: minute(210), limit: 10)
    #expect(systolic(later) == [101, 103])
    #expect(later[0].attempts == 1)
    #expect(later[0].idempotencyKey == all[0].idempotencyKey)

    #expect(later[0].refusals == 0 && later[0].firstRefusedAt == nil)
    // An answer to this one counts apart from a destination that was away.
    for minutes in [210.0, 210.25] {
      try await house.store.recordRetry(
        [all[0].id], next: minute(210.5), reason: "AR", at: minute(minutes), isRefusal: true)
    }
    let refused = try await house.store.dueDeliveries(for: record, at: minute(211), limit: 1)
    #expect(refused.map(\.attempts) == [3] && refused.map(\.refusals) == [2])
    #expect(refused.map(\.firstRefusedAt) == [minute(210)])
    // Of the first attempt, whatever it came to.
    let listed = try await house.store.deliveries(DeliveryFilter(destination: record))
    #expect(listed.prefix(3).map(\.firstAttemptAt) == [minute(200), minute(202), nil])

    // A reading that is refused for good lets the next one go.
    try await house.store.recordRejected([all[0].id], reason: "HTTP 422", at: minute(211))
    #expect(systolic(try await house.store.dueDeliveries(for: record, at: minute(211), limit: 10)) == [103])
    let counts = try #require(try await house.store.outboxCounts()[record])
    #expect(
      counts
        == OutboxCounts(waiting: 1, delivered: 2, rejected: 1, cancelled: 0, oldestWaiting: minute(100), lastError: nil)
    )
    try await house.store.recordDelivered([all[2].id], at: minute(212))
    #expect(try await house.store.nextDue(for: record) == nil)
    #expect(try await house.store.outboxCounts()[record]?.lastError == "HTTP 422")
    #expect(try await house.store.deliveries(DeliveryFilter(state: .rejected)).map(\.reason) == ["HTTP 422"])

    // Whoever asks for it once more means all of its tries.
    #expect(try await house.store.retryDeliveries(to: record) == [record: 1])
    let again = try await house.store.dueDeliveries(for: record, at: minute(213), limit: 10)
    #expect(again.map(\.refusals) == [0] && again.map(\.firstRefusedAt) == [nil])
  }

  @Test func alertsWaitForNobody() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [record])
    try await house.keep(reading(120, clock: 1))
    try await house.keep(reading(185, clock: 2))
    try await house.keep(reading(120, clock: 3))
    let all = try await house.store.dueDeliveries(for: record, at: minute(200), limit: 10)
    #expect(all.map(\.content.alert?.to) == [.firing, .resolved, nil, nil, nil])
    // An alert comes first, whatever readings wait.
    #expect(
      try await house.store.dueDeliveries(for: record, at: minute(200), limit: 1).map(\.content.alert?.to) == [.firing])
    try await house.store.recordRetry([all[0].id, all[2].id], next: minute(210), reason: "no route", at: minute(200))
    #expect(
      try await house.store.dueDeliveries(for: record, at: minute(201), limit: 10).map(\.content.alert?.to) == [
        .resolved
      ])
    #expect(try await house.store.nextDue(for: record).map { $0 <= minute(201) } == true)
  }

  @Test func aWithdrawnConsentStopsWhatWaits() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner(consents: [record])
    try await house.keep(reading(185, clock: 1))
    let inFlight = try await house.store.dueDeliveries(for: record, at: minute(200), limit: 10)
    #expect(inFlight.count == 2)
    #expect(try await house.store.withdrawConsent(patient: patient.id, destination: record, at: minute(201)))
    #expect(try await house.store.dueDeliveries(for: record, at: minute(202), limit: 10) == [])
    #expect(try await house.store.nextDue(for: record) == nil)
    try await house.store.recordRetry([inFlight[0].id], next: minute(203), reason: "HTTP 503", at: minute(202))
    #expect(try await house.store.deliveries().map(\.state) == [.cancelled, .cancelled])
    // What had left already did leave.
    try await house.store.recordDelivered([inFlight[1].id], at: minute(203))
    #expect(Set(try await house.store.deliveries().map(\.state)) == [.cancelled, .delivered])

    try await house.keep(reading(121, clock: 2))
    #expect(try await house.store.deliveries().count == 2)
    try await house.store.grantConsent(
      patient: patient.id, destination: record, grantee: "Dr Minh", relationship: "doctor", at: minute(300))
    #expect(try await house.store.dueDeliveries(for: record, at: minute(301), limit: 10) == [])
    try await house.keep(reading(122, clock: 3))
    #expect(systolic(try await house.store.dueDeliveries(for: record, at: minute(301), limit: 10)) == [122])
    let history = try await house.store.consents(of: patient.id)
    #expect(history.map(\.withdrawnAt) == [minute(201), nil])
  }

  /// The row is there and waits, but the consent is not: as after a restored or edited file.
  @Test func theConsentIsAskedAgainWhenRowsAreTaken() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [record])
    try await house.keep(reading(185, clock: 1))
    try await house.store.write { db in try db.execute(sql: "UPDATE consents SET withdrawn_at = 1") }
    #expect(try await house.store.deliveries().map(\.state) == [.waiting, .waiting])
    #expect(try await house.store.dueDeliveries(for: record, at: minute(200), limit: 10) == [])
    #expect(try await house.store.nextDue(for: record) == nil)
  }

  @Test func oneOfTwoGranteesLeaving() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner(consents: [record])
    try await house.store.grantConsent(
      patient: patient.id, destination: record, grantee: "Hoa", relationship: "daughter", at: minute(0))
    #expect(
      try await house.store.withdrawConsent(patient: patient.id, destination: record, grantee: "Hoa", at: minute(1)))
    #expect(try await house.store.hasConsent(patient: patient.id, destination: record))
    #expect(
      try await !house.store.withdrawConsent(patient: patient.id, destination: record, grantee: "Hoa", at: minute(2)))
  }

  @Test func playedReadingsStayAtHome() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    let open = IngestPolicy(
      rules: [crisis],
      destinations: destinations + [
        DestinationPolicy(
          id: DestinationID(rawValue: "lab"), takesObservations: true, takesAlerts: true, takesSimulated: true)
      ])
    try await house.store.grantConsent(
      patient: patient.id, destination: DestinationID(rawValue: "lab"), grantee: "me", relationship: "self",
      at: minute(0))
    let outcome = try await house.store.commit(
      reading(185, clock: 1, isSimulated: true), policy: open, now: minute(1), live: true)
    #expect(outcome.transitions.map(\.isSimulated) == [true])
    let rows = try await house.store.deliveries()
    #expect(rows.map(\.destination.rawValue) == ["lab", "lab"])
  }

  @Test func aRowThatCannotBeReadDoesNotStopTheOthers() async throws {
    let house = try await House.open()
    try await house.addOwner(consents: [record])
    try await house.keep(reading(101, clock: 1))
    try await house.keep(reading(102, clock: 2))
    try await house.store.write { db in
      try db.execute(sql: "UPDATE observations SET content = '{}' WHERE seq = 1")
    }
    #expect(systolic(try await house.store.dueDeliveries(for: record, at: minute(200), limit: 10)) == [102])
    // A copy may have it: the rebuilt database is asked once more.
    #expect(try await house.store.deliveries().map(\.state) == [.waiting, .waiting])
  }

  @Test func aReadingOfARemovedDeviceStillSaysWhereItCameFrom() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner(consents: [record])
    try await house.keep(reading(120, clock: 1))
    try await house.store.removeDevice(cuff, at: minute(2))
    let stranger = DeviceID(rawValue: "sim:1")
    try await house.keep(reading(121, clock: 2, patient: patient.id, device: stranger))
    let due = try await house.store.dueDeliveries(for: record, at: minute(200), limit: 10)
    let devices = due.compactMap { delivery -> DeviceDescription? in
      if case .observation(_, _, let device) = delivery.content { device } else { nil }
    }
    #expect(devices.first == pairedCuff.description)
    #expect(devices.last?.id == stranger)
    #expect(devices.last?.profile == "sig/blood-pressure")
  }

  @Test func tenThousandWaitingAreTakenAFewAtATimeAndInOrder() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner(consents: [record])
    // One transaction, or it would be ten thousand waits for the disk.
    try await house.store.write { db in
      let (intake, outbox) = (Intake(db), ObservationOutbox(db))
      for number in 0..<10_000 {
        var observation = reading(120, clock: nil, patient: patient.id)
        observation.identity = ReadingIdentity(device: cuff, time: "\(number)", format: "2A35", bytes: [])
        guard case .new(let kept, _) = try intake.insert(observation) else { continue }
        _ = try outbox.add(kept, policy: policy, now: minute(1))
      }
    }
    var taken: [DeliveryID] = []
    for _ in 0..<3 {
      let due = try await house.store.dueDeliveries(for: record, at: minute(2), limit: 50)
      #expect(due.count == 50)
      taken += due.map(\.id)
      try await house.store.recordDelivered(due.map(\.id), at: minute(2))
    }
    #expect(taken == taken.sorted())
    #expect(Set(taken).count == 150)
    #expect(try await house.store.outboxCounts()[record]?.waiting == 9_850)
  }

  /// Whatever was configured, consented and read: exactly one row for each destination that takes it and that its
  /// person consented to at that moment.
  @Test(arguments: 1...8) func exactlyOneRowADestinationWithConsent(seed: UInt64) async throws {
    var random = SplitMix64(state: seed)
    let house = try await House.open()
    let people = [
      try await house.store.addPatient(name: "A", at: minute(0)),
      try await house.store.addPatient(name: "B", at: minute(0)),
    ]
    let names = (0..<4).map { DestinationID(rawValue: "d\($0)") }
    let configured = names.dropLast().map {
      DestinationPolicy(
        id: $0, takesObservations: Bool.random(using: &random), takesAlerts: Bool.random(using: &random),
        takesSimulated: Bool.random(using: &random))
    }
    let policy = IngestPolicy(rules: [crisis], destinations: configured)
    var consents: Set<[String]> = []
    var expected: [String: Int] = [:]
    var seen: [Observation] = []
    for step in 0..<60 {
      let person = people[Int.random(in: 0..<2, using: &random)]
      switch Int.random(in: 0..<6, using: &random) {
      case 0:
        let name = names[Int.random(in: 0..<4, using: &random)]
        try await house.store.grantConsent(
          patient: person.id, destination: name, grantee: "x", relationship: "y", at: minute(Double(step)))
        consents.insert([person.id.rawValue, name.rawValue])
      case 1:
        let name = names[Int.random(in: 0..<4, using: &random)]
        let held = try await house.store.withdrawConsent(
          patient: person.id, destination: name, at: minute(Double(step)))
        #expect(held == (consents.remove([person.id.rawValue, name.rawValue]) != nil))
      case 2 where !seen.isEmpty:
        let again = seen[Int.random(in: 0..<seen.count, using: &random)]
        #expect(
          try await house.store.commit(again, policy: policy, now: minute(Double(step)), live: false).duplicateOf
            == again.id)
      default:
        let observation = reading(
          Int.random(in: 170...190, using: &random), clock: step,
          patient: Bool.random(using: &random) ? person.id : nil, isSimulated: Bool.random(using: &random))
        let outcome = try await house.store.commit(observation, policy: policy, now: minute(Double(step)), live: true)
        let kept = try #require(outcome.kept)
        seen.append(kept)
        let isSimulated = kept.provenance.isSimulated
        for destination in configured where !isSimulated || destination.takesSimulated {
          let isSpokenOf = consents.contains { $0[1] == destination.id.rawValue }
          if kept.patient == nil, destination.takesAlerts, isSpokenOf {
            for transition in outcome.transitions {
              expected["\(destination.id) \(transition.idempotencyKey)", default: 0] += 1
            }
          }
          guard let patient = kept.patient, consents.contains([patient.rawValue, destination.id.rawValue]) else {
            continue
          }
          if destination.takesObservations { expected["\(destination.id) obs-\(kept.id)", default: 0] += 1 }
          if destination.takesAlerts {
            for transition in outcome.transitions {
              expected["\(destination.id) \(transition.idempotencyKey)", default: 0] += 1
            }
          }
        }
      }
    }
    let rows = try await house.store.deliveries(DeliveryFilter(limit: 10_000))
    let actual = Dictionary(rows.map { ("\($0.destination) \($0.idempotencyKey)", 1) }, uniquingKeysWith: +)
    #expect(actual == expected)
    #expect(Set(expected.values).isSubset(of: [1]))
    for row in rows where row.state == .waiting {
      #expect(
        consents.contains { row.patient.map(\.rawValue) ?? $0[0] == $0[0] && row.destination.rawValue == $0[1] })
    }
  }
}

/// Sebastiano Vigna's generator: the same sequence for the same seed everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
