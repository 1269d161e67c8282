internal import CBluetooth
internal import Dispatch
internal import Glibc

/// Why there is no listening socket.
package enum ATTListenerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `step` failed.
  case unavailable(step: String, SystemError)

  package var description: String {
    switch self {
    case .unavailable(let step, let error) where error.code == EADDRINUSE:
      "ATT links cannot be accepted (\(step): \(error)); another program listens on the same adapter, end it"
    case .unavailable(let step, let error) where error.code == EAFNOSUPPORT:
      "ATT links cannot be accepted (\(step): \(error)); "
        + "load the bluetooth module, and keep AF_BLUETOOTH in RestrictAddressFamilies="
    case .unavailable(let step, let error): "ATT links cannot be accepted (\(step): \(error))"
    }
  }
}

/// The socket that receives the ATT channel of every link that the kernel makes to an awaited device (Add Device,
/// action 2), or by itself while pairing.
///
/// It stays in force while adapters come and go, as long as their address in use is the one that it is bound to.
package final class ATTListener: Sendable {
  /// The links, in the order in which they came. One reader. Finishes after ``close()``.
  package let links: AsyncStream<IncomingLink>
  private let acceptor: Acceptor

  /// Listens for any adapter that uses `address`.
  /// - Throws: ``ATTListenerError``.
  package convenience init(address: BluetoothAddress) throws(ATTListenerError) {
    self.init(
      listening: try Self.open(
        L2CAPAddress(address: address, kind: address.kind, channel: L2CAPAddress.attributeProtocol)))
  }

  /// Listens for every adapter whose address in use is of this kind: static random where one was set and BR/EDR is off,
  /// else public.
  /// - Throws: ``ATTListenerError``.
  package convenience init(anyAdapterUsing kind: BluetoothAddress.Kind) throws(ATTListenerError) {
    self.init(
      listening: try Self.open(L2CAPAddress(address: nil, kind: kind, channel: L2CAPAddress.attributeProtocol)))
  }

  /// - Parameter descriptor: a listening socket, which is the listener's from here on.
  init(listening descriptor: Int32) {
    let (stream, continuation) = AsyncStream.makeStream(of: IncomingLink.self)
    links = stream
    acceptor = Acceptor(descriptor, continuation)
    acceptor.start()
  }

  private static func open(_ name: L2CAPAddress) throws(ATTListenerError) -> Int32 {
    let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_BLUETOOTH, type, BTPROTO_L2CAP)
    guard descriptor >= 0 else { throw .unavailable(step: "socket", SystemError(errno)) }
    do throws(ATTListenerError) {
      var kernelName = name.kernel
      let bound = withUnsafePointer(to: &kernelName) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_l2>.size))
        }
      }
      guard bound == 0 else { throw .unavailable(step: "bind", SystemError(errno)) }
      // Channels inherit the level. Anything above low would have the kernel pair with whoever comes without a key.
      do throws(SystemError) {
        try LinkSecurity.request(.low, descriptor)
      } catch {
        throw .unavailable(step: "security", error)
      }
      guard listen(descriptor, 16) == 0 else { throw .unavailable(step: "listen", SystemError(errno)) }
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }

  deinit { acceptor.stop() }

  /// Ends the listening. Links that were accepted live on; those that the kernel holds for us are ended by it.
  package func close() { acceptor.stop() }
}

/// The accepting side of ``ATTListener``.
///
/// `@unchecked Sendable`: every variable is touched only on `queue`.
private final class Acceptor: @unchecked Sendable {
  private let queue = DispatchQueue(label: "vitals.att-listener")
  private let descriptor: Int32
  private let continuation: AsyncStream<IncomingLink>.Continuation
  private var source: DescriptorWatch?
  private var paused = false

  init(_ descriptor: Int32, _ continuation: AsyncStream<IncomingLink>.Continuation) {
    self.descriptor = descriptor
    self.continuation = continuation
  }

  func start() {
    queue.async {
      let descriptor = self.descriptor
      self.source = DescriptorWatch(
        descriptor, .readable, queue: self.queue, changed: { self.acceptAll() },
        cancelled: { _ = Glibc.close(descriptor) })
    }
  }

  func stop() {
    queue.async {
      guard let source = self.source else { return }
      self.source = nil
      source.cancel()
      self.continuation.finish()
    }
  }

  private func acceptAll() {
    while source != nil, !paused {
      var name = sockaddr_l2()
      var length = socklen_t(MemoryLayout<sockaddr_l2>.size)
      let accepted = withUnsafeMutablePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          accept(descriptor, $0, &length)
        }
      }
      guard accepted >= 0 else {
        switch errno {
        case EAGAIN: return
        case EINTR, ECONNABORTED: continue
        default: return pause()
        }
      }
      // accept4() is not among the functions that Swift imports here.
      _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
      _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
      // The channel owns the descriptor from here on, so that what is not a link is closed with it.
      let channel = SeqPacketChannel(fileDescriptor: accepted)
      guard let peer = L2CAPAddress(name)?.address else { continue }
      continuation.yield(IncomingLink(peer: peer, local: Self.localAddress(accepted), channel: channel))
    }
  }

  /// Out of descriptors or memory: the waiting link would wake us at once again.
  private func pause() {
    source?.suspend()
    paused = true
    queue.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
      guard let self, self.source != nil else { return }
      self.paused = false
      self.source?.resume()
    }
  }

  private static func localAddress(_ descriptor: Int32) -> BluetoothAddress? {
    var name = sockaddr_l2()
    var length = socklen_t(MemoryLayout<sockaddr_l2>.size)
    let result = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return result == 0 ? L2CAPAddress(name)?.address : nil
  }
}
