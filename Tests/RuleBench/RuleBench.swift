import AlertRules
import ArgumentParser
import Foundation
import GRDB
import Glibc
import Observations
import Store

/// What rules cost a reading: see `Tests/Lab/bench.py`, which runs this and shows what it says.
@main struct RuleBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(subcommands: [Fill.self, Measure.self])
}

/// A household that has measured for years.
private enum House {
  static let people = (0..<4).map { "Person \($0)" }
  static let destination = DestinationID(rawValue: "record")
  /// 2026-11-22T00:00:00Z: the end of what is stored, and the beginning of what is measured.
  static let begin = Date(timeIntervalSince1970: 1_795_305_600)
  /// Two readings each morning and evening, as the home protocol has it.
  static let readingsOfDay = 4

  static func cuff(_ person: Int) -> DeviceID { DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:0\(person)") }

  static func reading(_ systolic: Int, _ person: Int, at date: Date, number: Int) -> Observation {
    let bytes =
      [0x00, UInt8(systolic), 0x00, 0x50, 0x00] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return Observation(
      id: .random(), identity: ReadingIdentity(device: cuff(person), time: "\(number)", format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: cuff(person), patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .instant(date), basis: .deviceClock),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(Decimal(systolic), .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(80, .millimetreOfMercury))),
        ObservationComponent(MDC.pulsRateNonInv, .quantity(Quantity(66, .perMinute))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: nil, clockOffset: 1.5, receivedAt: date,
        profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false))
  }

  /// The first so many of a set in which every ninth rule is of the same kind, each with a limit of its own that no
  /// calm reading comes near.
  static func rules(_ count: Int) -> [AlertRule] {
    (0..<count).map { number in
      let limit = Decimal(200 + number % 50)
      let high = RuleCondition(component: .systolic, comparison: .atLeast, limit: limit)
      let kind: AlertRule.Kind =
        switch number % 9 {
        case 0: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: limit))
        case 1:
          .sustained(
            SustainedRule(
              threshold: ThresholdRule(
                component: .heartRate, comparison: .atLeast, limit: limit, holdFor: .seconds(600))))
        case 2: .confirm(ConfirmRule(conditions: [high]))
        case 3: .count(CountRule(sign: .any([high]), share: CountRule.Share(times: 2, of: 3 + number % 5)))
        case 4: .average(AverageRule(conditions: [high], days: 7 + number % 3))
        case 5: .change(ChangeRule(component: .diastolic, direction: .rise, by: 30 + Decimal(number % 9)))
        case 6: .missing(MissingRule(component: .systolic, after: .seconds(Int64(30 + number % 30) * 86_400)))
        case 7: .device(ConditionRule(.batteryLow, comparison: .atMost, limit: Decimal(1 + number % 20)))
        default: .gateway(ConditionRule(.diskLow, comparison: .atMost, limit: Decimal(1 + number % 200)))
        }
      return AlertRule(
        id: RuleID(rawValue: "bench-\(number)"), kind: kind, severity: .warning, source: "bench: made up")
    }
  }
}

extension House {
  /// What is known of a gateway and devices that are well.
  static let facts = GatewayFacts(
    people.indices.map { GatewayFact(GatewayCondition(.batteryLow, device: cuff($0)), value: 80) }
      + [GatewayFact(GatewayCondition(.diskLow), value: 20_000)])
}

/// Makes the database.
private struct Fill: AsyncParsableCommand {
  @Argument var directory: String
  @Option var readings = 100_000

  func run() async throws {
    let store = try await Store.open(directory: directory)
    var patients: [String] = []
    for (index, name) in House.people.enumerated() {
      let patient = try await store.addPatient(name: name, at: House.begin)
      patients.append(patient.id.rawValue)
      try await store.saveDevice(
        DeviceRecord(
          description: DeviceDescription(
            id: House.cuff(index), address: nil, name: nil, profile: "sig/blood-pressure",
            information: DeviceInformation()),
          addressKind: "random", authentication: .bonded, pairedAt: House.begin))
      try await store.assign(House.cuff(index), slot: nil, to: patient.id)
      try await store.grantConsent(
        patient: patient.id, destination: House.destination, grantee: "Dr Minh", relationship: "doctor",
        at: House.begin)
    }
    try await store.close()

    // A commit for each would be 100,000 waits for the disk.
    let queue = try DatabaseQueue(path: directory + "/vitals.sqlite")
    let encoder = JSONEncoder()
    try await queue.write { [patients, readings] db in
      for number in 0..<readings {
        let person = number % patients.count
        let ago = Double(readings - number) / Double(House.readingsOfDay * patients.count) * 86_400
        let date = House.begin.addingTimeInterval(-ago)
        var reading = House.reading(105 + number % 40, person, at: date, number: number)
        reading.patient = PatientID(rawValue: patients[person])
        try db.cachedStatement(
          sql: """
            INSERT INTO observations (id, identity, kind, device, patient, effective_end, received_at, content)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).execute(arguments: [
          reading.id.rawValue, reading.identity.rawValue, reading.kind.rawValue, reading.device.rawValue,
          patients[person], date.timeIntervalSince1970, date.timeIntervalSince1970,
          String(decoding: try encoder.encode(reading), as: UTF8.self),
        ])
        try db.cachedStatement(
          sql: """
            INSERT INTO outbox (destination, patient, observation, idempotency_key, state, created_at, finished_at)
            VALUES (?, ?, ?, ?, 'delivered', ?, ?)
            """
        ).execute(arguments: [
          House.destination.rawValue, patients[person], reading.id.rawValue, "obs-\(reading.id)",
          date.timeIntervalSince1970, date.timeIntervalSince1970,
        ])
      }
    }
    try queue.close()
  }
}

/// What one way of keeping readings took, in seconds, each reading by itself.
private struct Times: Encodable {
  var wall: [Double] = []
  /// Of all threads of the process.
  var processor: [Double] = []
  /// Of the processor's, what a look at the time and at the state of gateway and devices took, with the same rules.
  var tick: [Double] = []
}

/// Commits new readings with so many rules, turn by turn, and prints what each took as JSON.
private struct Measure: AsyncParsableCommand {
  @Argument var directory: String
  @Option var rounds = 100
  @Option(parsing: .upToNextOption) var rules: [Int] = [0, 1_000]

  func run() async throws {
    let store = try await Store.open(directory: directory)
    let policies = rules.map { count in
      IngestPolicy(
        rules: House.rules(count),
        destinations: [
          DestinationPolicy(
            id: House.destination, takesObservations: true, takesAlerts: true, takesSimulated: false)
        ])
    }
    // Later than every reading of an earlier run on the same database.
    let before = try await store.observations(ObservationFilter(limit: 1)).last?.effective.end ?? House.begin
    let begin = max(before, House.begin)
    var times = Array(repeating: Times(), count: rules.count)
    var number = Int(begin.timeIntervalSince1970)
    for round in 0..<rounds {
      for (index, policy) in policies.enumerated() {
        // Everybody goes on measuring as often as before.
        number += 86_400 / (House.readingsOfDay * House.people.count)
        let date = Date(timeIntervalSince1970: Double(number))
        let reading = House.reading(110 + round % 30, round % House.people.count, at: date, number: number)
        let (start, processor) = (ContinuousClock.now, Self.processorTime)
        let outcome = try await store.commit(reading, policy: policy, now: date, live: true)
        times[index].wall.append((ContinuousClock.now - start) / .seconds(1))
        times[index].processor.append(Self.processorTime - processor)
        guard case .stored(let kept, let told) = outcome, kept.patient != nil, told.isEmpty else {
          throw ValidationError("a calm reading was not kept as one: \(outcome)")
        }
        let ticking = Self.processorTime
        let ticked = try await store.tick(policy: policy, now: date, facts: House.facts)
        times[index].tick.append(Self.processorTime - ticking)
        guard ticked.isEmpty else { throw ValidationError("something was told of a calm house: \(ticked)") }
      }
    }
    try await store.close()
    let answer = Dictionary(zip(rules.map(String.init), times)) { first, _ in first }
    print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
  }

  private static var processorTime: TimeInterval {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return TimeInterval(time.tv_sec) + TimeInterval(time.tv_nsec) * 1e-9
  }
}
