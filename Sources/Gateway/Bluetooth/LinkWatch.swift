package import BluetoothLE

/// Sees from looks at the kernel's links what no event tells: a link of ours that nobody serves, and a connection attempt
/// that does not end.
///
/// Both were met. The kernel can answer management Disconnect with success and send nothing to the adapter: the device then
/// stays on a link on which nobody confirms anything. And while the kernel holds a device for one that it connects to, it
/// does not scan (`hci_lookup_le_connect`): an attempt that is lost inside it makes the gateway deaf to every device.
package struct LinkWatch: Sendable {
  /// What has to be done.
  package enum Remedy: Hashable, Sendable {
    /// The link of this device is to be ended.
    case end(BluetoothAddress)
    /// The adapter is to be switched off and on.
    case restart(connecting: KernelLink)
  }

  /// Between two looks.
  package static let pause: Duration = .seconds(10)
  /// So many looks in a row at a link that nobody serves: a session begins and ends with moments in which that is so.
  static let looksAtUnserved = 3
  /// So many looks in a row at an attempt: one lasts two seconds at most (``AdapterArming/autoConnectTimeout``), but a
  /// device at the edge of its range is tried again and again.
  static let looksAtAttempt = 9
  /// After a restart, so many looks until the next one.
  static let looksBetweenRestarts = 60

  /// For so long a link that is being made is looked at while others are served: longer than an attempt may last.
  static let attemptWatch: Duration = .seconds(3)
  /// Between two of these looks: between two attempts the kernel first has to hear the device again.
  static let attemptPause: Duration = .milliseconds(100)

  private var unserved: [BluetoothAddress: Int] = [:]
  private var attempts: [KernelLink: Int] = [:]
  private var looksUntilRestart = 0

  package init() {}

  /// What the kernel holds, without attempts that were not there in each of `looks`: those have ended, and others have begun.
  package static func lasting(_ links: [KernelLink], in looks: [[KernelLink]]) -> [KernelLink] {
    links.filter { link in link.state != .connecting || looks.allSatisfy { $0.contains(link) } }
  }

  /// One look.
  ///
  /// - Parameters:
  ///   - links: what the kernel holds.
  ///   - known: devices whose links are the gateway's.
  ///   - served: of these, the ones that a session or a pairing has.
  package mutating func look(
    at links: [KernelLink], known: Set<BluetoothAddress>, served: Set<BluetoothAddress>
  ) -> [Remedy] {
    looksUntilRestart = max(0, looksUntilRestart - 1)
    let connected = Set(links.filter { $0.state == .connected }.map(\.octets))
    var remedies: [Remedy] = []
    var stillUnserved: [BluetoothAddress: Int] = [:]
    for peer in known.subtracting(served) where connected.contains(peer.octets) {
      let looks = unserved[peer, default: 0] + 1
      if looks >= Self.looksAtUnserved { remedies.append(.end(peer)) } else { stillUnserved[peer] = looks }
    }
    unserved = stillUnserved
    let connecting = Set(links.filter { $0.state == .connecting })
    attempts = attempts.filter { connecting.contains($0.key) }
    for link in connecting { attempts[link, default: 0] += 1 }
    if looksUntilRestart == 0, let stuck = attempts.first(where: { $0.value >= Self.looksAtAttempt })?.key {
      attempts = [:]
      looksUntilRestart = Self.looksBetweenRestarts
      remedies.append(.restart(connecting: stuck))
    }
    return remedies
  }
}
