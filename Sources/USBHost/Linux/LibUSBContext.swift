internal import CLibUSB
internal import Dispatch
internal import Glibc
internal import Synchronization

/// libusb's context with the one thread that runs its events: completions and hot-plug callbacks come on it, and it never
/// waits for Swift.
///
/// `@unchecked`: the pointers are set once; libusb locks what is behind them.
final class LibUSBContext: @unchecked Sendable {
  let pointer: OpaquePointer
  /// For what blocks and is of no one device. Serial, as each device's is: a concurrent one has the few threads that tasks
  /// run on.
  let queue = DispatchQueue(label: "usb")
  private let isStopping = Atomic(false)
  private var thread = pthread_t()

  init() throws(USBFailure) {
    var pointer: OpaquePointer?
    let code = libusb_init(&pointer)
    guard code == 0, let pointer else { throw .unavailable(reason: USBFailure.name(of: code)) }
    self.pointer = pointer
    let result = pthread_create(
      &thread, nil,
      { @Sendable argument in
        guard let argument else { return nil }
        Unmanaged<LibUSBContext>.fromOpaque(argument).takeRetainedValue().handleEvents()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    guard result == 0 else {
      Unmanaged.passUnretained(self).release()
      libusb_exit(pointer)
      throw .unavailable(reason: "no thread could be made")
    }
  }

  private func handleEvents() {
    while !isStopping.load(ordering: .acquiring) {
      // Woken by every event and by `stop`; the limit is only so that nothing can hang for ever.
      var limit = timeval(tv_sec: 60, tv_usec: 0)
      let code = libusb_handle_events_timeout_completed(pointer, &limit, nil)
      // A context whose events fail at once would otherwise be a busy loop.
      if code != 0, code != LIBUSB_ERROR_INTERRUPTED.rawValue { usleep(100_000) }
    }
  }

  /// Ends the thread and the context. Every handle must be closed. Blocks.
  func stop() {
    guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
    libusb_interrupt_event_handler(pointer)
    pthread_join(thread, nil)
    libusb_exit(pointer)
  }
}

extension DispatchQueue {
  /// Runs blocking work off the threads that tasks run on, where the queue is serial.
  func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      async { continuation.resume(returning: body()) }
    }
  }
}

extension USBFailure {
  static func name(of code: Int32) -> String { String(cString: libusb_error_name(code)) }

  /// - Parameter operation: what was tried, in words.
  init(_ code: Int32, _ operation: String, on location: USBDevice.Location, interface: UInt8 = 0) {
    self =
      switch libusb_error(code) {
      case LIBUSB_ERROR_NO_DEVICE: .removed
      case LIBUSB_ERROR_ACCESS: .accessDenied(path: location.path)
      case LIBUSB_ERROR_BUSY: .busy(interface: interface)
      case LIBUSB_ERROR_TIMEOUT: .timedOut
      default: .refused(operation: operation, reason: Self.name(of: code))
      }
  }
}
