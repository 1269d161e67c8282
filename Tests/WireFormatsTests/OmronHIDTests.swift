import Testing
import WireFormats

/// An Omron cuff on a cable. The octets are libomron's: its documentation, and its logs of a HEM-790IT.
@Suite struct OmronHIDTests {
  static func octets(_ text: String) throws -> [UInt8] { try Hexadecimal.bytes(text) }

  @Test("three reports are one reading; what is left of earlier ones does not count")
  func reassembly() throws {
    var bytes: [UInt8] = []
    for report in ["074f4b0007010100", "0706260000 7b4e57".filter { $0 != " " }, "0300004500007b4e"] {
      #expect(!OmronHIDAnswer.isComplete(bytes, for: .reading(bank: 0, index: 0)))
      bytes += try OmronHIDReport.payload(try Self.octets(report))
    }
    #expect(OmronHIDAnswer.isComplete(bytes, for: .reading(bank: 0, index: 0)))
    guard case .data(let data) = try OmronHIDAnswer(bytes, to: .reading(bank: 0, index: 0)) else {
      Issue.record("no data")
      return
    }
    let record = try OmronHIDRecord(data)
    #expect(record.systolic == 123 && record.diastolic == 78 && record.pulseRate == 87)
    #expect(record.dateTime == DateTime(year: 2007, month: 1, day: 1, hours: 0, minutes: 6, seconds: 38))
    #expect(!record.irregularHeartbeat && !record.bodyMovement && record.series == 0)
  }

  @Test("commands are sent as libomron's documentation writes them")
  func commands() throws {
    #expect(OmronHIDReport.reports(OmronHIDCommand.version.bytes) == [try Self.octets("0556455230300000")])
    #expect(
      OmronHIDReport.reports(OmronHIDCommand.reading(bank: 0, index: 0).bytes)
        == [try Self.octets("07474d4500000000"), try Self.octets("0100000000000000")])
    #expect(OmronHIDCommand.reading(bank: 1, index: 2).bytes == (try Self.octets("474d450001000203")))
    #expect(OmronHIDCommand.count(bank: 1).bytes == (try Self.octets("4744430001000001")))
    #expect(OmronHIDReport.reports(OmronHIDCommand.end.bytes) == [try Self.octets("05454e44ffff0000")])
    #expect(OmronHIDCommand.synchronise.bytes == [UInt8](repeating: 0, count: 12))
  }

  @Test("one octet that changed is noticed")
  func damaged() throws {
    let bytes = try Self.octets("4f4b0007010100062600007b4e57000045")
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: DecodingFailure.self) { _ = try OmronHIDAnswer(damaged, to: .reading(bank: 0, index: 0)) }
    }
  }

  @Test("a weekly average is no reading")
  func average() throws {
    // The documentation's example of GMA, which has twelve octets.
    let bytes = try Self.octets("4f4b008001090413716970f7")
    #expect(!OmronHIDAnswer.isComplete(bytes, for: .reading(bank: 0, index: 0)))
    #expect(throws: DecodingFailure.truncated(field: "Data", offset: 3, need: 13, have: 9)) {
      _ = try OmronHIDAnswer(bytes, to: .reading(bank: 0, index: 0))
    }
  }

  @Test("a unit that nobody knows is refused, by its name")
  func unit() throws {
    #expect(throws: DecodingFailure.outOfRange(field: "Unit", offset: 6, value: 1, expected: "0, mmHg")) {
      _ = try OmronHIDRecord(try Self.octets("07010100062601007b4e570000"))
    }
  }
}
