// sys/socket.h is CBluetooth's here: the compiler gives a C header to one of the modules that include it.
internal import CBluetooth
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Who owns `org.bluez`: the one sure sign that `bluetoothd` runs beside us (a hardened unit cannot see its process).
///
/// A client of the system message bus that asks one thing and then listens. It lives from `init` to ``close()``; where
/// there is no bus it says so once and tries again, since a bus may come later.
package final class SystemBus: Sendable {
  /// What is known of the name.
  package enum Ownership: Equatable, Sendable {
    /// Somebody owns the name.
    case owned
    /// Nobody owns it.
    case free
    /// There is no bus, with the reason: nothing listens where it should be.
    case absent(String)
    /// There is one, and it did not say: it was slow, closed the connection, or spoke nonsense. With the reason.
    case unknown(String)
  }

  /// The state and each change of it, in order, without repeats. One reader. Finishes after ``close()``.
  package let ownership: AsyncStream<Ownership>
  private let connection: BusConnection

  /// - Parameters:
  ///   - name: the well-known name to watch.
  ///   - address: the bus, in the form of `DBUS_SYSTEM_BUS_ADDRESS`; nil takes that variable, or the standard path.
  ///   - retry: how long to wait before the bus is tried again.
  ///   - limit: how long the bus may take to answer.
  package init(
    name: String = "org.bluez", address: String? = nil, retry: Duration = .seconds(10), limit: Duration = .seconds(10)
  ) {
    let (stream, continuation) = AsyncStream.makeStream(of: Ownership.self)
    ownership = stream
    let address = address ?? getenv("DBUS_SYSTEM_BUS_ADDRESS").map { String(cString: $0) } ?? ""
    connection = BusConnection(
      name: name, address: address.isEmpty ? "unix:path=/run/dbus/system_bus_socket" : address, retry: retry,
      limit: limit, continuation: continuation)
    connection.start()
  }

  deinit { connection.stop() }

  /// Ends the watch and the stream.
  package func close() { connection.stop() }
}

/// The socket path of a D-Bus address: the first `unix:` entry with a `path` or an `abstract` name.
package struct BusAddress: Equatable, Sendable {
  /// The path in the file system, or the name in the abstract name space.
  package let path: String
  /// Whether ``path`` is a name in Linux's abstract name space.
  package let isAbstract: Bool

  /// nil where no entry of the list is a Unix socket that can be connected to.
  package init?(_ addresses: String) {
    for entry in addresses.split(separator: ";") where entry.hasPrefix("unix:") {
      for pair in entry.dropFirst(5).split(separator: ",") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[0] == "path" || parts[0] == "abstract",
          let path = Self.unescaped(parts[1])
        else { continue }
        self.path = path
        isAbstract = parts[0] == "abstract"
        return
      }
    }
    return nil
  }

  private static func unescaped(_ text: Substring) -> String? {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
      guard octet == UInt8(ascii: "%") else {
        octets.append(octet)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      octets.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: octets, as: UTF8.self)
  }
}

/// The socket under ``SystemBus``.
///
/// `@unchecked Sendable`: every stored variable is touched only on `queue`.
private final class BusConnection: @unchecked Sendable {
  private let queue = DispatchQueue(label: "vitals.system-bus")
  private let name: String
  private let address: String
  private let retry: DispatchTimeInterval
  private let limit: DispatchTimeInterval
  private let continuation: AsyncStream<SystemBus.Ownership>.Continuation
  private var watch: BusNameWatch
  private var source: DescriptorWatch?
  private var descriptor: Int32 = -1
  private var attempt = 0
  private var answered = false
  private var stopped = false
  private var last: SystemBus.Ownership?

  init(
    name: String, address: String, retry: Duration, limit: Duration,
    continuation: AsyncStream<SystemBus.Ownership>.Continuation
  ) {
    self.name = name
    self.address = address
    self.retry = retry.dispatchInterval
    self.limit = limit.dispatchInterval
    self.continuation = continuation
    watch = BusNameWatch(name: name)
  }

  func start() { queue.async { self.connect() } }

  func stop() {
    queue.async {
      self.stopped = true
      self.disconnect()
      self.continuation.finish()
    }
  }

  private func connect() {
    guard !stopped else { return }
    attempt += 1
    answered = false
    watch = BusNameWatch(name: name)
    guard let address = BusAddress(address) else {
      return fail(
        "\(self.address) is not the address of a Unix socket; correct DBUS_SYSTEM_BUS_ADDRESS", isAbsent: true)
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return fail("no socket: \(SystemError(errno))") }
    guard let number = Self.connect(descriptor, to: address) else {
      self.descriptor = descriptor
      return listen()
    }
    Glibc.close(descriptor)
    let isAbsent = number == ENOENT || number == ECONNREFUSED || number == ENOTDIR || number == ENAMETOOLONG
    fail("\(address.path): \(SystemError(number))", isAbsent: isAbsent)
  }

  private func listen() {
    let descriptor = descriptor
    source = DescriptorWatch(
      descriptor, .readable, queue: queue, changed: { [weak self] in self?.read() },
      cancelled: { Glibc.close(descriptor) })
    guard send(watch.opening(userID: geteuid())) else { return }
    let attempt = attempt
    queue.asyncAfter(deadline: .now() + limit) { [weak self] in
      guard let self, self.attempt == attempt, !self.answered else { return }
      self.fail("the bus did not answer")
    }
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 16384)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { return fail(count == 0 ? "the bus closed the connection" : "\(SystemError(errno))") }
    do {
      for action in try watch.receive(buffer[..<count]) {
        switch action {
        case .send(let bytes): guard send(bytes) else { return }
        case .owned(let owned):
          answered = true
          say(owned ? .owned : .free)
        }
      }
    } catch {
      fail("\(error)")
    }
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    // A few hundred octets into an empty socket buffer: less than all of it means that the bus is not well.
    let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    if count == bytes.count { return true }
    fail(count < 0 ? "\(SystemError(errno))" : "the bus did not take our message")
    return false
  }

  /// - Parameter isAbsent: there is no bus. Said once, as any other reason, until something else is so.
  private func fail(_ reason: String, isAbsent: Bool = false) {
    disconnect()
    switch (last, isAbsent) {
    case (.absent, true), (.unknown, false): break
    case (_, true): say(.absent(reason))
    case (_, false): say(.unknown(reason))
    }
    queue.asyncAfter(deadline: .now() + retry) { [weak self] in self?.connect() }
  }

  private func disconnect() {
    attempt += 1
    source?.cancel()
    source = nil
    descriptor = -1
  }

  private func say(_ ownership: SystemBus.Ownership) {
    guard ownership != last else { return }
    last = ownership
    continuation.yield(ownership)
  }

  /// nil after success, else the error's number.
  private static func connect(_ descriptor: Int32, to address: BusAddress) -> Int32? {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let octets = (address.isAbstract ? [0] : []) + Array(address.path.utf8)
    let room = MemoryLayout.size(ofValue: name.sun_path)
    guard octets.count < room else { return ENAMETOOLONG }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: octets) }
    let start = MemoryLayout<sa_family_t>.size
    // An abstract name is as long as it is said to be; a path ends with its null octet.
    let length = socklen_t(start + octets.count + (address.isAbstract ? 0 : 1))
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
    }
    return result == 0 ? nil : errno
  }
}
