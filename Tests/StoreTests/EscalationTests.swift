import AlertRules
import Foundation
import Observations
@testable import Store
import Testing

/// Who is told of an alert, and who next: whole stories over a real database, in simulated time.
@Suite struct EscalationTests {
  static let saigon = TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt
  static let night = QuietHours(from: 22 * 60, until: 6 * 60, timeZone: saigon)
  static let mai = Contact(
    id: ContactID(rawValue: "mai"), role: .caregiver, destinations: [DestinationID(rawValue: "to-mai")], quiet: night)
  static let tuan = Contact(
    id: ContactID(rawValue: "tuan"), role: .caregiver, destinations: [DestinationID(rawValue: "to-tuan")],
    quiet: QuietHours(from: 0, until: 7 * 60, timeZone: saigon))
  static let lan = Contact(
    id: ContactID(rawValue: "dr-lan"), role: .clinician, destinations: [DestinationID(rawValue: "to-lan")])
  static let grandfather = Contact(
    id: ContactID(rawValue: "ong-tu"), role: .patient, destinations: [DestinationID(rawValue: "to-mai")])

  /// Above 150: worth a word, not a call.
  static let high = AlertRule(
    id: RuleID(rawValue: "high"),
    kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 150, clearLimit: 140)),
    severity: .warning, source: "test", hiddenBy: [crisis.id])

  static func policy(_ rules: [AlertRule] = [crisis], waits: [Double] = [10, 20, 30]) -> IngestPolicy {
    IngestPolicy(
      rules: rules,
      destinations: ["to-mai", "to-tuan", "to-lan", "siren"].map {
        DestinationPolicy(
          id: DestinationID(rawValue: $0), takesObservations: false, takesAlerts: true, takesSimulated: false)
      },
      escalation: EscalationPlan(
        contacts: [mai, tuan, lan],
        steps: zip([mai, tuan, lan], waits).map {
          EscalationPlan.Step(contacts: [$0.id], wait: .seconds($1 * 60))
        }))
  }

  /// A house whose clock moves only when it is told to.
  final class Story {
    var house: House
    var policy: IngestPolicy
    let patient: PatientID
    /// `minute step → destination[, from minute]`, of every row that was ever made.
    private(set) var table: [String] = []
    private var seen: Set<DeliveryID> = []
    private var count = 0

    init(_ policy: IngestPolicy, consents: [String] = ["to-mai", "to-tuan", "to-lan", "siren"]) async throws {
      house = try await House.open()
      self.policy = policy
      patient = try await house.addOwner("Tư", consents: consents.map { DestinationID(rawValue: $0) }).id
    }

    func measure(_ systolic: Int, at minutes: Double) async throws {
      count += 1
      _ = try await house.store.commit(
        reading(systolic, clock: Int(minutes), received: minutes, padding: count), policy: policy, now: minute(minutes),
        live: true)
      try await note(minutes)
    }

    /// Lets time pass as the daemon does: it wakes when something is due.
    func wait(until end: Double) async throws {
      var last = -Double.infinity
      while let due = house.store.nextTick(policy: policy, now: minute(end)), due <= minute(end) {
        let now = max(due.timeIntervalSince(minute(0)) / 60, last)
        // Something that is due for ever would turn this loop for ever.
        try #require(now > last || due <= minute(last), "nothing moved at minute \(now)")
        last = now + 0.001
        _ = try await house.store.tick(policy: policy, now: minute(now))
        try await note(now)
      }
      _ = try await house.store.tick(policy: policy, now: minute(end))
      try await note(end)
    }

    func acknowledge(by contact: Contact?, at minutes: Double) async throws {
      let outcome = try await house.store.acknowledge(
        episode: nil, patient: nil, by: contact, policy: policy, now: minute(minutes))
      try #require(outcome != nil)
      try await note(minutes)
    }

    func note(_ minutes: Double) async throws {
      for entry in try await house.store.alertHistory() {
        let rows = try await house.store.deliveries(DeliveryFilter(limit: 1000)).filter {
          $0.idempotencyKey == entry.event.transition.idempotencyKey && !seen.contains($0.id)
        }
        for row in rows {
          seen.insert(row.id)
          let later = row.nextAttemptAt.map { ", from \(Int(($0.timeIntervalSince(minute(0)) / 60).rounded()))" } ?? ""
          table.append(
            "\(Int(minutes.rounded())) \(entry.event.transition.rule) \(entry.event.transition.step) → "
              + "\(row.destination)\(later)")
        }
      }
    }

    var steps: [String] {
      get async throws { try await house.store.alertEvents().map(\.transition.step) }
    }
  }

  // 22:30 in the contacts' zone: minute(0) is 07:00 there.
  @Test func nobodyAnswers() async throws {
    let story = try await Story(Self.policy())
    try await story.measure(190, at: 930)
    #expect(story.house.store.nextTick(policy: story.policy, now: minute(930)) == minute(940))
    try await story.wait(until: 1100)
    #expect(
      story.table == [
        "930 crisis firing → to-mai",
        "930 crisis firing → siren",
        "940 crisis firing-escalated-1 → to-tuan",
        "960 crisis firing-escalated-2 → to-lan",
      ])
    #expect(try await story.steps == ["firing", "firing-escalated-1", "firing-escalated-2", "firing-unanswered-3"])
    let open = try #require(story.house.store.episodes().first)
    #expect(open.isUnanswered)
    #expect(open.told.map(\.rawValue) == ["mai", "tuan", "dr-lan"])
    #expect(story.house.store.nextTick(policy: story.policy, now: minute(1100)) == nil)
    // The end is told to everybody who was told, as soon as it is known: an urgent alert's end is good news.
    try await story.measure(120, at: 1101)
    #expect(
      Set(story.table.dropFirst(4)) == [
        "1101 crisis resolved → to-mai", "1101 crisis resolved → to-tuan", "1101 crisis resolved → to-lan",
        "1101 crisis resolved → siren",
      ])
    #expect(story.house.store.episodes().isEmpty)
  }

  @Test func anAnswerStopsTheLadderAndIsToldToWhoeverWasTold() async throws {
    let story = try await Story(Self.policy())
    try await story.measure(190, at: 930)
    try await story.wait(until: 941)
    try await story.acknowledge(by: Self.tuan, at: 945)
    try await story.wait(until: 2000)
    #expect(
      story.table == [
        "930 crisis firing → to-mai",
        "930 crisis firing → siren",
        "940 crisis firing-escalated-1 → to-tuan",
        "945 crisis firing-acknowledged-2 → to-mai",
        "945 crisis firing-acknowledged-2 → to-tuan",
        "945 crisis firing-acknowledged-2 → siren",
      ])
    let told = try #require(try await story.house.store.alertEvents().last?.transition)
    #expect(told.acknowledgement?.by == Self.tuan.id)
    #expect(told.word == "acknowledged")
  }

  @Test func thePatientsOwnAnswerDoesNotStopIt() async throws {
    for contact in [Self.grandfather, nil] {
      let story = try await Story(Self.policy())
      try await story.measure(190, at: 930)
      try await story.acknowledge(by: contact, at: 932)
      try await story.wait(until: 2000)
      #expect(
        try await story.steps
          == [
            "firing", "firing-acknowledged-1", "firing-escalated-2", "firing-escalated-3", "firing-unanswered-4",
          ])
    }
  }

  @Test(arguments: [
    // Another severe reading soon after is no news; 10 mmHg more is, and so is any after half an hour.
    (190, 10.0, false), (199, 10.0, false), (200, 10.0, true), (181, 29.0, false), (181, 30.0, true),
    (175, 60.0, false),
  ])
  func whatReopensAnAnsweredAlert(value: Int, after: Double, reopens: Bool) async throws {
    let story = try await Story(
      Self.policy([
        AlertRule(
          id: crisis.id,
          kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180, clearLimit: 170)),
          severity: .urgent, source: "test")
      ]))
    try await story.measure(190, at: 930)
    try await story.acknowledge(by: Self.mai, at: 935)
    try await story.measure(value, at: 935 + after)
    #expect(try await story.steps == ["firing", "firing-acknowledged-1"] + (reopens ? ["firing-reopened-2"] : []))
    guard reopens else { return }
    let told = try #require(try await story.house.store.alertEvents().last?.transition)
    #expect(told.value == Decimal(value))
    #expect(told.values?[.systolic] == Decimal(value))
    // It begins at the first step again.
    try await story.wait(until: 935 + after + 10)
    #expect(try await story.steps.last == "firing-escalated-3")
    #expect(story.table.last == "\(Int(945 + after)) crisis firing-escalated-3 → to-tuan")
  }

  @Test func aStepThatReachesNobodyIsOverAtOnce() async throws {
    // Tuấn's destination has no consent.
    let story = try await Story(Self.policy(), consents: ["to-mai", "to-lan"])
    try await story.measure(190, at: 930)
    try await story.wait(until: 941)
    #expect(story.table == ["930 crisis firing → to-mai", "940 crisis firing-escalated-2 → to-lan"])
    let nobody = try await Story(Self.policy(), consents: [])
    try await nobody.measure(190, at: 930)
    try await nobody.wait(until: 931)
    #expect(nobody.table.isEmpty)
    #expect(nobody.house.store.episodes().first?.isUnanswered == true)
  }

  @Test func whoWantsNoMoreMessagesIsNotWaitedFor() async throws {
    let story = try await Story(Self.policy())
    try await story.measure(190, at: 930)
    func refuse(_ destination: String, at minutes: Double) async throws {
      let id = DestinationID(rawValue: destination)
      let due = try await story.house.store.dueDeliveries(for: id, at: minute(minutes), limit: 10)
      try await story.house.store.recordRejected(due.map(\.id), reason: "410", at: minute(minutes))
    }
    // The siren is nobody's: its refusal moves nothing.
    try await refuse("siren", at: 931)
    #expect(story.house.store.nextTick(policy: story.policy, now: minute(931)) == minute(940))
    try await refuse("to-mai", at: 931)
    #expect(story.house.store.nextTick(policy: story.policy, now: minute(931)) == minute(931))
    try await story.wait(until: 932)
    #expect(story.table.last == "931 crisis firing-escalated-1 → to-tuan")
  }

  @Test func whatIsNotUrgentWaitsForTheMorning() async throws {
    let story = try await Story(Self.policy([Self.high]))
    try await story.measure(160, at: 930)
    // 06:00 there is minute 1380. Tuấn's quiet has not begun; the doctor has none.
    #expect(
      Set(story.table) == [
        "930 high firing → to-mai, from 1380", "930 high firing → to-tuan", "930 high firing → to-lan",
        "930 high firing → siren",
      ])
    let early = try await story.house.store.dueDeliveries(
      for: Self.mai.destinations[0], at: minute(1379), limit: 10)
    let due = try await story.house.store.dueDeliveries(for: Self.mai.destinations[0], at: minute(1380), limit: 10)
    #expect(early.isEmpty && due.count == 1)
  }

  @Test func theGraverHidesTheMilderUntilItEnds() async throws {
    let story = try await Story(Self.policy([Self.high, crisis]))
    try await story.measure(190, at: 600)
    #expect(story.table.allSatisfy { $0.contains("crisis") } && !story.table.isEmpty)
    #expect(story.house.store.episodes().first { $0.key.rule == Self.high.id }?.hold == .inhibited(by: crisis.id))
    // The crisis is over, the pressure still high: now it is told.
    try await story.measure(160, at: 605)
    #expect(story.table.filter { $0.contains("high firing") }.count == 4)
    // Hidden, and over before anybody heard of it: nobody hears of its end.
    let other = try await Story(Self.policy([Self.high, crisis]))
    try await other.measure(190, at: 600)
    try await other.measure(120, at: 605)
    #expect(!other.table.contains { $0.contains("high") })
  }

  @Test func twoThresholdsAndASilence() async throws {
    let story = try await Story(Self.policy([Self.high, crisis]))
    func silence(_ id: String, until end: Double, urgent: Bool, at now: Double) async throws {
      try await story.house.store.silence(
        Silence(
          id: SilenceID(rawValue: id), rule: nil, patient: story.patient, from: minute(now), until: minute(end),
          reason: "trying a new cuff", coversUrgent: urgent), by: 1000, policy: story.policy, now: minute(now))
    }
    try await silence("mild", until: 660, urgent: false, at: 590)
    try await story.measure(160, at: 600)
    #expect(story.table.isEmpty)
    // A silence does not hold what is urgent.
    try await story.measure(190, at: 601)
    #expect(Set(story.table) == ["601 crisis firing → to-mai", "601 crisis firing → siren"])
    try await story.acknowledge(by: Self.mai, at: 602)
    // It ends while the crisis goes on, which hides the milder; then the crisis ends.
    try await story.wait(until: 661)
    #expect(!story.table.contains { $0.contains("high") })
    try await story.measure(155, at: 670)
    #expect(story.table.filter { $0.contains("670 high firing") }.count == 4)

    // One that covers what is urgent, lifted before its end.
    let silent = try await Story(Self.policy())
    try await silent.house.store.silence(
      Silence(
        id: SilenceID(rawValue: "all"), rule: crisis.id, patient: nil, from: minute(590), until: minute(900),
        reason: "in hospital", coversUrgent: true), by: nil, policy: silent.policy, now: minute(590))
    try await silent.measure(190, at: 600)
    try await silent.wait(until: 640)
    #expect(silent.table.isEmpty)
    #expect(
      try await silent.house.store.liftSilence(
        SilenceID(rawValue: "all"), by: nil, policy: silent.policy, now: minute(650)))
    try await silent.note(650)
    #expect(silent.table == ["650 crisis firing → to-mai", "650 crisis firing → siren"])
    try await silent.wait(until: 660)
    #expect(silent.table.last == "660 crisis firing-escalated-1 → to-tuan")
  }

  @Test func aSilenceEndsByItself() async throws {
    let story = try await Story(Self.policy())
    try await story.house.store.silence(
      Silence(
        id: SilenceID(rawValue: "all"), rule: nil, patient: nil, from: minute(590), until: minute(610),
        reason: "test", coversUrgent: true), by: nil, policy: story.policy, now: minute(590))
    try await story.measure(190, at: 600)
    story.house = try await story.house.afterCrash()
    try await story.wait(until: 610)
    #expect(story.table == ["610 crisis firing → to-mai", "610 crisis firing → siren"])
  }

  @Test func aCrashAtAnyStepLosesNoneAndTellsNoneTwice() async throws {
    let story = try await Story(Self.policy())
    try await story.measure(190, at: 930)
    for end in [935.0, 941, 959, 961, 989, 991] {
      story.house = try await story.house.afterCrash()
      try await story.wait(until: end)
    }
    #expect(try await story.steps == ["firing", "firing-escalated-1", "firing-escalated-2", "firing-unanswered-3"])
    #expect(
      story.table == [
        "930 crisis firing → to-mai", "930 crisis firing → siren", "940 crisis firing-escalated-1 → to-tuan",
        "960 crisis firing-escalated-2 → to-lan",
      ])
  }

  @Test func theBoxWasOffWhileStepsWereDue() async throws {
    let story = try await Story(Self.policy())
    try await story.measure(190, at: 930)
    story.house = try await story.house.afterCrash()
    // Five hours later: the next people get their time to answer, too.
    _ = try await story.house.store.tick(policy: story.policy, now: minute(1230))
    #expect(try await story.steps == ["firing", "firing-escalated-1"])
    #expect(story.house.store.nextTick(policy: story.policy, now: minute(1230)) == minute(1250))
  }

  @Test(arguments: [365.0 * 1440, -1440, 60, -60])
  func aClockThatIsSetNeitherHurriesNorLoses(jump: Double) async throws {
    let story = try await Story(Self.policy())
    try await story.measure(190, at: 930)
    try await story.wait(until: 935)
    try await story.house.store.shiftWaits(by: jump * 60, now: minute(935 + jump))
    try await story.wait(until: 939 + jump)
    #expect(try await story.steps == ["firing"])
    try await story.wait(until: 940 + jump)
    #expect(try await story.steps == ["firing", "firing-escalated-1"])
    try await story.wait(until: 1000 + jump)
    #expect(try await story.steps == ["firing", "firing-escalated-1", "firing-escalated-2", "firing-unanswered-3"])
  }

  @Test func anAlertWhoseReadingIsTakenBackClimbsNoFurther() async throws {
    let story = try await Story(Self.policy())
    try await story.measure(190, at: 930)
    let reading = try #require(try await story.house.store.observations().first)
    _ = try await story.house.store.disown([reading.id], by: nil, policy: story.policy, now: minute(935))
    try await story.wait(until: 2000)
    #expect(try await story.steps == ["firing"])
    #expect(story.house.store.episodes().isEmpty)
  }

  @Test func whatCannotBeStoredIsToldToEverybodyAtOnce() async throws {
    let story = try await Story(Self.policy())
    let told = story.house.store.evaluateUnstored(
      reading(190, clock: 930, received: 930), policy: story.policy, now: minute(930))
    #expect(told.map(\.notStored) == [true])
    let deliveries = story.house.store.unstoredDeliveries(of: told, policy: story.policy, now: minute(930))
    #expect(Set(deliveries.map(\.destination.rawValue)) == ["to-mai", "to-tuan", "to-lan", "siren"])
  }

  @Test func thePlayedClimbNothing() async throws {
    let policy = Self.policy()
    let story = try await Story(policy)
    _ = try await story.house.store.commit(
      reading(190, clock: 930, received: 930, isSimulated: true), policy: policy, now: minute(930), live: true)
    try await story.wait(until: 2000)
    #expect(try await story.steps == ["firing"])
    #expect(story.table.isEmpty)
  }
}
