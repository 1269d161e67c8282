/// Why something on the bus did not come about.
package enum USBFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The device was unplugged, or fell off the bus.
  case removed
  /// This process may not open the device's file.
  case accessDenied(path: String)
  /// Another program holds the interface.
  case busy(interface: UInt8)
  /// The device answered nothing within its time.
  case timedOut
  /// The endpoint is halted, or the request is one that the device does not know (USB 2.0, 8.4.5).
  case stalled(endpoint: UInt8)
  /// The device sent more than was asked for.
  case overflow(endpoint: UInt8)
  /// Fewer octets went out than were given.
  case short(endpoint: UInt8, sent: Int, of: Int)
  /// The device has no such endpoint, or none of the interface's class.
  case unsuitable(what: String)
  /// It was closed from our side.
  case closed
  /// The task was cancelled.
  case cancelled
  /// There is no USB here, or libusb cannot be started.
  case unavailable(reason: String)
  /// Anything else that libusb or the kernel says.
  case refused(operation: String, reason: String)

  /// The file that lets the service use the devices it knows.
  package static let rules = "60-vitals.rules"

  package var description: String {
    func endpoint(_ address: UInt8) -> String { "endpoint 0x" + (address < 16 ? "0" : "") + String(address, radix: 16) }
    return switch self {
    case .removed: "the device was unplugged"
    case .accessDenied(let path):
      "access to \(path) is denied; install the udev rule \(Self.rules) and plug the device in again"
    case .busy(let interface): "another program holds interface \(interface) of the device"
    case .timedOut: "the device did not answer in time"
    case .stalled(let address): "the device refused (\(endpoint(address)) stalled)"
    case .overflow(let address): "the device sent more than was asked for (\(endpoint(address)))"
    case .short(let address, let sent, let count): "only \(sent) of \(count) octets went out (\(endpoint(address)))"
    case .unsuitable(let what): "the device has no \(what)"
    case .closed: "the device was closed"
    case .cancelled: "it was cancelled"
    case .unavailable(let reason): "USB cannot be used here: \(reason)"
    case .refused(let operation, let reason): "\(operation) failed: \(reason)"
    }
  }
}
