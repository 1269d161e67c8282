import AlertRules
import Foundation
import LocalAPI
import Logging
import Observations
import Testing

@testable import Gateway
@testable import Store

/// The budget is kept by what is old and elsewhere, and where that is not enough it is said.
@Suite struct DiskBudgetTests {
  private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
  private static let record = DestinationID(rawValue: "record")
  private static let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
  private static let policy = IngestPolicy(
    rules: [],
    destinations: [DestinationPolicy(id: record, takesObservations: true, takesAlerts: false, takesSimulated: false)])

  private func with(_ body: (Store, Health) async throws -> Void) async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try await Store.open(directory: folder.path(percentEncoded: false))
    let patient = try await store.addPatient(name: "Lan", at: Date())
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: Self.cuff, address: "F0:F1:F2:F3:F4:F5", name: "Cuff", profile: "sig/blood-pressure",
          information: DeviceInformation()),
        addressKind: "random", authentication: .bonded, pairedAt: Date()))
    try await store.assign(Self.cuff, slot: nil, to: patient.id)
    try await store.grantConsent(
      patient: patient.id, destination: Self.record, grantee: "Dr Minh", relationship: "doctor", at: Date())
    try await body(store, Health(logger: Self.logger))
    try await store.close()
  }

  /// Readings of some 4 KB each, an hour apart, the first of them taken so many days ago.
  private func keep(_ count: Int, daysAgo days: Double, _ store: Store) async throws {
    let first = Date().addingTimeInterval(-days * 86_400)
    for index in 0..<count {
      let at = first.addingTimeInterval(Double(index) * 3_600)
      let time = DeviceTime(
        year: 2020 + Int(days) % 6, month: 1 + index / 24 / 28, day: 1 + index / 24 % 28, hour: index % 24, minute: 0,
        second: 0)
      let bytes = [UInt8](repeating: 255, count: 1_000)
      _ = try await store.commit(
        Observation(
          id: .random(),
          identity: ReadingIdentity(device: Self.cuff, time: time.verbatim, format: "2A35", bytes: bytes),
          kind: .bloodPressure, device: Self.cuff, patient: nil, userSlot: nil,
          effective: EffectiveTime(span: .instant(at), basis: .deviceClock),
          components: [
            ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(120, .millimetreOfMercury)))
          ], flags: [], marks: [],
          provenance: Provenance(
            format: "2A35", bytes: bytes, deviceTime: time, clockOffset: 0, receivedAt: at,
            profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded,
            isSimulated: false)), policy: Self.policy, now: at, live: false)
    }
  }

  private func deliver(_ store: Store) async throws {
    while case let due = try await store.dueDeliveries(for: Self.record, at: Date(), limit: 100), !due.isEmpty {
      try await store.recordDelivered(due.map(\.id), at: Date())
    }
  }

  private func budget(_ bytes: Int64, _ store: Store, _ health: Health, trust: BoxClock.Trust = .always) -> DiskBudget {
    DiskBudget(
      bytes: bytes, store: store, health: health, clock: BoxClockWatch(trust: trust), pause: .zero, logger: Self.logger)
  }

  private struct Ages: Equatable {
    var old: Int
    var new: Int
  }

  private func ages(_ store: Store) async throws -> Ages {
    let all = try await store.observations(ObservationFilter(limit: 10_000))
    let line = Date().addingTimeInterval(-365 * 86_400)
    return Ages(old: all.count { $0.effective.end < line }, new: all.count { $0.effective.end >= line })
  }

  @Test func theOldGoesFirstAndTheNewestYearOnlyWhenItMust() async throws {
    try await with { store, health in
      let empty = try await store.size().used
      try await keep(100, daysAgo: 801, store)
      try await keep(60, daysAgo: 200, store)
      try await deliver(store)
      let full = try await store.size().used
      // Room enough: nothing goes.
      await budget(full * 2, store, health).keep()
      #expect(try await ages(store) == Ages(old: 100, new: 60))
      // A little too much: some of the oldest.
      await budget(full, store, health).keep()
      var left = try await ages(store)
      #expect(left.new == 60 && left.old < 100 && left.old > 20, "\(left)")
      #expect(try await store.size().used <= Int64(Double(full) * 0.8))
      #expect(health.warnings.isEmpty)
      let room = try #require(await budget(full, store, health).room())
      #expect(room.prunedReadings == 100 - left.old && room.prunedUntil != nil)
      // Much too much: all that is old, and then of the newest year.
      let small = empty + (full - empty) / 5
      await budget(small, store, health).keep()
      left = try await ages(store)
      #expect(left.old == 0 && left.new < 60 && left.new > 0, "\(left)")
      #expect(try await store.size().used <= small)
      #expect(health.warnings.isEmpty)
    }
  }

  @Test func whatIsNowhereElseStaysAndIsSaid() async throws {
    try await with { store, health in
      try await keep(80, daysAgo: 801, store)
      let used = try await store.size().used
      await budget(used / 2, store, health).keep()
      #expect(try await ages(store) == Ages(old: 80, new: 0))
      #expect(health.warnings.map(\.kind) == [HealthWarning.Kind.storageBudget])
      // It is delivered: the warning goes with the readings.
      try await deliver(store)
      await budget(used / 2, store, health).keep()
      #expect(try await ages(store).old < 80)
      #expect(health.warnings.isEmpty)
    }
  }

  @Test func sizesAreReadAsTheyAreWritten() throws {
    #expect(DiskBudget.bytes("20MB") == 20 << 20)
    #expect(DiskBudget.bytes("2GB") == 2 << 30)
    for text in ["", "MB", "0MB", "2TB", "2 GB", "-2GB", "1.5GB"] { #expect(DiskBudget.bytes(text) == nil) }
    #expect(try loadConfiguration("storage: {budget: 500MB}\n").storageBudget == 500 << 20)
    #expect(try loadConfiguration("{}\n").storageBudget == nil)
    for text in ["19MB", "1TB", "500", "0GB"] {
      #expect(throws: ConfigurationFailure.self) { try loadConfiguration("storage: {budget: \(text)}\n") }
    }
  }
}
