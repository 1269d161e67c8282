internal import CLibUSB
internal import Dispatch
internal import Glibc
internal import Synchronization

/// A device opened through its file, with one interface claimed.
///
/// `@unchecked`: the pointers are set once and used only while ``State/isOpen``, under the lock or on `queue`, where the
/// handle is closed after everything else.
final class LibUSBChannel: USBChannel, @unchecked Sendable {
  private struct State {
    var isOpen = true
    var pending: [ObjectIdentifier: LibUSBTransfer] = [:]
    /// Waits for the last transfer to end.
    var drained: CheckedContinuation<Void, Never>?

    /// Who is to be woken now.
    mutating func takeDrained() -> CheckedContinuation<Void, Never>? {
      guard pending.isEmpty else { return nil }
      defer { drained = nil }
      return drained
    }
  }

  let device: USBDevice
  /// Opening, claiming, clearing a halt and closing block in the kernel, some of it for seconds.
  private let queue: DispatchQueue
  private let handle: OpaquePointer
  private let descriptor: Int32
  private let interface: USBDevice.Interface
  private let state = Mutex(State())
  private let closing = Closing()

  /// Opens the device's file, takes the interface from the kernel's driver, and claims it. Blocks: to be
  /// called on `queue`, the device's own.
  ///
  /// By the file, since in rescan mode the device is one that this context of libusb does not know.
  static func open(
    _ device: USBDevice, interface: USBDevice.Interface, in context: LibUSBContext, on queue: DispatchQueue
  ) -> Result<LibUSBChannel, USBFailure> {
    let location = device.location
    let descriptor = Glibc.open(location.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      switch errno {
      case EACCES, EPERM: return .failure(.accessDenied(path: location.path))
      case ENOENT, ENODEV, ENXIO: return .failure(.removed)
      default: return .failure(.refused(operation: "opening \(location.path)", reason: "error \(errno)"))
      }
    }
    var handle: OpaquePointer?
    let wrapped = libusb_wrap_sys_device(context.pointer, Int(descriptor), &handle)
    guard wrapped == 0, let handle else {
      _ = Glibc.close(descriptor)
      return .failure(USBFailure(wrapped, "opening the device", on: location))
    }
    // Given back by libusb_release_interface.
    libusb_set_auto_detach_kernel_driver(handle, 1)
    let claimed = libusb_claim_interface(handle, Int32(interface.number))
    guard claimed == 0 else {
      libusb_close(handle)
      _ = Glibc.close(descriptor)
      return .failure(
        USBFailure(claimed, "claiming interface \(interface.number)", on: location, interface: interface.number))
    }
    return .success(
      LibUSBChannel(
        device: device, queue: queue, handle: handle, descriptor: descriptor, interface: interface))
  }

  private init(
    device: USBDevice, queue: DispatchQueue, handle: OpaquePointer, descriptor: Int32,
    interface: USBDevice.Interface
  ) {
    self.device = device
    self.queue = queue
    self.handle = handle
    self.descriptor = descriptor
    self.interface = interface
  }

  // MARK: Transfers

  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8] {
    let length = request.isIn ? request.length : request.data.count
    guard length <= Int(UInt16.max) else { throw .unsuitable(what: "room for \(length) octets in a control transfer") }
    var out: [UInt8] = [request.type, request.request]
    for word in [request.value, request.index, UInt16(length)] { out += [UInt8(word & 0xFF), UInt8(word >> 8)] }
    if !request.isIn { out += request.data }
    return try await run(0, .control, isIn: request.isIn, out: out, room: 8 + length, limit)
  }

  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure) {
    let known = try find(endpoint, isIn: false)
    _ = try await run(endpoint, known.kind, isIn: false, out: bytes, room: bytes.count, limit)
  }

  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8] {
    let known = try find(endpoint, isIn: true)
    // Room for whole packets only: a packet that does not fit is lost.
    let size = max(known.packetSize, 1)
    let room = (max(count, 1) + size - 1) / size * size
    return try await run(endpoint, known.kind, isIn: true, out: [], room: room, limit)
  }

  private func find(_ address: UInt8, isIn: Bool) throws(USBFailure) -> USBDevice.Endpoint {
    let found = interface.endpoints.first {
      $0.address == address && $0.isIn == isIn && ($0.kind == .interrupt || $0.kind == .bulk)
    }
    guard let found else { throw .unsuitable(what: "endpoint 0x" + String(address, radix: 16)) }
    return found
  }

  private func run(
    _ endpoint: UInt8, _ kind: USBDevice.Endpoint.Kind, isIn: Bool, out: [UInt8], room: Int, _ limit: Duration
  ) async throws(USBFailure) -> [UInt8] {
    guard
      let transfer = LibUSBTransfer(
        channel: self, handle: handle, endpoint: endpoint, kind: kind, isIn: isIn, out: out, room: room, limit: limit)
    else { throw .refused(operation: "a transfer", reason: "no memory") }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in submit(transfer, continuation) }
    } onCancel: {
      cancel(transfer)
    }
    return try outcome.get()
  }

  private func submit(
    _ transfer: LibUSBTransfer, _ continuation: CheckedContinuation<LibUSBTransfer.Outcome, Never>
  ) {
    let refusal: USBFailure? = state.withLock { state in
      guard state.isOpen else { return .closed }
      guard !transfer.isCancelled else { return .cancelled }
      transfer.pointer.pointee.callback = { @Sendable pointer in
        guard let data = pointer?.pointee.user_data else { return }
        let transfer = Unmanaged<LibUSBTransfer>.fromOpaque(data).takeRetainedValue()
        transfer.channel.ended(transfer)
      }
      transfer.continuation = continuation
      let retained = Unmanaged.passRetained(transfer)
      transfer.pointer.pointee.user_data = retained.toOpaque()
      let code = libusb_submit_transfer(transfer.pointer)
      guard code == 0 else {
        transfer.continuation = nil
        retained.release()
        return USBFailure(code, "a transfer", on: device.location)
      }
      state.pending[ObjectIdentifier(transfer)] = transfer
      return nil
    }
    if let refusal { continuation.resume(returning: .failure(refusal)) }
  }

  private func cancel(_ transfer: LibUSBTransfer) {
    state.withLock { state in
      transfer.isCancelled = true
      if state.pending[ObjectIdentifier(transfer)] != nil { libusb_cancel_transfer(transfer.pointer) }
    }
  }

  /// On libusb's event thread.
  private func ended(_ transfer: LibUSBTransfer) {
    let (continuation, outcome, drained) = state.withLock { state in
      state.pending[ObjectIdentifier(transfer)] = nil
      defer { transfer.continuation = nil }
      return (transfer.continuation, transfer.outcome, state.takeDrained())
    }
    continuation?.resume(returning: outcome)
    drained?.resume()
  }

  // MARK: Endpoints and the end

  func clearHalt(_ endpoint: UInt8) async throws(USBFailure) {
    let code = await queue.run { [self] in
      guard state.withLock({ $0.isOpen }) else { return LIBUSB_ERROR_NO_DEVICE.rawValue }
      // Not under the lock, for which libusb's event thread waits too. The handle is closed on this queue, thus later. The
      // kernel's own limit bounds it.
      return libusb_clear_halt(handle, endpoint)
    }
    guard code == 0 else { throw USBFailure(code, "clearing a halt", on: device.location) }
  }

  func close() async {
    await closing.run { [self] in
      // libusb may not close a handle whose transfers are still on their way.
      await withCheckedContinuation { continuation in
        let isDrained = state.withLock { state in
          state.isOpen = false
          for transfer in state.pending.values { libusb_cancel_transfer(transfer.pointer) }
          if !state.pending.isEmpty { state.drained = continuation }
          return state.pending.isEmpty
        }
        if isDrained { continuation.resume() }
      }
      await queue.run { [self] in
        libusb_release_interface(handle, Int32(interface.number))
        libusb_close(handle)
        _ = Glibc.close(descriptor)
      }
    }
  }
}
