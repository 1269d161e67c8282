internal import CBluetooth
internal import Glibc

/// How well a link is protected, as `getsockopt(BT_SECURITY)` tells it.
package struct LinkSecurity: Hashable, Sendable, CustomStringConvertible {
  /// The kernel's security levels for LE.
  package enum Level: UInt8, Hashable, Sendable, Comparable {
    /// No encryption is asked for.
    case low = 1
    /// Encrypted; the key may be unauthenticated.
    case medium = 2
    /// Encrypted with an authenticated key.
    case high = 3

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// The level as a number: the kernel knows more than ``Level`` names.
  package let level: UInt8
  /// The length of the key in octets; set when encryption begins, before it is sure.
  package let keySize: UInt8

  package init(level: UInt8, keySize: UInt8) {
    self.level = level
    self.keySize = keySize
  }

  /// Whether the link may be believed at `required`. Both numbers are needed: while encryption is only being tried the
  /// key size is already there, and after the link has died the level may be the one that was asked for.
  /// 7 octets is the shortest key that Bluetooth allows (Core Specification Vol 3 Part H §2.3.4).
  package func satisfies(_ required: Level) -> Bool { level >= required.rawValue && keySize >= 7 }

  package var description: String { "level \(level), key of \(keySize) octets" }

  /// Asks the kernel.
  static func read(_ descriptor: Int32) throws(SystemError) -> LinkSecurity {
    var option = bt_security()
    var length = socklen_t(MemoryLayout<bt_security>.size)
    guard getsockopt(descriptor, SOL_BLUETOOTH, BT_SECURITY, &option, &length) == 0 else { throw SystemError(errno) }
    return LinkSecurity(level: option.level, keySize: option.key_size)
  }

  /// Asks the kernel for a level. On a link whose device has no key loaded this begins a pairing.
  static func request(_ level: Level, _ descriptor: Int32) throws(SystemError) {
    var option = bt_security(level: level.rawValue, key_size: 0)
    let length = socklen_t(MemoryLayout<bt_security>.size)
    guard setsockopt(descriptor, SOL_BLUETOOTH, BT_SECURITY, &option, length) == 0 else { throw SystemError(errno) }
  }
}

/// Why a link did not reach the security that was asked for. After any of them what the link has received is to be
/// discarded.
package enum LinkSecurityFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The link ended first. `EACCES` is how the kernel says that authentication failed: the device has forgotten the
  /// bond, or it is a stranger.
  case linkEnded(SystemError?)
  /// The link is up and has not got there in time.
  case timedOut(LinkSecurity, after: Duration)
  /// The kernel did not take the request.
  case refused(SystemError)
  /// The task that waited was cancelled.
  case cancelled

  package var description: String {
    switch self {
    case .linkEnded(.some(let error)): "the link ended before it was encrypted: \(error)"
    case .linkEnded(.none): "the link ended before it was encrypted"
    case .timedOut(let security, let limit): "the link was not encrypted within \(limit) (\(security))"
    case .refused(let error): "the kernel refused to encrypt the link: \(error)"
    case .cancelled: "cancelled while the link was being encrypted"
    }
  }
}
