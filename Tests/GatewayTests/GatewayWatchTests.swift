import AlertRules
import Devices
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import Synchronization
import Testing

@testable import Forwarding
@testable import Gateway

/// What is looked at for the rules about the gateway, and what is not known.
@Suite struct GatewayWatchTests {
  private final class Surroundings: Sendable {
    struct State {
      var destinations: [DestinationStatus] = []
      var adapter: Status.AdapterState? = .starting
      var stale: Set<DeviceID> = []
      var free: Int? = 5000
      var steady = ContinuousClock.now
    }
    let state = Mutex(State())
    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> Value { state.withLock(body) }
  }

  private static let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
  private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  private func with(_ body: (Store, Surroundings, Health, GatewayWatch) async throws -> Void) async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try await Store.open(directory: folder.path(percentEncoded: false))
    let surroundings = Surroundings()
    let health = Health(logger: Self.logger)
    var sources = GatewayWatch.Sources(
      store: store, health: health, library: { ProfileLibrary.load([IngestTests.profiles]).library },
      destinations: { surroundings.with { $0.destinations } }, adapter: { surroundings.with { $0.adapter } },
      staleBonds: { surroundings.with { $0.stale } }, freeRoom: { surroundings.with { $0.free } })
    sources.steady = { surroundings.with { $0.steady } }
    try await body(store, surroundings, health, GatewayWatch(sources))
    try await store.close()
  }

  private func known(_ watch: GatewayWatch) async throws -> [String: Decimal] {
    let facts = try #require(await watch.facts())
    return Dictionary(
      uniqueKeysWithValues: facts.facts.values.map {
        ("\($0.condition.name.rawValue) \($0.condition.subject)", $0.value)
      })
  }

  @Test func ofADestinationThatHasNotAnsweredYetNothingIsKnown() async throws {
    try await with { (_, surroundings, _, watch) async throws in
      var status = DestinationStatus(
        id: DestinationID(rawValue: "clinic"), kind: "webhook", waiting: 0, lastSuccess: nil, lastFailure: nil,
        lastFailureReason: nil, isFailing: false, rejected: 0, lastRejection: nil, lastRejectionReason: nil,
        waitingUnstored: 0)
      func clinic(_ status: DestinationStatus) async throws -> [String: Decimal] {
        surroundings.with { $0.destinations = [status] }
        return try await known(watch).filter { $0.key.hasSuffix("clinic") && !$0.key.hasPrefix("undelivered") }
      }
      #expect(try await clinic(status) == [:])
      status.isFailing = true
      #expect(try await clinic(status) == ["destination-down destination:clinic": 1])
      status.isFailing = false
      status.lastSuccess = Date(timeIntervalSince1970: 1)
      #expect(
        try await clinic(status)
          == ["destination-down destination:clinic": 0, "destination-refuses destination:clinic": 0])
      status.lastRejection = Date(timeIntervalSince1970: 2)
      #expect(
        try await clinic(status)
          == ["destination-down destination:clinic": 0, "destination-refuses destination:clinic": 1])
    }
  }

  @Test func ofADestinationThatIsBackNothingIsSaidUntilWhatWaitedWasTried() async throws {
    try await with { (_, surroundings, _, watch) async throws in
      var status = DestinationStatus(
        id: DestinationID(rawValue: "clinic"), kind: "webhook", waiting: 2,
        lastSuccess: Date(timeIntervalSince1970: 1), lastFailure: nil, lastFailureReason: nil, isFailing: false,
        rejected: 0, lastRejection: nil, lastRejectionReason: nil, waitingUnstored: 0)
      func clinic() async throws -> Set<String> {
        surroundings.with { $0.destinations = [status] }
        return Set(try await known(watch).keys.filter { $0.hasSuffix("clinic") })
      }
      status.isCatchingUp = true
      #expect(try await clinic() == ["destination-refuses destination:clinic"])
      status.isCatchingUp = false
      #expect(
        try await clinic() == [
          "destination-refuses destination:clinic", "destination-down destination:clinic",
          "undelivered-alert destination:clinic",
        ])
    }
  }

  @Test func ofADeviceItsBatteryItsClockAndItsBond() async throws {
    try await with { (store, surroundings, _, watch) async throws in
      func save(battery: Int?, offset: TimeInterval?) async throws {
        try await store.saveDevice(
          DeviceRecord(
            description: DeviceDescription(
              id: Self.cuff, address: "F0:F1:F2:F3:F4:F5", name: "Lan's cuff", profile: "sig/blood-pressure",
              information: DeviceInformation()),
            addressKind: "random", authentication: .bonded, pairedAt: Date(), clockOffset: offset, battery: battery))
      }
      func cuff() async throws -> [String: Decimal] {
        try await known(watch).filter { $0.key.contains(" equipment:") }
      }
      let of = " equipment:\(Self.cuff)"
      try await save(battery: nil, offset: nil)
      #expect(try await cuff() == ["bond-stale" + of: 0])
      try await save(battery: 17, offset: -7200)
      surroundings.with { $0.stale = [Self.cuff] }
      #expect(
        try await cuff() == [
          "bond-stale" + of: 1, "battery-low" + of: 17, "clock-wrong" + of: 120, "clock-unset" + of: 0,
        ])
      try await save(battery: 17, offset: -10 * 365 * 86_400)
      #expect(try await cuff()["clock-unset" + of] == 1)
      let fact = try #require(await watch.facts()?.facts[GatewayCondition(.batteryLow, device: Self.cuff)])
      #expect(fact.label != nil && fact.label?.contains("Lan") == false, "\(fact.label ?? "nil")")
    }
  }

  @Test func ofTheBoxItsAdapterItsDiskAndItsStore() async throws {
    try await with { (_, surroundings, health, watch) async throws in
      func adapter(_ state: Status.AdapterState?) async throws -> Decimal? {
        surroundings.with { $0.adapter = state }
        return try await known(watch)["adapter-missing box"]
      }
      #expect(try await adapter(.starting) == nil, "it is not known yet")
      for state in [Status.AdapterState.absent, .off, .rival, .failed] { #expect(try await adapter(state) == 1) }
      for state in [Status.AdapterState.ready, .disabled] { #expect(try await adapter(state) == 0) }
      #expect(try await adapter(nil) == 0)

      // One fact, for the rules and for who looks at the status.
      #expect(try await known(watch)["disk-low box"] == 5000)
      #expect(health.warnings.isEmpty)
      surroundings.with { $0.free = 99 }
      #expect(try await known(watch)["disk-low box"] == 99)
      #expect(health.warnings.map(\.kind) == [HealthWarning.Kind.diskLow])
      surroundings.with { $0.free = 100 }
      #expect(try await known(watch)["disk-low box"] == 100)
      #expect(health.warnings.isEmpty)
      surroundings.with { $0.free = nil }
      #expect(try await known(watch)["disk-low box"] == nil)

      #expect(try await known(watch)["store-failing box"] == 0)
      health.warn(HealthWarning.Kind.storeNotCommitting, .error, "no")
      #expect(try await known(watch)["store-failing box"] == 1)
    }
  }

  @Test func itIsLookedNowAndThen() async throws {
    try await with { (_, surroundings, _, watch) async throws in
      #expect(await watch.factsIfDue() != nil)
      surroundings.with { $0.steady += .seconds(9) }
      #expect(await watch.factsIfDue() == nil)
      surroundings.with { $0.steady += .seconds(1) }
      #expect(await watch.factsIfDue() != nil)
    }
  }
}
