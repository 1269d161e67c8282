import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing

/// The session policies as the device sees them: what it is asked, in which order, and what it is never asked.
@Suite(.timeLimit(.minutes(5))) struct SessionPolicyTests {
  /// 2A35 at 18 and 19, a clock 2A08 at 21 that can be written, firmware 2A26 at 31, a maker's characteristic at 41.
  static func table(clock: [UInt8] = [0xEA, 0x07, 11, 22, 0, 40, 0], keeps: Bool = false) -> [SimulatedAttribute] {
    [
      SimulatedAttribute(1, .primaryService, [0x01, 0x18]),
      SimulatedAttribute(2, .characteristic, [0x20, 3, 0, 0x05, 0x2A]),
      SimulatedAttribute(3, .serviceChanged, [], readError: 2),
      SimulatedAttribute(4, .clientCharacteristicConfiguration, [keeps ? 2 : 0, 0]),
      SimulatedAttribute(16, .primaryService, [0x10, 0x18]),
      SimulatedAttribute(17, .characteristic, [0x20, 18, 0, 0x35, 0x2A]),
      SimulatedAttribute(18, BluetoothUUID(0x2A35), [], readError: 2),
      SimulatedAttribute(19, .clientCharacteristicConfiguration, [keeps ? 2 : 0, 0]),
      SimulatedAttribute(20, .characteristic, [0x0A, 21, 0, 0x08, 0x2A]),
      SimulatedAttribute(21, BluetoothUUID(0x2A08), clock, isWritable: true),
      SimulatedAttribute(29, .primaryService, [0x0A, 0x18]),
      SimulatedAttribute(30, .characteristic, [0x02, 31, 0, 0x26, 0x2A]),
      SimulatedAttribute(31, BluetoothUUID(0x2A26), Array("1.0".utf8)),
      SimulatedAttribute(39, .primaryService, [0x00, 0xFF]),
      SimulatedAttribute(40, .characteristic, [0x08, 41, 0, 0x01, 0xFF]),
      SimulatedAttribute(41, BluetoothUUID(0xFF01), [], isWritable: true),
    ]
  }

  static let steps: [SimulatedStep] = [.awaitSubscription(19), .indicate(18, Visit.reading)]
  /// 2026-11-22 00:30:00, which is when the visits are.
  static func clockIsWritten(at handle: Int) -> String { "write \(handle): EA 07 0B 16 00 1E 00" }
  static let clockIsWritten = clockIsWritten(at: 21)

  static func policy(
    order: [SessionPolicy.Step] = [.information, .subscribe, .clockWrite],
    clockWrite: SessionPolicy.ClockWrite = .never, settleBetween: Duration = .zero, idle: Duration = .seconds(1),
    quiet: Duration? = .milliseconds(200), grace: Duration = .zero, clears: Bool = false,
    end: SessionPolicy.End = .disconnect
  ) -> SessionPolicy {
    SessionPolicy(
      bond: .preferred, subscribe: [BluetoothUUID(0x2A35)], order: order, clockWrite: clockWrite,
      settleBetween: settleBetween, idle: idle, quiet: quiet, grace: grace, clearsSubscriptions: clears, end: end)
  }

  private func visit(
    _ policy: SessionPolicy, _ table: [SimulatedAttribute] = Self.table(), _ steps: [SimulatedStep] = Self.steps,
    isKnown: Bool = false, keepsSubscriptions: Bool? = false
  ) async throws -> Visit {
    try await Visit(
      table, steps, cache: isKnown ? try await Visit.discovered(table) : nil,
      keepsSubscriptions: isKnown ? keepsSubscriptions : nil, profile: Visit.profile(policy))
  }

  // MARK: Order

  @Test func aFirstVisitReadsThenSubscribesAndWritesNothingElse() async throws {
    let visit = try await visit(Self.policy())
    #expect(await visit.run() == .idle)
    #expect(await visit.heard() == ["read 31", "read 21", "write 19: 02 00", "write 4: 02 00", "confirmation"])
  }

  @Test func aFirstVisitTakesTheStepsInTheProfilesOrder() async throws {
    let visit = try await visit(Self.policy(order: [.clockWrite, .subscribe, .information], clockWrite: .always))
    #expect(await visit.run() == .idle)
    let heard = await visit.heard()
    #expect(
      heard.filter { $0 != "confirmation" } == [
        "read 21", Self.clockIsWritten, "write 19: 02 00", "write 4: 02 00", "read 31",
      ])
    #expect(visit.progress.all.contains(.clockWritten))
  }

  @Test func aKnownDevicesClockIsWrittenBeforeItIsSubscribedTo() async throws {
    let visit = try await visit(
      Self.policy(order: [.clockWrite, .subscribe, .information], clockWrite: .always), isKnown: true)
    #expect(await visit.run() == .idle)
    #expect(await visit.heard() == ["read 21", Self.clockIsWritten, "write 19: 02 00", "confirmation"])
  }

  @Test func aKnownDevicesClockIsElseWrittenAfterItsReading() async throws {
    let visit = try await visit(Self.policy(clockWrite: .always), isKnown: true)
    #expect(await visit.run() == .idle)
    #expect(await visit.heard() == ["write 19: 02 00", "confirmation", "read 21", Self.clockIsWritten])
    #expect(await visit.peripheral.requestsBeforeFirstConfirmation == 1)
  }

  @Test func aChangedDatabaseIsWrittenToInTheSameOrder() async throws {
    func hash(_ number: UInt8) -> [SimulatedAttribute] {
      [
        SimulatedAttribute(100, .primaryService, [0xF0, 0xFF]),
        SimulatedAttribute(101, .characteristic, [0x02, 102, 0, 0x2A, 0x2B]),
        SimulatedAttribute(102, .databaseHash, [UInt8](repeating: number, count: 16)),
      ]
    }
    let visit = try await Visit(
      Self.table(keeps: true) + hash(8), Self.steps,
      cache: try await Visit.discovered(Self.table(keeps: true) + hash(7)),
      keepsSubscriptions: true,
      profile: Visit.profile(Self.policy(order: [.clockWrite, .subscribe, .information], clockWrite: .always)))
    #expect(await visit.run() == .idle)
    let writes = await visit.heard().filter { $0.hasPrefix("write") }
    #expect(writes == [Self.clockIsWritten, "write 19: 02 00", "write 4: 02 00"])
  }

  /// A device that forgets its subscriptions, and another table since: its clock is nowhere that the cache says.
  @Test func noClockIsWrittenToAHandleThatIsOnlyRemembered() async throws {
    func table(_ hash: UInt8, moved: Bool) -> [SimulatedAttribute] {
      var table = Self.table()
      if moved {
        // What was the clock is the maker's now.
        table[8].value[3...4] = [0x01, 0xFF]
        table[9].type = BluetoothUUID(0xFF01)
      }
      return table + [
        SimulatedAttribute(100, .primaryService, [0xF0, 0xFF]),
        SimulatedAttribute(101, .characteristic, [0x02, 102, 0, 0x2A, 0x2B]),
        SimulatedAttribute(102, .databaseHash, [UInt8](repeating: hash, count: 16)),
      ]
    }
    let visit = try await Visit(
      table(8, moved: true), Self.steps, cache: try await Visit.discovered(table(7, moved: false)),
      keepsSubscriptions: false,
      profile: Visit.profile(Self.policy(order: [.clockWrite, .subscribe, .information], clockWrite: .always)))
    #expect(await visit.run() == .idle)
    #expect(await !visit.heard().contains { $0.hasPrefix("write 21") })
    #expect(await visit.sink.collector.collected.count == 1)
  }

  @Test func requestsAreSpaced() async throws {
    let visit = try await visit(Self.policy(settleBetween: .milliseconds(100)))
    let elapsed = await ContinuousClock().measure { _ = await visit.run() }
    // The MTU, discovery, two reads, two subscriptions: five times between, and the quiet at the end.
    #expect(elapsed >= .milliseconds(700))
  }

  // MARK: The clock

  @Test(arguments: [
    ([UInt8](repeating: 0, count: 7), true), ([0, 0, 11, 22, 0, 40, 0], true), ([0xEA, 0x07, 13, 22, 0, 40, 0], true),
    // Wrong, but running: its offset is measured.
    ([0xDA, 0x07, 1, 1, 0, 10, 0], false), ([0xEA, 0x07, 11, 22, 0, 30, 0], false),
    // No time at all.
    ([0xEA, 0x07, 11], false),
  ])
  func onlyAnUnsetClockIsWritten(shown: [UInt8], isWritten: Bool) async throws {
    let visit = try await visit(Self.policy(clockWrite: .unsetOnly), Self.table(clock: shown))
    #expect(await visit.run() == .idle)
    #expect(await visit.heard().contains(Self.clockIsWritten) == isWritten)
  }

  @Test func anUnsetClockIsLeftWhileOursMayBeWrong() async throws {
    var visit = try await visit(
      Self.policy(clockWrite: .unsetOnly), Self.table(clock: [UInt8](repeating: 0, count: 7)))
    visit.session.ourClockIsRight = false
    #expect(await visit.run() == .idle)
    #expect(await !visit.heard().contains { $0.hasPrefix("write 21") })
    #expect(await visit.sink.collector.collected.count == 1)
  }

  /// There are devices that switch off unless their clock is written: they are given the time that they showed.
  @Test func aClockThatMustBeWrittenIsGivenItsOwnTimeWhileOursMayBeWrong() async throws {
    let policy = Self.policy(order: [.clockWrite, .subscribe, .information], clockWrite: .always)
    var visit = try await visit(policy)
    visit.session.ourClockIsRight = false
    #expect(await visit.run() == .idle)
    let written = await visit.heard().filter { $0.hasPrefix("write 21") }
    #expect(written.count == 1)
    #expect(!written.contains(Self.clockIsWritten), "ours was written")
    #expect(await visit.sink.collector.clockOffset == 600)
    #expect(await visit.sink.collector.collected.count == 1)
  }

  @Test func oneThatMustBeWrittenAndShowsNoTimeIsGivenOurs() async throws {
    let policy = Self.policy(order: [.clockWrite, .subscribe, .information], clockWrite: .always)
    var visit = try await visit(policy, Self.table(clock: [UInt8](repeating: 0, count: 7)))
    visit.session.ourClockIsRight = false
    #expect(await visit.run() == .idle)
    #expect(await visit.heard().contains(Self.clockIsWritten))
  }

  @Test func aClockThatCannotBeWrittenCostsNothing() async throws {
    var table = Self.table()
    table[9].isWritable = false
    let visit = try await visit(Self.policy(clockWrite: .always), table)
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(!visit.progress.all.contains(.clockWritten))
    #expect(await visit.sink.collector.clockOffset == 600)
  }

  /// Ten minutes ahead when the memory was stamped; the last reading was made after the clock had been set.
  @Test func aReadingIsPlacedByTheClockThatStampedIt() async throws {
    func stamped(_ minute: UInt8) -> [UInt8] {
      [0x02, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0xEA, 0x07, 11, 22, 0, minute, 0]
    }
    let visit = try await visit(
      Self.policy(
        order: [.clockWrite, .subscribe, .information], clockWrite: .always, idle: .seconds(600), quiet: nil),
      Self.table(),
      [
        .awaitSubscription(19), .indicate(18, stamped(35)), .indicate(18, stamped(39)), .indicate(18, stamped(30)),
        .end,
      ])
    #expect(await visit.run() == .linkEnded(reason: "closed by the device"))
    let found = await visit.sink.collector.collected.map(\.observation)
    #expect(
      found.map(\.effective) == [
        EffectiveTime(span: .instant(Visit.start.addingTimeInterval(-300)), basis: .deviceClockCorrected),
        EffectiveTime(span: .instant(Visit.start.addingTimeInterval(-60)), basis: .deviceClockCorrected),
        EffectiveTime(span: .instant(Visit.start), basis: .deviceClock),
      ])
    #expect(found.map(\.provenance.clockOffset) == [600, 600, 0])
    #expect(await visit.sink.collector.clockOffset == 0, "what the next visit begins with")
  }

  @Test func currentTimeIsWrittenWithItsDay() async throws {
    var table = Self.table()
    table[8].value[3] = 0x2B
    table[9].type = BluetoothUUID(0x2A2B)
    table[9].value += [7, 0, 0]
    let visit = try await visit(Self.policy(clockWrite: .always), table)
    #expect(await visit.run() == .idle)
    // A Sunday, set by an external reference.
    #expect(await visit.heard().contains(Self.clockIsWritten + " 07 00 02"))
  }

  // MARK: The end

  @Test func noSubscriptionIsEverEndedUnasked() async throws {
    let table = Self.table(keeps: true)
    let database = try await Visit.discovered(table)
    for _ in 0..<20 {
      let visit = try await Visit(
        table, [.indicate(18, Visit.reading)], cache: database, keepsSubscriptions: true,
        profile: Visit.profile(Self.policy(grace: .seconds(1), end: .awaitDevice)))
      var session = visit.session
      session.departureLimit = .milliseconds(50)
      #expect(await GATTBloodPressureDriver().run(session) == .idle)
      #expect(await !visit.heard().contains { $0.hasPrefix("write") })
    }
  }

  @Test func aSubscriptionIsEndedWhenTheProfileSaysSo() async throws {
    let visit = try await visit(Self.policy(clears: true), isKnown: true, keepsSubscriptions: nil)
    #expect(await visit.run() == .idle)
    #expect(await visit.heard() == ["write 19: 02 00", "confirmation", "read 21", "write 19: 00 00"])
    #expect(await visit.sink.collector.keepsSubscriptions == nil, "it was ended, so nothing was learned")
  }

  @Test func aReadingThatWasNotStoredEndsNoSubscription() async throws {
    let visit = try await visit(Self.policy(clears: true))
    await visit.sink.fail(1)
    #expect(await visit.run() == .notStored(reason: "The disk is full."))
    _ = try await visit.client.read(uuid: .serviceChanged, in: AttributeHandleRange(200, 201))
    #expect(await !visit.heard().contains("write 19: 00 00"))
    #expect(await visit.peripheral.confirmations == 0)
  }

  @Test func theMakersCommandIsTheLastThingWritten() async throws {
    let policy = Self.policy(clears: true, end: .command(BluetoothUUID(0xFF01), [0x02, 0x01, 0x03]))
    let visit = try await visit(policy)
    let session = Task { await visit.run() }
    while await visit.heard().last != "write 41: 02 01 03" { try await Task.sleep(for: .milliseconds(10)) }
    await visit.peripheral.end()
    #expect(await session.value == .linkEnded(reason: "closed by the device"))
    #expect(await visit.heard().suffix(3) == ["confirmation", "write 19: 00 00", "write 41: 02 01 03"])
  }

  @Test func aDeviceThatEndsTheLinkItselfIsStillListenedTo() async throws {
    let visit = try await visit(
      Self.policy(end: .awaitDevice), Self.table(),
      [.awaitSubscription(19), .indicate(18, Visit.reading), .wait(1), .indicate(18, Visit.reading), .end])
    #expect(await visit.run() == .linkEnded(reason: "closed by the device"))
    #expect(await visit.sink.collector.collected.count == 2)
    #expect(await visit.peripheral.confirmations == 2)
  }

  @Test func theFirstValueIsWaitedForLonger() async throws {
    let visit = try await visit(
      Self.policy(idle: .seconds(600)), Self.table(),
      [.awaitSubscription(19), .wait(0.6), .indicate(18, Visit.reading)])
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.collected.count == 1)
  }
}

extension Visit {
  /// What the device heard beside discovery, each in words.
  func heard() async -> [String] {
    await peripheral.transcript.compactMap { passage in
      let pdu = passage.pdu
      guard passage.direction == .toDevice, let opcode = pdu.first else { return nil }
      if opcode == 0x1E { return "confirmation" }
      guard pdu.count >= 3, [0x0A, 0x12, 0x52].contains(opcode) else { return nil }
      let handle = Int(pdu[1]) | Int(pdu[2]) << 8
      guard opcode != 0x0A else { return "read \(handle)" }
      let octets = pdu.dropFirst(3).map { String(format: "%02X", $0) }.joined(separator: " ")
      return "\(opcode == 0x12 ? "write" : "write without answer") \(handle): \(octets)"
    }
  }
}
