import AlertRules
import Devices
import Forwarding
import Foundation
import HealthRecords
import LocalAPI
import Logging
import Observations
import Store
import Synchronization
import Testing

@testable import Gateway

/// What a day's log is at the most, and what it is of a day on which everything fails; by a clock that the test moves.
@Suite struct LogLimitTests {
  /// The program's log as it reaches the journal, and the clock that it is limited by.
  private final class Journal: Sendable {
    private let state = Mutex<(passed: Double, lines: [String])>((0, []))

    var passed: Double {
      get { state.withLock { $0.passed } }
      set { state.withLock { $0.passed = newValue } }
    }
    var lines: [String] { state.withLock { $0.lines } }
    var octets: Int { lines.reduce(0) { $0 + $1.utf8.count } }

    func logger() -> Logger {
      let gate = BoundedLogHandler.Gate { self.passed }
      let stream = LogLines { line in self.state.withLock { $0.lines.append(line) } }
      return Logger(label: "vitalsd") { label in
        BoundedLogHandler(StreamLogHandler(label: label, stream: stream), gate: gate)
      }
    }
  }

  private static let day = 86_400.0

  @Test("one line again and again: sixty at once, ten an hour from then on, and how many were held back")
  func onePlace() {
    let journal = Journal()
    let logger = journal.logger()
    for second in 0..<Int(Self.day) {
      journal.passed = Double(second)
      logger.info("the adapter was switched off and on")
    }
    let lines = journal.lines
    #expect(lines.count <= LogLimit.place.most(inHours: 24))
    #expect(lines.count >= 290)
    let held = lines.compactMap { $0.firstMatch(of: #/held-back=(\d+)/#)?.output.1 }.compactMap { Int($0) }
    // What is not told yet is what came since the last line that passed: an hour holds ten.
    #expect((0...360).contains(Int(Self.day) - lines.count - held.reduce(0, +)))
    #expect(lines[58].contains("log-limit") == false)
    #expect(lines[59].contains("log-limit"))
  }

  @Test("whatever happens, a day's log has a bound; and news crowd out no warning, nor warnings an error")
  func everything() {
    let journal = Journal()
    let logger = journal.logger()
    var warning = logger
    warning[metadataKey: "destination"] = "clinic"
    let long = String(repeating: "x", count: 5000)
    for second in stride(from: 0, to: Int(Self.day), by: 10) {
      journal.passed = Double(second)
      // As from two hundred places.
      for place in 0..<200 {
        logger.log(
          level: [.info, .warning, .error][place % 3], "\(long)", metadata: ["device": "\(second % 7)-\(place)"])
      }
    }
    #expect(journal.lines.count <= LogLimit.mostLinesOfDay)
    #expect(journal.lines.allSatisfy { $0.utf8.count <= LogLimit.longest && $0.hasSuffix("\n") })
    #expect(journal.octets <= LogLimit.mostLinesOfDay * LogLimit.longest)

    let other = Journal()
    let quiet = other.logger()
    for second in 0..<100_000 { quiet.info("news", metadata: ["device": "\(second)"]) }
    quiet.warning("the card is full")
    #expect(other.lines.last?.contains("the card is full") == true)
    for second in 0..<100_000 { quiet.warning("flapping", metadata: ["device": "\(second)"]) }
    quiet.error("the readings cannot be stored")
    #expect(other.lines.last?.contains("the readings cannot be stored") == true)
  }

  @Test("a warning that comes and goes hides no other one")
  func flappingWarning() {
    let journal = Journal()
    let health = Health(logger: journal.logger())
    for second in stride(from: 0, to: Int(Self.day), by: 20) {
      journal.passed = Double(second)
      health.warn("adapter-missing", .error, "There is no Bluetooth adapter.")
      journal.passed += 10
      health.clear("adapter-missing")
    }
    #expect(journal.lines.count <= 2 * LogLimit.place.most(inHours: 24))
    health.warn("store-not-committing", .error, "Readings cannot be stored.")
    #expect(journal.lines.last?.contains("Readings cannot be stored.") == true)
  }

  @Test("a line that is too long is cut between two characters")
  func cut() {
    let journal = Journal()
    journal.logger().info("\(String(repeating: "Bà Mai đo huyết áp. ", count: 200))")
    let line = journal.lines[0]
    #expect(line.utf8.count <= LogLimit.longest)
    #expect(line.hasSuffix("…\n"))
    #expect(!line.contains("\u{FFFD}"))
  }

  /// Moves a queue's pauses, and the journal's clock with them.
  private final class Time: Sendable {
    let journal: Journal
    let end: Double
    private let start = ContinuousClock.now
    init(_ journal: Journal, until end: Double) { (self.journal, self.end) = (journal, end) }

    static let beginning = Date(timeIntervalSince1970: 1_795_307_400)
    var isOver: Bool { journal.passed >= end }
    var clock: ForwardingClock {
      ForwardingClock(
        wall: { Self.beginning.addingTimeInterval(self.journal.passed) },
        steady: { self.start + .seconds(self.journal.passed) },
        wait: { bell, pause in
          if bell.takeRing() { return }
          self.journal.passed = min(self.end, self.journal.passed + pause / .seconds(1))
          if self.isOver { await bell.wait(for: nil) }
        }, chance: { 0.5 })
    }
  }

  @Test("a destination that is down all day, with readings that wait: two lines, and few commits")
  func destinationDown() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let id = DestinationID(rawValue: "clinic")
    let patient = try await store.addPatient(name: "Bà Mai", at: Time.beginning)
    try await store.grantConsent(
      patient: patient.id, destination: id, grantee: "clinic", relationship: "doctor", at: Time.beginning)
    let policy = IngestPolicy(
      destinations: [DestinationPolicy(id: id, takesObservations: true, takesAlerts: false, takesSimulated: false)])
    for number in 0..<12 {
      _ = try await store.commit(
        .sample(number, of: patient.id, at: Time.beginning), policy: policy, now: Time.beginning, live: true)
    }
    let journal = Journal()
    let time = Time(journal, until: Self.day)
    var settings = DestinationSettings(id: id, kind: "fhir", url: "http://127.0.0.1:1/")
    settings.allowsPrivate = true
    let forwarding = try ForwardingService(
      store: store, destinations: [settings],
      surroundings: ForwarderSurroundings(
        gateway: try await store.gatewayDescription(softwareVersion: "1"), timeZone: .gmt, http: OutboundHTTP()),
      log: journal.logger(), clock: time.clock)
    let running = Task { await forwarding.run() }
    while !time.isOver { try await Task.sleep(for: .milliseconds(20)) }
    running.cancel()
    await running.value
    #expect(journal.lines.count <= 2, "\(journal.lines)")
    let status = await forwarding.standing()
    #expect(status.first?.isFailing == true)
    // Asked all day, a few hundred times; written down when it began, and each hour.
    let written = try await store.deliveries(DeliveryFilter(destination: id)).map(\.attempts)
    #expect(written.count == 12 && written.allSatisfy { (1...30).contains($0) }, "\(written)")
    #expect(try await store.outboxCounts()[id]?.waiting == 12)
    try await store.close()
  }

  @Test("a cuff whose visits fail each minute: its end is written when it changes, and each ten minutes")
  func failingCuff() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: cuff, address: nil, name: nil, profile: "a/b", information: DeviceInformation()),
        addressKind: nil, authentication: .bonded, pairedAt: Time.beginning))
    let board = VisitBoard(store: store, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    var written: Set<Date> = []
    for minute in 0..<1440 {
      await board.ended(cuff, "It does not answer.", at: Time.beginning.addingTimeInterval(Double(minute * 60)))
      if let kept = try await store.device(cuff)?.lastVisit { written.insert(kept) }
    }
    #expect(written.count == 144)
    let last = Time.beginning.addingTimeInterval(1439 * 60)
    #expect(await board.visits().first?.lastEnd?.at == Timestamp(last))
    await board.ended(cuff, "The device had nothing more to say.", at: last)
    #expect(try await store.device(cuff)?.lastVisit == last)
    try await store.close()
  }
}

extension Observation {
  fileprivate static func sample(_ number: Int, of patient: PatientID, at date: Date) -> Observation {
    let bytes: [UInt8] = [UInt8(number)]
    let device = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
    return Observation(
      id: .random(), identity: ReadingIdentity(device: device, time: "\(number)", format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: device, patient: patient, userSlot: nil,
      effective: EffectiveTime(span: .instant(date), basis: .deviceClock),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(120, .millimetreOfMercury)))
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: nil, clockOffset: 0, receivedAt: date, profile: "a/b", driver: "a/1",
        authentication: .bonded, isSimulated: false))
  }
}
