import Testing
import WireFormats

@Suite struct OmronAdvertisementTests {
  @Test func flags() throws {
    let pairing = try OmronAdvertisement([0x01, 0x09, 1, 2, 3])
    #expect(pairing.format == 1 && pairing.userCount == 1 && pairing.isPairing && !pairing.hasInvalidTime)
    #expect(pairing.hasDataPending == false && pairing.isStreaming == false && pairing.isInServiceUUIDMode == false)
    #expect(pairing.rest == [1, 2, 3])
    let waiting = try OmronAdvertisement([0x09, 0x46])
    #expect(waiting.userCount == 2 && waiting.hasInvalidTime && waiting.hasDataPending == true && !waiting.isPairing)
    let all = try OmronAdvertisement([0x08, 0xFF])
    #expect(all.userCount == 3 && all.isStreaming == true && all.isInServiceUUIDMode == true)
    #expect(OmronAdvertisement.companyIdentifier == 526)
  }

  @Test func oldFormatHasOtherFlags() throws {
    let old = try OmronAdvertisement([0x03, 0x7C, 0x01])
    #expect(old.hasInvalidTime && old.isPairing && old.userCount == 0)
    #expect(old.hasDataPending == nil && old.isStreaming == nil && old.isInServiceUUIDMode == nil)
    #expect(
      old.json.text == #"{"format":3,"flags":124,"userCount":0,"invalidTime":true,"pairing":true,"rest":"01"}"#)
  }

  @Test func refuses() throws {
    #expect(throws: DecodingFailure.truncated(field: "Format", offset: 0, need: 1, have: 0)) {
      try OmronAdvertisement([])
    }
    #expect(throws: DecodingFailure.truncated(field: "Flags", offset: 1, need: 1, have: 0)) {
      try OmronAdvertisement([0x09])
    }
    #expect(
      throws: DecodingFailure.outOfRange(field: "Format", offset: 0, value: 4, expected: "1, 2, 3, 6, 8 or 9")
    ) { try OmronAdvertisement([0x04, 0x09]) }
  }
}

@Suite struct OmronUnlockTests {
  @Test func commands() throws {
    let key = try OmronPairingKey((1...16).map { UInt8($0) })
    #expect(Hexadecimal.text(OmronUnlockCommand.prepareKey.bytes) == "0200000000000000000000000000000000")
    #expect(Hexadecimal.text(OmronUnlockCommand.storeKey(key).bytes) == "000102030405060708090A0B0C0D0E0F10")
    #expect(Hexadecimal.text(OmronUnlockCommand.unlock(key).bytes) == "010102030405060708090A0B0C0D0E0F10")
    #expect(
      Hexadecimal.text(OmronUnlockCommand.token(0x0102_F3F4).bytes) == "110102F3F4" + String(repeating: "0", count: 30))
    #expect(throws: OmronEncodingFailure.wrongSize(field: "Pairing Key", octets: 15, need: 16)) {
      try OmronPairingKey([UInt8](repeating: 0, count: 15))
    }
  }

  /// A key is a secret: it is in no text that could be logged.
  @Test func keyIsNotInTexts() throws {
    let key = try OmronPairingKey([UInt8](repeating: 0xA7, count: 16))
    for text in ["\(key)", String(reflecting: key), "\(OmronUnlockCommand.unlock(key))"] {
      #expect(!text.contains("167") && !text.uppercased().contains("A7"), "\(text)")
    }
  }

  @Test(arguments: [
    ("8200", OmronUnlockReply.readyForKey), ("820f", .notReadyForKey(status: 0x0F)), ("8000", .keyStored),
    ("8001", .keyRefused(status: 1)), ("8100", .unlocked), ("8104", .locked(status: 4)),
    ("91000102f3f4", .token(0x0102_F3F4)), ("9105", .tokenRefused(status: 5)), ("ff26", .error(code: 0x26)),
    ("8100" + "000000", .unlocked), ("ff00", .error(code: 0)),
  ])
  func replies(hex: String, reply: OmronUnlockReply) throws {
    #expect(try OmronUnlockReply(Hexadecimal.bytes(hex)) == reply)
    #expect(reply.description.hasPrefix("The cuff ") && reply.description.hasSuffix("."))
  }

  @Test func descriptionsSayWhatToDo() {
    #expect(
      OmronUnlockReply.notReadyForKey(status: 0x0F).description
        == "The cuff stores no key now (0x0F): it is not in pairing mode, or the link is not encrypted. "
        + "Hold its Bluetooth button until P blinks, and pair again.")
    #expect(OmronUnlockReply.locked(status: 4).description.contains("pair it again"))
  }

  @Test func refuses() throws {
    #expect(throws: DecodingFailure.truncated(field: "Message", offset: 0, need: 1, have: 0)) {
      try OmronUnlockReply([])
    }
    #expect(throws: DecodingFailure.truncated(field: "Status", offset: 1, need: 1, have: 0)) {
      try OmronUnlockReply([0x82])
    }
    #expect(throws: DecodingFailure.truncated(field: "Token", offset: 2, need: 4, have: 3)) {
      try OmronUnlockReply([0x91, 0, 1, 2, 3])
    }
    let failure = #expect(throws: DecodingFailure.self) { try OmronUnlockReply([0x83, 0]) }
    #expect(failure?.field == "Message")
  }
}
