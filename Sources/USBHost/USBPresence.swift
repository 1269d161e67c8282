/// Which devices are plugged in, told by callbacks and by looking: each arrival and each departure is said once.
package struct USBPresence: Sendable {
  package enum Event: Hashable, Sendable {
    case arrived(USBDevice)
    case left(USBDevice)
  }

  private var known: [USBDevice.Location: USBDevice] = [:]

  package init() {}

  package mutating func arrived(_ device: USBDevice) -> [Event] {
    let earlier = known.updateValue(device, forKey: device.location)
    guard earlier != device else { return [] }
    // Another device at the same address: the first one's departure was missed.
    return (earlier.map { [.left($0)] } ?? []) + [.arrived(device)]
  }

  package mutating func left(_ location: USBDevice.Location) -> [Event] {
    known.removeValue(forKey: location).map { [.left($0)] } ?? []
  }

  /// - Parameter present: all that are there.
  package mutating func looked(_ present: [USBDevice]) -> [Event] {
    let places = Set(present.map(\.location))
    let gone = known.keys.filter { !places.contains($0) }.sorted { ($0.bus, $0.address) < ($1.bus, $1.address) }
    return gone.flatMap { left($0) } + present.flatMap { arrived($0) }
  }
}
