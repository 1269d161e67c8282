internal import CBluetooth
internal import Dispatch
internal import Glibc

/// The socket under ``Management``: packets in, packets out, on a queue of its own.
///
/// `@unchecked Sendable`: `source` and `closed` are touched only on `queue`; the rest is constant.
final class ManagementSocket: @unchecked Sendable {
  /// Every packet in order; finishes when the socket does. Unbounded: a lost event would be a lost key.
  let packets: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private let queue = DispatchQueue(label: "vitals.management")
  private let descriptor: Int32
  private var source: DescriptorWatch?
  private var closed = false

  /// Header and the longest parameters that its length can say.
  private static let longestPacket = 6 + 65535

  /// Takes over a packet socket: the kernel's, or half of a socket pair.
  init(fileDescriptor: Int32) {
    descriptor = fileDescriptor
    (packets, continuation) = AsyncStream.makeStream()
    queue.async { self.listen() }
  }

  /// Opens the kernel's control channel: a raw HCI socket bound to no device and to HCI_CHANNEL_CONTROL.
  static func open() throws(SystemError) -> ManagementSocket {
    let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_BLUETOOTH, type, BTPROTO_HCI)
    guard descriptor >= 0 else { throw SystemError(errno) }
    var address = sockaddr_hci()
    address.hci_family = sa_family_t(AF_BLUETOOTH)
    address.hci_dev = UInt16(HCI_DEV_NONE)
    address.hci_channel = UInt16(HCI_CHANNEL_CONTROL)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_hci>.size))
      }
    }
    guard result == 0 else {
      let error = SystemError(errno)
      _ = Glibc.close(descriptor)
      throw error
    }
    return ManagementSocket(fileDescriptor: descriptor)
  }

  /// Gives one packet to the kernel. On the queue, since the kernel runs short commands to their end inside the call.
  func send(_ packet: [UInt8]) async -> SystemError? {
    await withCheckedContinuation { continuation in
      queue.async {
        guard !self.closed else { return continuation.resume(returning: SystemError(EBADF)) }
        let count = Glibc.send(self.descriptor, packet, packet.count, Int32(MSG_NOSIGNAL))
        continuation.resume(returning: count == packet.count ? nil : SystemError(errno))
      }
    }
  }

  /// Ends the stream and closes the socket.
  func close() { queue.async { self.end() } }

  private func listen() {
    let descriptor = descriptor
    source = DescriptorWatch(
      descriptor, .readable, queue: queue, changed: { self.read() }, cancelled: { _ = Glibc.close(descriptor) })
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: Self.longestPacket)
    while !closed {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        continuation.yield(Array(buffer[..<count]))
      } else if count < 0, errno == EINTR {
        continue
      } else if count < 0, errno == EAGAIN {
        return
      } else {
        end()
      }
    }
  }

  private func end() {
    guard !closed else { return }
    closed = true
    source?.cancel()
    // The handler holds this object; without it the cycle ends.
    source = nil
    continuation.finish()
  }
}
