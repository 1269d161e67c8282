import Foundation
import Glibc
import Synchronization

/// Tells systemd how the daemon is (sd_notify(3)): one datagram to `$NOTIFY_SOCKET`. Nothing happens outside systemd.
package final class ServiceNotification: Sendable {
  private let path: String?
  /// Opened once and kept: a process that has run out of descriptors could open none for its next beat, and would be ended for
  /// being silent while everything in it goes on. Nil: there is none yet.
  private let socket = Mutex<Int32?>(nil)
  private let open: @Sendable () -> Int32?

  package convenience init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.init(environment: environment, open: Self.opened)
  }

  /// - Parameter open: gives a socket, or nil where there is no descriptor for one.
  init(environment: [String: String], open: @escaping @Sendable () -> Int32?) {
    path = environment["NOTIFY_SOCKET"]
    self.open = open
    if path?.isEmpty == false { socket.withLock { $0 = open() } }
  }

  deinit { socket.withLock { if let socket = $0 { _ = Glibc.close(socket) } } }

  @Sendable static func opened() -> Int32? {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    return socket >= 0 ? socket : nil
  }

  /// How often the watchdog wants to be fed: half of `$WATCHDOG_USEC`, as sd_watchdog_enabled(3) advises; nil = not at all.
  package static func watchdogInterval(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Duration? {
    guard let text = environment["WATCHDOG_USEC"], let limit = Int64(text), limit > 0 else { return nil }
    return .microseconds(limit / 2)
  }

  package func ready() { send("READY=1") }
  package func stopping() { send("STOPPING=1") }
  package func watchdog() { send("WATCHDOG=1") }

  private func send(_ state: String) {
    guard let path, !path.isEmpty else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    // An abstract socket is written with a leading @ and addressed with a leading zero.
    if name.first == UInt8(ascii: "@") { name[0] = 0 }
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let bytes = Array(state.utf8)
    socket.withLock { [address, open] kept in
      kept = kept ?? open()
      guard let socket = kept else { return }
      // Addressed each time, not connected: systemd makes its end anew when it is itself restarted.
      _ = withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
        }
      }
    }
  }
}
