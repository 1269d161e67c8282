internal import CLibUSB
internal import Glibc

/// One transfer on its way: libusb's structure, its buffer, and whoever waits for it.
///
/// `@unchecked`: everything mutable is touched under the lock of its ``LibUSBChannel``, or before it is submitted.
final class LibUSBTransfer: @unchecked Sendable {
  typealias Outcome = Result<[UInt8], USBFailure>

  let pointer: UnsafeMutablePointer<libusb_transfer>
  private let buffer: UnsafeMutablePointer<UInt8>
  private let isControl: Bool
  private let isIn: Bool
  private let length: Int
  private let endpoint: UInt8
  unowned let channel: LibUSBChannel
  var continuation: CheckedContinuation<Outcome, Never>?
  /// Its task was cancelled, perhaps before it was submitted.
  var isCancelled = false

  /// - Parameters:
  ///   - out: what is sent; for a control transfer behind its eight octets of set-up.
  ///   - room: octets of the buffer.
  init?(
    channel: LibUSBChannel, handle: OpaquePointer, endpoint: UInt8, kind: USBDevice.Endpoint.Kind, isIn: Bool,
    out: [UInt8], room: Int, limit: Duration
  ) {
    guard let pointer = libusb_alloc_transfer(0) else { return nil }
    self.pointer = pointer
    self.channel = channel
    self.isIn = isIn
    self.endpoint = endpoint
    isControl = kind == .control
    length = max(room, out.count)
    buffer = .allocate(capacity: max(length, 1))
    buffer.initialize(repeating: 0, count: max(length, 1))
    for (index, octet) in out.enumerated() { buffer[index] = octet }
    pointer.pointee.dev_handle = handle
    pointer.pointee.endpoint = endpoint
    pointer.pointee.type = kind.rawValue
    // 0 would be no limit at all.
    pointer.pointee.timeout = UInt32(clamping: max(1, limit / .milliseconds(1)))
    pointer.pointee.buffer = buffer
    pointer.pointee.length = Int32(length)
  }

  deinit {
    libusb_free_transfer(pointer)
    buffer.deallocate()
  }

  /// Its outcome, from libusb's event thread.
  var outcome: Outcome {
    let actual = Int(pointer.pointee.actual_length)
    let data = isIn ? Array(UnsafeBufferPointer(start: buffer + (isControl ? 8 : 0), count: actual)) : []
    switch pointer.pointee.status {
    case LIBUSB_TRANSFER_COMPLETED:
      let sent = length - (isControl ? 8 : 0)
      if !isIn, actual < sent { return .failure(.short(endpoint: endpoint, sent: actual, of: sent)) }
      return .success(data)
    case LIBUSB_TRANSFER_TIMED_OUT:
      // What came before the limit is taken: it will not come again.
      return isIn && actual > 0 ? .success(data) : .failure(.timedOut)
    case LIBUSB_TRANSFER_CANCELLED: return .failure(isCancelled ? .cancelled : .closed)
    case LIBUSB_TRANSFER_STALL: return .failure(.stalled(endpoint: endpoint))
    case LIBUSB_TRANSFER_NO_DEVICE: return .failure(.removed)
    case LIBUSB_TRANSFER_OVERFLOW: return .failure(.overflow(endpoint: endpoint))
    default: return .failure(.refused(operation: "a transfer", reason: "an error on the bus"))
    }
  }
}

private extension Duration {
  static func / (span: Duration, unit: Duration) -> Int {
    let quotient: Double = span / unit
    return Int(min(quotient.rounded(.up), 4e9))
  }
}
