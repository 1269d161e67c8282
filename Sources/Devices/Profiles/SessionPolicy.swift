package import BluetoothLE

/// How a visit to a device goes.
package struct SessionPolicy: Hashable, Sendable {
  /// Whether the device is paired with. Once it has a bond, its links are encrypted before anything is read, whatever its
  /// profile says (decision LinkProtection).
  package enum Bond: String, Hashable, Sendable, CaseIterable {
    /// Read only with a bond.
    case required
    /// Paired when the device can; one that cannot is read in clear, and its readings say *unauthenticated*.
    case preferred
    /// The device does not pair; it is read in clear, and its readings say *unauthenticated*.
    case never
  }

  /// Whether a link is made to the device.
  package enum Connect: String, Hashable, Sendable, CaseIterable {
    /// Whenever it advertises.
    case always
    /// Never: its values stand in its advertisements, which are listened to.
    case never
  }

  package enum Clock: Hashable, Sendable {
    /// Date Time (0x2A08), else Current Time (0x2A2B), if the device has one.
    case automatic
    /// Never read.
    case none
    /// This characteristic: 2A08 or 2A2B.
    case characteristic(BluetoothUUID)
  }

  /// What a visit does before it waits for values.
  package enum Step: String, Hashable, Sendable, CaseIterable {
    /// Writing the clock, where ``SessionPolicy/clockWrite`` allows it.
    case clockWrite = "clock-write"
    /// Writing the descriptors of ``SessionPolicy/subscribe``.
    case subscribe
    /// What the device says of itself, its features, battery and clock.
    case information
  }

  /// Whether the device's clock is set from ours.
  package enum ClockWrite: String, Hashable, Sendable, CaseIterable {
    case never
    /// Only a clock that shows no date: a part of it is unknown, or no calendar has it. One that is wrong and runs does
    /// no harm: its offset is measured.
    case unsetOnly = "unset-only"
    /// At every visit.
    case always
  }

  /// How the device gives what it has stored.
  package enum Records: String, Hashable, Sendable, CaseIterable {
    /// Unasked, or not at all.
    case none
    /// Asked through the Record Access Control Point (0x2A52): all of them at each visit, and none is ever deleted.
    case racp
  }

  /// Whether its users consent to the reading of their measurements (User Data Service, 0x181C).
  package enum Consent: String, Hashable, Sendable, CaseIterable {
    /// Never asked for.
    case none
    /// Given where the device has a User Control Point (0x2A9F) and a code is known. Without one it is read all the same.
    case automatic
    /// Nothing is had from the device without it.
    case required
  }

  /// How a visit ends that the device does not end.
  package enum End: Hashable, Sendable {
    /// The gateway ends the link.
    case disconnect
    /// The device is left to end the link.
    case awaitDevice
    /// These octets are written to this characteristic, and the device ends the link.
    case command(BluetoothUUID, [UInt8])
  }

  package var connect: Connect
  package var bond: Bond
  /// In the order of subscribing.
  package var subscribe: [BluetoothUUID]
  /// Each step once. A first visit takes them in this order before its first value. A later one writes the clock only
  /// if that stands before ``Step/subscribe``, and subscribes; the rest waits for its first value, so that nothing
  /// stands between a known device and its reading that the profile does not want there.
  package var order: [Step]
  package var clock: Clock
  package var clockWrite: ClockWrite
  /// Whether the battery level (0x2A19) is read.
  package var readsBattery: Bool
  package var records: Records
  package var consent: Consent
  /// Whether a longer ATT_MTU than 23 is asked for.
  package var exchangesMTU: Bool
  /// From link-up to the first request.
  package var settle: Duration
  /// From an answer to the next request. Discovery counts as one request.
  package var settleBetween: Duration
  /// Without anything from the device for so long the visit ends; for one that is listened to, the stream of its values.
  package var idle: Duration
  /// The same once a value has come.
  package var quiet: Duration
  /// How long a known device that may have kept its subscription is waited for before it is subscribed to again.
  package var grace: Duration
  /// Whether the subscriptions are ended with the visit. Some devices lose their bond by that, others want it.
  package var clearsSubscriptions: Bool
  package var end: End
  /// How long the device is left alone after a visit, before a link to it is taken again.
  package var pause: Duration

  /// - Parameter quiet: nil for the same as `idle`.
  package init(
    connect: Connect = .always, bond: Bond, subscribe: [BluetoothUUID],
    order: [Step] = [.information, .subscribe, .clockWrite],
    clock: Clock = .automatic, clockWrite: ClockWrite = .never, readsBattery: Bool = true, records: Records = .none,
    consent: Consent = .none, exchangesMTU: Bool = true, settle: Duration = .zero,
    settleBetween: Duration = .zero, idle: Duration = .seconds(20), quiet: Duration? = nil,
    grace: Duration = .seconds(1), clearsSubscriptions: Bool = false, end: End = .disconnect, pause: Duration = .zero
  ) {
    self.connect = connect
    self.bond = bond
    self.subscribe = subscribe
    self.order = order
    self.clock = clock
    self.clockWrite = clockWrite
    self.readsBattery = readsBattery
    self.records = records
    self.consent = consent
    self.exchangesMTU = exchangesMTU
    self.settle = settle
    self.settleBetween = settleBetween
    self.idle = idle
    self.quiet = quiet ?? idle
    self.grace = grace
    self.clearsSubscriptions = clearsSubscriptions
    self.end = end
    self.pause = pause
  }

  /// Whether also a known device's clock is written before it is subscribed to.
  var writesClockFirst: Bool {
    guard clockWrite != .never, let write = order.firstIndex(of: .clockWrite),
      let subscribe = order.firstIndex(of: .subscribe)
    else { return false }
    return write < subscribe
  }
}
