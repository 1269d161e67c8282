import Testing
import WireFormats

@Suite struct ByteReaderTests {
  @Test func readsLittleEndianInOrder() throws {
    var reader = ByteReader([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0xFF])
    #expect(try reader.uint8("a") == 0x01)
    #expect(try reader.uint16("b") == 0x0302)
    #expect(try reader.uint32("c") == 0x0706_0504)
    #expect(try reader.unsigned(5, "d") == 0x0C0B_0A09_08)
    #expect(reader.offset == 12)
    #expect(reader.rest() == [0xFF])
    #expect(reader.remaining == 0)
    #expect(reader.rest() == [])
  }

  @Test func namesTheFieldThatIsCutOffAndConsumesNothing() throws {
    var reader = ByteReader([0x01, 0x02])
    _ = try reader.uint8("Flags")
    #expect(throws: DecodingFailure.truncated(field: "Pulse Rate", offset: 1, need: 2, have: 1)) {
      try reader.sfloat("Pulse Rate")
    }
    #expect(throws: DecodingFailure.truncated(field: "Temperature", offset: 1, need: 4, have: 1)) {
      try reader.float("Temperature")
    }
    #expect(throws: DecodingFailure.truncated(field: "Payload", offset: 1, need: 3, have: 1)) {
      try reader.octets(3, "Payload")
    }
    #expect(try reader.octets(0, "Payload") == [])
    #expect(try reader.octets(1, "User ID") == [0x02])
    #expect(throws: DecodingFailure.truncated(field: "Status", offset: 2, need: 1, have: 0)) {
      try reader.uint8("Status")
    }
  }

  @Test func saysWhatFollowsTheEnd() throws {
    var reader = ByteReader([1, 2, 3])
    _ = try reader.uint8("Battery Level")
    #expect(throws: DecodingFailure.trailing(field: "Battery Level", offset: 1, count: 2)) {
      try reader.end(after: "Battery Level")
    }
    _ = reader.rest()
    try reader.end(after: "Battery Level")
  }

  @Test(arguments: [
    (
      DecodingFailure.truncated(field: "Pulse Rate", offset: 14, need: 2, have: 1),
      "Pulse Rate: cut off: needs 2 octets at offset 14, only 1 octet left. Check that the whole value was received."
    ),
    (
      .truncated(field: "Flags", offset: 0, need: 1, have: 0),
      "Flags: cut off: needs 1 octet at offset 0, none is left. Check that the whole value was received."
    ),
    (
      .outOfRange(field: "Battery Level", offset: 0, value: 101, expected: "0–100 percent"),
      "Battery Level: 101 at offset 0 is out of range: expected 0–100 percent."
    ),
    (
      .trailing(field: "Seconds", offset: 7, count: 1),
      "Seconds: the value should end after it, but 1 more octet stands at offset 7. "
        + "Check that these bytes belong to this characteristic."
    ),
    (
      .malformedText(field: "Model Number String", offset: 3),
      "Model Number String: not UTF-8 text at offset 3."
    ),
  ])
  func describesItself(failure: DecodingFailure, description: String) {
    #expect(failure.description == description)
    #expect(description.hasPrefix(failure.field))
  }
}
