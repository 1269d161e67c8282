internal import Dispatch
internal import Glibc
internal import Synchronization

/// Tells when a descriptor can be read or written. Level-triggered: told again and again while it is so, never while the
/// handler still runs, and not after ``cancel()`` has come to its handler.
///
/// libdispatch's own sources are not used: on Linux their common table of descriptors can keep one that was freed when
/// sources come and go on several threads, and the process dies in `_dispatch_event_loop_drain`
/// (swift-corelibs-libdispatch, issue 949; met in the lab when many links were cut).
final class DescriptorWatch: Sendable {
  enum Interest {
    case readable, writable
  }

  private let id: UInt64

  /// Begins at once.
  ///
  /// - Parameters:
  ///   - queue: serial; every handler runs on it.
  ///   - changed: on a descriptor whose other side has gone, too.
  ///   - cancelled: once, after ``cancel()``, when the descriptor is watched no more and may be closed. What it holds is
  ///     held until then.
  init(
    _ descriptor: Int32, _ interest: Interest, queue: DispatchQueue, changed: @escaping @Sendable () -> Void,
    cancelled: @escaping @Sendable () -> Void
  ) {
    id = DescriptorPoller.shared.add(
      descriptor, Int16(interest == .readable ? POLLIN : POLLOUT), queue, changed, cancelled)
  }

  func cancel() { DescriptorPoller.shared.cancel(id) }
  /// Nothing is told until ``resume()``.
  func suspend() { DescriptorPoller.shared.setSuspended(id, true) }
  func resume() { DescriptorPoller.shared.setSuspended(id, false) }
}

/// poll(2) over everything that is watched, on one thread that lives as long as the process. Each descriptor is looked at
/// once, handed to its queue, and looked at again when that has dealt with it.
///
/// poll and not epoll: there are a dozen descriptors, two watches may have the same one, and nothing is left behind in the
/// kernel when one is closed.
private final class DescriptorPoller: Sendable {
  static let shared = DescriptorPoller()

  private struct Entry {
    let descriptor: Int32
    let events: Int16
    let queue: DispatchQueue
    let changed: @Sendable () -> Void
    let cancelled: @Sendable () -> Void
    /// Its handler has been called and has not returned.
    var isBeingTold = false
    var isSuspended = false
    var isCancelled = false
  }

  private struct State {
    var entries: [UInt64: Entry] = [:]
    var next: UInt64 = 0
    /// The thread will look at ``entries`` before it waits again.
    var isAwake = true
  }

  private let state = Mutex(State())
  /// What is written to the first is read from the second: it ends a poll.
  private let bell: (ring: Int32, heard: Int32)

  private init() {
    var pair: [Int32] = [-1, -1]
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { fatalError("no socket pair: \(SystemError(errno))") }
    bell = (pair[0], pair[1])
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { @Sendable poller in
        guard let poller else { return nil }
        Unmanaged<DescriptorPoller>.fromOpaque(poller).takeUnretainedValue().run()
      }, Unmanaged.passRetained(self).toOpaque())
    guard result == 0 else { fatalError("no thread: \(SystemError(result))") }
    pthread_detach(thread)
  }

  func add(
    _ descriptor: Int32, _ events: Int16, _ queue: DispatchQueue, _ changed: @escaping @Sendable () -> Void,
    _ cancelled: @escaping @Sendable () -> Void
  ) -> UInt64 {
    change { state in
      state.next += 1
      state.entries[state.next] = Entry(
        descriptor: descriptor, events: events, queue: queue, changed: changed, cancelled: cancelled)
      return state.next
    }
  }

  func cancel(_ id: UInt64) { change { $0.entries[id]?.isCancelled = true } }

  func setSuspended(_ id: UInt64, _ suspended: Bool) { change { $0.entries[id]?.isSuspended = suspended } }

  private func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
    let (value, wasAwake) = state.withLock { state in
      let value = body(&state)
      defer { state.isAwake = true }
      return (value, state.isAwake)
    }
    if !wasAwake {
      var ring: UInt8 = 1
      _ = send(bell.ring, &ring, 1, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
    }
    return value
  }

  private func run() -> Never {
    while true {
      let (watched, ended) = state.withLock { state in
        let ended = state.entries.filter { $0.value.isCancelled }
        for id in ended.keys { state.entries[id] = nil }
        state.isAwake = false
        return (state.entries.filter { !$0.value.isBeingTold && !$0.value.isSuspended }, ended)
      }
      // Behind what the queue was given before.
      for entry in ended.values { entry.queue.async(execute: entry.cancelled) }
      let order = Array(watched)
      var polled = [pollfd(fd: bell.heard, events: Int16(POLLIN), revents: 0)]
      polled += order.map { pollfd(fd: $0.value.descriptor, events: $0.value.events, revents: 0) }
      let count = poll(&polled, nfds_t(polled.count), -1)
      state.withLock { $0.isAwake = true }
      guard count > 0 else {
        // EINTR; out of memory, it is tried again.
        if errno != EINTR { usleep(100_000) }
        continue
      }
      if polled[0].revents != 0 { hear() }
      for (place, entry) in zip(polled.dropFirst(), order) where place.revents != 0 { tell(entry.key) }
    }
  }

  private func hear() {
    var ring = [UInt8](repeating: 0, count: 16)
    while recv(bell.heard, &ring, ring.count, Int32(MSG_DONTWAIT)) > 0 {}
  }

  private func tell(_ id: UInt64) {
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries[id], !entry.isCancelled, !entry.isSuspended else { return nil }
      state.entries[id]?.isBeingTold = true
      return entry
    }
    guard let entry else { return }
    entry.queue.async {
      // Cancelled since: its handler comes next.
      let isCancelled = self.state.withLock { $0.entries[id]?.isCancelled ?? true }
      if !isCancelled { entry.changed() }
      self.change { $0.entries[id]?.isBeingTold = false }
    }
  }
}
