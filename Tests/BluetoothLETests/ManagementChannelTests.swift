import Glibc
import Testing

@testable import BluetoothLE

/// The channel over a socket pair, whose other end plays the kernel.
@Suite(.timeLimit(.minutes(1))) struct ManagementChannelTests {
  static let adapter = AdapterIndex(rawValue: 0)
  static let other = AdapterIndex(rawValue: 1)

  /// The kernel's end of the pair, read without a pause of the pool: a channel of its own.
  final class Kernel: Sendable {
    let channel: SeqPacketChannel
    init(_ descriptor: Int32) {
      channel = SeqPacketChannel(fileDescriptor: descriptor)
      channel.start()
    }

    func complete(_ code: UInt8, index: UInt8 = 0, status: UInt8 = 0, _ parameters: [UInt8] = []) throws {
      try channel.send(
        [0x01, 0x00, index, 0x00, UInt8(3 + parameters.count), 0x00, code, 0x00, status] + parameters)
    }
  }

  static func pair() throws -> (Management, Kernel) {
    var ends: [Int32] = [0, 0]
    // SOCK_SEQPACKET is 5 on Linux; the enumeration comes by another name in each module that has the header.
    try #require(socketpair(AF_UNIX, 5, 0, &ends) == 0)
    return (Management(fileDescriptor: ends[0]), Kernel(ends[1]))
  }

  @Test func answersGoToTheirCommands() async throws {
    let (management, kernel) = try Self.pair()
    async let version = management.readVersion()
    async let list = management.readIndexList()
    var received: Set<[UInt8]> = []
    var packets = kernel.channel.incoming.makeAsyncIterator()
    while received.count < 2, let packet = await packets.next() { received.insert(packet) }
    #expect(received == [[1, 0, 0xFF, 0xFF, 0, 0], [3, 0, 0xFF, 0xFF, 0, 0]])
    // The later one first, on another adapter's number too.
    try kernel.channel.send([0x01, 0x00, 0x00, 0x00, 0x05, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00])
    try kernel.channel.send([0x01, 0x00, 0xFF, 0xFF, 0x09, 0x00, 0x03, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x05, 0x00])
    try kernel.channel.send([0x01, 0x00, 0xFF, 0xFF, 0x06, 0x00, 0x01, 0x00, 0x00, 0x01, 0x16, 0x00])
    #expect(try await list == [Self.adapter, AdapterIndex(rawValue: 5)])
    let answer = try await version
    #expect(answer.version == 1)
    #expect(answer.revision == 22)
    await management.close()
  }

  @Test func connectionsAreListed() async throws {
    let (management, kernel) = try Self.pair()
    async let list = management.connections(Self.adapter)
    var packets = kernel.channel.incoming.makeAsyncIterator()
    #expect(await packets.next() == [0x15, 0, 0, 0, 0, 0])
    // One LE device and one of BR/EDR, which is not ours to speak of.
    try kernel.complete(0x15, [2, 0, 0xF5, 0xF4, 0xF3, 0xF2, 0xF1, 0xF0, 2, 1, 2, 3, 4, 5, 6, 0])
    #expect(try await list == [ManagementEventTests.cuff])
    await management.close()
  }

  @Test func refusalsCarryTheStatus() async throws {
    let (management, kernel) = try Self.pair()
    let reply = Task { try await management.send(.setPowered(true), to: Self.adapter) }
    var packets = kernel.channel.incoming.makeAsyncIterator()
    #expect(await packets.next() == [0x05, 0, 0, 0, 1, 0, 1])
    try kernel.channel.send([0x02, 0x00, 0x00, 0x00, 0x03, 0x00, 0x05, 0x00, 0x12])
    let error = await #expect(throws: ManagementError.self) { try await reply.value }
    #expect(error?.status == .rfKilled)
    #expect(error?.description.contains("rfkill unblock") == true)
    await management.close()
  }

  /// An answer names code and adapter only: the second waits for the end of the first, another adapter does not.
  @Test func sameCommandsTakeTurns() async throws {
    let (management, kernel) = try Self.pair()
    let devices = (1...3).map { BluetoothAddress(value: 0xC000_0000_0000 + $0, kind: .random) }
    var packets = kernel.channel.incoming.makeAsyncIterator()
    let first = Task { try await management.send(.addDevice(devices[0], .connect), to: Self.adapter) }
    #expect(await packets.next()?[6] == 1)
    let second = Task { try await management.send(.addDevice(devices[1], .connect), to: Self.adapter) }
    let elsewhere = Task { try await management.send(.addDevice(devices[2], .connect), to: Self.other) }
    // Only the other adapter's command is there while the first has no answer.
    #expect(await packets.next()?[6] == 3)
    try kernel.complete(0x33, index: 1, [3, 0, 0, 0, 0, 0xC0, 2])
    #expect(try await elsewhere.value[0] == 3)
    try kernel.complete(0x33, [1, 0, 0, 0, 0, 0xC0, 2])
    #expect(try await first.value[0] == 1)
    #expect(await packets.next()?[6] == 2)
    try kernel.complete(0x33, [2, 0, 0, 0, 0, 0xC0, 2])
    #expect(try await second.value[0] == 2)
    await management.close()
  }

  @Test func aLateAnswerIsNotTheNextOnes() async throws {
    let (management, kernel) = try Self.pair()
    let devices = (1...2).map { BluetoothAddress(value: 0xC000_0000_0000 + $0, kind: .random) }
    var packets = kernel.channel.incoming.makeAsyncIterator()
    let error = await #expect(throws: ManagementError.self) {
      try await management.send(.disconnect(devices[0]), to: Self.adapter, limit: .milliseconds(20))
    }
    guard case .timedOut = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(await packets.next()?[6] == 1)
    let second = Task { try await management.send(.disconnect(devices[1]), to: Self.adapter) }
    #expect(await packets.next()?[6] == 2)
    try kernel.complete(0x14, status: 2, [1, 0, 0, 0, 0, 0xC0, 2])
    try kernel.complete(0x14, [2, 0, 0, 0, 0, 0xC0, 2])
    #expect(try await second.value[0] == 2)
    await management.close()
  }

  @Test func cancellingFreesTheTurn() async throws {
    let (management, kernel) = try Self.pair()
    var packets = kernel.channel.incoming.makeAsyncIterator()
    let first = Task { try await management.send(.setBondable(true), to: Self.adapter) }
    #expect(await packets.next() == [0x09, 0, 0, 0, 1, 0, 1])
    let second = Task { try await management.send(.setBondable(false), to: Self.adapter) }
    first.cancel()
    await #expect(throws: ManagementError.cancelled(command: "Set Bondable")) { try await first.value }
    #expect(await packets.next() == [0x09, 0, 0, 0, 1, 0, 0])
    try kernel.complete(0x09, [0, 0, 0, 0])
    #expect(try await second.value == [0, 0, 0, 0])
    await management.close()
  }

  /// 500 events and an answer among them come out in the order in which the kernel sent them.
  @Test func orderIsKept() async throws {
    let (management, kernel) = try Self.pair()
    let reply = Task { try await management.send(.getConnections, to: Self.adapter) }
    var packets = kernel.channel.incoming.makeAsyncIterator()
    _ = await packets.next()
    for number in 0..<500 {
      if number == 250 { try kernel.complete(0x15, [0, 0]) }
      try kernel.channel.send([0x06, 0, 0, 0, 4, 0, UInt8(number & 255), UInt8(number >> 8), 0, 0])
    }
    var seen: [UInt32] = []
    var answeredAfter: Int?
    for await notice in management.events {
      if case .newSettings(let settings) = notice.event { seen.append(settings.rawValue) }
      if case .commandFinished = notice.event { answeredAfter = seen.count }
      if seen.count == 500 { break }
    }
    #expect(seen == Array(0..<500))
    #expect(answeredAfter == 250)
    #expect(try await reply.value == [0, 0])
    await management.close()
  }

  @Test func theEndOfTheSocketEndsAll() async throws {
    let (management, kernel) = try Self.pair()
    let waiting = Task { try await management.send(.readInformation, to: Self.adapter) }
    var packets = kernel.channel.incoming.makeAsyncIterator()
    _ = await packets.next()
    kernel.channel.close()
    await #expect(throws: ManagementError.closed(command: "Read Controller Information")) { try await waiting.value }
    for await _ in management.events {}
    await #expect(throws: ManagementError.closed(command: "Set Powered")) {
      try await management.send(.setPowered(true), to: Self.adapter)
    }
  }

  @Test func aCutAnswerIsTold() async throws {
    let (management, kernel) = try Self.pair()
    let waiting = Task { try await management.readInformation(Self.adapter) }
    var packets = kernel.channel.incoming.makeAsyncIterator()
    _ = await packets.next()
    try kernel.complete(0x04, [1, 2, 3])
    let failure = ManagementDecodingFailure(field: "Address", offset: 0, need: 6, have: 3)
    await #expect(throws: ManagementError.unexpectedAnswer(command: "Read Controller Information", failure)) {
      try await waiting.value
    }
    await management.close()
  }
}
