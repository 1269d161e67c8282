import Foundation
import Testing
import WireFormats

/// What the standard's own examples and the golden values say, written out.
@Suite struct IEEE11073Tests {
  /// The golden APDUs that are of this kind, by the start of their octets.
  private func golden(_ format: String, _ start: String = "") throws -> [[UInt8]] {
    try GoldenValue.all(in: "x73_golden.txt").filter { $0.uuid == format }.map(\.bytes)
      .filter { Hexadecimal.text($0).hasPrefix(start) }
  }

  @Test func anAgentAsksForAnAssociation() throws {
    let bytes = try #require(try golden("apdu", "E2").first)
    guard case .associationRequest(let version, let protocols) = try APDU(bytes) else {
      Issue.record("no AARQ")
      return
    }
    #expect(version == AssociationInformation.version1)
    let information = try #require(protocols.first?.information)
    #expect(information.systemType == AssociationInformation.agent)
    #expect(information.encodingRules & AssociationInformation.mder != 0)
    #expect(Hexadecimal.text(information.systemID) == "0022092201020304")
    #expect(information.configurationID == 0x4000)
    #expect(!AgentConfiguration.isStandard(information.configurationID))
  }

  @Test func annexHIsABloodPressure() throws {
    let bytes = try #require(try golden("apdu", "E700003E").first)
    guard case .presentation(let data) = try APDU(bytes), case .eventReport(let event, true) = data.message,
      let form = ScanReport.Form(eventType: event.type)
    else {
      Issue.record("no confirmed event report of measurements")
      return
    }
    #expect(data.invokeID == 0x54)
    let standard = try #require(AgentConfiguration.standard(0x02BC))
    let reading = standard.read(try ScanReport(event.info, form: form))
    #expect(reading.problems.isEmpty)
    #expect(reading.measurements.map(\.handle) == [1, 2])
    #expect(reading.measurements.flatMap(\.components).map(\.term.code32) == [150_021, 150_022, 150_023, 149_546])
    #expect(reading.measurements.flatMap(\.components).map(\.number.value) == [120, 80, 100, 60])
    #expect(reading.measurements.flatMap(\.components).map(\.unit) == [3872, 3872, 3872, 2720])
    let stamp = DateTime(year: 2007, month: 12, day: 6, hours: 12, minutes: 10, seconds: 0)
    #expect(reading.measurements.map(\.time.absolute?.dateTime) == [stamp, stamp])
  }

  /// The standard configuration's octets stand in the code: they are those that an agent reports.
  @Test func theStandardConfigurationIsWhatAnAgentReports() throws {
    let report = try ConfigurationReport(try #require(try golden("configuration-report").first))
    #expect(report.objects.count == 3)
    #expect(AgentConfiguration.standard(0x02BC)?.objects == Array(report.objects.prefix(2)))
    for id in [0x0190, 0x0191, 0x4000, 0] as [UInt16] { #expect(AgentConfiguration.standard(id) == nil) }
  }

  /// What is written is what was read, for everything but an AARQ's own octets.
  @Test func whatAManagerWritesIsWhatItReads() throws {
    for bytes in try golden("apdu") {
      #expect(try Hexadecimal.text(APDU(bytes).bytes) == Hexadecimal.text(bytes))
    }
  }

  @Test func repliesAndRequestsAsTheStandardWritesThem() throws {
    #expect(Hexadecimal.text(ConfigurationReport.reply(0x4000, .accepted)) == "40000000")
    #expect(Hexadecimal.text(ConfigurationReport.reply(0x4000, .unsupported)) == "40000001")
    #expect(Hexadecimal.text(SegmentSelection.all.bytes) == "000100020000")
    #expect(Hexadecimal.text(SegmentSelection.instances([1, 5]).bytes) == "000200080002000400010005")
    let time = AbsoluteTime(
      DateTime(year: 2026, month: 3, day: 4, hours: 8, minutes: 15, seconds: 59), hundredths: 7)
    #expect(Hexadecimal.text(SegmentSelection.between(time, time).bytes) == "0003001020260304081559072026030408155907")
    #expect(Hexadecimal.text(SetTime.request(time)) == "202603040815590700000000")
    #expect(Hexadecimal.text(SegmentTransferResponse.request(5)) == "0005")
    let event = try SegmentDataEvent([0, 2, 0, 0, 0, 16, 0, 0, 0, 2, 0xC0, 0, 0, 0])
    #expect(event.isFirst && event.isLast && !event.isAborted)
    #expect(Hexadecimal.text(event.reply()) == "00020000001000000002C080")
    #expect(Hexadecimal.text(event.reply(aborting: true)) == "00020000001000000002C008")
    #expect(
      Hexadecimal.text(APDU.associationResponse(result: .rejectedNoCommonProtocol, DataProtocol(nil)).bytes)
        == "E3000006000400000000")
    let accepted = APDU.associationResponse(
      result: .acceptedUnknownConfiguration,
      DataProtocol(AssociationInformation(managerWith: [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])))
    #expect(accepted.bytes == (try golden("apdu", "E300002C").first))
  }

  @Test func entriesThatCannotBeToldApartAreRefused() throws {
    let configuration = try #require(AgentConfiguration.standard(0x02BC))
    func map(_ bytes: [UInt8]) throws -> SegmentEntryMap {
      guard
        case .segmentEntryMap(let map) = try Attribute(id: AttributeID.segmentEntryMap, value: bytes).content()
      else { throw DecodingFailure.outOfRange(field: "test", offset: 0, value: 0, expected: "a map") }
      return map
    }
    // No octets an entry, and four thousand million of them.
    let many = try SegmentDataEvent([0, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
    #expect(throws: DecodingFailure.self) {
      try configuration.entries(many, map: map([0, 0, 0, 0, 0, 0]), person: nil)
    }
    // A time in front whose length nobody knows.
    let one = try SegmentDataEvent([0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2])
    #expect { try configuration.entries(one, map: map([0x08, 0, 0, 0, 0, 0]), person: nil) } throws: { error in
      (error as? DecodingFailure)?.field == "PmSegmentEntryMap.segm-entry-header"
    }
  }

  @Test func anErrorNamesTheFieldAndTheOffset() throws {
    let bytes = try #require(try golden("apdu", "E2").first)
    #expect(throws: DecodingFailure.truncated(field: "APDU", offset: 4, need: 50, have: 4)) {
      try APDU(Array(bytes.prefix(8)))
    }
    var wrong = bytes
    wrong[0] = 0xE9
    #expect(
      throws: DecodingFailure.outOfRange(
        field: "APDU.choice", offset: 0, value: 0xE900, expected: "0xE200–0xE700")
    ) { try APDU(wrong) }
    #expect(throws: DecodingFailure.trailing(field: "APDU", offset: bytes.count, count: 1)) { try APDU(bytes + [0]) }
    wrong = bytes
    // The system id announces more octets than there are: the offset is that in the whole APDU.
    wrong[35] = 0xFF
    #expect { try APDU(wrong) } throws: { error in
      guard let failure = error as? DecodingFailure else { return false }
      return failure.field == "PhdAssociationInformation.system-id" && failure.offset == 36
    }
  }

  @Test func piecesBecomeAPDUs() throws {
    let apdus = try golden("apdu")
    let stream = apdus.flatMap { $0 }
    for size in [1, 3, 7, 64, stream.count] {
      var assembler = APDUAssembler()
      var whole: [[UInt8]] = []
      for start in stride(from: 0, to: stream.count, by: size) {
        whole += try assembler.add(Array(stream[start..<min(start + size, stream.count)]))
      }
      #expect(whole == apdus)
      #expect(assembler.held == 0)
    }
    var assembler = APDUAssembler()
    #expect(try assembler.add([0xE7, 0, 0xFB]).isEmpty)
    #expect(throws: DecodingFailure.self) { try assembler.add([0xFD]) }
    #expect(assembler.held == 0)
    #expect(try assembler.add([0xE7, 0, 0xFB, 0xFC]).isEmpty)
    #expect(assembler.held == 4)
    assembler.reset()
    #expect(try assembler.add(apdus[0]) == [apdus[0]])
  }

  @Test func bytesOutOfTheDecimalSystemAreNoTimeAndNoFailure() throws {
    let content = try Attribute(
      id: AttributeID.timeStamp, value: [0x20, 0x26, 0x0A, 0x04, 0x08, 0x15, 0x35, 0x00]
    ).content()
    guard case .time(let time) = content else {
      Issue.record("no time")
      return
    }
    #expect(time.dateTime == nil)
    #expect(time.octets[2] == 0x0A)
  }
}
