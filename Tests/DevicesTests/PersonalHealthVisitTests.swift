import Devices
import Foundation
import Observations
import Synchronization
import Testing
import USBHost
import WireFormats

/// Agents of IEEE 11073 on a cable, read by their driver.
@Suite(.serialized) struct PersonalHealthVisitTests {
  /// The gateway's side from one plugging in to the next.
  final class Household: Sendable {
    struct Known {
      var configurations: [AgentConfiguration.Key: AgentConfiguration] = [:]
      var learned = 0
      var systemIDs: [[UInt8]] = []
      var ends: [SessionEnd] = []
      var notes: [String] = []
    }
    struct NoRoom: Error {}

    let memory = OmronUSBVisitTests.Memory()
    let known = Mutex(Known())

    func directory(_ sink: any ObservationSink, refuses: Bool = false) -> AgentDirectory {
      AgentDirectory(
        managerSystemID: [0x0A, 2, 3, 4, 5, 6, 7, 8],
        entry: { [self] systemID in
          guard !refuses else { throw NoRoom() }
          known.withLock { $0.systemIDs.append(systemID) }
          return .init(device: DeviceID(rawValue: "phd:test"), sink: sink, previousVisit: nil, clockOffset: nil)
        },
        recall: { [self] key in known.withLock { $0.configurations[key] } },
        remember: { [self] configuration in
          known.withLock {
            $0.configurations[configuration.key] = configuration
            $0.learned += 1
          }
        },
        departed: { [self] _, end in known.withLock { $0.ends.append(end) } },
        note: { [self] note in known.withLock { $0.notes.append(note) } })
    }
  }

  static func profile(clockWrite: Bool = false) throws -> DeviceProfile {
    var profile = try #require(ProfileLibrary.load([EveryProfileTests.directory]).library.profile(named: "phd/any"))
    if clockWrite { profile.constants["clock-write"] = 1 }
    return profile
  }

  /// 2026-03-04 08:20, some minutes after what the agent's clock shows.
  static let now = Date(timeIntervalSince1970: 1_772_612_400)

  @discardableResult
  static func visit(
    _ cable: PersonalHealthCable, _ household: Household, sink: (any ObservationSink)? = nil, clockWrite: Bool = false,
    refuses: Bool = false
  ) async throws -> SessionEnd {
    let match = try #require(DeviceMatcher(ProfileLibrary([profile(clockWrite: clockWrite)])).match(cable.device))
    #expect(match.driver.readsAgents)
    let interface = try #require(cable.device.interface(ofClass: match.driver.interfaceClass))
    return await match.driver.run(
      USBSession(
        device: DeviceID(rawValue: "usb:1209:0f0f"), profile: match.profile, channel: cable, interface: interface,
        isSimulated: false, receivedNow: { now }, timeZone: TimeZone(secondsFromGMT: 0) ?? .current,
        sink: sink ?? household.memory, agents: household.directory(sink ?? household.memory, refuses: refuses)))
  }

  @Test("a configuration is learned once; each association of one plugging in is read, and then no end is a failure")
  func once() async throws {
    let household = Household()
    let cable = PersonalHealthCable(
      try X73Agent("--person", "66"), ["start", "report 1", "report 2", "release", "start", "report 3", "release"])
    #expect(try await Self.visit(cable, household) == .idle)
    // Systolic, diastolic, mean, pulse, person.
    #expect(
      await household.memory.readings == [[121, 80, 93, 61, 66], [122, 80, 93, 62, 66], [123, 80, 93, 63, 66]])
    #expect(await cable.seen("confirmed") == 3)
    #expect(await cable.seen("configurations") == 1)
    #expect(household.known.withLock(\.learned) == 1)
    #expect(household.known.withLock(\.ends) == [.idle, .idle])
    #expect(household.known.withLock(\.notes) == [])
    #expect(household.known.withLock { Set($0.systemIDs) } == [[0x00, 0x22, 0x09, 0x22, 0x01, 0x02, 0x03, 0x04]])
    let information = await household.memory.information
    #expect(information?.manufacturer == "Example" && information?.model == "M-1" && information?.serial == "000001")
    #expect(information?.systemID == [0x00, 0x22, 0x09, 0x22, 0x01, 0x02, 0x03, 0x04])
    let stored = await household.memory.stored
    #expect(stored[0].device == DeviceID(rawValue: "phd:test"))
    #expect(stored[0].provenance.authentication == .wired && stored[0].provenance.driver == "phd-11073/1")
    // The agent's clock showed 08:16 when ours was 08:20, so that its 08:01 was our 08:05.
    #expect(stored[0].provenance.clockOffset == -240)
    #expect(stored[0].effective.basis == .deviceClockCorrected)
    #expect(stored[0].effective.end == Self.now.addingTimeInterval(-15 * 60))

    let again = PersonalHealthCable(try X73Agent("--person", "66"), ["start", "report 3"])
    #expect(try await Self.visit(again, household) == .idle)
    #expect(await again.seen("configurations") == 0)
    #expect(await household.memory.duplicates == 1)
    #expect(household.known.withLock(\.learned) == 1)
  }

  @Test("a standard configuration is accepted at once, and the clock is set only where the profile says so")
  func standard() async throws {
    let household = Household()
    let cable = PersonalHealthCable(try X73Agent("--config-id", "0x02BC"), ["start", "report 1"])
    #expect(try await Self.visit(cable, household) == .idle)
    #expect(await cable.seen("configurations") == 0)
    #expect(await household.memory.readings.count == 1)
    #expect(await cable.state().contains(#""time": null"#))

    let set = PersonalHealthCable(
      try X73Agent("--config-id", "0x02BC", "--entries", "3", "--segments", "1"), ["start", "report 1"])
    #expect(try await Self.visit(set, household, clockWrite: true) == .idle)
    #expect(await set.state().contains(#""time": "2026030408200000""#))
    #expect(await household.memory.duplicates == 1)
  }

  @Test("APDUs in several transfers and several in one; what is sent in whole packets ends with an empty one")
  func pieces() async throws {
    for pieces in [0, 1, 3, 64] {
      let household = Household()
      let cable = PersonalHealthCable(
        try X73Agent("--entries", "30", "--segments", "2"), ["start", "report 1", "release"], pieces: pieces)
      #expect(try await Self.visit(cable, household) == .idle)
      #expect(await household.memory.readings.count == 31, "pieces of \(pieces)")
      let sizes = await cable.sizes
      for (index, size) in sizes.enumerated() where size > 0 && size % 64 == 0 {
        #expect(index + 1 < sizes.count && sizes[index + 1] == 0)
      }
    }
  }

  @Test("500 entries, unplugged at each transfer in turn: confirmed is what is kept, and the next visit completes")
  func unplugged() async throws {
    func cable(_ faults: [Int: PersonalHealthCable.Fault] = [:]) throws -> PersonalHealthCable {
      PersonalHealthCable(
        try X73Agent("--entries", "500", "--segments", "5", "--person", "7"), ["start", "report 1", "release"],
        faults: faults)
    }
    let household = Household()
    let whole = try cable()
    #expect(try await Self.visit(whole, household) == .idle)
    #expect(await household.memory.stored.count == 501)
    #expect(await whole.seen("confirmedEntries") == 500)
    #expect(await whole.seen("cleared") == 0)
    let expected = await household.memory.readings
    let count = await whole.transfers
    #expect(count > 70)
    let long = ProcessInfo.processInfo.environment["VITALS_LONG"] == "1"
    for index in stride(from: 0, to: count, by: long ? 1 : 15) {
      let household = Household()
      let cut = try cable([index: .removed])
      let end = try await Self.visit(cut, household)
      #expect(end == .idle || end == .linkEnded(reason: "the device was unplugged"), "\(index)")
      let kept = await household.memory.stored.count
      let confirmed = await cut.seen("confirmedEntries")
      #expect(confirmed <= kept, "\(index)")
      #expect(try await Self.visit(cable(), household) == .idle)
      #expect(await household.memory.stored.count == 501, "cut at \(index)")
      #expect(await Set(household.memory.readings) == Set(expected), "cut at \(index)")
      #expect(household.known.withLock(\.learned) == 1, "cut at \(index)")
    }
  }

  @Test(
    "one fault at each transfer in turn costs no reading that is sent again",
    arguments: [PersonalHealthCable.Fault.stalled, .garbage, .empty])
  func faults(fault: PersonalHealthCable.Fault) async throws {
    let long = ProcessInfo.processInfo.environment["VITALS_LONG"] == "1"
    for index in stride(from: 0, to: 14, by: long ? 1 : 3) {
      let household = Household()
      let cable = PersonalHealthCable(
        try X73Agent(), ["start", "report 1", "start", "report 1", "start", "report 1", "release"],
        faults: [index: fault])
      let end = try await Self.visit(cable, household)
      var readings = await household.memory.readings
      if readings.isEmpty {
        // It ended with its reason before the report.
        #expect(end != .idle, "\(fault) at \(index)")
        try await Self.visit(PersonalHealthCable(try X73Agent(), ["start", "report 1"]), household)
        readings = await household.memory.readings
      }
      #expect(readings == [[121, 80, 93, 61, -1]], "\(fault) at \(index): \(end)")
      let confirmed = await cable.seen("confirmed")
      #expect(confirmed <= 3)
    }
  }

  @Test("what could not be kept is not confirmed; the agent is told the end")
  func notStored() async throws {
    let household = Household()
    let sink = TestSink()
    await sink.fail(1)
    let cable = PersonalHealthCable(try X73Agent(), ["start", "report 1"])
    guard case .notStored = try await Self.visit(cable, household, sink: sink) else {
      Issue.record("it was stored")
      return
    }
    #expect(await cable.seen("confirmed") == 0)
    #expect(await cable.seen("aborts") == 1)
    #expect(household.known.withLock { $0.ends.count } == 1)

    let segments = PersonalHealthCable(try X73Agent("--entries", "100", "--segments", "1"), ["start"])
    let second = TestSink()
    await second.fail(after: 30)
    // Another device, whose configuration is another too.
    guard case .notStored = try await Self.visit(segments, Household(), sink: second) else {
      Issue.record("it was stored")
      return
    }
    #expect(await segments.seen("confirmedEntries") == 20)

    let nobody = PersonalHealthCable(try X73Agent(), ["start", "report 1"])
    guard case .notStored = try await Self.visit(nobody, household, refuses: true) else {
      Issue.record("nobody's reading was taken")
      return
    }
    #expect(await nobody.seen("confirmed") == 0)
  }

  @Test(
    "a device that goes on saying nothing costs a bounded number of transfers",
    arguments: [
      PersonalHealthCable.Fault.garbage, .empty, .stalled,
    ])
  func endless(fault: PersonalHealthCable.Fault) async throws {
    let cable = PersonalHealthCable(
      try X73Agent(), [], faults: Dictionary(uniqueKeysWithValues: (0..<1_000).map { ($0, fault) }))
    let end = try await Self.visit(cable, Household())
    guard case .damaged = end else {
      Issue.record("\(end)")
      return
    }
    #expect(await cable.transfers < 200)
  }

  @Test("a malformed class descriptor is named; other messages and missing pipes are told")
  func descriptors() async throws {
    func end(_ device: USBDevice) async throws -> String {
      "\(try await Self.visit(PersonalHealthCable(try X73Agent(), [], device: device), Household()))"
    }
    #expect(
      try await end(PersonalHealthCable.device([5, 0x20, 2, 0, 0])).contains("PHDC class function descriptor: bLength"))
    #expect(try await end(PersonalHealthCable.device([])).contains("PHDC class function descriptor: cut off"))
    #expect(try await end(PersonalHealthCable.device([4, 0x20, 1, 0])).contains("bPHDCDataCode is 1"))
    var device = PersonalHealthCable.device()
    device.interfaces[0].endpoints.removeLast()
    #expect(try await end(device).contains("no bulk endpoint that receives"))
  }

  @Test("a model's own profile comes before that of its class")
  func recognition() throws {
    var own = try Self.profile()
    own.name = "maker/model"
    own.recognition = Recognition(usb: USBIdentifiers(vendor: 0x1209, product: 0x0F0F))
    let matcher = DeviceMatcher(ProfileLibrary([try Self.profile(), own]))
    #expect(matcher.match(PersonalHealthCable.device())?.profile.name == "maker/model")
    var other = PersonalHealthCable.device()
    other.product = 1
    #expect(matcher.match(other)?.profile.name == "phd/any")
    other.interfaces[0].classCode = 3
    #expect(matcher.match(other) == nil)
  }
}
