internal import CLibUSB
internal import Dispatch
internal import Glibc
internal import Synchronization

/// The USB of this machine: who comes and goes, and how to open one.
///
/// Arrivals are told by libusb's callback, which hears of them from udevd. Where that does not run, the bus is looked at
/// every ``rescan``: libusb then learns nothing of its own accord, and only a new context looks again.
package final class USBHost: Sendable {
  /// Between two looks at the bus where no udevd tells of changes.
  package static let rescan: Duration = .seconds(2)

  /// Arrivals and departures in their order; first those that were there from the beginning. For one reader.
  package let events: AsyncStream<USBPresence.Event>

  private struct State {
    var presence = USBPresence()
    var channels: [ObjectIdentifier: LibUSBChannel] = [:]
    var isOpen = true
    /// The hot-plug callback's reference to us.
    var callback: libusb_hotplug_callback_handle?
  }

  private let context: LibUSBContext
  private let state = Mutex(State())
  /// Devices that are being opened: libusb's context ends after them.
  private let openings = DispatchGroup()
  private let closing = Closing()
  private let continuation: AsyncStream<USBPresence.Event>.Continuation

  /// - Throws: ``USBFailure/unavailable(reason:)``.
  package init() throws(USBFailure) {
    context = try LibUSBContext()
    (events, continuation) = AsyncStream.makeStream()
    guard libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG.rawValue) != 0 else { return }
    var callback: libusb_hotplug_callback_handle = 0
    let both = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue
    let any = Int32(LIBUSB_HOTPLUG_MATCH_ANY)
    let code = libusb_hotplug_register_callback(
      context.pointer, Int32(both), Int32(LIBUSB_HOTPLUG_ENUMERATE.rawValue), any, any, any,
      { @Sendable _, pointer, event, host in
        guard let pointer, let host else { return 0 }
        Unmanaged<USBHost>.fromOpaque(host).takeUnretainedValue().heard(pointer, event)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque(), &callback)
    if code == 0 { state.withLock { $0.callback = callback } }
  }

  /// Whether something tells of changes.
  package static var isToldOfChanges: Bool { access("/run/udev/control", F_OK) == 0 }

  /// On libusb's event thread, and during registration.
  private func heard(_ pointer: OpaquePointer, _ event: libusb_hotplug_event) {
    if event == LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT {
      let location = USBDevice.Location(
        bus: libusb_get_bus_number(pointer), address: libusb_get_device_address(pointer))
      tell { $0.left(location) }
    } else if let device = USBDevice(pointer) {
      tell { $0.arrived(device) }
    }
  }

  /// Told under the lock, so that the order of the stream is the order of what happened.
  private func tell(_ change: (inout USBPresence) -> [USBPresence.Event]) {
    state.withLock { state in
      for event in change(&state.presence) { continuation.yield(event) }
    }
  }

  /// Looks at the bus again and again where that is needed, until the task is cancelled.
  package func run() async {
    while !Task.isCancelled {
      if !Self.isToldOfChanges { await look() }
      guard (try? await Task.sleep(for: Self.rescan)) != nil else { return }
    }
  }

  private func look() async {
    let present = await context.queue.run { Self.present() }
    if let present { tell { $0.looked(present) } }
  }

  /// All that is plugged in, by a context made for this look; nil where that fails. Blocks.
  private static func present() -> [USBDevice]? {
    var context: OpaquePointer?
    guard libusb_init(&context) == 0, let context else { return nil }
    defer { libusb_exit(context) }
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = libusb_get_device_list(context, &list)
    guard count >= 0, let list else { return nil }
    defer { libusb_free_device_list(list, 1) }
    return (0..<count).compactMap { list[$0].flatMap { USBDevice($0) } }
  }

  /// Opens a device and claims the interface; the kernel's driver is detached from it until the channel is closed.
  ///
  /// - Throws: ``USBFailure/accessDenied(path:)``, ``USBFailure/busy(interface:)``, ``USBFailure/removed``, and others.
  package func open(_ device: USBDevice, interface: USBDevice.Interface) async throws(USBFailure) -> any USBChannel {
    let isWanted = state.withLock { state in
      if state.isOpen { openings.enter() }
      return state.isOpen
    }
    guard isWanted else { throw .closed }
    defer { openings.leave() }
    // A queue for each device: one that hangs holds up no other.
    let (context, queue) = (context, DispatchQueue(label: "usb-device"))
    let outcome = await queue.run {
      LibUSBChannel.open(device, interface: interface, in: context, on: queue)
    }
    let channel = try outcome.get()
    let isOpen = state.withLock { state in
      if state.isOpen { state.channels[ObjectIdentifier(channel)] = channel }
      return state.isOpen
    }
    guard isOpen else {
      await channel.close()
      throw .closed
    }
    return HostedChannel(channel: channel, host: self)
  }

  fileprivate func close(_ channel: LibUSBChannel) async {
    await channel.close()
    state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  /// Closes every channel, ends the thread, and returns when nothing is left, to every caller.
  package func close() async {
    await closing.run { [self] in
      let callback = state.withLock { state in
        state.isOpen = false
        return state.callback
      }
      let context = context
      // One that somebody else is closing is waited for.
      for channel in state.withLock({ Array($0.channels.values) }) { await close(channel) }
      // What is opened meanwhile is closed by who opens it.
      await withCheckedContinuation { continuation in
        openings.notify(queue: context.queue) { continuation.resume() }
      }
      await context.queue.run {
        if let callback { libusb_hotplug_deregister_callback(context.pointer, callback) }
        context.stop()
      }
      continuation.finish()
    }
  }
}

/// A channel that its host closes with itself.
private struct HostedChannel: USBChannel {
  let channel: LibUSBChannel
  let host: USBHost

  var device: USBDevice { channel.device }

  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8] {
    try await channel.control(request, limit: limit)
  }
  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure) {
    try await channel.send(bytes, to: endpoint, limit: limit)
  }
  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8] {
    try await channel.receive(count, from: endpoint, limit: limit)
  }
  func clearHalt(_ endpoint: UInt8) async throws(USBFailure) { try await channel.clearHalt(endpoint) }
  func close() async { await host.close(channel) }
}
