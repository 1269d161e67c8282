import Devices
import Foundation
import Logging
import Observations
import Store
import Testing

@testable import BluetoothLE
@testable import Gateway
@testable import LocalAPI

/// Bonds that the device does not know any more, and devices that are to be forgotten. No adapter is needed: what the
/// kernel is told stands in the lab.
@Suite(.timeLimit(.minutes(2))) struct StaleBondTests {
  private struct House {
    let store: Store
    let health: Health
    let service: BluetoothService
    let device: KnownDevice
  }

  private static let address = "F0:F1:F2:F3:F4:F5"

  /// A gateway with one bonded cuff and its key, whose profile says what to press.
  private func with(
    directory: String? = nil, pressing hint: PairingHint? = nil, _ body: (House) async throws -> Void
  ) async throws {
    let folder =
      directory
      ?? FileManager.default.temporaryDirectory.appending(path: "vitals-\(UUID().uuidString)").path(
        percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { if directory == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let store = try await Store.open(directory: folder)
    let health = Health(logger: logger)
    let library = ProfileLibrary.load([IngestTests.profiles]).library
    let registry = DeviceRegistry(store: store, library: library, logger: logger)
    let service = BluetoothService(
      registry: registry,
      ingest: Ingest(store: store, policy: IngestPolicy(rules: []), health: health, logger: logger),
      visits: VisitBoard(store: store, logger: logger), health: health, timeZone: .current,
      ownAddress: try #require(BluetoothAddress("C1:02:03:04:05:06", kind: .random)),
      constants: [:], logger: logger)
    let address = try #require(BluetoothAddress(Self.address, kind: .random))
    var profile = try #require(library.profile(named: "sig/blood-pressure"))
    profile.pairing = hint
    let device = KnownDevice(
      id: KnownDevice.id(of: address), address: address, name: "UA-651", profile: profile, authentication: .bonded,
      database: nil, informationIsKnown: false, keepsSubscriptions: nil, clockOffset: nil, previousVisit: nil)
    if try await store.device(device.id) == nil {
      try await registry.keep(
        device, longTermKeys: [try Self.key(of: address, 1)], identityResolvingKey: nil, patient: nil)
    }
    await service.learn(device)
    try await body(House(store: store, health: health, service: service, device: device))
    try await store.close()
  }

  private static func key(of address: BluetoothAddress, _ octet: UInt8) throws -> LongTermKey {
    try #require(
      LongTermKey(
        address: address, kind: .unauthenticatedSecureConnections, central: 1, size: 16, diversifier: 0,
        random: [UInt8](repeating: 0, count: 8), value: [UInt8](repeating: octet, count: 16)))
  }

  private func kinds(_ health: Health) -> [String] { health.warnings.map(\.kind) }

  // MARK: Noticed

  @Test func theFirstPausesAreShortAndARowOfRefusalsHasLongOnes() {
    var backoff = Backoff()
    var pauses: [Duration?] = []
    for _ in 1...16 { pauses.append(backoff.failed(isRefusal: true)) }
    #expect(pauses.prefix(2) == [nil, nil])
    #expect(
      Array(pauses[2..<8]) == [.seconds(10), .seconds(20), .seconds(30), .seconds(30), .seconds(30), .seconds(30)])
    #expect(Array(pauses[8...]) == [60, 120, 240, 480, 960, 1920, 3600, 3600].map { Duration.seconds($0) })
    backoff.succeeded()
    #expect(!backoff.saysStaleBond && backoff.failed(isRefusal: true) == nil)
    // What only led to nothing is never left alone for long.
    var harmless = Backoff()
    #expect((1...50).map { _ in harmless.failed() }.last == .seconds(30))
  }

  /// A device that makes a link, says nothing and goes, again and again.
  @Test func aRowOfEmptyLinksIsSlowedDownAndIsNoRefusal() {
    let now = ContinuousClock.now
    var backoff = Backoff()
    for _ in 1...3 { _ = backoff.failed(isRefusal: true) }
    backoff.succeeded()
    _ = backoff.failed(isRefusal: true)
    var pauses = (0..<6).map { backoff.wasEmpty(at: now + .seconds(30 * $0)) }
    #expect(backoff.refusals == 0 && !backoff.saysStaleBond)
    #expect(pauses == [nil, .seconds(10), .seconds(20), .seconds(30), .seconds(30), .seconds(30)])
    backoff.succeeded()
    #expect(backoff.wasEmpty(at: now) == nil && backoff.wasEmpty(at: now) == nil)
    // Switched on once a day, to look at it.
    pauses = (1...5).map { backoff.wasEmpty(at: now + .seconds(86_400 * $0)) }
    #expect(pauses == [nil, nil, nil, nil, nil])
  }

  @Test func oneRefusalIsAStrangersMaybeThreeAreAStaleBond() async throws {
    try await with { (house) async throws in
      await house.service.bondRefused(house.device, isMissing: false)
      await house.service.bondRefused(house.device, isMissing: false)
      #expect(kinds(house.health) == [HealthWarning.Kind.untrustedLink])
      await house.service.bondRefused(house.device, isMissing: false)
      let warning = try #require(house.health.warnings.first)
      #expect(house.health.warnings.count == 1)
      #expect(warning.id == "bluetooth-bond-stale:ble:\(Self.address)" && warning.severity == .error)
      #expect(warning.remedy.hasSuffix("vitals pair --again \(Self.address)"))
      #expect(warning.parameters == ["device": "UA-651", "address": Self.address])
      await house.service.bondHolds(house.device)
      #expect(house.health.warnings.isEmpty)
      #expect(await house.service.registry.staleBonds().isEmpty)
    }
  }

  @Test func theProfileSaysWhatToPress() async throws {
    let hint = PairingHint(english: "Hold SET until Pr blinks.", vietnamese: "Giữ nút SET đến khi Pr nhấp nháy.")
    try await with(pressing: hint) { (house) async throws in
      await house.service.bondRefused(house.device, isMissing: true)
      let warning = try #require(house.health.warnings.first)
      #expect(warning.kind == HealthWarning.Kind.staleBond)
      #expect(warning.remedy == "Hold SET until Pr blinks. Then run: vitals pair --again \(Self.address)")
      #expect(warning.parameters["pressVi"] == "Giữ nút SET đến khi Pr nhấp nháy.")
    }
  }

  @Test func aStaleBondIsSaidAgainAfterAStart() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitals-\(UUID().uuidString)")
      .path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await with(directory: folder) { await $0.service.bondRefused($0.device, isMissing: true) }
    try await with(directory: folder) { (house) async throws in
      await house.service.warnOfStaleBonds()
      #expect(kinds(house.health) == [HealthWarning.Kind.staleBond])
      // Its first link after the start says nothing new.
      await house.service.bondRefused(house.device, isMissing: false)
      #expect(kinds(house.health) == [HealthWarning.Kind.staleBond])
      await house.service.bondHolds(house.device)
    }
    try await with(directory: folder) { (house) async throws in
      await house.service.warnOfStaleBonds()
      #expect(house.health.warnings.isEmpty)
    }
  }

  // MARK: Paired again

  @Test func whileADeviceIsPairedAgainTheKernelHasOnlyItsNewKeysAndTheStoreItsOldOnes() async throws {
    try await with { (house) async throws in
      let old = try Self.key(of: house.device.address, 1)
      let pairing = PairingLink { _ in }
      await house.service.enter(pairing, house.device.address)
      #expect(try await house.service.keysForKernel().isEmpty)
      let new = try Self.key(of: house.device.address, 2)
      pairing.keep(new)
      #expect(try await house.service.keysForKernel() == [new])
      #expect(try await house.service.registry.longTermKeys() == [old])
      // It comes to nothing: all is as it was.
      await house.service.endPairing(pairing, failed: house.device.address)
      #expect(try await house.service.keysForKernel() == [old])
      #expect(await house.service.isKnown(house.device.address))
    }
  }

  @Test func thePairingAgainEndsTheWarningAndReplacesTheKeys() async throws {
    try await with { (house) async throws in
      let owner = try await house.store.addPatient(name: "Mai")
      try await house.store.assign(house.device.id, slot: 2, to: owner.id)
      await house.service.bondRefused(house.device, isMissing: true)
      let pairing = PairingLink { _ in }
      await house.service.enter(pairing, house.device.address)
      let new = try Self.key(of: house.device.address, 2)
      pairing.keep(new)
      try await house.service.keep(house.device, pairing, patient: nil)
      #expect(house.health.warnings.isEmpty)
      #expect(try await house.service.registry.longTermKeys() == [new])
      let users = try await house.store.device(house.device.id)?.users
      #expect(users?.map(\.slot) == [2] && users?.map(\.patient) == [owner.id])
    }
  }

  @Test func aDeviceThatNobodyKnowsIsNotPairedAgain() async throws {
    try await with { (house) async throws in
      await #expect(throws: PairingFault.self) { try await house.service.knownDevice("ble:00:00:00:00:00:00") }
      #expect(try await house.service.knownDevice(nil) == nil)
      #expect(try await house.service.knownDevice(house.device.id.rawValue)?.address == house.device.address)
    }
  }

  @Test func twoPeopleDoNotPairOneDeviceAgainAtOnce() async throws {
    try await with { (house) async throws in
      try await house.service.holdBack(house.device)
      await #expect(throws: PairingFault.self) { try await house.service.holdBack(house.device) }
      await #expect(throws: APIError.self) { try await house.service.unpair(house.device.id) }
      await house.service.letGo(house.device)
      await house.service.enter(PairingLink { _ in }, house.device.address)
      await #expect(throws: PairingFault.self) { try await house.service.holdBack(house.device) }
    }
  }

  // MARK: Unpaired

  @Test func unpairingEndsTheVisitAndForgetsAll() async throws {
    try await with { (house) async throws in
      await house.service.bondRefused(house.device, isMissing: true)
      let (ended, continuation) = AsyncStream.makeStream(of: Bool.self)
      await house.service.begin(house.device.address) {
        // As a visit is: until it is cancelled.
        while !Task.isCancelled { await Task.yield() }
        // A cancelled task is refused by the store.
        let isStillPaired = await Task.detached { (try? await house.store.device(house.device.id)) ?? nil }.value != nil
        continuation.yield(isStillPaired)
        continuation.finish()
      }
      try await house.service.unpair(house.device.id)
      var iterator = ended.makeAsyncIterator()
      #expect(await iterator.next() == true, "the visit ends before the device is forgotten")
      #expect(try await house.store.device(house.device.id) == nil)
      #expect(try await house.service.keysForKernel().isEmpty)
      #expect(await !house.service.isKnown(house.device.address))
      #expect(house.health.warnings.isEmpty)
      #expect(await house.service.registry.staleBonds().isEmpty)
      await #expect(throws: StoreFailure.unknownDevice) { try await house.service.unpair(house.device.id) }
    }
  }

  @Test func aDeviceThatIsBeingPairedIsNotUnpaired() async throws {
    try await with { (house) async throws in
      await house.service.enter(PairingLink { _ in }, house.device.address)
      await #expect(throws: APIError.self) { try await house.service.unpair(house.device.id) }
      #expect(try await house.store.device(house.device.id) != nil)
    }
  }
}
