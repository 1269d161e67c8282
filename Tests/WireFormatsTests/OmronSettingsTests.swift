import Testing
import WireFormats

@Suite struct OmronClockTests {
  static let date = DateTime(year: 2031, month: 5, day: 6, hours: 7, minutes: 8, seconds: 9)

  /// The golden blocks: the parts in the order of each layout, and the sum in its place.
  @Test(arguments: [
    (OmronClockLayout.classicMixed, "0304051f0706090800" + "49", OmronChecksum.sumAndZero),
    (.linear10, "0102" + "1f0506070809" + "0045", .sumAndZero),
    (.modernOffset8, "0908070000030201" + "1f0506070809" + "6000", .sumAndZero),
    (.classicOffset8, "9080000700050000" + "051f07060908" + "a15e", .sumAndComplement),
  ])
  func readsAndWrites(layout: OmronClockLayout, hex: String, checksum: OmronChecksum) throws {
    let block = try Hexadecimal.bytes(hex)
    let clock = try OmronClock(block, layout: layout)
    #expect(clock.dateTime == Self.date)
    #expect(clock.checksum == checksum)
    #expect(try clock.block(showing: Self.date) == block)
    // Another time into it, and back.
    let later = DateTime(year: 2255, month: 12, day: 31, hours: 23, minutes: 59, seconds: 58)
    let written = try OmronClock(clock.block(showing: later), layout: layout)
    #expect(written.dateTime == later && written.checksum.isRight)
    #expect(written.raw.prefix(layout.offset) == block.prefix(layout.offset))
    #expect(try written.block(showing: Self.date) == block)
  }

  @Test func wrongSumAndImpossibleTimeAreSaid() throws {
    let wrong = try OmronClock(Hexadecimal.bytes("09080700000302011f05060708096100"), layout: .modernOffset8)
    #expect(wrong.checksum == .mismatch && wrong.dateTime == Self.date)
    let never = try OmronClock([UInt8](repeating: 0xFF, count: 16), layout: .classicOffset8)
    #expect(never.checksum == .absent)
    #expect(never.dateTime.implausibleFields == ["Month", "Day", "Hours", "Minutes", "Seconds"])
    // The octet beside the sum is free in ten octets only.
    #expect(try OmronClock(Hexadecimal.bytes("0304051f070609085a49"), layout: .classicMixed).checksum == .sum)
    #expect(
      try OmronClock(Hexadecimal.bytes("09080700000302011f0506070809605a"), layout: .modernOffset8).checksum
        == .mismatch)
  }

  @Test(arguments: [
    (DateTime(year: 1999, month: 1, day: 1, hours: 0, minutes: 0, seconds: 0), "Year"),
    (DateTime(year: 2256, month: 1, day: 1, hours: 0, minutes: 0, seconds: 0), "Year"),
    (DateTime(year: 0, month: 1, day: 1, hours: 0, minutes: 0, seconds: 0), "Year"),
    (DateTime(year: 2031, month: 0, day: 1, hours: 0, minutes: 0, seconds: 0), "Month"),
    (DateTime(year: 2031, month: 1, day: 0, hours: 0, minutes: 0, seconds: 0), "Day"),
    (DateTime(year: 2031, month: 2, day: 29, hours: 0, minutes: 0, seconds: 0), "Day"),
    (DateTime(year: 2031, month: 2, day: 28, hours: 24, minutes: 0, seconds: 0), "Hours"),
    (DateTime(year: 2031, month: 2, day: 28, hours: 0, minutes: 0, seconds: 60), "Seconds"),
  ])
  func writesOnlyDates(date: DateTime, field: String) throws {
    let clock = try OmronClock([UInt8](repeating: 0, count: 16), layout: .modernOffset8)
    #expect(throws: OmronEncodingFailure.notADate(field: field)) { try clock.block(showing: date) }
  }

  @Test func fixedSizeAndLayoutsThatCannotBe() throws {
    #expect(throws: DecodingFailure.truncated(field: "Settings", offset: 0, need: 8, have: 0)) {
      try OmronClock([], layout: .modernOffset8)
    }
    #expect(throws: DecodingFailure.truncated(field: "Hours", offset: 4, need: 1, have: 0)) {
      try OmronClock([1, 2, 3, 4], layout: .classicMixed)
    }
    #expect(throws: DecodingFailure.truncated(field: "Checksum", offset: 9, need: 1, have: 0)) {
      try OmronClock([UInt8](repeating: 0, count: 9), layout: .linear10)
    }
    #expect(throws: DecodingFailure.trailing(field: "Checksum", offset: 10, count: 6)) {
      try OmronClock([UInt8](repeating: 0, count: 16), layout: .linear10)
    }
    for (size, offset) in [(7, 0), (8, 1), (8, 2), (9, 0), (16, 10), (16, -2), (256, 0), (Int.min, 0)] {
      #expect(OmronClockLayout(size: size, offset: offset, wordOrder: .little, checksum: .sumThenZero) == nil)
    }
    let smallest = try #require(OmronClockLayout(size: 8, offset: 0, wordOrder: .big, checksum: .complementThenSum))
    #expect(try OmronClock(Hexadecimal.bytes("051f07060908bd42"), layout: smallest).checksum == .sumAndComplement)
  }
}

@Suite struct OmronIndexTests {
  /// By hand: a cursor names the slot to be written next, in a ring.
  @Test(arguments: [
    (UInt16(0x0006), Optional(5)), (0x8006, 5), (0x0001, 0), (0x0000, 99), (0x4064, 99), (0x0065, 0), (0x8000, nil),
    (0x80FF, 54),
  ])
  func lastSlot(cursor: UInt16, slot: Int?) throws {
    let (low, high) = (UInt8(cursor & 0xFF), UInt8(cursor >> 8))
    let little = try OmronIndexBlock([low, high, 0, 0, 0, 0, 0, 0], layout: .twoUsers(.little))
    let big = try OmronIndexBlock([high, low, 0, 0, 0, 0, 0, 0], layout: .twoUsers(.big))
    #expect(little.users[0].cursor == cursor && big.users[0].cursor == cursor)
    #expect(little.users[0].lastSlot(of: 100) == slot)
    #expect(big.users[0].lastSlot(of: 100) == slot)
    #expect(little.users[0].lastSlot(of: 0) == nil)
  }

  @Test func unreadCounters() throws {
    let block = try OmronIndexBlock(Hexadecimal.bytes("0600 0200 0280 2100"), layout: .twoUsers(.little))
    #expect(block.users.map(\.unreadCount) == [2, 33])
    #expect(Hexadecimal.text(block.withUnreadCleared) == "0600020000800080")
    let big = try OmronIndexBlock(Hexadecimal.bytes("0006 0002 8000 0021"), layout: .twoUsers(.big))
    #expect(big.users.map(\.unreadCount) == [0, 33])
    #expect(Hexadecimal.text(big.withUnreadCleared) == "0006000280008000")
  }

  @Test func maskAndBiasAreTheProfiles() throws {
    let user = OmronIndexLayout.User(cursorOffset: 2, unreadOffset: 0)
    let layout = try #require(
      OmronIndexLayout(size: 5, wordOrder: .little, users: [user], cursorMask: 0x3FFF, cursorBias: 0))
    let block = try OmronIndexBlock([0x03, 0x00, 0xE7, 0x83, 0x77], layout: layout)
    #expect(block.users[0].lastSlot(of: 1000) == 999 && block.users[0].unreadCount == 3)
    #expect(block.withUnreadCleared == [0x00, 0x80, 0xE7, 0x83, 0x77])
    #expect(OmronIndexLayout(size: 3, wordOrder: .little, users: [user]) == nil)
    #expect(OmronIndexLayout(size: 1, wordOrder: .little, users: []) == nil)
    #expect(OmronIndexLayout(size: 8, wordOrder: .little, users: [.init(cursorOffset: -1, unreadOffset: 0)]) == nil)
    #expect(OmronIndexLayout(size: 8, wordOrder: .little, users: [user], cursorBias: .min) == nil)
    #expect(throws: DecodingFailure.truncated(field: "Index", offset: 0, need: 5, have: 4)) {
      try OmronIndexBlock([0, 0, 0, 0], layout: layout)
    }
    #expect(throws: DecodingFailure.trailing(field: "Index", offset: 5, count: 1)) {
      try OmronIndexBlock([0, 0, 0, 0, 0, 0], layout: layout)
    }
  }
}
