import Dispatch
import Glibc
import Synchronization
import Testing

@testable import BluetoothLE
@testable import Forwarding

/// Links that end while names are looked up and nobody answers.
@Suite(.timeLimit(.minutes(2))) struct HangingLookupTests {
  /// Answers nobody until it is let.
  private final class Resolver: Sendable {
    private let count = Mutex((now: 0, most: 0))
    private let gate = DispatchSemaphore(value: 0)
    private let (begun, begin) = AsyncStream.makeStream(of: Void.self)

    /// Lookups at a time, at most.
    var most: Int { count.withLock { $0.most } }

    func lookUp() -> [String] {
      count.withLock { count in
        count.now += 1
        count.most = max(count.most, count.now)
      }
      begin.yield()
      gate.wait()
      count.withLock { $0.now -= 1 }
      return ["192.0.2.1"]
    }

    /// Returns when a lookup hangs.
    func hangs() async { for await _ in begun { return } }
    func answer(_ lookups: Int) { for _ in 0..<lookups { gate.signal() } }
  }

  /// More than Dispatch makes threads for, one a second, before the limit of this suite.
  private static let lookups = 300

  @Test func aLinkEndsAndIsSecuredMeanwhile() async throws {
    let resolver = Resolver()
    let names = NameLookups { _ in resolver.lookUp() }
    let answers = try await withThrowingTaskGroup(of: [String].self) { group in
      for _ in 0..<Self.lookups { group.addTask { await names.addresses(of: "hooks.example") } }
      do {
        defer { resolver.answer(Self.lookups) }
        await resolver.hangs()
        try await Self.secureAndClose()
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(answers == Array(repeating: "192.0.2.1", count: Self.lookups))
    #expect(resolver.most <= NameLookups.most)
  }

  private static func secureAndClose() async throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, 5, 0, &ends) == 0)
    let channels = ends.map { SeqPacketChannel(fileDescriptor: $0) }
    let wait = try SecurityWait(
      descriptor: ends[0], required: .medium, limit: .seconds(300), request: { _, _ throws(SystemError) in },
      read: { _ throws(SystemError) in LinkSecurity(level: 2, keySize: 16) })
    try await wait.run()
    for channel in channels {
      channel.start()
      channel.close()
      await channel.closed()
    }
  }
}
