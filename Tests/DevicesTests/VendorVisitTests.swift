import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing
import WireFormats

/// Visits to cuffs that speak their makers' own languages. What their sessions give in full is in `EveryProfileTests`.
@Suite(.serialized, .timeLimit(.minutes(10))) struct VendorVisitTests {
  static let memories = [
    ("microlife/bp3gy1-2n", [134, 134, 0, 130, 124] as [Decimal]), ("viatom/bp2w", [133, 118, 126]),
  ]

  /// Notifications of a visit that goes well.
  private static func notifications(_ cuff: ScriptedCuff) async throws -> Int {
    var cuff = cuff
    _ = try await cuff.visit()
    return cuff.script.notifications
  }

  // MARK: Links that break

  @Test(arguments: memories) func aLinkThatBreaksInMidMemoryLosesAndDoublesNothing(
    name: String, systolics: [Decimal]
  ) async throws {
    for cut in 0..<(try await Self.notifications(try ScriptedCuff(name))) {
      var cuff = try ScriptedCuff(name)
      cuff.script.cutAt = cut
      guard case .linkEnded = try await cuff.visit() else {
        Issue.record("the visit that was cut at \(cut) ended in another way")
        continue
      }
      #expect(await cuff.systolics.isEmpty)
      #expect(try await cuff.visit() == .idle)
      #expect(await cuff.systolics == systolics, "cut at \(cut)")
      #expect(try await cuff.visit() == .idle)
      #expect(await cuff.sink.attempts == systolics.count, "nothing was stored again")
    }
  }

  @Test(arguments: memories) func whatCannotBeStoredIsStoredByTheNextVisit(
    name: String, systolics: [Decimal]
  ) async throws {
    for stored in 0..<systolics.count {
      var cuff = try ScriptedCuff(name)
      await cuff.sink.fail(after: stored)
      guard case .notStored = try await cuff.visit() else {
        Issue.record("another end")
        continue
      }
      #expect(await cuff.systolics == Array(systolics.prefix(stored)))
      #expect(!cuff.script.written.contains([0x4D, 0xFF, 0x00, 0x02, 0x04, 0x52]), "no goodbye before all is stored")
      #expect(try await cuff.visit() == .idle)
      #expect(await cuff.systolics == systolics)
    }
  }

  // MARK: Answers that are bad

  /// Every octet of each answer's head, and some of all the others, one at a time.
  @Test(arguments: memories) func aDamagedAnswerEndsTheVisitAndGivesNoNumber(
    name: String, systolics: [Decimal]
  ) async throws {
    let whole = try ScriptedCuff(name)
    for (answer, script) in whole.script.answers.enumerated() {
      for (value, octets) in script.values.enumerated() {
        for octet in octets.indices where value == 0 && octet < 8 || octet % 13 == 0 {
          var cuff = try ScriptedCuff(name)
          cuff.flip(answer, value, octet)
          let end = try await cuff.visit(answerLimit: 0.1)
          let place = "answer \(answer), notification \(value), octet \(octet)"
          switch end {
          case .damaged(_, let reason): #expect(reason.contains(":"), "\(place)")
          case .noAnswer, .requestFailed: break
          case .idle: #expect(await cuff.systolics == systolics, "\(place)")
          default: Issue.record("\(end) at \(place)")
          }
          if end != .idle { #expect(await cuff.systolics.isEmpty, "\(place)") }
        }
      }
    }
  }

  @Test(arguments: memories) func aDeviceThatSaysNothingIsNotWaitedForLong(
    name: String, systolics: [Decimal]
  ) async throws {
    let count = try ScriptedCuff(name).script.answers.count { !$0.values.isEmpty }
    for silent in 0..<count {
      var cuff = try ScriptedCuff(name)
      cuff.script.answers[silent].values = []
      guard case .noAnswer(let what) = try await cuff.visit(answerLimit: 0.1) else {
        Issue.record("another end")
        continue
      }
      #expect(!what.isEmpty)
      #expect(await cuff.systolics.isEmpty)
    }
  }

  @Test func anAnswerThatNeverEndsIsBounded() async throws {
    var cuff = try ScriptedCuff("viatom/bp2w")
    // A size that no such file has.
    try cuff.answer(Self.open, with: [try Self.packet("A5F20D01030400FFFFFF7F")])
    guard case .damaged(_, let reason) = try await cuff.visit() else {
      Issue.record("the size was believed")
      return
    }
    #expect(reason.hasPrefix("File Size:"))
    // A piece of nothing would be asked for for ever.
    cuff = try ScriptedCuff("viatom/bp2w")
    try cuff.answer(Self.firstPiece, with: [try Self.packet("A5F30C01040000")])
    guard case .damaged(_, let reason) = try await cuff.visit() else {
      Issue.record("an empty piece was taken")
      return
    }
    #expect(reason.hasPrefix("Payload:"))
  }

  @Test func aRefusalIsSaid() async throws {
    var cuff = try ScriptedCuff("viatom/bp2w")
    try cuff.answer(Self.open, with: [try Self.packet("A5F20DE1030000")])
    guard case .requestFailed(let what, let reason) = try await cuff.visit() else {
      Issue.record("another end")
      return
    }
    #expect(what == "Opening its records" && reason.contains("0xE1"))
  }

  @Test func withoutTheFileThereIsNothingToRead() async throws {
    var cuff = try ScriptedCuff("viatom/bp2w")
    try cuff.answer(
      try Hexadecimal.bytes("A5F10E0002000013"),
      with: [try Self.packet("A5F10E0102110001" + "62703265 63672E6C 69737400 00000000")])
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.systolics.isEmpty)
    #expect(cuff.script.written.count == 2)
  }

  private static let open: [UInt8] =
    [0xA5, 0xF2, 0x0D, 0x00, 0x03, 0x14, 0x00] + Array("bp2nibp.list".utf8) + [0, 0, 0, 0, 0, 0, 0, 0, 0xFE]
  private static let firstPiece: [UInt8] = [0xA5, 0xF3, 0x0C, 0x00, 0x04, 0x04, 0x00, 0, 0, 0, 0, 0x17]

  /// With its CRC by long division, elsewhere than in the decoder.
  private static func packet(_ hex: String) throws -> [UInt8] {
    let octets = try Hexadecimal.bytes(hex.replacing(" ", with: ""))
    return octets + [NeverSentTests.crc8(octets)]
  }

  // MARK: Memories

  @Test func onlyWhatIsNewIsStored() async throws {
    var cuff = try ScriptedCuff("microlife/bp3gy1-2n")
    #expect(try await cuff.visit() == .idle)
    let before = await cuff.sink.attempts
    // A third one without a date and of the same numbers.
    let equal: [UInt8] = [0x86, 0x54, 0x48, 0x11, 0, 0, 0, 0, 0x80, 0]
    try cuff.setRecords([equal, equal, [0x7C, 0x4C, 0x42, 0x1A, 0x0B, 0x16, 0x07, 0x1D, 0x80, 0], equal])
    let earlier = cuff.file.clock.addingTimeInterval(-3600)
    // The newest has no date, so the clock is written. What comes back is damaged: the readings are safe by then.
    cuff.script.answers.append(
      .init(
        handle: 21, request: try Hexadecimal.bytes("4DFF00080D1A0B16071E00C1"), source: 18,
        values: [[0x4D, 0x3A, 0, 2, 0x81, 0x0B]]))
    #expect(try await cuff.visit(previousVisit: earlier) == .idle)
    #expect(cuff.script.unexpected.isEmpty)
    #expect(await cuff.sink.attempts == before + 1)
    let last = try #require(await cuff.observations.last)
    #expect(last.effective == EffectiveTime(span: .period(earlier, cuff.file.clock), basis: .betweenVisits))
    #expect(last.marks == [.clockUnusable])
    #expect(!cuff.progress.all.contains(.clockWritten))
  }

  /// Two people's records without dates may be alike.
  @Test func anUndatedRecordOfAnotherUserIsAnother() async throws {
    var cuff = try ScriptedCuff("microlife/bp3gy1-2n")
    cuff.profile.session.clockWrite = .never
    let equal: [UInt8] = [0x86, 0x54, 0x48, 0x11, 0, 0, 0, 0, 0x80, 0]
    try cuff.setRecords([equal])
    #expect(try await cuff.visit() == .idle)
    try cuff.answer(
      [0x4D, 0xFF, 0, 2, 5, 0x53],
      with: [
        Self.microlife([5, 2] + [UInt8](repeating: 0x20, count: 41) + [0, 0])
      ])
    cuff.file.mtu = 247
    #expect(try await cuff.visit() == .idle)
    #expect(await cuff.observations.map(\.userSlot) == [1, 2])
    #expect(Set(await cuff.observations.map(\.identity)).count == 2)
  }

  static func microlife(_ payload: [UInt8]) -> [UInt8] {
    let count = payload.count + 1
    let frame = [0x4D, 0x3A, UInt8(count >> 8), UInt8(count & 0xFF)] + payload
    return frame + [frame.reduce(0, &+)]
  }

  @Test(arguments: [
    (SessionPolicy.ClockWrite.never, true, 0), (.unsetOnly, true, 0), (.always, true, 1), (.always, false, 0),
  ]) func theClockIsWrittenOnlyAsTheProfileSays(
    policy: SessionPolicy.ClockWrite, ourClockIsRight: Bool, count: Int
  ) async throws {
    var cuff = try ScriptedCuff("microlife/bp3gy1-2n")
    cuff.profile.session.clockWrite = policy
    let set = try Hexadecimal.bytes("4DFF00080D1A0B16071E00C1")
    cuff.script.answers.append(
      .init(handle: 21, request: set, source: 18, values: [[0x4D, 0x3A, 0, 2, 0x81, 0x0A]]))
    #expect(try await cuff.visit(ourClockIsRight: ourClockIsRight) == .idle)
    #expect(cuff.script.written.filter { $0 == set }.count == count)
    #expect(cuff.progress.all.contains(.clockWritten) == (count == 1))
    #expect(cuff.script.unexpected.isEmpty)
  }

  @Test func theFilesClockIsWrittenAfterTheRecordsAreSafe() async throws {
    var cuff = try ScriptedCuff("viatom/bp2w")
    cuff.profile.session.clockWrite = .always
    // 2026-11-22 07:30:00, the seventh command of the link.
    let set = try Self.packet("A5EC13000707 00EA07 0B1607 1E00")
    cuff.script.answers.append(
      .init(handle: 21, request: set, source: 18, values: [try Self.packet("A5EC1301070000")]))
    #expect(try await cuff.visit() == .idle)
    #expect(cuff.script.written.last == set && cuff.script.unexpected.isEmpty)
    // Still by the clock as it was.
    #expect(await cuff.observations.allSatisfy { $0.provenance.clockOffset == 90 })
    #expect(await cuff.sink.collector.clockOffset == 0)
  }

  /// No subscription is ended, and a device that ends the link after its goodbye is heard out.
  @Test func theEndIsTheProfiles() async throws {
    var cuff = try ScriptedCuff("microlife/bp3gy1-2n")
    #expect(try await cuff.visit() == .idle)
    #expect(cuff.writes.last == [0x4D, 0xFF, 0x00, 0x02, 0x04, 0x52])
    #expect(!cuff.writes.contains([0, 0]))
    cuff = try ScriptedCuff("microlife/bp3gy1-2n")
    cuff.profile.session.end = .disconnect
    #expect(try await cuff.visit() == .idle)
    #expect(!cuff.writes.contains([0x4D, 0xFF, 0x00, 0x02, 0x04, 0x52]))
  }

  // MARK: Frames that come of themselves

  static let pressures: [UInt8] = [0xA5, 0x22, 0x02, 0x13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77, 0, 0x4C, 0, 0]
  static let pulse: [UInt8] = [0, 0x42, 0, 4, 0]

  private func etekcity(_ values: [[UInt8]], mtu: Int = 23) throws -> ScriptedCuff {
    var cuff = try ScriptedCuff("etekcity/tmb-1583-bs")
    cuff.script.answers[0].values = values
    cuff.file.mtu = mtu
    return cuff
  }

  @Test func aMeasurementWhosePulseIsLostWithTheLinkIsKept() async throws {
    for cut in 0..<3 {
      var cuff = try ScriptedCuff("etekcity/tmb-1583-bs")
      cuff.script.cutAt = cut
      guard case .linkEnded = try await cuff.visit() else {
        Issue.record("another end")
        continue
      }
      #expect(await cuff.systolics == (cut == 2 ? [119] : []))
      _ = try await cuff.visit()
      #expect(await cuff.systolics == (cut == 2 ? [119, 119] : [119]))
      // Nobody knows whether that is the same measurement.
      #expect(await cuff.observations.last?.marks == (cut == 2 ? [.possibleRepeat] : []))
      #expect(await cuff.observations.last?.quantity(MDC.pulsRateNonInv)?.value == 66)
    }
  }

  @Test func twoMeasurementsOfOneVisitAreTwo() async throws {
    var cuff = try etekcity([Self.pressures, Self.pulse, Self.pressures, Self.pulse, Self.pressures, Self.pressures])
    _ = try await cuff.visit()
    #expect(await cuff.systolics == [119, 119, 119, 119])
    #expect(await cuff.observations.map { $0.quantity(MDC.pulsRateNonInv)?.value } == [66, 66, nil, nil])
    // That it was stored is written down, so that equal ones are not taken for one.
    #expect(await cuff.sink.collector.sent.count == 4)
  }

  @Test func aPulseAloneIsKeptUndecoded() async throws {
    var cuff = try etekcity([Self.pulse, [0xA5, 0x99], Self.pressures, Self.pulse])
    _ = try await cuff.visit()
    #expect(await cuff.systolics == [119])
    #expect(await cuff.sink.collector.undecodable.map(\.bytes) == [Self.pulse, [0xA5, 0x99]])
  }

  @Test func bothFramesInOneNotification() async throws {
    var cuff = try etekcity([Self.pressures + Self.pulse])
    // The profile asks for no longer MTU; a device might exchange it all the same.
    cuff.profile.session.exchangesMTU = true
    cuff.file.mtu = 100
    _ = try await cuff.visit()
    #expect(await cuff.systolics == [119])
    #expect(await cuff.observations.first?.quantity(MDC.pulsRateNonInv)?.value == 66)
  }

  @Test func noLongerMTUIsAskedForWhereTheProfileSaysSo() async throws {
    var cuff = try ScriptedCuff("etekcity/tmb-1583-bs")
    _ = try await cuff.visit()
    #expect(!cuff.transcript.contains { $0.direction == .toDevice && $0.pdu.first == 0x02 })
    cuff = try ScriptedCuff("yonker/yk-ibpa1")
    _ = try await cuff.visit()
    #expect(cuff.transcript.contains { $0.direction == .toDevice && $0.pdu.first == 0x02 })
  }

  @Test(arguments: ["etekcity/tmb-1583-bs", "yonker/yk-ibpa1"])
  func whatWasPushedAndCannotBeStoredEndsTheVisit(name: String) async throws {
    var cuff = try ScriptedCuff(name)
    await cuff.sink.fail(10)
    guard case .notStored = try await cuff.visit() else {
      Issue.record("another end")
      return
    }
    #expect(await cuff.observations.isEmpty)
  }

  @Test func aResultThatIsSentAgainIsOne() async throws {
    var cuff = try ScriptedCuff("yonker/yk-ibpa1")
    _ = try await cuff.visit()
    _ = try await cuff.visit()
    #expect(await cuff.systolics == [123])
  }

  /// As of an oximeter with the same service.
  @Test func aShortResultIsKeptUndecoded() async throws {
    var cuff = try ScriptedCuff("yonker/yk-ibpa1")
    cuff.script.answers[0].values = [[0x81, 97, 64, 0]]
    _ = try await cuff.visit()
    #expect(await cuff.systolics.isEmpty)
    #expect(await cuff.sink.collector.undecodable.first?.reason.hasPrefix("Unknown") == true)
  }

  // MARK: What `vitals decode` says

  @Test(arguments: [
    ("microlife/bp3gy1-2n", "82 4F 45 1A 0B 15 15 04 C0 00", #""systolic":130"#),
    ("microlife/bp3gy1-2n", "4D 3A 00 02 81 0A", nil),
    (
      "viatom/bp2w",
      "5E0702 6BE9030000 01 00000000 8500 5800 6700 4B00 00000000000000000000000000000000", #""systolic":133"#
    ),
    ("etekcity/tmb-1583-bs", "A5220213000000000000000000000077004C0000 0042000400", #""pulseRate":66"#),
    ("etekcity/tmb-1583-bs", "0042000400", #""pulseRate":66"#),
    ("yonker/yk-ibpa1", "817B504300 00160B1A071B00000000", #""systolic":123"#),
  ]) func decode(name: String, hex: String, expected: String?) throws {
    let library = ProfileLibrary.load([EveryProfileTests.directory]).library
    let profile = try #require(library.profile(named: name))
    let driver = try #require(Drivers.named(profile.driver))
    let bytes = try Hexadecimal.bytes(hex.replacing(" ", with: ""))
    guard let expected else {
      #expect(throws: DecodingFailure.self) { try driver.decode(bytes, of: profile) }
      return
    }
    #expect(try driver.decode(bytes, of: profile).text.contains(expected))
  }
}

extension ScriptedCuff {
  /// The reply with these records, in as many notifications as it takes.
  mutating func setRecords(_ records: [[UInt8]]) throws {
    let header = [0, 0, 0, UInt8(records.count), 1, 0] + [UInt8](repeating: 0, count: 32)
    let reply = VendorVisitTests.microlife(header + records.flatMap { $0 })
    try answer(
      [0x4D, 0xFF, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0xFD, 0x52],
      with: stride(from: 0, to: reply.count, by: 20).map { Array(reply[$0..<min($0 + 20, reply.count)]) })
  }
}
