import Foundation
import Observations
import Store

/// How fast readings are committed: see `Tests/Lab/bench.py`, which runs this in turns with a program that does the same by
/// SQLite's C interface alone (`commit_peer.c`).
///
///     CommitBench prepare DIRECTORY     an empty store with a person, their cuff and their consent
///     CommitBench run DIRECTORY         for each line "READINGS BATCH" of standard input: commits so many readings, so many
///                                       in a transaction, and prints the seconds
@main
enum CommitBench {
  static let destination = DestinationID(rawValue: "record")
  static let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:00")
  /// 2026-11-22T00:00:00Z.
  static let begin = Date(timeIntervalSince1970: 1_795_305_600)

  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 3 else { usage() }
    let store = try await Store.open(directory: words[2])
    switch words[1] {
    case "prepare": try await prepare(store)
    case "run": try await run(store)
    default: usage()
    }
    try await store.close()
  }

  private static func usage() -> Never {
    FileHandle.standardError.write(Data("usage: CommitBench prepare|run DIRECTORY\n".utf8))
    exit(64)
  }

  private static func prepare(_ store: Store) async throws {
    let patient = try await store.addPatient(name: "Person", at: begin)
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: cuff, address: nil, name: nil, profile: "sig/blood-pressure", information: DeviceInformation()),
        addressKind: "random", authentication: .bonded, pairedAt: begin))
    try await store.assign(cuff, slot: nil, to: patient.id)
    try await store.grantConsent(
      patient: patient.id, destination: destination, grantee: "Dr Minh", relationship: "doctor", at: begin)
  }

  private static func run(_ store: Store) async throws {
    let policy = IngestPolicy(
      destinations: [
        DestinationPolicy(id: destination, takesObservations: true, takesAlerts: true, takesSimulated: false)
      ])
    var number = 0
    while let line = readLine() {
      let counts = line.split(separator: " ").compactMap { Int($0) }
      guard counts.count == 2, counts[0] > 0, counts[1] > 0 else { usage() }
      // What a driver makes of a device's octets is no part of a commit.
      let readings = (number..<number + counts[0]).map { NewReading(reading($0), live: true) }
      number += counts[0]
      let clock = ContinuousClock()
      let seconds = try await clock.measure {
        var rest = readings[...]
        while !rest.isEmpty {
          _ = try await store.commit(Array(rest.prefix(counts[1])), policy: policy, now: begin)
          rest = rest.dropFirst(counts[1])
        }
      }
      print(seconds / .seconds(1))
      fflush(nil)
    }
  }

  /// As a cuff with a clock gives it: one a minute.
  private static func reading(_ number: Int) -> Observation {
    let (systolic, diastolic, pulse) = (105 + number % 40, 70 + number % 20, 55 + number % 40)
    let seconds = number * 60
    let time = DeviceTime(
      year: 2026, month: 1 + seconds / 2_419_200 % 12, day: 1 + seconds / 86_400 % 28, hour: seconds / 3600 % 24,
      minute: seconds / 60 % 60, second: 0)
    let bytes =
      [0x1E, UInt8(systolic), 0, UInt8(diastolic), 0, 100, 0, 0xEA, 0x07]
      + [time.month, time.day, time.hour, time.minute, time.second].map { UInt8($0 ?? 0) }
      + [UInt8(pulse), 0, 1, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    let date = begin.addingTimeInterval(Double(seconds))
    return Observation(
      id: .random(), identity: ReadingIdentity(device: cuff, time: time.verbatim, format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: cuff, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .instant(date), basis: .deviceClock),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(Decimal(systolic), .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(Decimal(diastolic), .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvMean, .quantity(Quantity(100, .millimetreOfMercury))),
        ObservationComponent(MDC.pulsRateNonInv, .quantity(Quantity(Decimal(pulse), .perMinute))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: time, clockOffset: 1.5, receivedAt: date,
        profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false))
  }
}
