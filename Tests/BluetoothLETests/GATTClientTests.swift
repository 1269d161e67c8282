import Testing

@testable import BluetoothLE

/// Scripted PDUs, named after the test purposes of the SIG's GATT test suite where one fits.
@Suite(.timeLimit(.minutes(2))) struct GATTClientTests {
  @Test func `GATT/CL/GAC/BV-01-C: exchange MTU`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("02 05 02", "03 B9 00")])
    #expect(try await client.exchangeMTU() == 185)
    try await script
    #expect(await client.mtu == 185)
    // Once a link.
    #expect(try await client.exchangeMTU() == 185)
  }

  @Test func `a device that does not know the MTU exchange stays at 23`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("02 F7 00", "01 02 00 00 06")])
    #expect(try await client.exchangeMTU(247) == 23)
    try await script
  }

  @Test func `GATT/CL/GAR/BV-01-C: read`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("0A 03 00", "0B 01 02 03")])
    #expect(try await client.read(0x0003) == [1, 2, 3])
    try await script
  }

  @Test(arguments: [
    ("GATT/CL/GAR/BI-01-C: Invalid Handle", "01", ATTErrorCode.invalidHandle),
    ("GATT/CL/GAR/BI-02-C: Read Not Permitted", "02", .readNotPermitted),
    ("GATT/CL/GAR/BI-03-C: Insufficient Authorization", "08", .insufficientAuthorization),
    ("GATT/CL/GAR/BI-04-C: Insufficient Authentication", "05", .insufficientAuthentication),
    ("GATT/CL/GAR/BI-05-C: Encryption Key Size Too Short", "0C", .encryptionKeySizeTooShort),
    ("application error", "80", ATTErrorCode(rawValue: 0x80)),
  ])
  func `a refused read is an error by name`(name: String, octet: String, code: ATTErrorCode) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("0A 03 00", "01 0A 03 00 \(octet)"), ("0A 04 00", "0B 01")])
    await #expect(throws: ATTError.refused(request: .readRequest, handle: 0x0003, code: code)) {
      try await client.read(0x0003)
    }
    // The bearer goes on.
    #expect(try await client.read(0x0004) == [1])
    try await script
  }

  @Test func `GATT/CL/GAR/BV-03-C: read using characteristic UUID`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("08 01 00 FF FF 19 2A", "09 03 12 00 64"), ("08 10 00 1F 00 1A 2A", "01 08 10 00 0A"),
    ])
    #expect(try await client.read(uuid: BluetoothUUID(0x2A19)) == [AttributeValue(0x0012, [0x64])])
    #expect(
      try await client.read(uuid: BluetoothUUID(0x2A1A), in: AttributeHandleRange(0x0010, 0x001F)).isEmpty)
    try await script
  }

  private static let octets22 = "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15"

  @Test func `GATT/CL/GAR/BV-04-C: read long`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("0A 03 00", "0B " + Self.octets22), ("0C 03 00 16 00", "0D " + Self.octets22),
      ("0C 03 00 2C 00", "0D AA BB"),
    ])
    #expect(try await client.readLong(0x0003) == hex(Self.octets22) + hex(Self.octets22) + [0xAA, 0xBB])
    try await script
  }

  @Test(arguments: ["0D", "01 0C 03 00 0B", "01 0C 03 00 07"])
  func `a value that just fills the response ends with the next`(answer: String) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("0A 03 00", "0B " + Self.octets22), ("0C 03 00 16 00", answer)])
    #expect(try await client.readLong(0x0003) == hex(Self.octets22))
    try await script
  }

  @Test func `a value without end is an error`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let answers: Void = {
      while let request = await peer.next() {
        try peer.send((request[0] == 0x0A ? "0B " : "0D ") + Self.octets22)
      }
    }()
    await #expect(throws: GATTError.overlongValue(0x0003)) { try await client.readLong(0x0003) }
    await client.close()
    try await answers
  }

  @Test func `GATT/CL/GAW/BV-01-C: write without response`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    try await client.writeWithoutResponse(0x0007, [1, 2])
    await peer.expect("52 07 00 01 02")
  }

  @Test func `GATT/CL/GAW/BV-03-C: write`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("12 07 00 01 02 03", "13"), ("12 07 00", "01 12 07 00 03")])
    try await client.write(0x0007, [1, 2, 3])
    await #expect(throws: ATTError.refused(request: .writeRequest, handle: 0x0007, code: .writeNotPermitted)) {
      try await client.write(0x0007, [])
    }
    try await script
    await #expect(throws: GATTError.valueTooLong(octets: 21, most: 20)) {
      try await client.write(0x0007, [UInt8](repeating: 0, count: 21))
    }
    await #expect(throws: GATTError.valueTooLong(octets: 21, most: 20)) {
      try await client.writeWithoutResponse(0x0007, [UInt8](repeating: 0, count: 21))
    }
  }

  private static let octets18 = "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11"

  @Test func `GATT/CL/GAW/BV-05-C: write long`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("16 07 00 00 00 " + Self.octets18, "17 07 00 00 00 " + Self.octets18),
      ("16 07 00 12 00 AA BB", "17 07 00 12 00 AA BB"), ("18 01", "19"),
    ])
    try await client.writeLong(0x0007, hex(Self.octets18) + [0xAA, 0xBB])
    try await script
  }

  @Test(arguments: ["17 07 00 00 00 AA BC", "17 08 00 00 00 AA BB", "17 07 00 01 00 AA BB", "17 07 00 00 00 AA"])
  func `GATT/CL/GAW/BV-06-C: an echo that differs cancels the write`(echo: String) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("16 07 00 00 00 AA BB", echo), ("18 00", "19")])
    await #expect(throws: GATTError.preparedValueDiffers(0x0007)) { try await client.writeLong(0x0007, [0xAA, 0xBB]) }
    try await script
  }

  @Test func `a refused part cancels the long write`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("16 07 00 00 00 AA", "01 16 07 00 09"), ("18 00", "19")])
    await #expect(throws: ATTError.refused(request: .prepareWriteRequest, handle: 0x0007, code: .prepareQueueFull)) {
      try await client.writeLong(0x0007, [0xAA])
    }
    try await script
  }

  @Test func `two long writes do not mix`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    let first = Task { try await client.writeLong(0x0007, [0xAA]) }
    await peer.expect("16 07 00 00 00 AA")
    await #expect(throws: GATTError.longWriteUnderway) { try await client.writeLong(0x0008, [0xBB]) }
    try peer.send("17 07 00 00 00 AA")
    try await peer.play([("18 01", "19")])
    try await first.value
  }

  private static func characteristic(_ descriptors: [GATTDatabase.Descriptor]) -> GATTDatabase.Characteristic {
    GATTDatabase.Characteristic(
      uuid: BluetoothUUID(0x2A35), declaration: 0x0011, value: 0x0012, properties: .indicate, descriptors: descriptors)
  }

  @Test func `the configuration descriptor is written, least significant octet first`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    let measurement = Self.characteristic([
      GATTDatabase.Descriptor(uuid: .clientCharacteristicConfiguration, handle: 0x0013)
    ])
    async let script: Void = peer.play([("12 13 00 02 00", "13"), ("12 13 00 01 00", "13"), ("12 13 00 00 00", "13")])
    try await client.setClientCharacteristicConfiguration(measurement, .indication)
    try await client.setClientCharacteristicConfiguration(measurement, .notification)
    try await client.setClientCharacteristicConfiguration(measurement, .none)
    try await script
    await #expect(throws: GATTError.noClientCharacteristicConfiguration(BluetoothUUID(0x2A35))) {
      try await client.setClientCharacteristicConfiguration(Self.characteristic([]), .indication)
    }
  }

  @Test func `GATT/CL/GAN/BV-01-C: notification`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    try peer.send("1B 0F 00 06 48")
    try peer.send("23 0F 00 01 00 01 12 00 01 00 02")
    var values = client.values.makeAsyncIterator()
    for expected in [AttributeValue(0x000F, [0x06, 0x48]), AttributeValue(0x000F, [1]), AttributeValue(0x0012, [2])] {
      guard case .notification(let handle, let value, _)? = await values.next() else {
        Issue.record("no notification")
        return
      }
      #expect(AttributeValue(handle, value) == expected)
    }
  }

  @Test func `GATT/CL/GAI/BV-01-C: an indication is confirmed when its taker says so, once, and not before`()
    async throws
  {
    let (client, peer) = try await ScriptedPeer.client()
    try peer.send("1D 12 00 00 7B 00 50 00 00 00")
    var values = client.values.makeAsyncIterator()
    guard case .indication(0x0012, let value, _, let confirmation)? = await values.next() else {
      Issue.record("no indication")
      return
    }
    #expect(text(value) == "00 7B 00 50 00 00 00")
    // PDUs keep their order: what the device sees first was sent first, and that is this read.
    async let first: Void = peer.play([("0A 03 00", "0B 01")])
    #expect(try await client.read(0x0003) == [1])
    try await first
    try await confirmation.send()
    await peer.expect("1E")
    await #expect(throws: ATTError.alreadyConfirmed) { try await confirmation.send() }
    async let second: Void = peer.play([("0A 04 00", "0B 02")])
    #expect(try await client.read(0x0004) == [2])
    try await second
  }

  @Test(arguments: [(["13", "1D 12 00 01"], false), (["1D 12 00 01", "13"], true)])
  func `arrivals tell which of a response and a value the device sent first`(
    sent: [String], isValueFirst: Bool
  ) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let written: Void = client.write(0x0013, [2, 0])
    await peer.expect("12 13 00 02 00")
    for pdu in sent { try peer.send(pdu) }
    try await written
    let answered = try #require(await client.newestResponse)
    var values = client.values.makeAsyncIterator()
    let value = try #require(await values.next()).arrival
    #expect((value.number < answered.number) == isValueFirst)
    #expect((value.instant < answered.instant) == isValueFirst)
  }

  @Test func `a confirmation that is dropped is not sent`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    try peer.send("1D 12 00 01")
    do {
      var values = client.values.makeAsyncIterator()
      #expect(await values.next()?.value == [1])
    }
    async let script: Void = peer.play([("0A 03 00", "0B 01")])
    #expect(try await client.read(0x0003) == [1])
    try await script
  }

  @Test func `a confirmation after the end of the link throws`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    try peer.send("1D 12 00 01")
    var values = client.values.makeAsyncIterator()
    guard case .indication(_, _, _, let confirmation)? = await values.next() else {
      Issue.record("no indication")
      return
    }
    peer.channel.close()
    #expect(await values.next() == nil)
    await #expect(throws: ATTError.linkEnded(.channel(.endOfFile))) { try await confirmation.send() }
  }

  @Test func `a second indication before the confirmation is kept`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    try peer.send("1D 12 00 01")
    try peer.send("1D 12 00 02")
    var values = client.values.makeAsyncIterator()
    #expect(await values.next()?.value == [1])
    guard case .indication(_, [2], _, let confirmation)? = await values.next() else {
      Issue.record("no second indication")
      return
    }
    #expect(await client.violations == [.indicationBeforeConfirmation(0x0012)])
    try await confirmation.send()
    await peer.expect("1E")
  }

  @Test func `values before the end of the link are delivered, then the stream ends`() async throws {
    let (channel, peer) = try ScriptedPeer.connected()
    let client = GATTClient(channel: channel)
    for number in 1...20 { try peer.channel.send([0x1D, 0x12, 0x00, UInt8(number)]) }
    // A request of the peer that nobody can answer any more must not hide what is behind it.
    try peer.send("02 17 00")
    try peer.send("1D 12 00 15")
    peer.channel.close()
    await client.start()
    var received: [UInt8] = []
    for await value in client.values { received += value.value }
    #expect(received == Array(1...21))
  }

  @Test func `pending requests throw when the link ends`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    let first = Task { try await client.read(0x0003) }
    await peer.expect("0A 03 00")
    let second = Task { try await client.read(0x0004) }
    peer.channel.close()
    let ended = ATTError.linkEnded(.channel(.endOfFile))
    await #expect(throws: ended) { try await first.value }
    await #expect(throws: ended) { try await second.value }
    await #expect(throws: ended) { try await client.read(0x0005) }
    #expect(await client.endReason == .channel(.endOfFile))
    for await _ in client.values {}
  }

  @Test func `a request that is never answered ends the link with the reason`() async throws {
    let (client, peer) = try await ScriptedPeer.client(transactionLimit: .milliseconds(20))
    let ended = ATTError.linkEnded(.transactionTimedOut(.readRequest))
    await #expect(throws: ended) { try await client.read(0x0003) }
    #expect(await peer.next() == hex("0A 03 00"))
    #expect(await peer.next() == nil)
    await #expect(throws: ended) { try await client.write(0x0003, [1]) }
    await #expect(throws: ended) { try await client.writeWithoutResponse(0x0003, [1]) }
    for await _ in client.values {}
  }

  @Test func `an answer to another question ends the link`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("0A 03 00", "13")])
    await #expect(throws: ATTError.linkEnded(.unexpectedResponse(to: .readRequest, received: .writeResponse))) {
      try await client.read(0x0003)
    }
    try await script
    #expect(await peer.next() == nil)
  }

  @Test func `a cancelled task does not wait for the device`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    let reading = Task { try await client.read(0x0003) }
    await peer.expect("0A 03 00")
    reading.cancel()
    await #expect(throws: CancellationError.self) { try await reading.value }
    // The next request waits for the answer that is still due, and gets its own.
    let next = Task { try await client.read(0x0004) }
    try peer.send("0B 03")
    try await peer.play([("0A 04 00", "0B 04")])
    #expect(try await next.value == [4])
  }

  @Test func `a cancelled long write leaves nothing in the device's queue`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    let writing = Task { try await client.writeLong(0x0007, [0xAA]) }
    await peer.expect("16 07 00 00 00 AA")
    writing.cancel()
    try peer.send("17 07 00 00 00 AA")
    // Cancelled before or after the echo was seen.
    await peer.expect("18 00")
    try peer.send("19")
    await #expect(throws: CancellationError.self) { try await writing.value }
  }

  @Test func `the peer's requests are answered while ours is pending`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    let reading = Task { try await client.read(0x0003) }
    try await peer.play([("0A 03 00", "10 01 00 FF FF 00 28"), ("01 10 01 00 0A", "02 64 00"), ("03 05 02", "0B 07")])
    #expect(try await reading.value == [7])
    #expect(await client.mtu == 100)
  }

  @Test func `values that nobody takes end the link, none is dropped before`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    for number in 0...GATTClient.mostWaitingValues {
      // As many as the sockets hold between two answers, so that only the values pile up.
      try peer.channel.send([0x1B, 0x12, 0x00, UInt8(number & 0xFF)])
      if number % 100 == 99 {
        try peer.send("02 64 00")
        await peer.expect("03 05 02")
      }
    }
    #expect(await peer.next() == nil)
    #expect(await client.endReason == .valuesOverflow)
    var received: [UInt8] = []
    for await value in client.values { received += value.value }
    #expect(received == (0..<GATTClient.mostWaitingValues).map { UInt8($0 & 0xFF) })
  }

  @Test func `closing ends the link for both sides`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    await client.close()
    #expect(await peer.next() == nil)
    #expect(await client.endReason == .closed)
    await #expect(throws: ATTError.linkEnded(.closed)) { try await client.read(0x0003) }
  }

  @Test func `a client that nobody holds closes the link`() async throws {
    let (channel, peer) = try ScriptedPeer.connected()
    var confirmation: IndicationConfirmation?
    do {
      let client = GATTClient(channel: channel)
      await client.start()
      try peer.send("1D 12 00 01")
      var values = client.values.makeAsyncIterator()
      if case .indication(_, _, _, let given)? = await values.next() { confirmation = given }
    }
    #expect(await peer.next() == nil)
    let kept = try #require(confirmation)
    await #expect(throws: ATTError.linkEnded(.closed)) { try await kept.send() }
  }
}
