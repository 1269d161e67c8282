import Testing
import WireFormats

@Suite struct OmronRecordTests {
  static func record(_ hex: String, _ layout: OmronRecordLayout) throws -> OmronRecord {
    try #require(try OmronSlot(Hexadecimal.bytes(hex), layout: layout).record)
  }

  @Test func everyFieldWithTheLowOctetFirst() throws {
    let record = try Self.record("755b471ff773ff1e8002ff013f00", .littleEndian14)
    #expect(record.systolic == 142 && record.diastolic == 91 && record.pulseRate == 71)
    #expect(record.dateTime == DateTime(year: 2031, month: 12, day: 31, hours: 23, minutes: 59, seconds: 59))
    #expect(record.irregularHeartbeat == true && record.bodyMovement == false)
    #expect(record.cuffFit && !record.batteryLow && record.position == 0)
    #expect(record.sequenceNumber == 511)
    #expect(record.checksum == .sumAndZero)
    #expect(record.disputed == ["batteryLow"])
    #expect(try record.raw == Hexadecimal.bytes("755b471ff773ff1e8002ff013f00"))
  }

  @Test func everyFieldWithTheHighOctetFirst() throws {
    let record = try Self.record("556c644d19f21b45000014000ef1", .bigEndian14(yearBits: .eight))
    #expect(record.systolic == 133 && record.diastolic == 85 && record.pulseRate == 77)
    #expect(record.dateTime == DateTime(year: 2100, month: 6, day: 15, hours: 18, minutes: 45, seconds: 5))
    #expect(record.cuffFit && record.position == 0)
    #expect(record.sequenceNumber == nil)
    #expect(record.checksum == .sumAndComplement)
    // Six bits of the same octet are another year, and the sum does not depend on it.
    let six = try Self.record("556c644d19f21b45000014000ef1", .bigEndian14(yearBits: .six))
    #expect(six.dateTime.year == 2036 && six.checksum == .sumAndComplement)
  }

  @Test func sixteenOctets() throws {
    let record = try Self.record("64533a20ac0b1e900000070000017e00", .littleEndian16)
    #expect(record.systolic == 125 && record.diastolic == 83 && record.pulseRate == 58)
    #expect(record.dateTime == DateTime(year: 2032, month: 2, day: 29, hours: 12, minutes: 0, seconds: 30))
    #expect(record.dateTime.isPlausible)
    #expect(record.position == 2 && record.sequenceNumber == 7 && record.checksum == .sumAndZero)
  }

  /// The date's word with bit 15, bit 14, both and none of them set.
  @Test(arguments: [(UInt8(0x99), true, false), (0x59, false, true), (0xD9, true, true), (0x19, false, false)])
  func flagsAreGivenOnlyWhereTheirOrderIsSettled(octet: UInt8, upper: Bool, lower: Bool) throws {
    let bytes: [UInt8] = [0x55, 0x6C, 0x1F, 0x4D, octet, 0xF2, 0x1B, 0x45, 0, 0, 0, 0, 0, 0]
    func record(_ order: OmronRecordLayout.FlagOrder) throws -> OmronRecord {
      try Self.record(Hexadecimal.text(bytes), .bigEndian14(yearBits: .six, flagOrder: order))
    }
    let (movement, irregular) = (try record(.movementAbove), try record(.irregularHeartbeatAbove))
    #expect(movement.bodyMovement == upper && movement.irregularHeartbeat == lower)
    #expect(irregular.irregularHeartbeat == upper && irregular.bodyMovement == lower)
    #expect(!movement.json.text.contains("upperFlag") && movement.disputed == ["batteryLow"])
    let disputed = try record(.disputed)
    #expect(disputed.upperFlag == upper && disputed.lowerFlag == lower)
    #expect(disputed.irregularHeartbeat == (upper == lower ? upper : nil))
    #expect(disputed.bodyMovement == disputed.irregularHeartbeat)
    let text = disputed.json.text
    #expect(text.contains(#""disputed":["irregularHeartbeat","bodyMovement","batteryLow"]"#))
    #expect(text.contains(#""upperFlag":\#(upper),"lowerFlag":\#(lower)"#))
    #expect(text.contains(#""irregularHeartbeat":null"#) == (upper != lower))
  }

  @Test func emptySlotsAreNoErrors() throws {
    for (layout, size) in [
      (OmronRecordLayout.littleEndian14, 14), (.littleEndian16, 16), (.bigEndian14(yearBits: .six), 14),
    ] {
      for octet: UInt8 in [0xFF, 0x00] {
        let bytes = [UInt8](repeating: octet, count: size)
        #expect(try OmronSlot(bytes, layout: layout) == .empty(bytes))
      }
    }
    let full = try Hexadecimal.bytes("e03c3c1e210441100000000057a8")
    #expect(try OmronSlot(full, layout: .littleEndian14).record?.systolic == 249)
    #expect(try OmronSlot([0xE1] + full.dropFirst(), layout: .littleEndian14).record == nil)
    #expect(
      try OmronSlot([0xFF, 0xFF] + full.dropFirst(2), layout: .bigEndian14(yearBits: .six)).record?.systolic == 280)
    #expect(
      try OmronSlot([UInt8](repeating: 0xFF, count: 14), layout: .littleEndian14).json.text
        == #"{"empty":true,"raw":"FFFFFFFFFFFFFFFFFFFFFFFFFFFF"}"#)
  }

  /// A bad part does not spoil the whole: the pressures stand, and what is wrong is named.
  @Test func impossibleDateAndWrongSumKeepTheMeasurement() throws {
    let record = try Self.record("0000ff3fd88b00ef000000009100", .littleEndian14)
    #expect(record.systolic == 25 && record.diastolic == 0 && record.pulseRate == 255)
    #expect(record.dateTime.implausibleFields == ["Day", "Hours", "Minutes"])
    #expect(record.checksum == .mismatch && !record.checksum.isRight)
    let undated = try Self.record("69503c1e00000010000000000000", .littleEndian14)
    #expect(!undated.dateTime.isComplete && undated.dateTime.isPlausible)
    #expect(undated.checksum == .absent && !undated.checksum.isRight)
  }

  /// By hand: 118/76 and the rest add up to 0x93. Each of the last two octets as documented, and not.
  @Test(arguments: [
    ("936c", OmronChecksum.sumAndComplement), ("9300", .sumAndZero), ("0000", .absent), ("ffff", .absent),
    ("936d", .mismatch), ("6c93", .mismatch), ("9293", .mismatch), ("0093", .mismatch),
  ])
  func checksumForms(end: String, checksum: OmronChecksum) throws {
    #expect(try Self.record("5d4c401f6708091200000100" + end, .littleEndian14).checksum == checksum)
    // The same with the octets of each word exchanged, those of the sum as well.
    let pair = try Hexadecimal.bytes(end)
    let exchanged = try Hexadecimal.bytes("4c5d1f400867120900000001") + [pair[1], pair[0]]
    #expect(try OmronSlot(exchanged, layout: .bigEndian14(yearBits: .six)).record?.checksum == checksum)
  }

  /// Each field, with the lengths at which it is missing.
  @Test(arguments: [
    (
      OmronRecordLayout.littleEndian14,
      [
        ("Systolic", 1), ("Diastolic", 1), ("Pulse Rate", 1), ("Year", 1), ("Date", 2), ("Time", 2),
        ("Octets 8–11", 4), ("Checksum", 2),
      ]
    ),
    (
      .littleEndian16,
      [
        ("Systolic", 1), ("Diastolic", 1), ("Pulse Rate", 1), ("Year", 1), ("Date", 2), ("Time", 2),
        ("Octets 8–13", 6), ("Checksum", 2),
      ]
    ),
    (
      .bigEndian14(yearBits: .six),
      [
        ("Diastolic", 1), ("Systolic", 1), ("Year", 1), ("Pulse Rate", 1), ("Date", 2), ("Time", 2),
        ("Octets 8–11", 4), ("Checksum", 2),
      ]
    ),
  ])
  func everyPrefixNamesItsField(layout: OmronRecordLayout, fields: [(String, Int)]) throws {
    let whole = [UInt8](repeating: 0x31, count: layout.size.rawValue)
    var start = 0
    for (field, size) in fields {
      for have in 0..<size {
        #expect(throws: DecodingFailure.truncated(field: field, offset: start, need: size, have: have)) {
          try OmronSlot(Array(whole.prefix(start + have)), layout: layout)
        }
      }
      start += size
    }
    #expect(start == whole.count)
    #expect(throws: DecodingFailure.trailing(field: "Checksum", offset: start, count: 2)) {
      try OmronSlot(whole + [0, 0], layout: layout)
    }
  }
}
