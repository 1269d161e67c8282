internal import Dispatch
internal import Glibc

/// Waits until a link is encrypted.
///
/// The kernel makes the socket unwritable when it begins to encrypt and writable when it has ended, so the wait costs
/// nothing. One thing makes the socket writable too early: a PDU that arrives in clear meanwhile. From then on the
/// level is looked at on a timer until the limit.
///
/// `@unchecked Sendable`: every variable is touched only on `queue`; the rest is constant.
final class SecurityWait: @unchecked Sendable {
  typealias Outcome = Result<Void, LinkSecurityFailure>

  private let queue = DispatchQueue(label: "vitals.link-security")
  /// A second number for the same socket, so that the channel may be closed meanwhile and the number is not reused.
  private let descriptor: Int32
  private let required: LinkSecurity.Level
  private let limit: Duration
  private let recheck: DispatchTimeInterval
  private let request: @Sendable (LinkSecurity.Level, Int32) throws(SystemError) -> Void
  private let read: @Sendable (Int32) throws(SystemError) -> LinkSecurity
  private var continuation: CheckedContinuation<Outcome, Never>?
  private var outcome: Outcome?
  private var writer: DescriptorWatch?
  private var timer: (any DispatchSourceTimer)?
  private var open: Int
  private var isClosed = false

  /// - Parameters:
  ///   - descriptor: the link's socket; not taken over.
  ///   - recheck: how often the level is looked at once the socket no longer tells.
  ///   - request, read: the kernel's socket option, or a stand-in over a socket pair.
  init(
    descriptor: Int32, required: LinkSecurity.Level, limit: Duration, recheck: Duration = .milliseconds(20),
    request: @escaping @Sendable (LinkSecurity.Level, Int32) throws(SystemError) -> Void = LinkSecurity.request,
    read: @escaping @Sendable (Int32) throws(SystemError) -> LinkSecurity = LinkSecurity.read
  ) throws(LinkSecurityFailure) {
    self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard self.descriptor >= 0 else { throw .linkEnded(SystemError(errno)) }
    self.required = required
    self.limit = limit
    self.recheck = recheck.dispatchInterval
    self.request = request
    self.read = read
    open = 1
  }

  /// Asks for the level and returns when the link has it. Once per object. However it ends, nothing here holds the
  /// link's socket any more by then, so that whoever closes the channel next really closes it.
  func run() async throws(LinkSecurityFailure) {
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async { self.begin(continuation) }
      }
    } onCancel: {
      queue.async { self.end(.failure(.cancelled)) }
    }
    try outcome.get()
  }

  private func begin(_ continuation: CheckedContinuation<Outcome, Never>) {
    if let outcome, isClosed { return continuation.resume(returning: outcome) }
    self.continuation = continuation
    if check() { return }
    do throws(SystemError) {
      try request(required, descriptor)
    } catch {
      // EINVAL is also the kernel's word for a link that needs nothing more: the level says which it is.
      if error.code == EINVAL, check() { return }
      return end(.failure(linkHasEnded ? .linkEnded(error) : .refused(error)))
    }
    open += 1
    writer = DescriptorWatch(
      descriptor, .writable, queue: queue, changed: { self.becameWritable() }, cancelled: { self.release() })
    queue.asyncAfter(deadline: .now() + limit.dispatchInterval) { [weak self] in self?.expire() }
  }

  private func becameWritable() {
    // Writable it is until it is full: that has told what it can.
    writer?.cancel()
    writer = nil
    if check() || outcome != nil { return }
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + recheck, repeating: recheck)
    timer.setEventHandler { _ = self.check() }
    self.timer = timer
    timer.activate()
  }

  /// Looks at the link; true when the wait is over.
  private func check() -> Bool {
    guard outcome == nil else { return true }
    if linkHasEnded {
      end(.failure(.linkEnded(pendingError)))
      return true
    }
    guard let security = try? read(descriptor), security.satisfies(required) else { return false }
    end(.success(()))
    return true
  }

  private func expire() {
    guard !check() else { return }
    let security = (try? read(descriptor)) ?? LinkSecurity(level: 0, keySize: 0)
    end(.failure(.timedOut(security, after: limit)))
  }

  private var linkHasEnded: Bool {
    // POLLRDHUP by its number: the header gives it only under _GNU_SOURCE.
    var entry = pollfd(fd: descriptor, events: 0x2000, revents: 0)
    guard poll(&entry, 1, 0) > 0 else { return false }
    return entry.revents & Int16(truncatingIfNeeded: POLLHUP | POLLERR | POLLNVAL | 0x2000) != 0
  }

  /// The socket's error, which the kernel tells once.
  private var pendingError: SystemError? {
    var error: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0, error != 0 else { return nil }
    return SystemError(error)
  }

  private func end(_ outcome: Outcome) {
    guard self.outcome == nil else { return }
    self.outcome = outcome
    writer?.cancel()
    writer = nil
    timer?.cancel()
    timer = nil
    release()
  }

  /// The number is closed when it is watched no more.
  private func release() {
    open -= 1
    guard open == 0 else { return }
    DescriptorReaper.close(descriptor) { self.queue.async { self.finish() } }
  }

  private func finish() {
    isClosed = true
    guard let outcome else { return }
    continuation?.resume(returning: outcome)
    continuation = nil
  }
}
