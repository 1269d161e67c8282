import AlertRules
import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Glibc
import LocalAPI
import Logging
import Observations
import Store
import Synchronization
import Testing

@testable import Gateway

/// From a device's link to the disk, with the real driver, store and rules; only the device is played.
@Suite struct IngestTests {
  static let profiles = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "DeviceProfiles")

  private func gateway(_ directory: URL) async throws -> (store: Store, ingest: Ingest, health: Health) {
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let health = Health(logger: quiet)
    let ingest = Ingest(
      store: store, policy: IngestPolicy(rules: try RuleFiles.standard()), health: health, logger: quiet)
    return (store, ingest, health)
  }

  private var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

  private func visit(_ session: String, _ ingest: Ingest) async throws -> SimulatedPeripheral {
    let library = ProfileLibrary.load([Self.profiles]).library
    let profile = try #require(library.profile(named: "sig/blood-pressure"))
    let driver = try #require(Drivers.named(profile.driver))
    let device = try SimulatedDevice(profile, session: session)
    let (channel, peripheral) = try await device.connect(zone: .current)
    let client = GATTClient(channel: channel)
    await client.start()
    _ = await driver.run(
      DeviceSession(
        device: device.device, profile: profile, client: client, authentication: .bonded, isSimulated: true,
        timeZone: .current, sink: SimulatedSink(ingest: ingest, device: device.device, logger: quiet)))
    await client.close()
    return peripheral
  }

  /// Found by the simulated week (Tests/Week): each tick wrapped what it called twice more, and called through all of it.
  @Test("what the rules' clock calls stays as it was given")
  func callsStay() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let (_, ingest, _) = try await gateway(directory)
    // What is captured makes it a closure with a context of its own, whose address is in these bytes.
    let looks = Mutex(0)
    let count: @Sendable () -> Void = { [held = [1, 2]] in looks.withLock { $0 += held.count / 2 } }
    ingest.look {
      count()
      return nil
    }
    ingest.tellUnstored { _ in count() }
    let given = withUnsafeBytes(of: ingest.calls.withLock { $0 }) { Array($0) }
    for _ in 0..<3 { await ingest.tick() }
    #expect(looks.withLock { $0 } == 3)
    #expect(withUnsafeBytes(of: ingest.calls.withLock { $0 }) { Array($0) } == given)
  }

  @Test("a severe reading is stored, fires, and is told to those who watch")
  func severe() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let (store, ingest, health) = try await gateway(directory)
    let alerts = AlertLog(ingest)
    defer { alerts.watch.cancel() }
    _ = try await visit("session-severe.yaml", ingest)
    let stored = try await store.observations()
    #expect(stored.contains { $0.quantity(MDC.pressBldNoninvSys)?.value == 190 })
    #expect(stored.allSatisfy { $0.provenance.isSimulated })
    let fired = alerts.fired
    #expect(Set(fired.map(\.rule.rawValue)) == ["severe"])
    #expect(fired.allSatisfy { $0.isSimulated && !$0.notStored })
    #expect(health.warnings.isEmpty)
    try await store.close()
  }

  @Test("that readings could not be stored is said until the store writes again, not until the next reading")
  func storeIsWellAgain() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let (store, ingest, health) = try await gateway(directory)
    ingest.noteWriting(.fullDisk)
    #expect(health.warnings.map(\.kind) == [HealthWarning.Kind.storeNotCommitting])
    await ingest.tick()
    #expect(health.warnings.isEmpty)
    try await store.close()
    ingest.noteWriting(.fullDisk)
    await ingest.tick()
    #expect(health.warnings.count == 1)
  }

  @Test("a crisis that cannot be stored is told from memory, and marked so")
  func unstored() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let (store, ingest, health) = try await gateway(directory)
    let alerts = AlertLog(ingest)
    defer { alerts.watch.cancel() }
    // A closed store is one that cannot commit.
    try await store.close()
    _ = try await visit("session-severe.yaml", ingest)
    let fired = alerts.fired
    #expect(!fired.isEmpty)
    #expect(fired.allSatisfy { $0.notStored })
    #expect(health.warnings.map(\.kind) == [HealthWarning.Kind.storeNotCommitting])
  }

  @Test("a reading of a memory that cannot be kept takes no other one with it")
  func oneOfAMemory() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let (store, ingest, _) = try await gateway(directory)
    let arrivals = (UInt8(1)...5).map { number in
      // JSON has no infinity, so that this one has no text.
      Ingest.Arrival(observation: .memory(number, clockOffset: number == 3 ? .infinity : 0), live: false)
    }
    await #expect(throws: (any Error).self) { try await ingest.commit(arrivals) }
    #expect(try await store.observations().map { $0.provenance.bytes[0] }.sorted() == [1, 2, 4, 5])
    let again = try await ingest.commit(arrivals.filter { $0.observation.provenance.clockOffset == 0 })
    #expect(again.allSatisfy { if case .duplicate = $0 { true } else { false } })
    try await store.close()
  }
}

extension Observation {
  fileprivate static func memory(_ number: UInt8, clockOffset: TimeInterval) -> Observation {
    let device = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
    let date = Date(timeIntervalSince1970: 1_790_000_000 + Double(number) * 60)
    return Observation(
      id: .random(), identity: ReadingIdentity(device: device, time: "\(number)", format: "2A35", bytes: [number]),
      kind: .bloodPressure, device: device, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .instant(date), basis: .deviceClock),
      components: [ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(120, .millimetreOfMercury)))],
      flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: [number], deviceTime: nil, clockOffset: clockOffset, receivedAt: date, profile: "a/b",
        driver: "a/1", authentication: .bonded, isSimulated: false))
  }
}

/// The alerts that an ingest tells while it is watched.
private final class AlertLog: Sendable {
  let watch: IngestWatch
  private let told: Told

  private final class Told: Sendable {
    let transitions = Mutex<[AlertTransition]>([])
  }

  init(_ ingest: Ingest) {
    let told = Told()
    self.told = told
    watch = ingest.watch { event in
      if case .alert(let transition) = event { told.transitions.withLock { $0.append(transition) } }
    }
  }

  var fired: [AlertTransition] { told.transitions.withLock { $0.filter { $0.to == .firing } } }
}
