import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing
import WireFormats

/// Visits to a cuff whose memory is read. Our clock stands at 2026-11-22 00:30:00, as does the cuff's.
@Suite(.timeLimit(.minutes(2))) struct OmronVisitTests {
  typealias Reading = OmronCuff.Reading
  typealias Kept = OmronCuff.Kept
  static let now = [2026, 11, 22, 0, 30, 0]

  /// Three of user 1 in the slots 0–2, the last just made; two of user 2 whose ring has gone round: slots 9 and 0.
  static func classic() throws -> OmronCuff {
    var cuff = try OmronCuff.classic()
    cuff.put(Reading(systolic: 121, at: [2026, 11, 20, 7, 0, 1]), user: 1, slot: 0)
    cuff.put(Reading(systolic: 122, at: [2026, 11, 21, 7, 0, 2], irregular: true), user: 1, slot: 1)
    cuff.put(Reading(systolic: 123, at: [2026, 11, 22, 0, 29, 0], movement: true), user: 1, slot: 2)
    cuff.put(Reading(systolic: 141, at: [2026, 11, 20, 8, 0, 1]), user: 2, slot: 9)
    cuff.put(Reading(systolic: 142, at: [2026, 11, 21, 8, 0, 2]), user: 2, slot: 0)
    cuff.putIndex([3, 1], unread: 3)
    cuff.putClock(now)
    return cuff
  }
  static let classicKept = [
    Kept(user: 1, systolic: 121, live: false), Kept(user: 1, systolic: 122, live: false),
    Kept(user: 1, systolic: 123, live: true), Kept(user: 2, systolic: 141, live: false),
    Kept(user: 2, systolic: 142, live: false),
  ]

  /// Six slots that have gone round: 2, 3, 4, 5, 0, 1 in their order.
  static func modern() throws -> OmronCuff {
    var cuff = try OmronCuff.modern()
    for (age, slot) in [2, 3, 4, 5, 0, 1].enumerated() {
      let reading = Reading(systolic: 110 + age, at: [2026, 11, 10 + age, 9, 0, 0], sequence: 300 + age)
      cuff.put(reading, user: 1, slot: slot)
    }
    cuff.putIndex([0x8002])
    cuff.putClock(now)
    return cuff
  }
  static let modernKept = (0..<6).map { Kept(user: 1, systolic: Decimal(110 + $0), live: false) }

  // MARK: First visits

  @Test func fourChannelsAndTwoUsers() async throws {
    var cuff = try Self.classic()
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == Self.classicKept)
    #expect(cuff.memory.lock == .key(OmronCuff.key))
    #expect(cuff.progress.all.contains(.keyStored))
    // Prepare, store, unlock; then start first and end last.
    let locks = cuff.memory.commands.prefix(3)
    #expect(locks.map(\.count) == [17, 17, 17] && locks.map(\.[0]) == [2, 0, 1])
    #expect(cuff.frames.first == [8, 0, 0, 0, 0, 0x10, 0, 0x18])
    #expect(cuff.frames.last == [8, 0x0F, 0, 0, 0, 0, 0, 0x07])
    #expect(cuff.wasLeftAlone)
    #expect(await cuff.sink.collector.clockOffset == 0)
    let collected = await cuff.sink.collector.collected.map(\.observation)
    #expect(collected.map(\.flags) == [[], [.irregularPulse], [.bodyMovement], [], []])
    #expect(collected.allSatisfy { $0.effective.basis == .deviceClock && $0.marks.isEmpty && $0.patient == nil })
    let first = try #require(collected.first)
    #expect(first.provenance.deviceTime?.verbatim == "2026-11-20T07:00:01")
    #expect(first.provenance.format == "omron-be-14" && first.provenance.driver == "omron-eeprom/1")
    #expect(first.provenance.bytes.count == 14)
    #expect(first.quantity(MDC.pressBldNoninvDia)?.value == 80 && first.quantity(MDC.pulsRateNonInv)?.value == 60)
    #expect(first.components.count == 3)
  }

  /// With the whole reply in one notification, and in pieces of twenty octets.
  @Test(arguments: [247, 23]) func oneChannel(mtu: Int) async throws {
    var cuff = try Self.modern()
    cuff.mtu = mtu
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == Self.modernKept)
    #expect(await cuff.sink.collector.collected.first?.observation.provenance.format == "omron-le-16")
    #expect(cuff.wasLeftAlone)
    // A token is no key: nothing is stored in the cuff.
    #expect(cuff.memory.commands.filter { $0.count == 20 }.map(\.[0]) == [0x11])
    #expect(!cuff.progress.all.contains(.keyStored))
  }

  @Test func withoutALockNothingIsUnlocked() async throws {
    var cuff = try Self.modern()
    cuff.memory.lock = .none
    cuff.profile.memory?.unlock = .none
    cuff.remove(characteristic: OmronCuff.unlock)
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == Self.modernKept)
  }

  @Test func withoutAnIndexAllIsReadAndTheNewestComesLast() async throws {
    var cuff = try Self.modern()
    cuff.profile.memory?.index = nil
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == Self.modernKept)
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == Self.modernKept)
  }

  @Test func anEmptyMemoryGivesNothing() async throws {
    var cuff = try OmronCuff.classic()
    cuff.putIndex([0x8000, 0x8000])
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept.isEmpty)
    #expect(cuff.frames.last?[1] == 0x0F)
  }

  @Test func whoIsNotRegisteredHasNoRecords() async throws {
    var cuff = try Self.classic()
    cuff.memory.refused = 0x0400..<0x0500
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == Array(Self.classicKept.prefix(3)))
    #expect(cuff.progress.all.contains(.memoryRefused(user: 2)))
  }

  // MARK: Later visits

  @Test func laterOnlyWhatIsNewIsRead() async throws {
    var cuff = try Self.classic()
    #expect(try await cuff.visit() == .idle)
    let before = cuff.reads.count
    #expect(try await cuff.visit() == .idle)
    // Clock, index, and for each user the newest with what stands behind it.
    #expect(cuff.reads.count - before <= 6)
    #expect(await cuff.sink.attempts == 5, "nothing was stored a second time")

    cuff.put(Reading(systolic: 151, at: [2026, 11, 22, 0, 20, 0]), user: 1, slot: 3)
    cuff.put(Reading(systolic: 152, at: [2026, 11, 22, 0, 26, 0]), user: 1, slot: 4)
    // The maker's app was here: it has cleared the counters.
    cuff.putIndex([5, 1], unread: 0x8000)
    #expect(try await cuff.visit() == .idle)
    #expect(
      await cuff.kept
        == Self.classicKept + [Kept(user: 1, systolic: 151, live: false), Kept(user: 1, systolic: 152, live: true)])
    #expect(cuff.wasLeftAlone)
    #expect(cuff.memory.commands.filter { $0.count == 17 }.map(\.[0]) == [2, 0, 1, 1, 1], "the key is stored once")
  }

  /// More new ones than are looked back through: the whole ring is read.
  @Test func aLongAbsenceLosesNothing() async throws {
    var cuff = try OmronCuff.modern()
    cuff.profile.memory?.users = [.init(start: 0x01C4, slots: 40)]
    cuff.putClock(Self.now)
    func put(_ numbers: Range<Int>) {
      for number in numbers {
        let at = [2026, 10, 1 + number / 24, number % 24, 0, 0]
        cuff.put(Reading(systolic: 100 + number, at: at, sequence: number), user: 1, slot: number % 40)
      }
      cuff.putIndex([numbers.upperBound % 40])
    }
    put(0..<30)
    #expect(try await cuff.visit() == .idle)
    put(30..<65)
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept.compactMap(\.systolic) == (0..<65).map { Decimal(100 + $0) })
  }

  /// The map's cursor is taken for one slot more or less than it is.
  @Test(arguments: [-2, 0, 1]) func anIndexThatTheRecordsContradictIsNotBelieved(bias: Int) async throws {
    var cuff = try Self.classic()
    let users = OmronIndexLayout.twoUsers(.big).users
    let layout = try #require(OmronIndexLayout(size: 8, wordOrder: .big, users: users, cursorBias: bias))
    cuff.profile.memory?.index = .init(address: 0x0260, layout: layout)
    #expect(try await cuff.visit() == .idle)
    #expect(Set(await cuff.kept.compactMap(\.systolic)) == [121, 122, 123, 141, 142])
    cuff.put(Reading(systolic: 151, at: [2026, 11, 22, 0, 29, 30]), user: 1, slot: 3)
    cuff.putIndex([4, 1])
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept.last == Kept(user: 1, systolic: 151, live: true))
    #expect(await cuff.kept.count == 6)
  }

  @Test func aSinkThatCannotTellGetsAllOnce() async throws {
    var cuff = try Self.modern()
    #expect(try await cuff.visit() == .idle)
    await cuff.sink.forgetWhatIsHeld()
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.sink.attempts == 12)
    #expect(await cuff.kept == Self.modernKept)
  }

  // MARK: The lock

  @Test func aWrongKeyIsSaid() async throws {
    var cuff = try Self.classic()
    #expect(try await cuff.visit() == .idle)
    cuff.memory.lock = .key([UInt8](repeating: 9, count: 16))
    let end = try await cuff.visit()
    guard case .locked(let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(reason.contains("holds another key") && "\(end)" == reason)
    #expect(cuff.frames.filter { $0[2] == 0 && $0[1] == 0 }.count == 1, "its memory was not asked for again")
  }

  @Test func aCuffThatIsNotInPairingModeIsSaid() async throws {
    var cuff = try Self.classic()
    cuff.memory.isPairing = false
    let end = try await cuff.visit()
    guard case .notInPairingMode(let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(reason.contains("P blinks"))
  }

  @Test func aKeyOfAnEarlierPairingOpensIt() async throws {
    var cuff = try Self.classic()
    cuff.memory.isPairing = false
    cuff.memory.lock = .key(OmronCuff.key)
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept.count == 5)
  }

  @Test func configurationsKeyGoesBeforeTheProfiles() async throws {
    var cuff = try Self.classic()
    let own = [UInt8](repeating: 0xA5, count: 16)
    #expect(try await cuff.visit(key: own) == .idle)
    #expect(cuff.memory.lock == .key(own))
    guard case .locked = try await cuff.visit() else {
      Issue.record("the profile's key opened it")
      return
    }
  }

  @Test func aCuffThatWantsItsOwnSessionIsSaid() async throws {
    var cuff = try Self.modern()
    cuff.memory.lock = .key(nil)
    let end = try await cuff.visit()
    guard case .locked(let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(reason.contains("0x26"))
  }

  // MARK: What goes wrong on the way

  static let cuffs: [(String, @Sendable () throws -> OmronCuff)] = [("classic", Self.classic), ("modern", Self.modern)]

  /// Answers of a first visit that goes well.
  static func answers(_ cuff: OmronCuff) async throws -> Int {
    var cuff = cuff
    #expect(try await cuff.visit() == .idle)
    return cuff.memory.answers
  }

  @Test(arguments: [SimulatedMemory.Fault.silent, .damaged, .withoutData])
  func oneBadAnswerIsAskedForAgain(fault: SimulatedMemory.Fault) async throws {
    for (name, make) in Self.cuffs {
      let expected = name == "classic" ? Self.classicKept : Self.modernKept
      for number in 0..<(try await Self.answers(try make())) {
        var cuff = try make()
        cuff.memory.faults = [number: fault]
        let end = try await cuff.visit()
        // A flipped bit in what the lock says is another message, which no checksum shows.
        if fault == .damaged, number < (name == "classic" ? 3 : 1) { continue }
        #expect(end == .idle, "\(name), answer \(number)")
        #expect(await cuff.kept == expected, "\(name), answer \(number)")
        #expect(cuff.wasLeftAlone)
      }
    }
  }

  @Test func threeDamagedAnswersEndTheVisit() async throws {
    var cuff = try Self.classic()
    cuff.memory.faults = [4: .damaged, 5: .damaged, 6: .damaged]
    let end = try await cuff.visit()
    guard case .damaged(let what, let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(what == "Reading its memory at 0x0274" && reason.hasPrefix("Checksum"))
    #expect(cuff.frames.last?[1] == 0x0F, "the cuff is told the end")
  }

  @Test func noAnswerEndsTheVisit() async throws {
    for number in [0, 3, 5] {
      var cuff = try Self.classic()
      cuff.memory.faults = [number: .silent, number + 1: .silent, number + 2: .silent]
      let end = try await cuff.visit()
      guard case .noAnswer = end else {
        Issue.record("\(number): \(end)")
        continue
      }
      #expect("\(end)".contains("no answer"))
    }
  }

  /// All is read and kept by then.
  @Test func aCuffThatDoesNotAnswerTheEndHasBeenRead() async throws {
    for fault in [SimulatedMemory.Fault.silent, .damaged] {
      let last = try await Self.answers(try Self.modern()) - 1
      var cuff = try Self.modern()
      cuff.memory.faults = [last: fault, last + 1: fault, last + 2: fault]
      #expect(try await cuff.visit() == .idle)
      #expect(await cuff.kept == Self.modernKept)
    }
  }

  @Test func whatWasNeverWrittenMayComeWithoutData() async throws {
    var cuff = try Self.classic()
    cuff.memory.omitsEmpty = true
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == Self.classicKept)
    cuff.put(Reading(systolic: 151, at: [2026, 11, 22, 0, 20, 0]), user: 1, slot: 3)
    cuff.putIndex([4, 1])
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept.map(\.systolic) == [121, 122, 123, 141, 142, 151])
  }

  /// Any block of records, three times without data: nothing newer is stored before it, or the next visit would not look
  /// for it.
  @Test func aRecordThatComesWithoutDataIsNotPassedOver() async throws {
    for number in 2..<(try await Self.answers(try Self.modern())) {
      var cuff = try Self.modern()
      cuff.memory.faults = [number: .withoutData, number + 1: .withoutData, number + 2: .withoutData]
      let end = try await cuff.visit()
      // Of the oldest, nobody can say whether they were ever written.
      if end == .idle { continue }
      guard case .damaged(_, let reason) = end else {
        Issue.record("\(number): \(end)")
        continue
      }
      #expect(reason == "The cuff answered without data where it has a record.")
      #expect(try await cuff.visit() == .idle)
      #expect(await cuff.kept == Self.modernKept)
    }
  }

  @Test func afterALinkThatEndsAnywhereTheNextVisitCompletes() async throws {
    for (name, make) in Self.cuffs {
      let expected = name == "classic" ? Self.classicKept : Self.modernKept
      for number in 0..<(try await Self.answers(try make())) {
        var cuff = try make()
        cuff.memory.faults = [number: .endsLink]
        let end = try await cuff.visit()
        guard case .linkEnded = end else {
          Issue.record("\(name), answer \(number): \(end)")
          continue
        }
        #expect(try await cuff.visit() == .idle, "\(name), answer \(number)")
        #expect(await cuff.kept == expected, "\(name), answer \(number)")
        #expect(cuff.wasLeftAlone)
      }
    }
  }

  /// The same on the visit after, when two more records are there.
  @Test func afterALaterLinkThatEndsAnywhereTheNextVisitCompletes() async throws {
    var number = 0
    while true {
      var cuff = try Self.classic()
      #expect(try await cuff.visit() == .idle)
      cuff.put(Reading(systolic: 151, at: [2026, 11, 22, 0, 20, 0]), user: 1, slot: 3)
      cuff.put(Reading(systolic: 152, at: [2026, 11, 22, 0, 22, 0]), user: 1, slot: 4)
      cuff.put(Reading(systolic: 153, at: [2026, 11, 22, 0, 23, 0]), user: 2, slot: 1)
      cuff.putIndex([5, 2])
      cuff.memory.faults = [cuff.memory.answers + number: .endsLink]
      let end = try await cuff.visit()
      if end != .idle { #expect(try await cuff.visit() == .idle, "answer \(number)") }
      let systolic = await cuff.kept.compactMap(\.systolic)
      #expect(systolic.count == 8 && Set(systolic) == [121, 122, 123, 141, 142, 151, 152, 153], "answer \(number)")
      #expect(cuff.wasLeftAlone)
      if end == .idle { break }
      number += 1
    }
    #expect(number > 5)
  }

  @Test func whatCannotBeStoredIsThereNextTime() async throws {
    var cuff = try Self.classic()
    #expect(try await cuff.visit() == .idle)
    cuff.put(Reading(systolic: 151, at: [2026, 11, 22, 0, 20, 0]), user: 1, slot: 3)
    cuff.put(Reading(systolic: 152, at: [2026, 11, 22, 0, 22, 0]), user: 1, slot: 4)
    cuff.putIndex([5, 1])
    await cuff.sink.fail(1)
    #expect(try await cuff.visit() == .notStored(reason: "The disk is full."))
    #expect(cuff.frames.last?[1] == 0x0F)
    #expect(await cuff.kept.count == 5)
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept.suffix(2).map(\.systolic) == [151, 152])
  }

  @Test func aCuffWithoutAChannelIsUnsuitable() async throws {
    for uuid in [OmronCuff.heard[2], OmronCuff.told[0], OmronCuff.unlock] {
      var cuff = try Self.classic()
      cuff.remove(characteristic: uuid)
      #expect(try await cuff.visit() == BluetoothUUID(uuid).map { .unsuitable(missing: $0) })
    }
  }

  @Test func cancellingEndsTheVisit() async throws {
    let cuff = try Self.classic()
    let visit = Task {
      var cuff = cuff
      cuff.memory.faults = Dictionary(uniqueKeysWithValues: (0..<9).map { ($0, .silent) })
      cuff.profile.constants["answer-limit"] = 30
      return try await cuff.visit()
    }
    try await Task.sleep(for: .milliseconds(100))
    visit.cancel()
    #expect(try await visit.value == .cancelled)
  }

  /// Nothing vouches for what is remembered of a cuff without a database hash.
  @Test func otherHandlesAreDiscoveredAgain() async throws {
    var cuff = try Self.classic()
    #expect(try await cuff.visit() == .idle)
    cuff.moveHandles(by: 40)
    #expect(try await cuff.visit() == .idle)
    #expect(cuff.progress.all.contains(.databaseChanged))
    #expect(await cuff.kept == Self.classicKept)
  }

  // MARK: Checksums and clocks

  @Test func aRecordWhoseSumIsWrongIsKeptAndSaid() async throws {
    var cuff = try OmronCuff.classic()
    var octets = Reading(systolic: 131, at: [2026, 11, 21, 7, 0, 0]).octets()
    octets[12] ^= 0x40
    cuff.put(OmronCuff.exchanged(octets), at: 0x02AC)
    cuff.putIndex([1, 0x8000])
    cuff.putClock(Self.now)
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.kept == [Kept(user: 1, systolic: 131, live: false)])
    #expect(cuff.progress.all.contains(.checksumMismatch(user: 1, slot: 0)))
  }

  /// Read twice, the clock has gone on; so its hour too much is taken off.
  @Test(arguments: [true, false]) func aClockThatGoesIsCorrected(isClassic: Bool) async throws {
    var cuff = isClassic ? try OmronCuff.classic() : try OmronCuff.modern()
    cuff.putClock(Self.now)
    cuff.memory.clock = .init(address: isClassic ? 0x0276 : 0x0044, isExchanged: isClassic, offset: 3600)
    let now = Date()
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: now.addingTimeInterval(3600 - 30))
    let at = [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second].compactMap { $0 }
    cuff.put(Reading(systolic: 131, at: at), user: 1, slot: 0)
    cuff.putIndex([1, 0x8000])
    #expect(try await cuff.visit(now: { Date() }) == .idle)
    let observation = try #require(await cuff.sink.collector.collected.first)
    #expect(observation.live && observation.observation.effective.basis == .deviceClockCorrected)
    #expect(abs(observation.observation.effective.end.timeIntervalSince(now.addingTimeInterval(-30))) < 3)
    #expect(await cuff.sink.collector.clockOffset.map { abs($0 - 3600) < 3 } == true)
  }

  /// What stands at the clock's place may be when it was last set: readings are not moved by it.
  @Test func aClockThatStandsIsNotBelieved() async throws {
    var cuff = try Self.classic()
    cuff.putClock([2025, 1, 1, 0, 0, 0])
    #expect(try await cuff.visit() == .idle)
    #expect(cuff.progress.all.contains(.clockUnusable))
    #expect(await cuff.sink.collector.clockOffset == nil)
    let collected = await cuff.sink.collector.collected
    #expect(collected.allSatisfy { $0.observation.effective.basis == .deviceClockUnchecked })
    #expect(await cuff.kept == Self.classicKept)
  }

  /// An unset clock gives a period, and never a false *now*.
  @Test func aStampAheadOfUsIsNoTime() async throws {
    var cuff = try OmronCuff.classic()
    cuff.put(Reading(systolic: 131, at: [2040, 2, 3, 4, 5, 6]), user: 1, slot: 0)
    cuff.putIndex([1, 0x8000])
    cuff.putClock(Self.now)
    let previous = Visit.start.addingTimeInterval(-86_400)
    #expect(try await cuff.visit(previousVisit: previous) == .idle)
    let collected = try #require(await cuff.sink.collector.collected.first)
    #expect(!collected.live && collected.observation.marks == [.clockUnusable])
    #expect(
      collected.observation.effective == EffectiveTime(span: .period(previous, Visit.start), basis: .betweenVisits))
    #expect(collected.observation.provenance.deviceTime?.verbatim == "2040-02-03T04:05:06")
  }

  /// Made before the clock was set: by the offset of then it has a time.
  @Test func aStampOfBeforeTheClockWasSetIsReadByTheEarlierOffset() async throws {
    var cuff = try OmronCuff.classic()
    cuff.put(Reading(systolic: 131, at: [2026, 11, 22, 10, 0, 0]), user: 1, slot: 0)
    cuff.putIndex([1, 0x8000])
    cuff.putClock(Self.now)
    #expect(try await cuff.visit(earlierOffset: 36_000) == .idle)
    let observation = try #require(await cuff.sink.collector.collected.first?.observation)
    #expect(observation.effective.basis == .deviceClockCorrected && observation.provenance.clockOffset == 36_000)
    #expect(observation.effective.end == Visit.start.addingTimeInterval(-1800))
  }

  // MARK: Decoding

  @Test func oneStoredRecordIsDecodedByItsProfile() throws {
    let driver = OmronEEPROMDriver()
    let octets = Reading(systolic: 131, at: [2026, 11, 21, 7, 0, 0], movement: true).octets()
    let modern = try OmronCuff.modern().profile
    let text = try driver.decode(octets[..<12] + [0, 0] + octets[12...], of: modern).text
    #expect(text.contains(#""systolic":131"#) && text.contains(#""bodyMovement":true"#))
    let classic = try OmronCuff.classic().profile
    #expect(try driver.decode(OmronCuff.exchanged(octets), of: classic).text.contains(#""systolic":131"#))
    #expect(try driver.decode([UInt8](repeating: 0xFF, count: 14), of: classic).text.contains(#""empty":true"#))
    #expect(throws: DecodingFailure.self) { try driver.decode(octets, of: modern) }
  }
}
