import Foundation
import LocalAPI
import Logging
import Observations
import Store
import Synchronization
import Testing

@testable import LocalServer

/// A server with a real store in a directory of its own, for one test.
struct Served: Sendable {
  var store: Store
  var client: LocalClient
  var socketPath: String

  static func with(
    _ control: GatewayControl = .quiet(), accounts: Accounts = .machine,
    logger: Logger = Logger(label: "test", level: .critical), set: (inout LocalServer) -> Void = { _ in },
    _ body: (Served) async throws -> Void
  ) async throws {
    // Short, since a socket's path has 107 octets.
    let directory = "/tmp/v-" + ObservationID.random().rawValue.prefix(10)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let store = try await Store.open(directory: directory + "/data")
    let socketPath = directory + "/vitals.sock"
    var server = LocalServer(
      socketPath: socketPath, store: store, control: control, logger: logger, accounts: accounts, patience: .seconds(60)
    )
    set(&server)
    let served = Served(store: store, client: LocalClient(socketPath: socketPath), socketPath: socketPath)
    try await withThrowingTaskGroup(of: Void.self) { (group) async throws in
      let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
      group.addTask { [server] in
        defer { continuation.finish() }
        try await server.run { continuation.finish() }
      }
      for await _ in ready {}
      try await body(served)
      group.cancelAll()
      // Ends by being cancelled, without an error.
      try await group.waitForAll()
    }
    try await store.close()
  }
}

extension Logger {
  init(label: String, level: Logger.Level) {
    self.init(label: label)
    logLevel = level
  }
}

extension Status {
  static let quiet = Status(
    version: "1.2.3", startedAt: Timestamp(Date(timeIntervalSince1970: 1_795_307_400)),
    adapter: Status.Adapter(state: .ready, sentence: "ready"),
    bluetooth: [Status.AwaitedDevice(id: "ble:F0:F1:F2:F3:F4:F5", link: .connected)],
    visits: [
      DeviceVisit(
        id: "ble:F0:F1:F2:F3:F4:F5",
        progress: DeviceVisit.Progress(
          since: Timestamp(Date(timeIntervalSince1970: 1_795_307_400)), readings: 1, record: 2, records: 3),
        lastEnd: DeviceVisit.End(
          at: Timestamp(Date(timeIntervalSince1970: 1_795_300_000)), reason: "The device had nothing more to say."))
    ], store: Status.Storage(ok: true),
    destinations: [Status.Destination(name: "clinic", kind: "fhir", waiting: 0)],
    warnings: [
      HealthWarning(
        id: "disk-low", severity: .warning, title: "low", remedy: "make room",
        since: Timestamp(Date(timeIntervalSince1970: 1_795_307_400)))
    ],
    unreachable: [Status.Unreachable(patient: "p-1", patientName: "Mai")], unassigned: 0)
}

extension GatewayControl {
  /// A gateway in which nothing happens, but for what is given.
  static func quiet(
    scan: @escaping @Sendable (ScanRequest) async throws(APIError) -> AsyncStream<FoundDevice> = {
      (_) async throws(APIError) in AsyncStream { $0.finish() }
    },
    pair: @escaping @Sendable (PairingRequest) async throws(APIError) -> GatewayPairing = {
      (_) async throws(APIError) in throw APIError(APIError.Code.bluetoothUnavailable, "no adapter")
    },
    unpair: @escaping @Sendable (DeviceID) async throws(APIError) -> Void = { (_) async throws(APIError) in },
    policy: IngestPolicy = IngestPolicy()
  ) -> GatewayControl {
    var control = GatewayControl(
      status: { .quiet },
      doctor: {
        DoctorReport(checks: [DoctorReport.Check(id: "disk", verdict: .fail, what: "full", remedy: "make room")])
      },
      scan: scan, pair: pair, unpair: unpair, policy: { policy })
    control.retryDeliveries = { _, id in id == nil ? 0 : 1 }
    return control
  }
}

/// What happened, in order, with a way to wait for it.
final class Log<Entry: Sendable & Equatable>: Sendable {
  private let entries = Mutex<[Entry]>([])
  private let stream: AsyncStream<Entry>
  private let continuation: AsyncStream<Entry>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(of: Entry.self) }

  var all: [Entry] { entries.withLock { $0 } }

  func add(_ entry: Entry) {
    entries.withLock { $0.append(entry) }
    continuation.yield(entry)
  }

  /// The next entry; one waiter at a time.
  func next() async -> Entry? {
    var iterator = stream.makeAsyncIterator()
    return await iterator.next()
  }
}

extension Observation {
  static func cuff(
    _ number: Int, systolic: Decimal = 128, patient: PatientID? = nil, device: String = "ble:F0:F1:F2:F3:F4:F5",
    at date: Date = Date(timeIntervalSince1970: 1_795_307_400)
  ) -> Observation {
    let bytes = [0x1E, UInt8(truncatingIfNeeded: number)]
    let id = DeviceID(rawValue: device)
    return Observation(
      id: .random(), identity: ReadingIdentity(device: id, time: "t\(number)", format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: id, patient: patient, userSlot: nil,
      effective: EffectiveTime(span: .instant(date.addingTimeInterval(Double(number))), basis: .deviceClock),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(systolic, .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(82, .millimetreOfMercury))),
        ObservationComponent(MDC.pulsRateNonInv, .absent(.notANumber)),
      ], flags: [.irregularPulse, .bodyMovement], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes,
        deviceTime: DeviceTime(year: 2026, month: 11, day: 22, hour: 7, minute: 30, second: number), clockOffset: 0.5,
        receivedAt: date, profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded,
        isSimulated: false))
  }
}

extension Served {
  func commit(_ observation: Observation, _ policy: IngestPolicy = IngestPolicy()) async throws {
    _ = try await store.commit(
      observation, policy: policy, now: observation.provenance.receivedAt, live: true)
  }

  func pairCuff() async throws {
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5"), address: "F0:F1:F2:F3:F4:F5", name: "UA-651",
          profile: "sig/blood-pressure", information: DeviceInformation(manufacturer: "A&D", model: "UA-651BLE")),
        addressKind: "random", authentication: .bonded, pairedAt: Date(timeIntervalSince1970: 1_795_307_000)))
  }
}

/// The error of a request that must be refused.
func refusal(_ body: () async throws -> Void) async throws -> (status: Int, error: APIError) {
  do {
    try await body()
  } catch LocalClientError.refused(let status, let error) {
    return (status, error)
  }
  Issue.record("not refused")
  return (0, APIError("", ""))
}
