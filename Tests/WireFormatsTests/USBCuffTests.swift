import Testing
import WireFormats

/// The commands of cuffs on a cable as other programs send them, and what no prefix or mutation shows.
@Suite struct USBCuffTests {
  static func octets(_ text: String) throws -> [UInt8] { try Hexadecimal.bytes(text) }

  @Test("a Beurer is asked as bmdump asks it")
  func beurerCommands() throws {
    #expect(BeurerHIDCommand.begin.bytes == (try Self.octets("aaf4f4f4f4f4f4f4")))
    #expect(BeurerHIDCommand.count.bytes == (try Self.octets("a2f4f4f4f4f4f4f4")))
    #expect(BeurerHIDCommand.reading(1).bytes == (try Self.octets("a301f4f4f4f4f4f4")))
    #expect(BeurerHIDCommand.userReading(user: 1, row: 0).bytes == (try Self.octets("a30100f4f4f4f4f4")))
    #expect(BeurerHIDCommand.end.bytes == (try Self.octets("f7f4f4f4f4f4f4f4")))
  }

  @Test("an Omron of the memory is asked as obpm asks it")
  func omronCommands() throws {
    #expect(OmronEEPROMReport.report(.start) == (try Self.octets("020800000000100018")))
    let block = try OmronFrame.read(address: 0x02AC, count: 0x28)
    #expect(OmronEEPROMReport.report(block) == (try Self.octets("0208010002ac28008f")))
    #expect(OmronEEPROMReport.report(.end) == (try Self.octets("02080f000000000007")))
    #expect(OmronEEPROMReport.abort == (try Self.octets("02080f0f0f0f000008")))
  }

  @Test("a BM96's reading is the same wherever it stands in the memory")
  func place() throws {
    let first = try BeurerBM96Record(try Self.octets("0003000108050e021a0201804e40"))
    let moved = try BeurerBM96Record(try Self.octets("0004070108050e021a0201804e40"))
    let other = try BeurerBM96Record(try Self.octets("0003000108060e021a0201804e40"))
    #expect(first.identifying == moved.identifying)
    #expect(first.identifying != other.identifying)
    #expect(first.raw != moved.raw)
  }

  @Test("a year that has its upper bit is no year 2154")
  func bits() throws {
    let record = try BeurerHIDRecord(try Self.octets("c84148828f072d9a"))
    #expect(record.systolic == 225 && record.diastolic == 90 && record.pulseRate == 72)
    #expect(record.dateTime == DateTime(year: 2026, month: 2, day: 15, hours: 7, minutes: 45, seconds: 0))
    #expect(record.user == 2 && record.monthFlag && record.yearFlag)
  }
}
