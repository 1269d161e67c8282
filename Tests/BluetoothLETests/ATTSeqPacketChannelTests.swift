import Glibc
import Testing

@testable import BluetoothLE

@Suite(.timeLimit(.minutes(2))) struct ATTSeqPacketChannelTests {
  private static func receive(_ fileDescriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = recv(fileDescriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }

  @Test func `PDUs arrive whole and in order, and the end comes after them`() async throws {
    let (ours, theirs) = try socketPair()
    let channel = SeqPacketChannel(fileDescriptor: ours)
    for number in UInt8(0)..<100 {
      let pdu = [UInt8](repeating: number, count: Int(number) + 1)
      #expect(Glibc.send(theirs, pdu, pdu.count, Int32(MSG_NOSIGNAL)) == pdu.count)
    }
    Glibc.close(theirs)
    channel.start()
    var received: [[UInt8]] = []
    for await pdu in channel.incoming { received.append(pdu) }
    #expect(received == (UInt8(0)..<100).map { [UInt8](repeating: $0, count: Int($0) + 1) })
    #expect(channel.endReason == .endOfFile)
    #expect(channel.endReason?.errno == nil)
    #expect(throws: SeqPacketChannelError.ended(.endOfFile)) { try channel.send([1]) }
  }

  /// PDUs on a link whose encryption is not yet right are discarded with it.
  @Test func `nothing is read before start`() throws {
    let (ours, theirs) = try socketPair()
    defer { Glibc.close(theirs) }
    let channel = SeqPacketChannel(fileDescriptor: ours)
    let indication: [UInt8] = [0x1D, 3, 0, 1]
    #expect(Glibc.send(theirs, indication, 4, Int32(MSG_NOSIGNAL)) == 4)
    #expect(Self.receive(channel.fileDescriptor) == indication)
    channel.close()
    channel.start()
    #expect(channel.endReason == .closed)
  }

  @Test func `an unread PDU of a closed peer is an error with its number`() async throws {
    let (ours, theirs) = try socketPair()
    let channel = SeqPacketChannel(fileDescriptor: ours)
    try channel.send([1, 2, 3])
    Glibc.close(theirs)
    channel.start()
    for await _ in channel.incoming {}
    #expect(channel.endReason == .error(ECONNRESET))
    #expect(channel.endReason?.errno == ECONNRESET)
  }

  @Test func `a packet that is too long to be a PDU ends the link`() async throws {
    let (ours, theirs) = try socketPair()
    defer { Glibc.close(theirs) }
    let channel = SeqPacketChannel(fileDescriptor: ours)
    let long = [UInt8](repeating: 0, count: 4097)
    #expect(Glibc.send(theirs, long, long.count, Int32(MSG_NOSIGNAL)) == long.count)
    channel.start()
    var count = 0
    for await _ in channel.incoming { count += 1 }
    #expect(count == 0)
    #expect(channel.endReason == .error(EMSGSIZE))
  }

  @Test func `what the socket does not take at once is sent in order later`() async throws {
    let (ours, theirs) = try socketPair()
    let channel = SeqPacketChannel(fileDescriptor: ours)
    let peer = SeqPacketChannel(fileDescriptor: theirs)
    for number in UInt16(0)..<1000 {
      try channel.send([UInt8(number & 0xFF), UInt8(number >> 8)])
    }
    peer.start()
    var received: [UInt16] = []
    for await pdu in peer.incoming {
      received.append(UInt16(pdu[0]) | UInt16(pdu[1]) << 8)
      if received.count == 1000 { channel.close() }
    }
    #expect(received == Array(0..<1000))
  }

  @Test func `a peer that takes nothing is said to be congested`() throws {
    let (ours, theirs) = try socketPair()
    defer { Glibc.close(theirs) }
    let channel = SeqPacketChannel(fileDescriptor: ours)
    defer { channel.close() }
    #expect(throws: SeqPacketChannelError.congested) {
      for _ in 0..<100_000 { try channel.send([0]) }
    }
  }

  @Test func `PDUs that nobody reads end the link, none is lost in between`() async throws {
    let (ours, theirs) = try socketPair()
    let channel = SeqPacketChannel(fileDescriptor: ours)
    let peer = SeqPacketChannel(fileDescriptor: theirs)
    channel.start()
    peer.start()
    for number in 0...SeqPacketChannel.mostWaiting { try peer.send([UInt8(number & 0xFF)]) }
    for await _ in peer.incoming {}
    #expect(channel.endReason == .overflow)
    var received: [UInt8] = []
    for await pdu in channel.incoming { received += pdu }
    #expect(received == (0..<SeqPacketChannel.mostWaiting).map { UInt8($0 & 0xFF) })
  }

  /// The number of a closed descriptor is given to the next file; closing twice, or late, would close that.
  @Test func `closing twice does not touch whoever has the number next`() async throws {
    for round in 0..<300 {
      let (ours, theirs) = try socketPair()
      let channel = SeqPacketChannel(fileDescriptor: ours)
      let peer = SeqPacketChannel(fileDescriptor: theirs)
      if round % 2 == 0 { channel.start() }
      peer.start()
      channel.close()
      for await _ in peer.incoming {}
      let (next, its) = try socketPair()
      let nextChannel = SeqPacketChannel(fileDescriptor: next)
      let nextPeer = SeqPacketChannel(fileDescriptor: its)
      nextChannel.start()
      nextPeer.start()
      channel.close()
      peer.close()
      #expect(throws: SeqPacketChannelError.ended(.closed)) { try channel.send([9]) }
      try nextPeer.send([UInt8(round & 0xFF)])
      #expect(await nextChannel.incoming.first { _ in true } == [UInt8(round & 0xFF)])
    }
  }

  @Test func `a channel that nobody holds closes its socket`() async throws {
    let (ours, theirs) = try socketPair()
    let peer = SeqPacketChannel(fileDescriptor: theirs)
    peer.start()
    do {
      let channel = SeqPacketChannel(fileDescriptor: ours)
      channel.start()
      try channel.send([7])
    }
    var received: [[UInt8]] = []
    for await pdu in peer.incoming { received.append(pdu) }
    #expect(received == [[7]])
  }

  /// Whether `fileDescriptor` still is the socket that had this inode number.
  private static func isOpen(_ fileDescriptor: Int32, _ inode: ino_t) -> Bool {
    var status = stat()
    return fstat(fileDescriptor, &status) == 0 && status.st_ino == inode
  }

  private static func inode(_ fileDescriptor: Int32) throws -> ino_t {
    var status = stat()
    try #require(fstat(fileDescriptor, &status) == 0)
    return status.st_ino
  }

  /// Management Disconnect is only sent after the kernel has let go of the socket.
  @Test(arguments: [false, true])
  func `closed returns when the socket is closed, not before`(started: Bool) async throws {
    for _ in 0..<100 {
      let (ours, theirs) = try socketPair()
      defer { Glibc.close(theirs) }
      let inode = try Self.inode(ours)
      let channel = SeqPacketChannel(fileDescriptor: ours)
      if started { channel.start() }
      #expect(Self.isOpen(ours, inode))
      channel.close()
      await channel.closed()
      #expect(!Self.isOpen(ours, inode))
      var byte: UInt8 = 0
      #expect(recv(theirs, &byte, 1, Int32(MSG_DONTWAIT)) == 0)
      await channel.closed()
    }
  }

  /// A write source holds the socket, too.
  @Test func `closed waits for what could not be sent`() async throws {
    let (ours, theirs) = try socketPair()
    defer { Glibc.close(theirs) }
    let inode = try Self.inode(ours)
    let channel = SeqPacketChannel(fileDescriptor: ours)
    channel.start()
    for _ in 0..<1000 { try channel.send([1]) }
    channel.close()
    await channel.closed()
    #expect(!Self.isOpen(ours, inode))
  }

  @Test func `closed is told to everybody who waits, also when the peer ends`() async throws {
    let (ours, theirs) = try socketPair()
    let inode = try Self.inode(ours)
    let channel = SeqPacketChannel(fileDescriptor: ours)
    channel.start()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<5 { group.addTask { await channel.closed() } }
      Glibc.close(theirs)
      await group.waitForAll()
    }
    #expect(channel.endReason == .endOfFile)
    #expect(!Self.isOpen(ours, inode))
  }
}
