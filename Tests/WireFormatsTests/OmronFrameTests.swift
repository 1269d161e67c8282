import Testing
import WireFormats

@Suite struct OmronFrameTests {
  /// 38 octets of nobody's, as a reply to a read: by hand.
  static let reply = [0x2E, 0x81, 0x00, 0x02, 0x60, 0x26] + (0..<38).map { UInt8($0) } + [0x00, 0xEA]

  /// Frames of omblepy's documentation and logs.
  @Test func commands() throws {
    #expect(Hexadecimal.text(OmronFrame.start.bytes) == "0800000000100018")
    #expect(Hexadecimal.text(OmronFrame.end.bytes) == "080F000000000007")
    #expect(Hexadecimal.text(try OmronFrame.read(address: 0x0260, count: 0x26).bytes) == "080100026026004D")
    #expect(
      Hexadecimal.text(try OmronFrame.write(address: 0x0286, data: [1, 2, 3]).bytes) == "0B01C002860301020300" + "4D")
    #expect(throws: OmronEncodingFailure.tooLong(field: "Data", octets: 248, limit: 247)) {
      try OmronFrame.write(address: 0, data: [UInt8](repeating: 0, count: 248))
    }
    #expect(throws: OmronEncodingFailure.tooLong(field: "Count", octets: 248, limit: 247)) {
      try OmronFrame.read(address: 0, count: 248)
    }
    #expect(try OmronFrame.write(address: 0, data: [UInt8](repeating: 7, count: 247)).bytes.count == 255)
  }

  @Test func replies() throws {
    let start = try OmronFrame(Hexadecimal.bytes("0880000000100098"))
    #expect(start.kind == .startReply && start.answer(to: .start) == .done([]))
    // The same with sixteen octets of something, as omblepy documents it.
    let longer = try OmronFrame([0x18, 0x80, 0, 0, 0, 0x10] + (0..<16).map { UInt8($0) } + [0, 0x88])
    #expect(longer.kind == .startReply && longer.answer(to: .start) == .done([]))
    let end = try OmronFrame(Hexadecimal.bytes("088f000000000087"))
    #expect(end.kind == .endReply && end.answer(to: .end) == .done([]))
    let read = try OmronFrame(Self.reply)
    #expect(read.kind == .readReply && read.address == 0x0260 && read.count == 38 && read.result == 0)
    #expect(read.data == (0..<38).map { UInt8($0) })
    let command = try OmronFrame.read(address: 0x0260, count: 38)
    #expect(read.answer(to: command) == .done(read.data))
    // A late one, of another place or size; and a command is no answer.
    #expect(read.answer(to: try OmronFrame.read(address: 0x0261, count: 38)) == .unrelated)
    #expect(read.answer(to: try OmronFrame.read(address: 0x0260, count: 16)) == .unrelated)
    #expect(read.answer(to: .start) == .unrelated)
    #expect(command.answer(to: command) == .unrelated)
    #expect(start.answer(to: start) == .unrelated)
  }

  /// The refused read is hass-omron's; the others by hand.
  @Test func refusals() throws {
    let command = try OmronFrame.read(address: 0x0E34, count: 16)
    #expect(try OmronFrame(Hexadecimal.bytes("0881000e3410e340")).answer(to: command) == .refused(result: 0xE3))
    #expect(try OmronFrame(Hexadecimal.bytes("0881000e341000a3")).answer(to: command) == .withoutData)
    #expect(try OmronFrame(Hexadecimal.bytes("088f000000000582")).answer(to: command) == .refused(result: 5))
    #expect(try OmronFrame(Hexadecimal.bytes("088f000000000087")).answer(to: command) == .refused(result: 0))
    #expect(try OmronFrame(Hexadecimal.bytes("088f000000000582")).answer(to: .end) == .refused(result: 5))
    let write = try OmronFrame.write(address: 0x0286, data: [1, 2])
    let written = try OmronFrame(kind: .writeReply, address: 0x0286, count: 2)
    #expect(written.answer(to: write) == .done([]))
    let refused = try OmronFrame(kind: .writeReply, address: 0x0286, count: 2, result: 1)
    #expect(refused.answer(to: write) == .refused(result: 1))
  }

  @Test func everyPrefixNamesItsField() throws {
    let fields: [(String, Int)] = [
      ("Length", 1), ("Type", 2), ("Address", 2), ("Count", 1), ("Data", 38), ("Result", 1), ("Checksum", 1),
    ]
    var start = 0
    for (field, size) in fields {
      for have in 0..<size {
        #expect(throws: DecodingFailure.truncated(field: field, offset: start, need: size, have: have)) {
          try OmronFrame(Array(Self.reply.prefix(start + have)))
        }
      }
      start += size
    }
    #expect(start == Self.reply.count)
  }

  @Test func refusesWhatIsNoFrame() throws {
    for length: UInt8 in 0..<8 {
      let failure = DecodingFailure.outOfRange(
        field: "Length", offset: 0, value: Int(length), expected: "8–255 octets")
      #expect(throws: failure) { try OmronFrame([length, 0, 0, 0, 0, 0, 0, length]) }
    }
    #expect(throws: DecodingFailure.trailing(field: "Checksum", offset: 46, count: 2)) {
      try OmronFrame(Self.reply + [0, 0])
    }
    // Every single bit that flips behind the length.
    for bit in 8..<Self.reply.count * 8 {
      var bytes = Self.reply
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: DecodingFailure.checksum(field: "Checksum", offset: 45)) { try OmronFrame(bytes) }
    }
    func field(_ hex: String) throws -> String? {
      let bytes = try Hexadecimal.bytes(hex)
      return #expect(throws: DecodingFailure.self) { try OmronFrame(bytes + [bytes.reduce(0, ^)]) }?.field
    }
    #expect(try field("08020000000000") == "Type")
    #expect(try field("0a01c00000010102" + "00") == "Count")
    #expect(try field("0a810000000101" + "0200") == "Count")
    #expect(try field("0a0000000010" + "000000") == "Length")
  }

  /// The texts say what to do, and nothing of anybody's blood pressure.
  @Test func failuresAreReadable() throws {
    let failure = #expect(throws: DecodingFailure.self) { try OmronFrame(Hexadecimal.bytes("0800000000100019")) }
    #expect(
      failure?.description
        == "Checksum: does not match the octets around it, at offset 7. The value was damaged on its way: ask for it again."
    )
    #expect(
      OmronEncodingFailure.tooLong(field: "Frame", octets: 65, limit: 64).description
        == "Frame: 65 octets are too many: at most 64 fit.")
  }
}

@Suite struct OmronFrameAssemblerTests {
  static let reply = OmronFrameTests.reply
  static let pieces = stride(from: 0, to: 46, by: 16).map { Array(reply[$0..<min($0 + 16, 46)]) }

  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func classicPiecesInAnyOrder(order: [Int]) throws {
    var assembler = OmronFrameAssembler(.classic)
    for _ in 0..<2 {
      #expect(try assembler.receive(Self.pieces[order[0]], channel: order[0]) == nil)
      #expect(try assembler.receive(Self.pieces[order[1]], channel: order[1]) == nil)
      #expect(try assembler.receive(Self.pieces[order[2]], channel: order[2]) == OmronFrame(Self.reply))
    }
  }

  @Test func shortFrameNeedsOneChannelAndPaddingIsCutOff() throws {
    var assembler = OmronFrameAssembler(.classic)
    let end = try Hexadecimal.bytes("088f000000000087")
    #expect(try assembler.receive(end) == OmronFrame(end))
    #expect(try assembler.receive(end + [UInt8](repeating: 0x55, count: 8)) == OmronFrame(end))
    #expect(try assembler.receive(Self.pieces[1], channel: 1) == nil)
    #expect(try assembler.receive(Self.pieces[0], channel: 0) == nil)
    #expect(try assembler.receive(Self.pieces[2] + [0xAA, 0xBB], channel: 2)?.data.count == 38)
  }

  /// The last piece of a reply was lost, and the next reply comes.
  @Test func aPieceThatComesAgainBeginsANewFrame() throws {
    var assembler = OmronFrameAssembler(.classic)
    #expect(try assembler.receive(Self.pieces[0], channel: 0) == nil)
    #expect(try assembler.receive([UInt8](repeating: 0, count: 16), channel: 1) == nil)
    #expect(try assembler.receive(Self.pieces[0], channel: 0) == nil)
    #expect(try assembler.receive(Self.pieces[1], channel: 1) == nil)
    #expect(try assembler.receive(Self.pieces[2], channel: 2) == OmronFrame(Self.reply))
    #expect(try assembler.receive(Self.pieces[2], channel: 2) == nil)
    assembler.reset()
    #expect(try assembler.receive(Self.pieces[0], channel: 0) == nil)
    #expect(try assembler.receive(Self.pieces[1], channel: 1) == nil)
  }

  @Test func classicRefusesAndForgets() throws {
    var assembler = OmronFrameAssembler(.classic)
    func refuses(_ chunk: [UInt8], _ channel: Int, _ failure: DecodingFailure) throws {
      #expect(throws: failure) { try assembler.receive(chunk, channel: channel) }
      // Nothing of it is left.
      let end = try Hexadecimal.bytes("088f000000000087")
      #expect(try assembler.receive(end) == OmronFrame(end))
    }
    try refuses([8], 4, .outOfRange(field: "Channel", offset: 0, value: 4, expected: "0–3"))
    try refuses([8], -1, .outOfRange(field: "Channel", offset: 0, value: -1, expected: "0–3"))
    try refuses([], 0, .truncated(field: "Length", offset: 0, need: 1, have: 0))
    try refuses([7], 0, .outOfRange(field: "Length", offset: 0, value: 7, expected: "8–64 octets"))
    try refuses([65], 0, .outOfRange(field: "Length", offset: 0, value: 65, expected: "8–64 octets"))
    try refuses([UInt8](repeating: 9, count: 17), 2, .trailing(field: "Channel 2", offset: 48, count: 1))
    try refuses([8, 0x8F, 0], 0, .truncated(field: "Channel 0", offset: 0, need: 8, have: 3))
    #expect(try assembler.receive(Self.pieces[0], channel: 0) == nil)
    #expect(try assembler.receive(Self.pieces[2], channel: 2) == nil)
    try refuses(Self.pieces[1].dropLast(), 1, .truncated(field: "Channel 1", offset: 16, need: 16, have: 15))
    #expect(try assembler.receive(Self.pieces[0], channel: 0) == nil)
    #expect(try assembler.receive(Self.pieces[1], channel: 1) == nil)
    try refuses(Self.pieces[1], 2, .checksum(field: "Checksum", offset: 45))
  }

  @Test(arguments: [1, 7, 16, 20, 46, 244])
  func modernPiecesFollowEachOther(width: Int) throws {
    var assembler = OmronFrameAssembler(.modern(chunk: 20))
    for _ in 0..<2 {
      var frame: OmronFrame?
      for start in stride(from: 0, to: Self.reply.count, by: width) {
        #expect(frame == nil)
        frame = try assembler.receive(Array(Self.reply[start..<min(start + width, Self.reply.count)]))
      }
      #expect(try frame == OmronFrame(Self.reply))
    }
    #expect(try assembler.receive(Self.reply + [0, 0, 0]) == OmronFrame(Self.reply))
    #expect(throws: DecodingFailure.truncated(field: "Length", offset: 0, need: 1, have: 0)) {
      try assembler.receive([])
    }
    #expect(throws: DecodingFailure.outOfRange(field: "Length", offset: 0, value: 3, expected: "8–255 octets")) {
      try assembler.receive([3, 0, 0])
    }
    #expect(throws: DecodingFailure.outOfRange(field: "Channel", offset: 0, value: 1, expected: "0–0")) {
      try assembler.receive(Self.reply, channel: 1)
    }
  }

  @Test func split() throws {
    let frame = try OmronFrame.write(address: 0x0286, data: (0..<38).map { UInt8($0) })
    let classic = try OmronChannels.classic.split(frame)
    #expect(classic.map(\.channel) == [0, 1, 2] && classic.map(\.octets.count) == [16, 16, 14])
    #expect(classic.flatMap(\.octets) == frame.bytes)
    let modern = try OmronChannels.modern(chunk: 20).split(frame)
    #expect(modern.map(\.channel) == [0, 0, 0] && modern.map(\.octets.count) == [20, 20, 6])
    #expect(modern.flatMap(\.octets) == frame.bytes)
    #expect(try OmronChannels.modern(chunk: 244).split(frame).map(\.octets) == [frame.bytes])
    let full = try OmronFrame.write(address: 0, data: [UInt8](repeating: 0, count: 56))
    #expect(try OmronChannels.classic.split(full).map(\.octets.count) == [16, 16, 16, 16])
    #expect(throws: OmronEncodingFailure.tooLong(field: "Frame", octets: 65, limit: 64)) {
      try OmronChannels.classic.split(try OmronFrame.write(address: 0, data: [UInt8](repeating: 0, count: 57)))
    }
  }
}
