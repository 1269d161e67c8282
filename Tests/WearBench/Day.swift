import AlertRules
import Devices
import Forwarding
import Foundation
import Gateway
import HealthRecords
import LocalAPI
import Logging
import Observations
import Store

/// A day of a household as the gateway lives it, without its radio: everything that writes is the gateway's own.
@MainActor final class Day {
  enum Kind: String {
    /// Two cuffs are paired, and nobody measures.
    case idle
    /// Two cuffs, each with three readings in the morning and three in the evening; a destination takes them.
    case cuffs
    /// A heart-rate strap, worn for an hour.
    case strap
    /// As `cuffs`, with a destination that cannot be reached all day.
    case down
  }

  private static let destination = DestinationID(rawValue: "record")
  private static let minutes = 24 * 60

  let store: Store
  private(set) var readings = 0
  private let disk: BlockDevice
  private let clock: SimulatedClock
  private let ingest: Ingest
  private let budget: DiskBudget
  private let visits: VisitBoard
  private let forwarding: ForwardingService
  private let running: Task<Void, Never>
  private let log: Logger

  private init(
    store: Store, disk: BlockDevice, clock: SimulatedClock, ingest: Ingest, budget: DiskBudget,
    visits: VisitBoard, forwarding: ForwardingService, log: Logger
  ) {
    (self.store, self.disk, self.clock) = (store, disk, clock)
    (self.ingest, self.budget, self.visits, self.forwarding, self.log) = (ingest, budget, visits, forwarding, log)
    running = Task { await forwarding.run() }
  }

  private static func device(_ index: Int) -> DeviceDescription {
    let address = "B0:49:5F:00:10:7\(index)"
    return DeviceDescription(
      id: DeviceID(rawValue: "ble:\(address)"), address: address, name: nil,
      profile: index < 2 ? "sig/blood-pressure" : "sig/heart-rate",
      information: DeviceInformation(manufacturer: "Maker", model: index < 2 ? "Cuff" : "Strap", firmware: "1"))
  }

  static func open(directory: String, url: String, disk: BlockDevice) async throws -> Day {
    var log = Logger(label: "bench")
    log.logLevel = .critical
    let store = try await Store.open(directory: directory)
    let clock = SimulatedClock()
    for index in 0..<3 {
      let patient = try await store.addPatient(name: "Person \(index)", at: SimulatedClock.begin)
      try await store.grantConsent(
        patient: patient.id, destination: destination, grantee: "clinic", relationship: "doctor",
        at: SimulatedClock.begin)
      try await store.saveDevice(
        DeviceRecord(
          description: device(index), addressKind: "public", authentication: .bonded, pairedAt: SimulatedClock.begin))
      try await store.assign(device(index).id, slot: nil, to: patient.id)
    }
    let policy = IngestPolicy(
      rules: try RuleFiles.standard(),
      destinations: [
        DestinationPolicy(id: destination, takesObservations: true, takesAlerts: false, takesSimulated: false)
      ], settling: 15)
    let health = Health(logger: log)
    let watch = BoxClockWatch(trust: .synchronised, boot: "bench") {
      BoxClock.Sighting(wall: clock.wall, uptime: 1000 + clock.passed, state: .synchronised)
    }
    let ingest = Ingest(store: store, policy: policy, health: health, logger: log, clock: watch)
    var settings = DestinationSettings(id: destination, kind: "fhir", url: url)
    settings.allowsPrivate = true
    let forwarding = try ForwardingService(
      store: store, destinations: [settings],
      surroundings: ForwarderSurroundings(
        gateway: try await store.gatewayDescription(softwareVersion: "bench"), timeZone: .gmt, http: OutboundHTTP()),
      log: log, clock: clock.forwarding)
    var sources = GatewayWatch.Sources(
      store: store, health: health, library: { ProfileLibrary.load([]).library },
      destinations: { await forwarding.standing() }, adapter: { Status.AdapterState.ready }, staleBonds: { [] },
      freeRoom: { 10_000 })
    sources.steady = { clock.steady }
    sources.now = { clock.wall }
    let facts = GatewayWatch(sources)
    ingest.look { await facts.factsIfDue() }
    let day = Day(
      store: store, disk: disk, clock: clock, ingest: ingest,
      budget: DiskBudget(bytes: 1 << 30, store: store, health: health, clock: watch, logger: log),
      visits: VisitBoard(store: store, logger: log), forwarding: forwarding, log: log)
    // What happens once is no part of a day.
    await ingest.tick()
    try await day.quiet()
    return day
  }

  func close() async throws {
    running.cancel()
    await running.value
    try await store.close()
  }

  /// Octets that the database holds, whether they stand in its file yet or in the log.
  func databaseSize() async throws -> UInt64 { UInt64(try await store.size().used) }

  /// Octets that the daily copy takes.
  func copy() async throws -> UInt64 {
    let before = try disk.written()
    _ = try await store.makeCopy(now: clock.wall)
    disk.synchronise()
    return try disk.written().octets - before.octets
  }

  func pass(_ kind: Kind) async throws {
    for minute in 0..<Self.minutes {
      while clock.advance(to: Double(minute * 60)) { try await quiet() }
      try await store.takeTurn()
      if minute.isMultiple(of: 10) { await budget.keep() }
      await ingest.tick()
      switch kind {
      case .idle: break
      case .cuffs, .down:
        // At seven and at nineteen o'clock, one after the other, a minute between two readings of one.
        for (index, offset) in [(0, 0), (0, 2), (0, 4), (1, 10), (1, 12), (1, 14)]
        where [7 * 60 + offset, 19 * 60 + offset].contains(minute) {
          try await measure(Self.device(index).id, minute)
        }
      case .strap:
        if (17 * 60..<18 * 60).contains(minute) { try await wear(minute) }
      }
      try await quiet()
    }
    while clock.advance(to: Double(Self.minutes * 60)) { try await quiet() }
    disk.synchronise()
  }

  /// Until the destination's queue has done what there was to do; then the file system writes the rest.
  private func quiet() async throws {
    // It is rung by a task of its own after a commit.
    var sleeps = 0
    while sleeps < 4 {
      try await Task.sleep(for: .milliseconds(6))
      sleeps = clock.queueSleeps ? sleeps + 1 : 0
    }
    disk.synchronise()
  }

  /// One visit of a cuff with a clock that is asked each time, and a battery; one reading.
  private func measure(_ cuff: DeviceID, _ minute: Int) async throws {
    let visit = visits.begin(cuff, at: clock.wall)
    let sink = ingest.sink(for: cuff, logger: log)
    await sink.remember(battery: 80)
    await sink.remember(clockOffset: Double(minute % 7) / 10, at: clock.wall)
    let outcome = try await sink.store(Self.pressure(cuff, minute, at: clock.wall), live: true)
    disk.synchronise()
    try await sink.confirmationSent(outcome.id)
    await sink.confirmationArrived(outcome.id)
    await visits.end(visit, "the device ended the link", at: clock.wall)
    readings += 1
  }

  /// A minute of a strap: every beat, and the window.
  private func wear(_ minute: Int) async throws {
    let strap = Self.device(2).id
    let sink = ingest.sink(for: strap, logger: log)
    for beat in 0..<72 {
      await sink.live(
        LiveSample(
          device: strap, at: clock.wall.addingTimeInterval(Double(beat) / 1.2), beatsPerMinute: 70 + beat % 9,
          rrIntervals: [], isSimulated: false))
    }
    _ = try await sink.store(Self.window(strap, minute, at: clock.wall), live: true)
    if minute == 18 * 60 - 1 { await visits.ended(strap, "the device ended the link", readings: 60, at: clock.wall) }
    readings += 1
  }

  private static func pressure(_ cuff: DeviceID, _ minute: Int, at date: Date) -> Observation {
    let bytes: [UInt8] = [
      0x1E, UInt8(112 + minute % 20), 0, 75, 0, 90, 0, UInt8(minute / 60), UInt8(minute % 60), 71, 0,
    ]
    let time = DeviceTime(year: 2026, month: 11, day: 22, hour: minute / 60, minute: minute % 60, second: 0)
    return Observation(
      id: .random(), identity: ReadingIdentity(device: cuff, time: time.verbatim, format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: cuff, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .instant(date), basis: .deviceClock),
      components: [
        ObservationComponent(
          MDC.pressBldNoninvSys, .quantity(Quantity(Decimal(112 + minute % 20), .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(75, .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvMean, .quantity(Quantity(90, .millimetreOfMercury))),
        ObservationComponent(MDC.pulsRateNonInv, .quantity(Quantity(71, .perMinute))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: time, clockOffset: 0, receivedAt: date,
        profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false))
  }

  private static func window(_ strap: DeviceID, _ minute: Int, at date: Date) -> Observation {
    func rate(_ value: Int) -> ComponentValue { .quantity(Quantity(Decimal(value), .perMinute)) }
    return Observation(
      id: .random(),
      identity: ReadingIdentity(device: strap, time: "\(minute)", format: "2A37", bytes: [UInt8(minute % 256)]),
      kind: .heartRate, device: strap, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .period(date.addingTimeInterval(-60), date), basis: .window),
      components: [
        ObservationComponent(MDC.ecgHeartRate, statistic: .mean, rate(74)),
        ObservationComponent(MDC.ecgHeartRate, statistic: .minimum, rate(64)),
        ObservationComponent(MDC.ecgHeartRate, statistic: .maximum, rate(98)),
        ObservationComponent(MDC.ecgHeartRate, statistic: .count, .quantity(Quantity(72, .count))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A37", bytes: [], deviceTime: nil, clockOffset: nil, receivedAt: date, profile: "sig/heart-rate",
        driver: "gatt-heart-rate/1", authentication: .unauthenticated, isSimulated: false))
  }
}
