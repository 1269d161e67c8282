import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing

@Suite(.timeLimit(.minutes(5))) struct BloodPressureVisitTests {
  static let keptSteps: [SimulatedStep] = [.indicate(18, Visit.reading), .end]
  /// For visits that end by the link: nothing depends on how long anything takes.
  static let patient = Visit.profile(idle: .seconds(600), grace: .seconds(600))

  // MARK: Promise 1

  @Test func aReadingIsConfirmedOnlyAfterItsCommit() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading), .end])
    await visit.sink.hold()
    let session = Task { await visit.run() }
    await visit.sink.awaitAttempts(1)
    // Another request and its answer have passed on the link since, so a confirmation would have arrived.
    _ = try await visit.client.read(uuid: .serviceChanged, in: AttributeHandleRange(100, 101))
    #expect(await visit.peripheral.confirmations == 0)
    #expect(await visit.sink.collector.sent.isEmpty)
    await visit.sink.release()
    #expect(await visit.peripheral.awaitConfirmations(1))
    _ = await session.value
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(await visit.sink.collector.sent.count == 1)
  }

  @Test func aReadingThatCannotBeStoredIsNotConfirmed() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading), .end])
    await visit.sink.fail(1)
    #expect(await visit.run() == .notStored(reason: "The disk is full."))
    _ = try await visit.client.read(uuid: .serviceChanged, in: AttributeHandleRange(100, 101))
    #expect(await visit.peripheral.confirmations == 0)
    #expect(await visit.sink.collector.collected.isEmpty)
  }

  @Test func aRepeatIsConfirmedToo() async throws {
    let stamped: [UInt8] = [0x02, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0xEA, 0x07, 11, 22, 0, 29, 0]
    let visit = try await Visit(
      Visit.cuff(), [.awaitSubscription(19), .indicate(18, stamped), .indicate(18, stamped), .end])
    _ = await visit.run()
    #expect(await visit.sink.collector.collected.count == 1)
    let sent = await visit.sink.collector.sent
    #expect(sent.count == 2)
    #expect(Set(sent).count == 1)
  }

  @Test func bytesThatCannotBeDecodedAreKeptAndThenConfirmed() async throws {
    let cut: [UInt8] = [0x02, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0xEA]
    let visit = try await Visit(
      Visit.cuff(), [.awaitSubscription(19), .indicate(18, cut), .indicate(18, Visit.reading), .end])
    _ = await visit.run()
    #expect(await visit.sink.collector.undecodable.map(\.bytes) == [cut])
    #expect(await visit.sink.collector.undecodable.first?.reason.hasPrefix("Time Stamp: Year") == true)
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(await visit.peripheral.confirmations == 2)
  }

  @Test func bytesThatCannotBeKeptAreNotConfirmed() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, [0x00, 0x78]), .end])
    await visit.sink.fail(1)
    #expect(await visit.run() == .notStored(reason: "The disk is full."))
    #expect(await visit.peripheral.confirmations == 0)
  }

  @Test func aConfirmationHasArrivedWhenTheNextIndicationComes() async throws {
    let visit = try await Visit(
      Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading), .indicate(18, Visit.reading), .end])
    var session = visit.session
    session.confirmationSettles = .seconds(3600)
    _ = await GATTBloodPressureDriver().run(session)
    #expect(await visit.sink.collector.sent.count == 2)
    #expect(await visit.sink.collector.arrived == visit.sink.collector.sent.dropLast())
  }

  @Test func aConfirmationHasArrivedWhenTheLinkStands() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading)])
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.arrived == visit.sink.collector.sent)
    #expect(await visit.sink.collector.arrived.count == 1)
  }

  /// What the same bytes are when they come again hangs on it.
  @Test func anUntimedReadingIsNotConfirmedUnlessThatIsWrittenDown() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading), .end])
    await visit.sink.forgetConfirmations()
    #expect(await visit.run() == .notStored(reason: "The disk is full."))
    _ = try await visit.client.read(uuid: .serviceChanged, in: AttributeHandleRange(100, 101))
    #expect(await visit.peripheral.confirmations == 0)
    #expect(await visit.sink.collector.collected.count == 1)
  }

  /// The time stamp tells it from every other.
  @Test func aStampedReadingIsConfirmedAllTheSame() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Self.stamp(29, 0)), .end])
    await visit.sink.forgetConfirmations()
    _ = await visit.run()
    #expect(await visit.peripheral.confirmations == 1)
  }

  /// 120/80 on 2026-11-22 at 00:minute:second.
  static func stamp(_ minute: UInt8, _ second: UInt8) -> [UInt8] {
    [0x02, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0xEA, 0x07, 11, 22, 0, minute, second]
  }

  // MARK: A known device

  @Test func aKeptSubscriptionWithoutHashNeedsNoRequest() async throws {
    let table = Visit.cuff(keeps: true)
    let visit = try await Visit(
      table, Self.keptSteps, cache: try await Visit.discovered(table), profile: Self.patient)
    _ = await visit.run()
    #expect(await visit.peripheral.requestsBeforeFirstConfirmation == 0)
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(await visit.sink.collector.keepsSubscriptions == true)
    #expect(await visit.sink.collector.databases.isEmpty)
  }

  @Test func aHashNeedsOneRequest() async throws {
    let table = Visit.cuff(hash: 7, keeps: true)
    let visit = try await Visit(
      table, Self.keptSteps, cache: try await Visit.discovered(table), profile: Self.patient)
    _ = await visit.run()
    #expect(await visit.peripheral.requestsBeforeFirstConfirmation == 1)
    // Read By Type of 2B2A, over all handles.
    let first = await visit.peripheral.transcript.first { $0.direction == .toDevice }
    #expect(first?.pdu == [0x08, 0x01, 0x00, 0xFF, 0xFF, 0x2A, 0x2B])
    #expect(await visit.sink.collector.collected.count == 1)
  }

  @Test func aLostSubscriptionWithoutHashNeedsOneRequest() async throws {
    let table = Visit.cuff()
    let visit = try await Visit(
      table, [.awaitSubscription(19), .indicate(18, Visit.reading), .end], cache: try await Visit.discovered(table),
      keepsSubscriptions: false)
    _ = await visit.run()
    #expect(await visit.peripheral.requestsBeforeFirstConfirmation == 1)
    #expect(await visit.sink.collector.keepsSubscriptions == nil, "it was known")
  }

  @Test func thatASubscriptionIsNotKeptIsLearned() async throws {
    let table = Visit.cuff()
    let visit = try await Visit(
      table, [.awaitSubscription(19), .indicate(18, Visit.reading), .end], cache: try await Visit.discovered(table),
      profile: Visit.profile(idle: .seconds(600), grace: .seconds(3)))
    _ = await visit.run()
    #expect(await visit.peripheral.requestsBeforeFirstConfirmation == 1)
    #expect(await visit.sink.collector.keepsSubscriptions == false)
  }

  /// What counts is when the device sent the value, not when a slow disk had it.
  @Test func thatAKeeperHasBegunToForgetIsLearnedHoweverLongTheCommitTakes() async throws {
    let table = Visit.cuff(hash: 7)
    let visit = try await Visit(
      table, [.awaitSubscription(19), .indicate(18, Visit.reading), .end], cache: try await Visit.discovered(table),
      keepsSubscriptions: true, profile: Visit.profile(idle: .seconds(600), grace: .seconds(2)))
    await visit.sink.hold()
    let session = Task { await visit.run() }
    await visit.sink.awaitAttempts(1)
    try await Task.sleep(for: .seconds(3))
    await visit.sink.release()
    _ = await session.value
    #expect(await visit.sink.collector.keepsSubscriptions == false)
  }

  /// The device's 2A35 moved from 18 to 26; on the old handle something else would be indicated now.
  @Test func aValueOnAnOldHandleIsNotBelievedWhenTheHashDiffers() async throws {
    let old = Visit.cuff(hash: 7, keeps: true)
    let new = Visit.cuff(hash: 8, shift: 8, keeps: true)
    let visit = try await Visit(
      new, [.indicate(18, Visit.reading)], cache: try await Visit.discovered(old),
      profile: Visit.profile(grace: .seconds(1)))
    #expect(await visit.run() == .idle)
    #expect(await visit.peripheral.confirmations == 0)
    #expect(await visit.sink.collector.collected.isEmpty)
    #expect(visit.progress.all.contains(.notBelieved(18)))
    #expect(visit.progress.all.contains(.databaseChanged))
    #expect(await visit.sink.collector.databases.last?.hash == [UInt8](repeating: 8, count: 16))
  }

  @Test func aValueOnTheNewHandleIsBelievedAfterDiscovery() async throws {
    let old = Visit.cuff(hash: 7, keeps: true)
    let new = Visit.cuff(hash: 8, shift: 8, keeps: true)
    let visit = try await Visit(
      new, [.indicate(26, Visit.reading), .end], cache: try await Visit.discovered(old),
      profile: Self.patient)
    _ = await visit.run()
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(await visit.peripheral.confirmations == 1)
    // Discovered before it was confirmed.
    #expect(await (visit.peripheral.requestsBeforeFirstConfirmation ?? 0) > 1)
  }

  @Test func aHashThatIsGoneIsAChange() async throws {
    let visit = try await Visit(
      Visit.cuff(shift: 8, keeps: true), [.indicate(18, Visit.reading)],
      cache: try await Visit.discovered(Visit.cuff(hash: 7, keeps: true)), profile: Visit.profile(grace: .seconds(1)))
    #expect(await visit.run() == .idle)
    #expect(await visit.peripheral.confirmations == 0)
  }

  @Test func serviceChangedIsConfirmedAfterDiscovery() async throws {
    let visit = try await Visit(
      Visit.cuff(shift: 8, keeps: true), [.indicate(3, [1, 0, 0xFF, 0xFF]), .indicate(26, Visit.reading), .end],
      cache: try await Visit.discovered(Visit.cuff(keeps: true)), profile: Self.patient)
    await visit.sink.hold()
    let session = Task { await visit.run() }
    #expect(await visit.peripheral.awaitConfirmations(1))
    #expect(await visit.sink.collector.databases.first?.characteristic(BluetoothUUID(0x2A35))?.value == 26)
    await visit.sink.release()
    _ = await session.value
    #expect(await visit.sink.collector.collected.count == 1)
  }

  /// Without hash and without Service Changed, a handle that the cache lacks is the only sign that it is stale.
  @Test func aHandleThatTheCacheLacksBringsDiscovery() async throws {
    let visit = try await Visit(
      Visit.cuff(shift: 8, keeps: true), [.indicate(26, Visit.reading), .end],
      cache: try await Visit.discovered(Visit.cuff(keeps: true)), profile: Self.patient)
    _ = await visit.run()
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(visit.progress.all.contains(.databaseChanged))
  }

  /// 2A35 has moved to where the cache has something that was never subscribed to. It must not be taken for that, and be
  /// confirmed without being stored.
  @Test func aHandleThatTheCacheGivesToSomethingElseBringsDiscovery() async throws {
    var old = Visit.cuff(keeps: true)
    old.append(SimulatedAttribute(24, .primaryService, [0x00, 0xFF]))
    old.append(SimulatedAttribute(25, .characteristic, [0x20, 26, 0, 0x01, 0xFF]))
    old.append(SimulatedAttribute(26, BluetoothUUID(0xFF01), []))
    let visit = try await Visit(
      Visit.cuff(shift: 8, keeps: true), [.indicate(26, Visit.reading), .end], cache: try await Visit.discovered(old),
      profile: Self.patient)
    _ = await visit.run()
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(visit.progress.all.contains(.databaseChanged))
    #expect(await visit.peripheral.confirmations == 1)
  }

  /// The device tells of a change until that is confirmed, and then never again.
  @Test func serviceChangedIsNotConfirmedUnlessTheNewDatabaseIsRemembered() async throws {
    let visit = try await Visit(
      Visit.cuff(shift: 8, keeps: true), [.indicate(3, [1, 0, 0xFF, 0xFF]), .indicate(26, Visit.reading), .end],
      cache: try await Visit.discovered(Visit.cuff(keeps: true)), profile: Self.patient)
    await visit.sink.forgetDatabases()
    #expect(await visit.run() == .notStored(reason: "The disk is full."))
    _ = try await visit.client.read(uuid: .serviceChanged, in: AttributeHandleRange(100, 101))
    #expect(await visit.peripheral.confirmations == 0)
  }

  /// A first visit is worth as much without it.
  @Test func aFirstVisitsReadingIsTakenThoughItsDatabaseIsNotRemembered() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading), .end])
    await visit.sink.forgetDatabases()
    _ = await visit.run()
    #expect(await visit.sink.collector.collected.count == 1)
    #expect(await visit.peripheral.confirmations == 1)
  }

  /// The first link ended after the services were discovered and before Service Changed was subscribed to. The second visit
  /// does that after its reading, and the third has nothing to ask.
  @Test(arguments: [true, false])
  func serviceChangedIsSubscribedToLaterWhereTheFirstLinkEndedBefore(_ keeps: Bool) async throws {
    let table = Visit.cuff(keeps: keeps)
    let first = try await Visit(Visit.cuff(), [.awaitSubscription(19), .end], profile: Self.patient)
    _ = await first.run()
    var cache = try #require(await first.sink.collector.databases.first)
    #expect(cache.tellsNoChanges == true)
    for asks in [true, false] {
      let visit = try await Visit(
        table, keeps ? [.indicate(18, Visit.reading)] : [.awaitSubscription(19), .indicate(18, Visit.reading)],
        cache: cache, keepsSubscriptions: keeps)
      #expect(await visit.run() == .idle)
      let heard = await visit.heard()
      #expect(heard.filter { $0 == "write 4: 02 00" }.count == (asks ? 1 : 0))
      if asks {
        #expect(heard.firstIndex(of: "confirmation").map { $0 < heard.count - 1 } == true)
        cache = try #require(await visit.sink.collector.databases.last)
        #expect(cache.tellsNoChanges == nil)
      }
    }
  }

  @Test func theClockIsReadAfterTheFirstReadingAndPlacesItAgain() async throws {
    // Our clock is 00:30:00; the device's shows 00:33:20 and its offset was never measured.
    let stamped: [UInt8] = [0x02, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00, 0xEA, 0x07, 11, 22, 0, 29, 30]
    let table = Visit.cuff(keeps: true, clock: [0xEA, 0x07, 11, 22, 0, 33, 20])
    let visit = try await Visit(table, [.indicate(18, stamped)], cache: try await Visit.discovered(table))
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.clockOffset == 200)
    #expect(
      await visit.sink.revisions == [
        EffectiveTime(span: .instant(Visit.start.addingTimeInterval(-230)), basis: .deviceClockCorrected)
      ])
  }

  /// New batteries: the cuff's clock begins at 2015-01-01, and what is remembered of it says that it is right.
  @Test func aReadingOfThisMinuteIsLiveThoughTheClockWasSetBack() async throws {
    let table = Visit.cuff(keeps: true, clock: [0xDF, 0x07, 1, 1, 0, 5, 0])
    let crisis: [UInt8] = [0x02, 0xBE, 0x00, 0x78, 0x00, 0x8F, 0x00, 0xDF, 0x07, 1, 1, 0, 4, 30]
    let visit = try await Visit(
      table, [.indicate(18, crisis), .end], cache: try await Visit.discovered(table), profile: Self.patient)
    var session = visit.session
    session.clockOffset = 0
    _ = await GATTBloodPressureDriver().run(session)
    let kept = try #require(await visit.sink.collector.collected.first)
    #expect(
      kept.observation.effective
        == EffectiveTime(span: .instant(Visit.start.addingTimeInterval(-30)), basis: .deviceClockCorrected))
    #expect(kept.live)
    // The clock, and nothing else.
    #expect(await visit.peripheral.requestsBeforeFirstConfirmation == 1)
  }

  /// What was measured before the batteries were changed keeps the time that the clock showed then.
  @Test func readingsOfBeforeTheClockWasSetBackKeepTheirTime() async throws {
    let table = Visit.cuff(keeps: true, clock: [0xDF, 0x07, 1, 1, 0, 5, 0])
    let crisis: [UInt8] = [0x02, 0xBE, 0x00, 0x78, 0x00, 0x8F, 0x00, 0xDF, 0x07, 1, 1, 0, 4, 30]
    let visit = try await Visit(
      table, [.indicate(18, Self.stamp(10, 0)), .indicate(18, crisis), .end],
      cache: try await Visit.discovered(table), profile: Self.patient)
    var session = visit.session
    session.clockOffset = 0
    _ = await GATTBloodPressureDriver().run(session)
    let kept = await visit.sink.collector.collected
    #expect(
      kept.map(\.observation.effective.end)
        == [Visit.start.addingTimeInterval(-1200), Visit.start.addingTimeInterval(-30)])
    #expect(kept.map(\.live) == [false, true])
  }

  /// Without being asked, a device does not tell that its database has changed.
  @Test func serviceChangedIsSubscribedToWhenTheServicesAreDiscovered() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading), .end])
    _ = await visit.run()
    let writes = await visit.peripheral.transcript.filter { $0.direction == .toDevice && $0.pdu.first == 0x12 }
    #expect(writes.map(\.pdu) == [[0x12, 19, 0, 2, 0], [0x12, 4, 0, 2, 0]])
  }

  /// A bond is what Service Changed is kept with: without one it is not asked for.
  @Test func serviceChangedIsNotSubscribedToWithoutABond() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .indicate(18, Visit.reading), .end])
    var session = visit.session
    session.authentication = .unauthenticated
    _ = await GATTBloodPressureDriver().run(session)
    let writes = await visit.peripheral.transcript.filter { $0.direction == .toDevice && $0.pdu.first == 0x12 }
    #expect(writes.map(\.pdu) == [[0x12, 19, 0, 2, 0]])
  }

  /// The device was known and its keys are new: its handles are believed by their hash, and it is subscribed to as on a
  /// first visit, Service Changed too.
  @Test(arguments: [(UInt8(7), false), (8, true)])
  func aDeviceThatWasPairedAgain(hash: UInt8, isDiscovered: Bool) async throws {
    let table = Visit.cuff(hash: 7)
    var cache = try await Visit.discovered(table)
    cache.hash = [UInt8](repeating: hash, count: 16)
    let visit = try await Visit(
      table, [.awaitSubscription(19), .indicate(18, Visit.reading), .end], cache: cache, keepsSubscriptions: true)
    var session = visit.session
    session.isJustPaired = true
    _ = await GATTBloodPressureDriver().run(session)
    let sent = await visit.peripheral.transcript.filter { $0.direction == .toDevice }.map(\.pdu)
    #expect(sent.filter { $0.first == 0x12 } == [[0x12, 19, 0, 2, 0], [0x12, 4, 0, 2, 0]])
    #expect(sent.contains { $0.first == 0x10 } == isDiscovered)
    #expect(visit.progress.all.contains(.knownDatabase) == !isDiscovered)
    #expect(await visit.sink.collector.collected.count == 1)
  }

  @Test func whatAnEarlierVisitDidNotLearnIsAskedAfterTheFirstReading() async throws {
    var table = Visit.cuff(keeps: true)
    table += [
      SimulatedAttribute(50, .primaryService, [0x0A, 0x18]),
      SimulatedAttribute(51, .characteristic, [0x02, 52, 0, 0x24, 0x2A]),
      SimulatedAttribute(52, BluetoothUUID(0x2A24), Array("BP-1\u{1B}[2J".utf8)),
    ]
    let visit = try await Visit(table, [.indicate(18, Visit.reading)], cache: try await Visit.discovered(table))
    var session = visit.session
    session.informationIsKnown = false
    #expect(await GATTBloodPressureDriver().run(session) == .idle)
    #expect(await visit.peripheral.requestsBeforeFirstConfirmation == 0)
    // Without the control character, which would reach a terminal.
    #expect(await visit.sink.collector.information?.model == "BP-1[2J")
  }

  // MARK: Ends

  @Test func aDeviceThatNeverAnswersEndsTheVisit() async throws {
    let visit = try await Visit(Visit.cuff(), [], isSilent: true, transactionLimit: .milliseconds(50))
    let end = await visit.run()
    guard case .requestFailed(let what, let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(what == "The MTU exchange")
    #expect(reason.contains("did not answer"))
  }

  @Test func aDeviceWithNothingToSayEndsTheVisit() async throws {
    let visit = try await Visit(Visit.cuff(), [])
    #expect(await visit.run() == .idle)
  }

  @Test func aDeviceWithoutTheCharacteristicIsUnsuitable() async throws {
    let visit = try await Visit(Array(Visit.cuff().prefix(4)), [])
    #expect(await visit.run() == .unsuitable(missing: BluetoothUUID(0x2A35)))
  }

  @Test func theEndOfTheLinkIsNamed() async throws {
    // The subscription to Service Changed is the last thing asked: a request after the end would name the failed sending.
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19), .awaitSubscription(4), .end])
    #expect(await visit.run() == .linkEnded(reason: "closed by the device"))
  }

  @Test func cancellingEndsTheVisit() async throws {
    let visit = try await Visit(Visit.cuff(), [.awaitSubscription(19)], profile: Visit.profile(idle: .seconds(3600)))
    let session = Task { await visit.run() }
    #expect(await visit.peripheral.awaitRequests(3))
    session.cancel()
    #expect(await session.value == .cancelled)
  }

  @Test func otherIndicationsAreConfirmedAndOtherNotificationsPassed() async throws {
    var table = Visit.cuff()
    table.append(SimulatedAttribute(40, .primaryService, [0x00, 0xFF]))
    table.append(SimulatedAttribute(41, .characteristic, [0x30, 42, 0, 0x01, 0xFF]))
    table.append(SimulatedAttribute(42, BluetoothUUID(0xFF01), []))
    let visit = try await Visit(
      table,
      [
        .awaitSubscription(19), .notify(42, [[1]], times: 1, every: 0), .indicate(42, [1, 2]),
        .indicate(18, Visit.reading), .end,
      ])
    _ = await visit.run()
    #expect(await visit.peripheral.confirmations == 2)
    #expect(await visit.sink.collector.collected.count == 1)
  }
}
