import AlertRules
import Foundation
import Observations
import Testing

@testable import Store

/// Random destinations, people, consents and stories: what leaves is what a model of a few lines says, no more and no less.
@Suite(.timeLimit(.minutes(10))) struct ConsentPropertyTests {
  static var seeds: Range<UInt64> {
    0..<(ProcessInfo.processInfo.environment["VITALS_LONG"] == nil ? 60 : 2000)
  }

  @Test func whatLeavesIsWhatWasAgreedToAndMatches() async throws {
    var left = 0
    var cancelled = 0
    var kept = 0
    for seed in Self.seeds {
      var story = try await Story(seed: seed)
      try await story.run(steps: 60)
      try await story.finish()
      #expect(story.arrived == story.expected, "seed \(seed)")
      left += story.expected.count
      cancelled += story.calledOff
      kept += story.readings
    }
    // A story in which nothing left, or nothing was held back, would show nothing.
    #expect(left > 0)
    #expect(cancelled > 0)
    #expect(left < kept * 4)
  }

  /// Something that left or has to: the destination and the key of the row.
  struct Left: Hashable, CustomStringConvertible {
    var destination: DestinationID
    var key: String

    var description: String { "\(destination) \(key)" }
  }

  struct Story {
    var random: SplitMix64
    let house: House
    let destinations: [DestinationPolicy]
    var people: [PatientID] = []
    /// Who agreed that what leaves for where; the model's only memory.
    var consents: Set<Pair> = []
    /// What the model has waiting.
    var waiting: [Left: Pair] = [:]
    var expected: Set<Left> = []
    var arrived: Set<Left> = []
    var calledOff = 0
    var readings = 0
    var now = 0.0

    struct Pair: Hashable {
      var patient: PatientID
      var destination: DestinationID
    }

    init(seed: UInt64) async throws {
      var random = SplitMix64(state: seed)
      func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
      house = try await House.open()
      try await house.store.saveDevice(pairedCuff)
      for name in ["Lan", "Minh", "Hoa"].prefix(below(3) + 1) {
        people.append(try await house.store.addPatient(name: name, at: minute(0)).id)
      }
      var all: [DestinationPolicy] = []
      for number in 0..<4 {
        var only = DestinationFilter()
        if below(3) == 0 { only.patients = Set(people.filter { _ in below(2) == 0 }) }
        if below(4) == 0 {
          only.kinds = Set(ObservationKind.allCases.filter { _ in below(2) == 0 })
        }
        if below(4) == 0 { only.since = minute(Double(below(400))) }
        all.append(
          DestinationPolicy(
            id: DestinationID(rawValue: "place-\(number)"), takesObservations: below(4) > 0,
            takesAlerts: below(2) == 0, takesSimulated: below(3) == 0, only: only))
      }
      destinations = all
      self.random = random
    }

    mutating func run(steps: Int) async throws {
      for _ in 0..<steps {
        now += Double(below(10))
        switch below(10) {
        case 0, 1: try await grant()
        case 2: try await withdraw()
        case 3, 4: try await deliver(limit: below(4) + 1)
        default: try await measure()
        }
      }
    }

    /// Everything that still may leave does.
    mutating func finish() async throws {
      try await deliver(limit: 10_000)
      try await deliver(limit: 10_000)
      #expect(waiting.isEmpty)
    }

    mutating func grant() async throws {
      let pair = anyPair()
      try await house.store.grantConsent(
        patient: pair.patient, destination: pair.destination, grantee: "Dr Minh", relationship: "doctor",
        at: minute(now))
      consents.insert(pair)
    }

    mutating func withdraw() async throws {
      let pair = anyPair()
      guard consents.remove(pair) != nil else { return }
      #expect(
        try await house.store.withdrawConsent(
          patient: pair.patient, destination: pair.destination, grantee: "Dr Minh", at: minute(now)))
      let gone = waiting.filter { $0.value == pair }.map(\.key)
      calledOff += gone.count
      for row in gone { waiting[row] = nil }
    }

    mutating func measure() async throws {
      let patient = people[below(people.count)]
      let systolic = below(3) == 0 ? 195 : 120
      let kinds = ObservationKind.allCases.filter { $0 != .homeAverage }
      // Some were measured long before.
      let measured = below(4) == 0 ? max(0, now - 200) : now
      var new = reading(
        systolic, clock: Int(measured), received: now, patient: patient, isSimulated: below(4) == 0,
        padding: readings)
      if below(3) == 0 { new.kind = kinds[below(kinds.count)] }
      let outcome = try await house.store.commit(
        new, policy: IngestPolicy(rules: [crisis], destinations: destinations), now: minute(now), live: true)
      guard let kept = outcome.kept else { return }
      readings += 1
      for place in destinations {
        let pair = Pair(patient: patient, destination: place.id)
        guard consents.contains(pair), place.takesSimulated || !kept.provenance.isSimulated else { continue }
        if let patients = place.only.patients, !patients.contains(patient) { continue }
        if place.takesAlerts {
          for transition in outcome.transitions {
            waiting[Left(destination: place.id, key: transition.idempotencyKey)] = pair
          }
        }
        guard place.takesObservations else { continue }
        if let kinds = place.only.kinds, !kinds.contains(kept.kind) { continue }
        if let since = place.only.since, minute(Double(Int(measured))) < since { continue }
        waiting[Left(destination: place.id, key: "obs-\(kept.id)")] = pair
      }
    }

    /// Somebody brings what is due; some attempts fail and are made again later.
    mutating func deliver(limit: Int) async throws {
      for place in destinations {
        for delivery in try await house.store.dueDeliveries(for: place.id, at: .distantFuture, limit: limit) {
          if limit < 1000, below(4) == 0 {
            try await house.store.recordRetry([delivery.id], next: minute(now), reason: "busy", at: minute(now))
            continue
          }
          try await house.store.recordDelivered([delivery.id], at: minute(now))
          let row = Left(destination: place.id, key: delivery.idempotencyKey)
          #expect(arrived.insert(row).inserted, "\(row) left twice")
          #expect(waiting.removeValue(forKey: row) != nil, "\(row) was not to leave")
          expected.insert(row)
        }
      }
    }

    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    private mutating func anyPair() -> Pair {
      Pair(
        patient: people[below(people.count)], destination: destinations[below(destinations.count)].id)
    }
  }
}
