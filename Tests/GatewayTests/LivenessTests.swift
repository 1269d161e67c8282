import AlertRules
import Foundation
import Glibc
import LocalAPI
import Logging
import Store
import Synchronization
import Testing

@testable import Gateway

/// What feeds the watchdog: loops that turn, however little there is to do.
@Suite struct LivenessTests {
  /// The machine's own time, moved by hand.
  final class Moment: Sendable {
    private let time = Mutex(SuspendingClock.now)
    var now: SuspendingClock.Instant { time.withLock { $0 } }
    func pass(_ span: Duration) { time.withLock { $0 = $0.advanced(by: span) } }
  }

  private let moment = Moment()
  private var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

  private func liveness() -> Liveness { Liveness(now: { [moment] in moment.now }) }

  @Test("what waits while the file is written anew is not stuck")
  func excused() {
    let end = moment.now + .seconds(3000)
    let liveness = Liveness(isExcused: { [moment] in moment.now < end }, now: { [moment] in moment.now })
    let work = liveness.begin(.store)
    moment.pass(.seconds(2000))
    #expect(liveness.stuck.isEmpty)
    moment.pass(.seconds(1000))
    #expect(liveness.stuck == [.rules, .store])
    liveness.end(work)
    liveness.turned()
    #expect(liveness.stuck.isEmpty)
  }

  @Test("a box to which nothing comes for a year is alive, as long as its rules' clock turns")
  func idle() {
    let liveness = liveness()
    for _ in 0..<1000 {
      moment.pass(.seconds(5))
      liveness.turned()
    }
    #expect(liveness.stuck.isEmpty)
    moment.pass(Liveness.longest)
    #expect(liveness.stuck.isEmpty)
    moment.pass(.seconds(1))
    #expect(liveness.stuck == [.rules])
    liveness.turned()
    #expect(liveness.stuck.isEmpty)
  }

  @Test("a commit that does not come back is stuck; one that came back never was")
  func ingest() {
    let liveness = liveness()
    let (first, second) = (liveness.begin(.ingest), liveness.begin(.ingest))
    liveness.end(second)
    moment.pass(Liveness.longest + .seconds(1))
    liveness.turned()
    #expect(liveness.stuck == [.ingest])
    liveness.end(first)
    #expect(liveness.stuck.isEmpty)
  }

  @Test("a store whose writer never comes back is noticed without a reading")
  func wedgedStore() async throws {
    let liveness = liveness()
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let probe = Task {
      await WriterProbe(liveness: liveness) {
        begin.finish()
        try await Task.sleep(for: .seconds(86_400))
      }.run()
    }
    defer { probe.cancel() }
    for await _ in begun {}
    moment.pass(Liveness.longest + .seconds(1))
    liveness.turned()
    #expect(liveness.stuck == [.store])
  }

  @Test("the clock of the rules that hangs in one step is noticed, with the real clock and ingest")
  func wedgedRules() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let liveness = liveness()
    let ingest = Ingest(
      store: store, policy: IngestPolicy(rules: try RuleFiles.standard()), health: Health(logger: quiet), logger: quiet,
      liveness: liveness)
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    ingest.look {
      begin.finish()
      try? await Task.sleep(for: .seconds(86_400))
      return nil
    }
    let clock = Task { await RuleClock(ingest: ingest).run() }
    for await _ in begun {}
    #expect(liveness.stuck.isEmpty)
    moment.pass(Liveness.longest + .seconds(1))
    #expect(liveness.stuck == [.rules])
    clock.cancel()
    await clock.value
    try await store.close()
  }

  @Test("what is alive is fed, what is stuck is not, and it is fed again when it goes on")
  func watchdog() throws {
    let receiver = try NotifySocket()
    let liveness = liveness()
    let watchdog = Watchdog(
      notification: ServiceNotification(environment: ["NOTIFY_SOCKET": receiver.path]), liveness: liveness,
      logger: quiet)
    #expect(watchdog.feed())
    #expect(receiver.received() == "WATCHDOG=1")
    moment.pass(Liveness.longest + .seconds(1))
    #expect(!watchdog.feed())
    #expect(receiver.received() == nil)
    liveness.turned()
    #expect(watchdog.feed())
    #expect(receiver.received() == "WATCHDOG=1")
  }

  @Test(
    "systemd is told when no descriptor is left, or was left at first", arguments: [[true, false], [false, true]])
  func notificationWithoutDescriptors(left: [Bool]) throws {
    let receiver = try NotifySocket()
    let answers = Mutex(left)
    let notification = ServiceNotification(environment: ["NOTIFY_SOCKET": receiver.path]) {
      let isLeft = answers.withLock { $0.isEmpty ? false : $0.removeFirst() }
      return isLeft ? ServiceNotification.opened() : nil
    }
    for _ in 0..<3 {
      notification.watchdog()
      #expect(receiver.received() == "WATCHDOG=1")
    }
  }

  @Test("asking the writer for its turn writes nothing")
  func turnWritesNothing() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    func contents() throws -> [String: Data] {
      var files: [String: Data] = [:]
      for name in ["vitals.sqlite", "vitals.sqlite-wal"] {
        files[name] = try? Data(contentsOf: directory.appending(path: name))
      }
      return files
    }
    let before = try contents()
    for _ in 0..<20 { try await store.takeTurn() }
    #expect(try contents() == before)
    #expect(try await store.lastArrival() == nil)
    try await store.close()
  }
}

/// What systemd holds the other end of.
private final class NotifySocket {
  let path: String
  private let descriptor: Int32

  init() throws {
    path = "/tmp/v-notify-\(UUID().uuidString.prefix(12))"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }

  /// The next datagram; nil: there is none.
  func received() -> String? {
    var octets = [UInt8](repeating: 0, count: 256)
    let count = recv(descriptor, &octets, octets.count, 0)
    return count > 0 ? String(decoding: octets.prefix(count), as: UTF8.self) : nil
  }

  deinit {
    close(descriptor)
    unlink(path)
  }
}
