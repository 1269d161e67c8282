import AlertRules
import Foundation
import Glibc
import Observations
@testable import Store
import Synchronization

/// 2026-11-22T00:00:00Z; every test counts minutes from here.
func minute(_ minutes: Double) -> Date { Date(timeIntervalSince1970: 1_795_305_600 + minutes * 60) }

let record = DestinationID(rawValue: "record")
let pager = DestinationID(rawValue: "pager")
let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")

/// The record takes both, the pager only alerts; neither takes what was played.
let destinations = [
  DestinationPolicy(id: record, takesObservations: true, takesAlerts: true, takesSimulated: false),
  DestinationPolicy(id: pager, takesObservations: false, takesAlerts: true, takesSimulated: false),
]

let crisis = AlertRule(
  id: RuleID(rawValue: "crisis"),
  kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
  source: "AHA: 180/120 or greater")

let racing = AlertRule(
  id: RuleID(rawValue: "racing"),
  kind: .threshold(ThresholdRule(component: .heartRate, comparison: .atLeast, limit: 131, clearLimit: 121)),
  severity: .urgent, source: "NEWS2: 131 or more scores 3")

let policy = IngestPolicy(rules: [crisis, racing], destinations: destinations)

/// The directories of this run, removed when it ends. Not earlier: a pool opens its readers when they are first needed,
/// and nobody knows when the optimiser lets go of the last reference.
private enum TemporaryDirectories {
  private static let paths = Mutex<[String]>([])
  private static let removal: Void = {
    atexit {
      for path in TemporaryDirectories.paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }
    return
  }()

  static func new() -> String {
    _ = removal
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-\(UUID().uuidString)").path
    paths.withLock { $0.append(path) }
    return path
  }
}

/// A store in a directory of its own.
final class House: Sendable {
  let directory: String
  let store: Store

  private init(directory: String, store: Store) {
    self.directory = directory
    self.store = store
  }

  static func open() async throws -> House {
    let directory = TemporaryDirectories.new()
    return House(directory: directory, store: try await Store.open(directory: directory))
  }

  static func open(on disk: CommitGuard.Disk) async throws -> House {
    let directory = TemporaryDirectories.new()
    return House(directory: directory, store: try await Store.open(directory: directory, disk: disk))
  }

  var path: String { directory + "/vitals.sqlite" }

  /// What a crash at this moment leaves: the files as they are now, opened elsewhere.
  func afterCrash() async throws -> House {
    let copy = TemporaryDirectories.new()
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for file in ["vitals.sqlite", "vitals.sqlite-wal"]
    where FileManager.default.fileExists(atPath: "\(directory)/\(file)") {
      try FileManager.default.copyItem(atPath: "\(directory)/\(file)", toPath: "\(copy)/\(file)")
    }
    return House(directory: copy, store: try await Store.open(directory: copy))
  }

  /// A cuff, whose it is, and what they consented to.
  @discardableResult
  func addOwner(_ name: String = "Lan", consents: [DestinationID] = [record, pager]) async throws -> Patient {
    let patient = try await store.addPatient(name: name, at: minute(0))
    if try await store.device(cuff) == nil { try await store.saveDevice(pairedCuff) }
    try await store.assign(cuff, slot: nil, to: patient.id)
    for destination in consents {
      try await store.grantConsent(
        patient: patient.id, destination: destination, grantee: "Dr Minh", relationship: "doctor", at: minute(0))
    }
    return patient
  }

  @discardableResult
  func keep(_ observation: Observation, at now: Date = minute(100)) async throws -> CommitOutcome {
    try await store.commit(observation, policy: policy, now: now, live: true)
  }
}

let pairedCuff = DeviceRecord(
  description: DeviceDescription(
    id: cuff, address: "F0:F1:F2:F3:F4:F5", name: "Cuff", profile: "sig/blood-pressure",
    information: DeviceInformation(manufacturer: "Acme", systemID: [1, 2, 3, 4, 5, 6, 7, 8])),
  addressKind: "random", authentication: .bonded, pairedAt: minute(0), gattCache: Data([1, 2, 3]), battery: 80)

/// A blood pressure; `clock` is the minute of the device's own clock, nil for a cuff without one.
func reading(
  _ systolic: Int, clock: Int?, received: Double = 100, slot: Int? = nil, patient: PatientID? = nil,
  device: DeviceID = cuff, isSimulated: Bool = false, padding: Int = 0
) -> Observation {
  let bytes = [0x00, UInt8(systolic & 0xff), UInt8(systolic >> 8), 0x50, 0x00] + [UInt8](repeating: 0, count: padding)
  let time = clock.map {
    DeviceTime(year: 2026, month: 11, day: 22, hour: $0 / 60, minute: $0 % 60, second: 0)
  }
  return Observation(
    id: .random(), identity: ReadingIdentity(device: device, time: time?.verbatim, format: "2A35", bytes: bytes),
    kind: .bloodPressure, device: device, patient: patient, userSlot: slot,
    effective: EffectiveTime(
      span: .instant(clock.map { minute(Double($0)) } ?? minute(received)),
      basis: clock == nil ? .received : .deviceClock),
    components: [
      ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(Decimal(systolic), .millimetreOfMercury))),
      ObservationComponent(
        MDC.pressBldNoninvDia, .quantity(Quantity(Decimal(string: "80.3") ?? 80, .millimetreOfMercury))),
      ObservationComponent(MDC.pulsRateNonInv, .absent(.notANumber)),
    ], flags: [.irregularPulse], marks: [],
    provenance: Provenance(
      format: "2A35", bytes: bytes, deviceTime: time, clockOffset: 1.5, receivedAt: minute(received),
      profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: isSimulated)
  )
}

func beat(_ rate: Decimal, at minutes: Double, patient: PatientID? = nil) -> RuleSample {
  RuleSample(
    device: DeviceID(rawValue: "ble:C0:00:00:00:00:01"), patient: patient, effective: minute(minutes),
    receivedAt: minute(minutes), values: [.heartRate: rate], isSimulated: false, origin: .stream)
}

extension CommitOutcome {
  var kept: Observation? { if case .stored(let observation, _) = self { observation } else { nil } }
  var transitions: [AlertTransition] { if case .stored(_, let transitions) = self { transitions } else { [] } }
  var duplicateOf: ObservationID? { if case .duplicate(let id) = self { id } else { nil } }
}

extension DeliveryContent {
  var observation: Observation? { if case .observation(let observation, _, _) = self { observation } else { nil } }
  var alert: AlertTransition? { if case .alert(let alert, _) = self { alert } else { nil } }
}
