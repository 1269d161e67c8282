import AlertRules
import Devices
import Foundation
import HealthRecords
import LocalAPI
import Logging
import Observations
import Store
import Synchronization
import Testing
import WireFormats

@testable import Gateway

/// What becomes of a reading's time, whatever is wrong with the box's own clock: one row a case, from the bytes of the
/// measurement over the store and the rules to the words of the record. The device's half is `ClockTableTests`.
@Suite struct BoxClockTests {
  /// How it goes on after the reading.
  enum Course: Sendable {
    /// The clock is set right in the same boot, a minute later.
    case setRight
    /// The box restarts; in the next boot the clock is right from the beginning.
    case restarted
    /// The clock was set right between the comparison with the device's clock and the reading.
    case setDuringVisit
    /// The configuration says that the clock is right.
    case trusted
    /// The clock was right when the daemon started; the time server has been away since.
    case heldOver
  }

  struct Row: CustomTestStringConvertible, Sendable {
    let clock: String
    /// The box's clock minus the right time, in seconds, until it is set.
    let wrong: TimeInterval
    var course = Course.setRight
    /// Year, month, day, hour, minute of the time stamp; nil: none.
    let stamp: [Int]?
    /// Device clock minus the right time, in seconds; nil: nothing is known of it.
    let deviceIsAhead: TimeInterval?
    /// Compared with ours on this visit; false: as an earlier visit left it.
    var isCompared = false
    /// `effectiveDateTime`, or start and end of `effectivePeriod`.
    let effective: [String]
    let basis: EffectiveTime.Basis
    /// Of the coincident timestamp: our clock and the device's; nil: none is sent.
    var coincident: [String]?
    /// How the record's first note begins.
    var note: String?

    var testDescription: String { clock }
  }

  static let received = "2026-11-22T00:30:00Z"
  /// From 2026 to the first minutes of 1970.
  static let since1970: TimeInterval = -1_795_307_100
  static let corrected = "The gateway's own clock was set after"
  static let unknown = "The gateway's own clock was not known to be right when"
  static let untimed = "The device gave no usable time"
  static let live = ["2026-11-22T07:29:00+07:00"]

  static let rows: [Row] = [
    Row(
      clock: "1970, then set; a device without a clock", wrong: since1970, stamp: nil, deviceIsAhead: nil,
      effective: ["2026-11-22T07:30:00+07:00"], basis: .received, note: untimed),
    Row(
      clock: "1970, then set; a device's right clock, read on this visit", wrong: since1970,
      stamp: [2026, 11, 22, 7, 29], deviceIsAhead: 0, isCompared: true, effective: live, basis: .deviceClock,
      coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T07:30:00+07:00"], note: corrected),
    Row(
      clock: "1970, then set; a device's clock an hour ahead, known from an earlier visit", wrong: since1970,
      stamp: [2026, 11, 22, 8, 29], deviceIsAhead: 3600, effective: live, basis: .deviceClockCorrected,
      coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T08:30:00+07:00"], note: corrected),
    Row(
      clock: "1970, then set; a device's clock that was never read", wrong: since1970, stamp: [2026, 11, 22, 7, 29],
      deviceIsAhead: nil, effective: live, basis: .deviceClockUnchecked, note: "Time by the device's own clock"),
    Row(
      clock: "1970, then set; two days old, from the device's memory", wrong: since1970, stamp: [2026, 11, 20, 7, 0],
      deviceIsAhead: 0, effective: ["2026-11-20T07:00:00+07:00"], basis: .deviceClock,
      coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T07:30:00+07:00"], note: corrected),
    Row(
      clock: "1970, then set; a device's clock that was never set", wrong: since1970, stamp: [0, 0, 0, 0, 0],
      deviceIsAhead: nil, effective: ["2026-11-22T07:30:00+07:00"], basis: .received, note: untimed),
    Row(
      clock: "two hours behind, as restored from a file, then set; a device's right clock, read on this visit",
      wrong: -7200, stamp: [2026, 11, 22, 7, 29], deviceIsAhead: 0, isCompared: true, effective: live,
      basis: .deviceClock, coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T07:30:00+07:00"], note: corrected),
    Row(
      clock: "two hours behind, then set; a device's clock an hour ahead, read on this visit", wrong: -7200,
      stamp: [2026, 11, 22, 8, 29], deviceIsAhead: 3600, isCompared: true, effective: live,
      basis: .deviceClockCorrected, coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T08:30:00+07:00"],
      note: corrected),
    Row(
      clock: "two hours ahead, then set; a device without a clock", wrong: 7200, stamp: nil, deviceIsAhead: nil,
      effective: ["2026-11-22T07:30:00+07:00"], basis: .received, note: untimed),
    Row(
      clock: "1970, restarted before it was set; a device without a clock", wrong: since1970, course: .restarted,
      stamp: nil, deviceIsAhead: nil, effective: ["2026-11-22T03:00:00+07:00", "2026-11-22T08:00:00+07:00"],
      basis: .boxClockUnknown, note: unknown),
    Row(
      clock: "1970, restarted before it was set; a device's clock that was compared with that", wrong: since1970,
      course: .restarted, stamp: [2026, 11, 22, 7, 29], deviceIsAhead: 0, isCompared: true,
      effective: ["2026-11-22T02:59:00+07:00", "2026-11-22T07:59:00+07:00"], basis: .boxClockUnknown, note: unknown),
    Row(
      clock: "1970, restarted before it was set; a device's clock an hour ahead, known from an earlier visit",
      wrong: since1970, course: .restarted, stamp: [2026, 11, 22, 8, 29], deviceIsAhead: 3600, effective: live,
      basis: .deviceClockCorrected, coincident: ["2026-11-22T08:00:00+07:00", "2026-11-22T09:00:00+07:00"],
      note: corrected),
    Row(
      clock: "two hours behind, set while the device was being read", wrong: -7200, course: .setDuringVisit,
      stamp: [2026, 11, 22, 8, 29], deviceIsAhead: 3600, isCompared: true, effective: live,
      basis: .deviceClockCorrected, coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T08:30:00+07:00"],
      note: corrected),
    Row(
      clock: "right, and nobody says so, but the configuration", wrong: 0, course: .trusted, stamp: nil,
      deviceIsAhead: nil, effective: ["2026-11-22T07:30:00+07:00"], basis: .received, note: untimed),
    Row(
      clock: "right, and the time server away since", wrong: 0, course: .heldOver, stamp: nil, deviceIsAhead: nil,
      effective: ["2026-11-22T07:30:00+07:00"], basis: .received, note: untimed),
  ]

  @Test(arguments: rows) func theTimeIsTold(row: Row) async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let house = try await ClockHouse(directory)
    let received = try Date(Self.received, strategy: .iso8601)

    // The boot before, of which the store remembers when the clock was last right.
    let yesterday = BoxClocks(
      booted: try Date("2026-11-21T19:59:00Z", strategy: .iso8601), uptime: 60, state: .synchronised)
    let before = house.ingest("before", yesterday)
    await before.tick()

    let box = BoxClocks(
      booted: received.addingTimeInterval(-100), uptime: 90, wrong: row.wrong,
      state: row.course == .heldOver ? .synchronised : .unsynchronised)
    let ingest = house.ingest("now", box, trust: row.course == .trusted ? .always : .synchronised)
    await ingest.recallClock()
    await ingest.tick()
    if row.course == .heldOver { box.change { $0.state = .unsynchronised } }

    let sink = ingest.sink(for: ClockHouse.cuff, logger: house.logger)
    let offset = row.deviceIsAhead.map { row.isCompared ? $0 - row.wrong : $0 }
    if row.isCompared, let offset { await sink.remember(clockOffset: offset, at: box.wall) }
    if row.course == .setDuringVisit { box.change { ($0.wrong, $0.state) = (0, .synchronised) } }
    box.change { $0.uptime = 100 }
    let (reading, live) = try house.reading(row.stamp, offset, receivedAt: box.wall)
    _ = try await sink.store(reading, live: live)

    // The alert goes at once, and says how far it can be believed.
    let waits = row.course == .setRight || row.course == .restarted
    let alert = try #require(try await house.due(at: box.wall).compactMap(\.alert).first)
    #expect(alert.rule.rawValue == "crisis")
    #expect(alert.timeIsUncertain == (waits ? true : nil))
    await ingest.tick()
    #expect(house.isWarned == waits)
    if waits {
      // Not even what is tried ahead of its time.
      for date in [box.wall, received, .distantFuture] {
        #expect(try await house.due(at: date).allSatisfy { $0.observation == nil })
      }
      #expect(try await house.store.observations().map(\.marks).first?.contains(.timeProvisional) == true)
      #expect(try await house.store.waitingForClock() == WaitingForClock(readings: 1, deliveries: 1))
      // What was measured against a wrong clock is not left to the next visit.
      #expect(try await house.store.device(ClockHouse.cuff)?.clockOffset == nil)
    }

    switch row.course {
    case .setRight:
      box.change { ($0.wrong, $0.state, $0.uptime) = (0, .synchronised, 160) }
      await ingest.tick()
    case .restarted:
      let next = BoxClocks(
        booted: try Date("2026-11-22T00:59:00Z", strategy: .iso8601), uptime: 60, state: .synchronised)
      let ingest = house.ingest("next", next)
      await ingest.recallClock()
      await ingest.tick()
    case .setDuringVisit, .trusted, .heldOver: break
    }
    #expect(!house.isWarned)
    #expect(try await house.store.waitingForClock() == WaitingForClock(readings: 0, deliveries: 0))

    let delivery = try #require(
      try await house.due(at: received.addingTimeInterval(7200)).first { $0.observation != nil })
    guard case .observation(let observation, let patient, let device) = delivery.content else { return }
    #expect(observation.effective.basis == row.basis)
    #expect(observation.identity == reading.identity)
    #expect(observation.provenance.bytes == reading.provenance.bytes)
    #expect(!observation.marks.contains(.timeProvisional))
    #expect(observation.marks.contains(.timeCorrected) == (row.course != .trusted && row.course != .heldOver))

    let record = FHIRTransaction(
      [ObservationForRecord(observation, of: patient, by: device)],
      gateway: GatewayDescription(systemID: [2, 0, 0, 0, 0, 0, 0, 1], softwareVersion: "1"), naming: FHIRNaming(),
      timeZone: ClockHouse.zone)
    let bundle = try JSONDecoder().decode(Bundle.self, from: Data(record.bytes))
    let said = bundle.entry.map(\.resource).filter { $0.resourceType == "Observation" }
    let pressure = try #require(said.first { $0.valueDateTime == nil })
    let period = pressure.effectivePeriod.map { [$0.start, $0.end] }
    #expect(pressure.effectiveDateTime.map { [$0] } ?? period == row.effective)
    let clock = said.first { $0.valueDateTime != nil }
    #expect(clock.map { [$0.effectiveDateTime, $0.valueDateTime].compactMap { $0 } } == row.coincident)
    #expect(row.note.map { note in pressure.note?.first?.text.hasPrefix(note) == true } ?? (pressure.note == nil))
    try await house.store.close()
  }

  @Test("what the rules remember of a reading moves with it, so that nobody is missed for fifty-six years")
  func rulesSeeTheCorrectedTime() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let missing = AlertRule(
      id: RuleID(rawValue: "missing"),
      kind: .missing(MissingRule(component: .systolic, after: .seconds(2 * 86_400))), severity: .notice, source: "test")
    let house = try await ClockHouse(directory, rules: [missing])
    let received = try Date(Self.received, strategy: .iso8601)
    let box = BoxClocks(booted: received.addingTimeInterval(-100), uptime: 100, wrong: Self.since1970)
    let ingest = house.ingest("now", box)
    let (reading, live) = try house.reading(nil, nil, receivedAt: box.wall)
    _ = try await ingest.sink(for: ClockHouse.cuff, logger: house.logger).store(reading, live: live)
    box.change { ($0.wrong, $0.state, $0.uptime) = (0, .synchronised, 160) }
    await ingest.tick()
    await ingest.tick()
    #expect(try await house.due(at: .distantFuture).allSatisfy { $0.alert == nil })
    // Two days later it is another matter.
    box.change { $0.uptime += 2 * 86_400 + 60 }
    await ingest.tick()
    #expect(try await house.due(at: .distantFuture).compactMap(\.alert).map(\.rule.rawValue) == ["missing"])
    try await house.store.close()
  }

  @Test("what the rules remember of a stream moves with a window of its device")
  func streamsMove() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let missing = AlertRule(
      id: RuleID(rawValue: "missing"),
      kind: .missing(MissingRule(component: .heartRate, after: .seconds(2 * 86_400))), severity: .notice, source: "test"
    )
    let house = try await ClockHouse(directory, rules: [missing])
    let box = BoxClocks(booted: try Date(Self.received, strategy: .iso8601), uptime: 100, wrong: Self.since1970)
    let ingest = house.ingest("now", box)
    await ingest.live(
      LiveSample(device: ClockHouse.cuff, at: box.wall, beatsPerMinute: 70, rrIntervals: [], isSimulated: false))
    let (reading, live) = try house.reading(nil, nil, receivedAt: box.wall)
    _ = try await ingest.sink(for: ClockHouse.cuff, logger: house.logger).store(reading, live: live)
    box.change { ($0.wrong, $0.state, $0.uptime) = (0, .synchronised, 160) }
    await ingest.tick()
    await ingest.tick()
    #expect(try await house.due(at: .distantFuture).allSatisfy { $0.alert == nil })
    box.change { $0.uptime += 2 * 86_400 + 60 }
    await ingest.tick()
    #expect(try await house.due(at: .distantFuture).compactMap(\.alert).map(\.rule.rawValue) == ["missing"])
    try await house.store.close()
  }

  @Test("a daemon started anew in the same boot believes a clock that was right before, and not one that was set")
  func holdover() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let house = try await ClockHouse(directory)
    let box = BoxClocks(booted: try Date(Self.received, strategy: .iso8601), uptime: 60, state: .synchronised)
    await house.ingest("one", box).tick()
    box.change { ($0.uptime, $0.state) = (40_000, .unsynchronised) }
    let again = house.ingest("one", box)
    await again.recallClock()
    #expect(again.clock.isRight)
    box.change { $0.wrong = 300 }
    #expect(!again.clock.isRight)
    let after = house.ingest("one", box)
    await after.recallClock()
    #expect(!after.clock.isRight)
    box.change { $0.wrong = 0 }
    let other = house.ingest("two", box)
    await other.recallClock()
    #expect(!other.clock.isRight)
    try await house.store.close()
  }

  @Test("a reading that changes its person while it waits goes on waiting")
  func claimedWhileItWaits() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let house = try await ClockHouse(directory)
    let box = BoxClocks(
      booted: try Date(Self.received, strategy: .iso8601), uptime: 100, wrong: Self.since1970)
    let ingest = house.ingest("now", box)
    let (reading, live) = try house.reading(nil, nil, receivedAt: box.wall)
    _ = try await ingest.sink(for: ClockHouse.cuff, logger: house.logger).store(reading, live: live)
    let id = try #require(try await house.store.observations().first?.id)
    _ = try await house.store.disown([id], by: nil, policy: ingest.policy, now: box.wall)
    _ = try await house.store.claim([id], for: house.patient.id, by: nil, policy: ingest.policy, now: box.wall)
    #expect(try await house.due(at: .distantFuture).allSatisfy { $0.observation == nil })
    box.change { ($0.wrong, $0.state, $0.uptime) = (0, .synchronised, 160) }
    await ingest.tick()
    #expect(try await house.due(at: .distantFuture).compactMap(\.observation).map(\.id) == [id])
    try await house.store.close()
  }

  @Test("a stamp that the clock makes look old hides no crisis, and one that was told keeps nothing from the next")
  func aheadOfTheDevice() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let house = try await ClockHouse(directory)
    let received = try Date(Self.received, strategy: .iso8601)
    let box = BoxClocks(booted: received.addingTimeInterval(-100), uptime: 100, wrong: 7200)
    let ingest = house.ingest("now", box)
    // A minute old by its own clock, which an earlier visit found right; two hours and a minute by the box's.
    let (reading, live) = try house.reading([2026, 11, 22, 7, 29], 0, receivedAt: box.wall)
    #expect(!live)
    _ = try await ingest.sink(for: ClockHouse.cuff, logger: house.logger).store(reading, live: live)
    let alert = try #require(try await house.due(at: box.wall).compactMap(\.alert).first)
    #expect(alert.to == .firing && alert.at == box.wall)
    try await house.store.close()
  }

  @Test("what a driver learns of a reading's time comes too late once the clock was set: it knew only the one before")
  func revisedTooLate() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let house = try await ClockHouse(directory)
    let box = BoxClocks(booted: try Date(Self.received, strategy: .iso8601), uptime: 0, wrong: Self.since1970)
    let ingest = house.ingest("now", box)
    let sink = ingest.sink(for: ClockHouse.cuff, logger: house.logger)
    let (reading, live) = try house.reading(nil, nil, receivedAt: box.wall)
    _ = try await sink.store(reading, live: live)
    box.change { ($0.wrong, $0.state, $0.uptime) = (0, .synchronised, 60) }
    await ingest.tick()
    await sink.revise(
      reading.id, effective: EffectiveTime(span: .instant(reading.provenance.receivedAt), basis: .received),
      clockOffset: nil)
    #expect(try await house.store.observations().first?.effective.end == (try Date(Self.received, strategy: .iso8601)))
    try await house.store.close()
  }

  @Test("a crisis between the setting of the clock and the next look at it climbs when its own time says")
  func climbsByTheClockAsItIs() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    var house = try await ClockHouse(directory)
    let son = Contact(id: ContactID(rawValue: "son"), role: .caregiver, destinations: [ClockHouse.record])
    house.policy.escalation = EscalationPlan(
      contacts: [son], steps: [EscalationPlan.Step(contacts: [son.id], wait: .seconds(600))])
    let box = BoxClocks(booted: try Date(Self.received, strategy: .iso8601), uptime: 100, wrong: -7200)
    let ingest = house.ingest("now", box)
    await ingest.tick()
    box.change { ($0.wrong, $0.state) = (0, .synchronised) }
    let begun = box.wall
    let (reading, live) = try house.reading(nil, nil, receivedAt: begun)
    _ = try await ingest.sink(for: ClockHouse.cuff, logger: house.logger).store(reading, live: live)
    await ingest.tick()
    #expect(house.store.nextTick(policy: house.policy, now: begun) == begun.addingTimeInterval(600))
    // And one that had begun before it is set is as far away as it was.
    box.change { $0.wrong = 3600 }
    await ingest.tick()
    #expect(house.store.nextTick(policy: house.policy, now: box.wall) == begun.addingTimeInterval(3600 + 600))
    try await house.store.close()
  }

  /// As much of a FHIR Bundle as the table speaks of.
  private struct Bundle: Decodable {
    struct Entry: Decodable { var resource: Resource }
    struct Resource: Decodable {
      struct Note: Decodable { var text: String }
      struct Period: Decodable {
        var start: String
        var end: String
      }
      var resourceType: String
      var effectiveDateTime: String?
      var effectivePeriod: Period?
      var valueDateTime: String?
      var note: [Note]?
    }
    var entry: [Entry]
  }
}

/// The clocks of a box that is not this one.
private final class BoxClocks: Sendable {
  struct Contents: Sendable {
    /// When it was switched on, on a right clock.
    var booted: Date
    var uptime: TimeInterval
    /// The box's time of day minus the right one.
    var wrong: TimeInterval
    var state: BoxClock
  }

  private let contents: Mutex<Contents>

  init(booted: Date, uptime: TimeInterval, wrong: TimeInterval = 0, state: BoxClock = .unsynchronised) {
    contents = Mutex(Contents(booted: booted, uptime: uptime, wrong: wrong, state: state))
  }

  func change(_ body: @Sendable (inout Contents) -> Void) { contents.withLock { body(&$0) } }

  var sighting: BoxClock.Sighting {
    contents.withLock {
      BoxClock.Sighting(
        wall: $0.booted.addingTimeInterval($0.uptime + $0.wrong), uptime: $0.uptime, state: $0.state)
    }
  }

  var wall: Date { sighting.wall }
}

/// A store with one person and one cuff, and one destination that takes readings and alerts.
private struct ClockHouse {
  static let zone = TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt
  static let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
  static let record = DestinationID(rawValue: "record")

  let store: Store
  let patient: Observations.Patient
  let health: Health
  var policy: IngestPolicy
  let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  init(_ directory: URL, rules: [AlertRule]? = nil) async throws {
    store = try await Store.open(directory: directory.path(percentEncoded: false))
    health = Health(logger: logger)
    let crisis = AlertRule(
      id: RuleID(rawValue: "crisis"),
      kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
      source: "test")
    policy = IngestPolicy(
      rules: rules ?? [crisis],
      destinations: [
        DestinationPolicy(id: Self.record, takesObservations: true, takesAlerts: true, takesSimulated: false)
      ], timeZone: Self.zone)
    let start = try Date("2026-11-01T00:00:00Z", strategy: .iso8601)
    patient = try await store.addPatient(name: "Lan", at: start)
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: Self.cuff, address: "F0:F1:F2:F3:F4:F5", name: nil, profile: "sig/blood-pressure",
          information: DeviceInformation()), addressKind: "random", authentication: .bonded, pairedAt: start))
    try await store.assign(Self.cuff, slot: nil, to: patient.id)
    try await store.grantConsent(
      patient: patient.id, destination: Self.record, grantee: "Dr Minh", relationship: "doctor", at: start)
  }

  func ingest(_ boot: String, _ box: BoxClocks, trust: BoxClock.Trust = .synchronised) -> Ingest {
    Ingest(
      store: store, policy: policy, health: health, logger: logger,
      clock: BoxClockWatch(trust: trust, boot: boot) { box.sighting })
  }

  /// Blood Pressure Service 1.1.1 §3.1: 190/120, mean 143, with or without a time stamp.
  func reading(
    _ stamp: [Int]?, _ offset: TimeInterval?, receivedAt: Date
  ) throws -> (observation: Observation, live: Bool) {
    var bytes: [UInt8] = [stamp == nil ? 0x00 : 0x02, 190, 0, 120, 0, 143, 0]
    if let stamp { bytes += [UInt8(stamp[0] & 0xFF), UInt8(stamp[0] >> 8)] + stamp[1...].map { UInt8($0) } + [0] }
    let (observation, time) = BloodPressureNormalisation(
      device: Self.cuff, profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded,
      isSimulated: false, clockOffset: offset, timeZone: Self.zone
    ).observation(try BloodPressureMeasurement(bytes), bytes: bytes, receivedAt: receivedAt)
    return (observation, time.isLive)
  }

  func due(at date: Date) async throws -> [OutboxDelivery] {
    try await store.dueDeliveries(for: Self.record, at: date, limit: 100)
  }

  var isWarned: Bool { health.warnings.contains { $0.kind == HealthWarning.Kind.clockUnsynchronised } }
}

extension OutboxDelivery {
  fileprivate var alert: AlertTransition? { if case .alert(let alert, _) = content { alert } else { nil } }
  fileprivate var observation: Observation? {
    if case .observation(let observation, _, _) = content { observation } else { nil }
  }
}
