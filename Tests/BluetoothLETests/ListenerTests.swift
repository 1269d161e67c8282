import Glibc
import Synchronization
import Testing

@testable import BluetoothLE

@Suite struct ListenerAddressTests {
  /// `sockaddr_l2` by hand: family 31, PSM 0, address backwards, channel 4, type, padding.
  @Test func kernelLayout() {
    let own = BluetoothAddress(value: 0xC711_2233_4455, kind: .random)
    let name = L2CAPAddress(address: own, kind: .random, channel: 4)
    let octets = withUnsafeBytes(of: name.kernel) { Array($0) }
    #expect(octets == [31, 0, 0, 0, 0x55, 0x44, 0x33, 0x22, 0x11, 0xC7, 4, 0, 2, 0])
    #expect(L2CAPAddress(name.kernel) == name)
  }

  @Test func anyAdapter() {
    let name = L2CAPAddress(address: nil, kind: .public, channel: 4)
    let octets = withUnsafeBytes(of: name.kernel) { Array($0) }
    #expect(octets == [31, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0])
    #expect(L2CAPAddress(name.kernel) == name)
  }

  @Test func classicAddressesAreNotOurs() {
    var name = L2CAPAddress(address: nil, kind: .public, channel: 4).kernel
    withUnsafeMutableBytes(of: &name) { $0[12] = 0 }
    #expect(L2CAPAddress(name) == nil)
  }

  /// Where the kernel has no Bluetooth the error says what to do; where it has, the socket opens.
  @Test func aKernelWithoutBluetoothIsTold() throws {
    do {
      try ATTListener(anyAdapterUsing: .random).close()
    } catch .unavailable(let step, let error) {
      #expect(step == "socket" || step == "bind" || step == "listen")
      #expect(ATTListenerError.unavailable(step: step, error).description.contains("(\(error.code))"))
    }
  }
}

@Suite struct ListenerSecurityTests {
  /// What was seen of kernels: encryption being tried, a dead link, a good one.
  @Test func levelAndKeySizeAreBothNeeded() {
    #expect(!LinkSecurity(level: 1, keySize: 16).satisfies(.medium))
    #expect(!LinkSecurity(level: 2, keySize: 0).satisfies(.medium))
    #expect(!LinkSecurity(level: 2, keySize: 6).satisfies(.medium))
    #expect(LinkSecurity(level: 2, keySize: 7).satisfies(.medium))
    #expect(LinkSecurity(level: 3, keySize: 16).satisfies(.medium))
    #expect(!LinkSecurity(level: 2, keySize: 16).satisfies(.high))
    #expect(LinkSecurity(level: 4, keySize: 16).satisfies(.high))
  }
}

/// The wait over a socket pair; what the kernel would say is scripted.
@Suite(.timeLimit(.minutes(1))) struct ListenerSecurityWaitTests {
  /// A link whose kernel side the test plays. `Sendable`: its state is in the lock.
  final class Link: Sendable {
    let ours: SeqPacketChannel
    let theirs: SeqPacketChannel
    private let state = Mutex((security: LinkSecurity(level: 1, keySize: 0), reads: 0, requested: [UInt8]()))

    init() throws {
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, 5, 0, &ends) == 0)
      ours = SeqPacketChannel(fileDescriptor: ends[0])
      theirs = SeqPacketChannel(fileDescriptor: ends[1])
    }

    var reads: Int { state.withLock { $0.reads } }
    var requested: [UInt8] { state.withLock { $0.requested } }

    /// - Parameter script: from how many times the level has been read to what the kernel says then.
    func wait(
      for level: LinkSecurity.Level = .medium, limit: Duration = .seconds(30), refusal: SystemError? = nil,
      onRequest: @escaping @Sendable () -> Void = {}, script: @escaping @Sendable (Int) -> LinkSecurity
    ) throws(LinkSecurityFailure) -> SecurityWait {
      try SecurityWait(
        descriptor: ours.fileDescriptor, required: level, limit: limit, recheck: .milliseconds(1),
        request: { level, _ throws(SystemError) in
          self.state.withLock { $0.requested.append(level.rawValue) }
          onRequest()
          if let refusal { throw refusal }
        },
        read: { _ throws(SystemError) in
          script(
            self.state.withLock { state in
              defer { state.reads += 1 }
              return state.reads
            })
        })
    }
  }

  static let low = LinkSecurity(level: 1, keySize: 0)
  static let trying = LinkSecurity(level: 1, keySize: 16)
  static let medium = LinkSecurity(level: 2, keySize: 16)

  @Test func aLinkThatHasItIsNotAskedAgain() async throws {
    let link = try Link()
    try await link.wait { _ in Self.medium }.run()
    #expect(link.requested == [])
  }

  /// Writable before it is encrypted, as after a PDU in clear: the level decides.
  @Test func writableTooEarly() async throws {
    let link = try Link()
    try link.theirs.send([0x1D, 3, 0, 1])
    try await link.wait { $0 < 20 ? Self.trying : Self.medium }.run()
    #expect(link.requested == [2])
    #expect(link.reads == 21)
    // What came meanwhile still waits.
    link.ours.start()
    var packets = link.ours.incoming.makeAsyncIterator()
    #expect(await packets.next() == [0x1D, 3, 0, 1])
  }

  /// The kernel's way of saying that nothing more is needed.
  @Test func refusedBecauseSufficient() async throws {
    let link = try Link()
    try await link.wait(refusal: SystemError(EINVAL)) { $0 == 0 ? Self.low : Self.medium }.run()
  }

  @Test func refused() async throws {
    let link = try Link()
    await #expect(throws: LinkSecurityFailure.refused(SystemError(EINVAL))) {
      try await link.wait(refusal: SystemError(EINVAL)) { _ in Self.low }.run()
    }
  }

  /// After its end a link may seem to have the level that was asked for.
  @Test func aLinkThatEndedIsNotBelieved() async throws {
    let link = try Link()
    await #expect(throws: LinkSecurityFailure.linkEnded(nil)) {
      // By shutdown: closing a channel takes effect a little later, and the level must not be read before the end is there.
      try await link.wait(onRequest: { _ = shutdown(link.theirs.fileDescriptor, Int32(SHUT_RDWR)) }) {
        $0 == 0 ? Self.low : Self.medium
      }.run()
    }
  }

  @Test func theLinkEndsWhileWaiting() async throws {
    let link = try Link()
    await #expect(throws: LinkSecurityFailure.linkEnded(nil)) {
      try await link.wait { reads in
        if reads == 10 { link.theirs.close() }
        return Self.trying
      }.run()
    }
  }

  @Test func theLimitEndsTheWait() async throws {
    let link = try Link()
    let limit = Duration.milliseconds(30)
    await #expect(throws: LinkSecurityFailure.timedOut(Self.trying, after: limit)) {
      try await link.wait(limit: limit) { _ in Self.trying }.run()
    }
  }

  @Test func cancelled() async throws {
    let link = try Link()
    let begun = AsyncStream.makeStream(of: Void.self)
    let wait = try link.wait(onRequest: { begun.continuation.yield() }) { _ in Self.trying }
    let task = Task { try await wait.run() }
    var beginning = begun.stream.makeAsyncIterator()
    await beginning.next()
    task.cancel()
    await #expect(throws: LinkSecurityFailure.cancelled) { try await task.value }
  }

  /// Closing the channel meanwhile neither ends the wait wrongly nor closes somebody else's file.
  @Test func theChannelIsClosedMeanwhile() async throws {
    let link = try Link()
    try await link.wait(onRequest: { link.ours.close() }) { $0 < 5 ? Self.trying : Self.medium }.run()
  }

  /// The wait's own number for the socket is gone by its end: closing the channel then closes the link's socket, which
  /// has to be before management Disconnect.
  @Test(arguments: [false, true]) func nothingHoldsTheSocketAfterTheWait(succeeds: Bool) async throws {
    for _ in 0..<50 {
      let link = try Link()
      let wait = try link.wait(limit: .milliseconds(5)) { _ in succeeds ? Self.medium : Self.trying }
      _ = try? await wait.run()
      link.ours.close()
      await link.ours.closed()
      var byte: UInt8 = 0
      #expect(recv(link.theirs.fileDescriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 0)
    }
  }
}

@Suite struct KernelFaultTests {
  /// As `uname -v` prints it.
  @Test func theBuildsThatHaveIt() {
    let version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)"
    #expect(KernelFault(version: version) == .closingAfterTheLink(build: "6.1.192-2"))
    #expect(KernelFault(version: version)?.description.contains("6.1.192-2") == true)
    #expect(KernelFault(version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-11-09)") != nil)
    #expect(KernelFault(version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-26)") != nil)
  }

  @Test(arguments: [
    "#1 SMP PREEMPT_DYNAMIC Debian 6.1.190-1 (2026-10-20)",
    "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-20 (2027-01-01)",
    "#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1~bpo12+1 (2026-11-14)",
    "#1 SMP Debian", "#42-Ubuntu SMP", "",
  ])
  func othersAreNotAccused(version: String) {
    #expect(KernelFault(version: version) == nil)
  }
}
