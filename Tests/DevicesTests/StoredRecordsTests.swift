import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing

/// Devices that give what they stored only when they are asked, through the Record Access Control Point.
@Suite(.timeLimit(.minutes(5))) struct StoredRecordsTests {
  /// A cuff that stores: 2A35 at 18 and 19, 2A52 at 21 and 22.
  private func table(hash: UInt8? = nil, isWritable: Bool = true) -> [SimulatedAttribute] {
    var table = Visit.cuff(hash: hash)
    table.insert(
      contentsOf: [
        SimulatedAttribute(20, .characteristic, [0x28, 21, 0, 0x52, 0x2A]),
        SimulatedAttribute(21, BluetoothUUID(0x2A52), [], isWritable: isWritable, readError: 2),
        SimulatedAttribute(22, .clientCharacteristicConfiguration, [0, 0]),
      ], at: 8)
    return table
  }

  private func stamped(_ minute: UInt8) -> [UInt8] {
    [0x02, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0xEA, 0x07, 11, 21, 0, minute, 0]
  }

  private func visit(
    _ table: [SimulatedAttribute], _ steps: [SimulatedStep], isKnown: Bool = false,
    records: SessionPolicy.Records = .racp,
    idle: Duration = .seconds(600)
  ) async throws -> Visit {
    var policy = SessionPolicyTests.policy(idle: idle, quiet: idle)
    policy.records = records
    return try await Visit(
      table, steps, cache: isKnown ? try await Visit.discovered(table) : nil,
      keepsSubscriptions: isKnown ? false : nil, profile: Visit.profile(policy))
  }

  /// Nothing depends on the silence of the profile: the device's answer ends the visit.
  private func steps(_ minutes: UInt8...) -> [SimulatedStep] {
    [.awaitSubscription(22), .awaitWrite(21, [0x01, 0x01])] + minutes.map { .indicate(18, stamped($0)) }
      + [.indicate(21, [0x06, 0x00, 0x01, 0x01])]
  }

  @Test(arguments: [false, true])
  func allRecordsAreAskedForAndNoneIsDeleted(isKnown: Bool) async throws {
    let visit = try await visit(table(), steps(1, 2, 3), isKnown: isKnown)
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.collected.count == 3)
    #expect(await visit.peripheral.confirmations == 4)
    #expect(visit.progress.all.contains(.recordsSent(code: 1)))
    let writes = await visit.heard().filter { $0.hasPrefix("write") }
    #expect(
      writes
        == (isKnown
          ? ["write 19: 02 00", "write 22: 02 00", "write 21: 01 01"]
          : ["write 19: 02 00", "write 22: 02 00", "write 4: 02 00", "write 21: 01 01"]))
    #expect(await visit.sink.collector.keepsSubscriptions == nil, "what was asked for tells nothing")
  }

  @Test func theAnswerIsConfirmedAfterEachRecordIsStored() async throws {
    let visit = try await visit(table(), steps(1))
    await visit.sink.fail(1)
    #expect(await visit.run() == .notStored(reason: "The disk is full."))
    #expect(await visit.peripheral.confirmations == 0)
  }

  @Test func aRecordThatIsKnownIsConfirmedAndNotKeptTwice() async throws {
    let visit = try await visit(table(), steps(1, 2, 1, 2))
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.collected.count == 2)
    #expect(await visit.peripheral.confirmations == 5)
  }

  @Test func noRecordsAreAnEndToo() async throws {
    let visit = try await visit(
      table(),
      [.awaitSubscription(22), .awaitWrite(21, [0x01, 0x01]), .indicate(21, [0x06, 0x00, 0x01, 0x06])])
    #expect(await visit.run() == .idle)
    #expect(visit.progress.all.contains(.recordsSent(code: 6)))
  }

  @Test func aCommandIsNotWrittenUnderAnOldHandle() async throws {
    let visit = try await Visit(
      table(hash: 8), steps(1), cache: try await Visit.discovered(Visit.cuff(hash: 7, shift: 8)),
      keepsSubscriptions: false,
      profile: {
        var policy = SessionPolicyTests.policy(idle: .seconds(600), quiet: .seconds(600))
        policy.records = .racp
        return Visit.profile(policy)
      }())
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(await visit.heard().filter { $0 == "write 21: 01 01" }.count == 1)
  }

  @Test func aDeviceThatRefusesIsVisitedLikeAnyOther() async throws {
    let visit = try await visit(
      table(isWritable: false), [.awaitSubscription(22), .indicate(18, stamped(1))], idle: .seconds(1))
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.collected.count == 1)
  }

  @Test func nothingIsAskedUnlessTheProfileSaysSo() async throws {
    let visit = try await visit(
      table(), [.awaitSubscription(19), .indicate(18, stamped(1))], records: .none, idle: .seconds(1))
    #expect(await visit.run() == .idle)
    #expect(await !visit.heard().contains { $0.hasPrefix("write 21") || $0.hasPrefix("write 22") })
  }

  /// An oximeter that streams too is not left when its records are told.
  @Test func aStreamGoesOnAfterTheRecords() async throws {
    let table = [
      SimulatedAttribute(16, .primaryService, [0x22, 0x18]),
      SimulatedAttribute(17, .characteristic, [0x20, 18, 0, 0x5E, 0x2A]),
      SimulatedAttribute(18, BluetoothUUID(0x2A5E), [], readError: 2),
      SimulatedAttribute(19, .clientCharacteristicConfiguration, [0, 0]),
      SimulatedAttribute(20, .characteristic, [0x28, 21, 0, 0x52, 0x2A]),
      SimulatedAttribute(21, BluetoothUUID(0x2A52), [], isWritable: true, readError: 2),
      SimulatedAttribute(22, .clientCharacteristicConfiguration, [0, 0]),
      SimulatedAttribute(23, .characteristic, [0x10, 24, 0, 0x5F, 0x2A]),
      SimulatedAttribute(24, BluetoothUUID(0x2A5F), [], readError: 2),
      SimulatedAttribute(25, .clientCharacteristicConfiguration, [0, 0]),
    ]
    var profile = Visit.profile(driver: "gatt-pulse-oximeter", idle: .seconds(600))
    profile.session.subscribe = [BluetoothUUID(0x2A5E), BluetoothUUID(0x2A5F)]
    profile.session.records = .racp
    let visit = try await Visit(
      table,
      [
        .awaitWrite(21, [0x01, 0x01]), .indicate(21, [0x06, 0x00, 0x01, 0x06]),
        .notify(24, [OximeterVisitTests.reading], times: 3, every: 0), .end,
      ], profile: profile)
    #expect(await visit.run() == .linkEnded(reason: "closed by the device"))
    #expect(await visit.sink.collector.samples.count == 3)
  }
}
