import BluetoothLE
import Devices
import Foundation
import Observations
import Testing
import USBHost
import WireFormats

/// An Omron cuff on a cable, read by its driver.
@Suite struct OmronUSBVisitTests {
  /// libomron's log of a HEM-790IT (readings of 2007, on a clock that nobody had set), newest first.
  static let userA: [[UInt8]] = [
    [0x07, 0x01, 0x02, 0x00, 0x08, 0x26, 0, 0, 0x78, 0x49, 0x43, 0, 0],
    [0x07, 0x01, 0x01, 0x00, 0x06, 0x26, 0, 0, 0x7B, 0x4E, 0x57, 0, 0],
  ]
  /// By hand: 300/90 72, irregular and moved; and a month 13.
  static let userB: [[UInt8]] = [
    [0x1A, 0x02, 0x0E, 0x0B, 0x1E, 0x05, 0, 1, 0x2C, 0x5A, 0x48, 0, 0x13],
    [0x1A, 0x0D, 0x0E, 0x0B, 0x1E, 0x05, 0, 0, 0x80, 0x50, 0x40, 0, 0],
  ]

  /// Remembers from visit to visit.
  actor Memory: ObservationSink {
    private(set) var stored: [Observation] = []
    private(set) var undecodable: [UndecodableValue] = []
    private(set) var duplicates = 0

    func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome {
      if let known = stored.first(where: { $0.identity == observation.identity }) {
        duplicates += 1
        return .duplicate(known.id)
      }
      stored.append(observation)
      return .stored(observation.id)
    }
    func holds(_ identity: ReadingIdentity) async -> Bool { stored.contains { $0.identity == identity } }
    func keep(_ value: UndecodableValue) async throws { undecodable.append(value) }
    func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) async {}
    func confirmationSent(_ id: ObservationID) async throws {}
    func confirmationArrived(_ id: ObservationID) async {}
    func live(_ sample: LiveSample) async {}
    func remember(database: GATTDatabase) async {}
    func remember(keepsSubscriptions: Bool) async {}
    func remember(clockOffset: TimeInterval, at date: Date) async {}
    func remember(information: DeviceInformation) async { self.information = information }
    func remember(battery: Int) async {}
    private(set) var information: DeviceInformation?

    /// Systolic, diastolic, pulse, user.
    var readings: [[Int]] {
      stored.map { observation in
        observation.components.map { component in
          guard case .quantity(let quantity) = component.value else { return -1 }
          return NSDecimalNumber(decimal: quantity.value).intValue
        } + [observation.userSlot ?? -1]
      }
    }
  }

  static func profile() throws -> DeviceProfile {
    try #require(ProfileLibrary.load([EveryProfileTests.directory]).library.profile(named: "omron/hem-790it"))
  }

  static func visit(
    _ cuff: OmronUSBCuff, _ memory: Memory, _ progress: @escaping @Sendable (SessionProgress) -> Void = { _ in }
  ) async throws -> SessionEnd {
    let profile = try profile()
    let matcher = DeviceMatcher(ProfileLibrary([profile]))
    let match = try #require(matcher.match(cuff.device))
    let interface = try #require(cuff.device.interface(ofClass: match.driver.interfaceClass))
    return await match.driver.run(
      USBSession(
        device: DeviceID(rawValue: "usb:0590:0028"), profile: match.profile, channel: cuff, interface: interface,
        isSimulated: false, receivedNow: { Date(timeIntervalSince1970: 1_790_000_000) },
        timeZone: TimeZone(secondsFromGMT: 0) ?? .current, sink: memory, progress: progress))
  }

  @Test("it tells which record of how many it reads")
  func progress() async throws {
    let log = ProgressLog()
    _ = try await Self.visit(OmronUSBCuff([Self.userA, Self.userB]), Memory()) { log.add($0) }
    #expect(
      log.all.filter { if case .record = $0 { true } else { false } } == [
        .record(number: 1, of: 2), .record(number: 2, of: 2), .record(number: 1, of: 2), .record(number: 2, of: 2),
      ])
  }

  static let all = [[123, 78, 87, 1], [120, 73, 67, 1], [128, 80, 64, 2], [300, 90, 72, 2]]

  @Test("both users' readings, oldest first, once; a second visit asks for one of each and stores none")
  func once() async throws {
    let memory = Memory()
    let cuff = OmronUSBCuff([Self.userA, Self.userB])
    #expect(try await Self.visit(cuff, memory) == .idle)
    #expect(await memory.readings == Self.all)
    #expect(
      await cuff.commands == ["zeros", "VER", "zeros", "GDC", "GME", "GME", "GDC", "GME", "GME", "END"])
    #expect(await memory.information?.model == "M7080IT")
    let stored = await memory.stored
    #expect(stored[0].effective.basis == .deviceClockUnchecked)
    #expect(stored[0].provenance.bytes == Self.userA[1] && stored[0].provenance.authentication == .wired)
    #expect(stored[2].marks == [.clockUnusable] && stored[2].effective.basis == .betweenVisits)
    #expect(stored[3].flags == [.irregularPulse, .bodyMovement])

    let again = OmronUSBCuff([Self.userA, Self.userB])
    #expect(try await Self.visit(again, memory) == .idle)
    #expect(await again.commands == ["zeros", "VER", "zeros", "GDC", "GME", "GDC", "GME", "END"])
    #expect(await memory.readings == Self.all)
    #expect(await memory.duplicates == 0)
  }

  @Test("a new reading is fetched without those that are known")
  func new() async throws {
    let memory = Memory()
    _ = try await Self.visit(OmronUSBCuff([Array(Self.userA.suffix(1)), nil]), memory)
    let cuff = OmronUSBCuff([Self.userA, nil])
    #expect(try await Self.visit(cuff, memory) == .idle)
    #expect(await memory.readings == Array(Self.all.prefix(2)))
    #expect(await memory.duplicates == 0)
  }

  @Test("unplugged at each transfer in turn, it says so, and the next visit completes")
  func unplugged() async throws {
    let whole = OmronUSBCuff([Self.userA, Self.userB])
    _ = try await Self.visit(whole, Memory())
    let count = await whole.transferCount
    #expect(count > 30)
    for index in 0..<count {
      let memory = Memory()
      let end = try await Self.visit(OmronUSBCuff([Self.userA, Self.userB], faults: [index: .removed]), memory)
      let isTold = end == .linkEnded(reason: "the device was unplugged")
      // All was read when END was on its way.
      #expect(isTold || (end == .idle && index >= count - 3), "transfer \(index): \(end)")
      #expect(try await Self.visit(OmronUSBCuff([Self.userA, Self.userB]), memory) == .idle)
      #expect(await memory.readings.sorted { "\($0)" < "\($1)" } == Self.all.sorted { "\($0)" < "\($1)" })
      #expect(await memory.duplicates == 0)
    }
  }

  @Test(
    "one fault at each transfer in turn costs nothing",
    arguments: [OmronUSBCuff.Fault.stalled, .silent, .garbled, .refused, .short])
  func faults(fault: OmronUSBCuff.Fault) async throws {
    let whole = OmronUSBCuff([Self.userA, Self.userB])
    _ = try await Self.visit(whole, Memory())
    for index in 0..<(await whole.transferCount) {
      let memory = Memory()
      let cuff = OmronUSBCuff([Self.userA, Self.userB], faults: [index: fault])
      var end = try await Self.visit(cuff, memory)
      // What the feature report cannot say is said at the next visit.
      if end != .idle { end = try await Self.visit(OmronUSBCuff([Self.userA, Self.userB]), memory) }
      #expect(end == .idle, "\(fault) at \(index)")
      #expect(await memory.readings == Self.all, "\(fault) at \(index)")
      #expect(await memory.undecodable == [], "\(fault) at \(index)")
    }
  }

  @Test("a record that stays unreadable is kept as it came and costs no other")
  func unreadable() async throws {
    let memory = Memory()
    var records = Self.userA
    records[0][6] = 1  // a unit that nobody knows
    #expect(try await Self.visit(OmronUSBCuff([records, nil]), memory) == .idle)
    #expect(await memory.readings == Array(Self.all.prefix(1)))
    let kept = await memory.undecodable
    #expect(kept.map(\.bytes) == [records[0]])
    #expect(kept.first?.reason.hasPrefix("Unit") == true)
  }

  @Test("a cuff that never answers costs a bounded number of transfers")
  func silent() async throws {
    let cuff = OmronUSBCuff([nil, nil], faults: Dictionary(uniqueKeysWithValues: (1..<1_000).map { ($0, .silent) }))
    #expect(try await Self.visit(cuff, Memory()) == .noAnswer(to: "Opening the cuff's memory"))
    #expect(await cuff.transferCount < 50)
  }
}
