import Dispatch
import Glibc
import Synchronization

/// One connected `SOCK_SEQPACKET` socket, one PDU a packet: the kernel's L2CAP channel 4, or half of a socket pair in
/// tests and simulations. It owns the descriptor and closes it.
///
/// Nothing is read before ``start()``: until a link's encryption is known to be right, PDUs wait in the kernel, and
/// closing discards them.
///
/// Sendable: every stored property is constant or inside the lock; the watches are only used under it.
package final class SeqPacketChannel: Sendable {
  /// Why the link ended.
  package enum EndReason: Hashable, Sendable {
    /// ``SeqPacketChannel/close()`` was called.
    case closed
    /// The peer, or the kernel for it, ended the channel without an error.
    case endOfFile
    /// The kernel's error number: `ECONNRESET`, `ETIMEDOUT`, `EACCES` (stale bond), …
    case error(Int32)
    /// Nobody took the PDUs: more than ``SeqPacketChannel/mostWaiting`` were waiting to be read.
    case overflow

    /// The kernel's error number where there is one.
    package var errno: Int32? {
      if case .error(let number) = self { number } else { nil }
    }
  }

  /// PDUs waiting for the reader, and for a socket that takes no more, at most.
  package static let mostWaiting = 1024

  /// A longer packet ends the channel with `EMSGSIZE`: a cut PDU must not pass for a whole one. ATT's longest is 517.
  private static let longestPDU = 4096

  private struct State {
    var started = false
    var endReason: EndReason?
    var reader: DescriptorWatch?
    var writer: DescriptorWatch?
    var unsent: [[UInt8]] = []
  }

  /// For messages and socket options only; after the channel has ended the number may belong to another file.
  package let fileDescriptor: Int32
  /// Every PDU received, in order. One reader. Finishes when the link ends, after what was received before.
  package let incoming: AsyncStream<[UInt8]>

  private let continuation: AsyncStream<[UInt8]>.Continuation
  private let queue: DispatchQueue
  private let owner: DescriptorOwner
  private let state: Mutex<State>

  /// Takes over `fileDescriptor`, a connected `SOCK_SEQPACKET` socket.
  package init(fileDescriptor: Int32) {
    self.fileDescriptor = fileDescriptor
    (incoming, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    queue = DispatchQueue(label: "SeqPacketChannel")
    owner = DescriptorOwner(fileDescriptor)
    state = Mutex(State())
  }

  deinit {
    end(.closed)
  }

  /// Why the link ended; nil while it has not.
  package var endReason: EndReason? { state.withLock { $0.endReason } }

  /// Begins to read. Does nothing when called again or after the end.
  package func start() {
    state.withLock { state in
      guard !state.started, state.endReason == nil else { return }
      state.started = true
      owner.hold()
      state.reader = DescriptorWatch(
        fileDescriptor, .readable, queue: queue, changed: { [weak self] in self?.readAll() },
        cancelled: { [owner] in owner.release() })
    }
  }

  /// Sends one PDU without blocking; what the socket cannot take now is sent in order as soon as it can.
  ///
  /// Throws ``SeqPacketChannelError/ended(_:)`` after the end, ``SeqPacketChannelError/congested`` when
  /// ``mostWaiting`` PDUs already wait, ``SeqPacketChannelError/notSent(errno:)`` when the kernel refuses this PDU.
  /// The kernel refusing one that had to wait ends the channel.
  package func send(_ pdu: [UInt8]) throws(SeqPacketChannelError) {
    let failure: SeqPacketChannelError? = state.withLock { state in
      if let reason = state.endReason { return .ended(reason) }
      guard state.unsent.isEmpty else {
        guard state.unsent.count < Self.mostWaiting else { return .congested }
        state.unsent.append(pdu)
        return nil
      }
      switch put(pdu) {
      case 0: return nil
      case EAGAIN, ENOTCONN:
        // The kernel says ENOTCONN while it raises a link's security, and makes the socket writable when it has.
        state.unsent.append(pdu)
        armWriter(&state)
        return nil
      case let number: return .notSent(errno: number)
      }
    }
    if let failure { throw failure }
  }

  /// Ends the channel; PDUs that nobody has read are discarded by the kernel, those in ``incoming`` are not. The
  /// descriptor is closed as soon as nothing waits on it: ``closed()`` tells when. Does nothing after the end.
  package func close() {
    end(.closed)
  }

  /// Returns when the channel has ended, by ``close()`` or by itself, and its descriptor is closed.
  ///
  /// On a link of the kernel's, management Disconnect comes after this, never before: see ``IncomingLink``.
  package func closed() async {
    await owner.closed()
  }

  /// 0, or the error number.
  private func put(_ pdu: [UInt8]) -> Int32 {
    while true {
      let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
      let count = pdu.withUnsafeBytes { Glibc.send(fileDescriptor, $0.baseAddress, $0.count, flags) }
      if count >= 0 { return 0 }
      let number = errno
      if number == EINTR { continue }
      return number == EWOULDBLOCK ? EAGAIN : number
    }
  }

  private func armWriter(_ state: inout State) {
    guard state.writer == nil else { return }
    owner.hold()
    state.writer = DescriptorWatch(
      fileDescriptor, .writable, queue: queue, changed: { [weak self] in self?.sendUnsent() },
      cancelled: { [owner] in owner.release() })
  }

  /// On `queue`: the socket takes PDUs again.
  private func sendUnsent() {
    let failure: Int32? = state.withLock { state in
      guard state.endReason == nil else { return nil }
      var sent = 0
      defer { state.unsent.removeFirst(sent) }
      for pdu in state.unsent {
        let number = put(pdu)
        if number == EAGAIN { return nil }
        if number != 0 { return number }
        sent += 1
      }
      // It tells for as long as the socket can take more: it lives only while something waits.
      state.writer?.cancel()
      state.writer = nil
      return nil
    }
    if let failure { end(.error(failure)) }
  }

  /// On `queue`: reads what is there.
  private func readAll() {
    var buffer = [UInt8](repeating: 0, count: Self.longestPDU + 1)
    var error: Int32?
    while endReason == nil {
      let flags = Int32(MSG_DONTWAIT)
      let count = buffer.withUnsafeMutableBytes { recv(fileDescriptor, $0.baseAddress, $0.count, flags) }
      if count > Self.longestPDU { return end(.error(EMSGSIZE)) }
      if count > 0 {
        if case .dropped = continuation.yield(Array(buffer[..<count])) { return end(.overflow) }
        continue
      }
      if count == 0 { return end(error.map { .error($0) } ?? .endOfFile) }
      let number = errno
      if number == EINTR { continue }
      if number == EAGAIN || number == EWOULDBLOCK {
        if let error { end(.error(error)) }
        return
      }
      // The kernel tells a link's error before it hands out what arrived earlier, and tells it once: read on.
      if let error { return end(.error(error)) }
      error = number
    }
  }

  private func end(_ reason: EndReason) {
    let first = state.withLock { state in
      guard state.endReason == nil else { return false }
      state.endReason = reason
      state.unsent = []
      state.reader?.cancel()
      state.writer?.cancel()
      state.reader = nil
      state.writer = nil
      return true
    }
    guard first else { return }
    continuation.finish()
    owner.release()
  }
}

/// Closes the descriptor when the last one that holds it lets go: the channel itself and each watch until it was told that it
/// is cancelled. Closing earlier would let a watch look at whatever file gets the number next.
private final class DescriptorOwner: Sendable {
  private struct State {
    var holders = 1
    var isClosed = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let fileDescriptor: Int32
  private let state = Mutex(State())

  init(_ fileDescriptor: Int32) {
    self.fileDescriptor = fileDescriptor
  }

  func hold() {
    state.withLock { $0.holders += 1 }
  }

  func release() {
    let left = state.withLock { state in
      state.holders -= 1
      return state.holders
    }
    guard left == 0 else { return }
    DescriptorReaper.close(fileDescriptor) {
      let waiting = self.state.withLock { state in
        state.isClosed = true
        defer { state.waiting = [] }
        return state.waiting
      }
      for continuation in waiting { continuation.resume() }
    }
  }

  func closed() async {
    await withCheckedContinuation { continuation in
      let isClosed = state.withLock { state in
        if !state.isClosed { state.waiting.append(continuation) }
        return state.isClosed
      }
      if isClosed { continuation.resume() }
    }
  }
}

/// Why a PDU was not sent.
package enum SeqPacketChannelError: Error, Hashable, Sendable, CustomStringConvertible {
  case ended(SeqPacketChannel.EndReason)
  case notSent(errno: Int32)
  case congested

  /// Nobody is there to take it any more; what came before may still be read.
  var isOtherSideGone: Bool {
    if case .notSent(let number) = self { number == EPIPE || number == ECONNRESET } else { false }
  }

  /// A sentence for the log.
  package var description: String {
    switch self {
    case .ended(let reason): "The link has ended (\(reason)): wait for the device to connect again."
    case .notSent(let number):
      "The kernel did not take a PDU for this link: error \(number), \(String(cString: strerror(number)))."
    case .congested:
      "The link takes no more PDUs: \(SeqPacketChannel.mostWaiting) already wait. End it and connect again."
    }
  }
}

extension SeqPacketChannel.EndReason: CustomStringConvertible {
  /// A clause that goes on after "the link has ended:".
  package var description: String {
    switch self {
    case .closed: "closed by the gateway"
    case .endOfFile: "closed by the device"
    case .error(let number): "error \(number), \(String(cString: strerror(number)))"
    case .overflow: "nobody read its PDUs"
    }
  }
}
