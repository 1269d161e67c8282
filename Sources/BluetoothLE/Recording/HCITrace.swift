/// What a log of HCI packets says of LE devices: advertisements, links, and the ATT PDUs of each link, put together from
/// their ACL fragments (Core Specification Vol 4 Part E §5.4, §7.7; Vol 3 Part A §3). On this side of the radio nothing is
/// encrypted.
///
/// Each packet stands for itself: one that is not sound is counted in ``unsound`` and passed over.
package struct HCITrace: Sendable {
  /// One packet between host and controller.
  package enum Packet: Hashable, Sendable {
    case event(ArraySlice<UInt8>)
    case data(ArraySlice<UInt8>, isFromController: Bool)
  }

  /// Something that happened, and to which device.
  package struct Happening: Hashable, Sendable {
    package var time: Double
    package var peer: BluetoothAddress
    package var event: Recording.Event
  }

  private struct Link {
    var peer: BluetoothAddress
    var toDevice = Assembly()
    var fromDevice = Assembly()
  }

  /// An L2CAP frame that arrives in fragments.
  private struct Assembly {
    var octets: [UInt8] = []
  }

  private static let attributeChannel: UInt16 = 0x0004
  /// Connection handles have 12 bits, of which 0x0EFF is the highest in use.
  private static let mostLinks = 0x0F00

  /// Packets, or parts of them, that were not sound.
  package private(set) var unsound = 0
  private var links: [UInt16: Link] = [:]

  package init() {}

  /// The packet in a record; nil for what is neither an event nor ACL data.
  package static func packet(_ record: BtsnoopFile.Record, _ datalink: BtsnoopFile.Datalink) -> Packet? {
    switch datalink {
    case .uart:
      switch record.packet.first {
      case 0x02: return .data(record.packet.dropFirst(), isFromController: record.flags & 1 == 1)
      case 0x04: return .event(record.packet.dropFirst())
      default: return nil
      }
    case .unencapsulated:
      // Bit 0: received; bit 1: a command or an event.
      let isReceived = record.flags & 1 == 1
      if record.flags & 2 == 0 { return .data(record.packet, isFromController: isReceived) }
      return isReceived ? .event(record.packet) : nil
    case .monitor:
      // BlueZ's monitor protocol: 3 event, 4 and 5 ACL data sent and received.
      switch record.flags & 0xFFFF {
      case 3: return .event(record.packet)
      case 4: return .data(record.packet, isFromController: false)
      case 5: return .data(record.packet, isFromController: true)
      default: return nil
      }
    }
  }

  /// Reads on.
  ///
  /// - Parameter time: seconds since 1970.
  package mutating func read(_ packet: Packet, at time: Double) -> [Happening] {
    switch packet {
    case .event(let octets): return event(Octets(octets), time)
    case .data(let octets, let isFromController): return data(Octets(octets), isFromController, time)
    }
  }

  // MARK: Events

  private mutating func event(_ octets: Octets, _ time: Double) -> [Happening] {
    guard let code = octets[0], let length = octets[1], octets.count >= 2 + Int(length) else { return passOver() }
    let parameters = octets.part(2, Int(length))
    switch code {
    case 0x05:
      guard let handle = parameters.word(1), let reason = parameters[3] else { return passOver() }
      guard parameters[0] == 0, let link = links.removeValue(forKey: handle & 0x0FFF) else { return [] }
      return [Happening(time: time, peer: link.peer, event: .linkDown(Self.words(reason)))]
    case 0x3E:
      switch parameters[0] {
      case 0x01, 0x0A, 0x29: return connected(parameters, time)
      case 0x02: return legacyReports(parameters, time)
      case 0x0D: return extendedReports(parameters, time)
      default: return []
      }
    default: return []
    }
  }

  private mutating func passOver() -> [Happening] {
    unsound += 1
    return []
  }

  /// Vol 1 Part F.
  private static func words(_ reason: UInt8) -> String {
    switch reason {
    case 0x13, 0x14, 0x15: "by the device"
    case 0x16: "by the phone"
    case 0x08: "the device was not heard any more"
    case 0x05, 0x06, 0x3D: "the device and the phone have no common key"
    default: "reason \(hexadecimal(reason))"
    }
  }

  /// 0 and 2 are public (2: the identity behind a private one), 1 and 3 random.
  private static func kind(_ type: UInt8) -> BluetoothAddress.Kind? {
    switch type {
    case 0, 2: .public
    case 1, 3: .random
    default: nil
    }
  }

  private mutating func connected(_ octets: Octets, _ time: Double) -> [Happening] {
    guard let status = octets[1], let handle = octets.word(2), let type = octets[5], let address = octets.slice(6, 6)
    else { return passOver() }
    guard status == 0 else { return [] }
    guard let kind = Self.kind(type), let peer = BluetoothAddress(wire: address, kind: kind),
      handle < Self.mostLinks
    else { return passOver() }
    links[handle] = Link(peer: peer)
    return [Happening(time: time, peer: peer, event: .linkUp)]
  }

  private mutating func legacyReports(_ octets: Octets, _ time: Double) -> [Happening] {
    guard let count = octets[1] else { return passOver() }
    var start = 2
    var found: [Happening] = []
    for _ in 0..<count {
      guard let type = octets[start + 1], let address = octets.slice(start + 2, 6), let length = octets[start + 8],
        let data = octets.slice(start + 9, Int(length)), let rssi = octets[start + 9 + Int(length)],
        let kind = Self.kind(type), let peer = BluetoothAddress(wire: address, kind: kind)
      else { return found + passOver() }
      found.append(
        Happening(
          time: time, peer: peer,
          event: .advertisement(peer, rssi: Int8(bitPattern: rssi), data: Array(data))))
      start += 10 + Int(length)
    }
    return found
  }

  private mutating func extendedReports(_ octets: Octets, _ time: Double) -> [Happening] {
    guard let count = octets[1] else { return passOver() }
    var start = 2
    var found: [Happening] = []
    for _ in 0..<count {
      guard let type = octets[start + 2], let address = octets.slice(start + 3, 6), let rssi = octets[start + 13],
        let length = octets[start + 23], let data = octets.slice(start + 24, Int(length))
      else { return found + passOver() }
      start += 24 + Int(length)
      // 0xFF: anonymous.
      guard let kind = Self.kind(type), let peer = BluetoothAddress(wire: address, kind: kind) else { continue }
      found.append(
        Happening(
          time: time, peer: peer,
          event: .advertisement(peer, rssi: Int8(bitPattern: rssi), data: Array(data))))
    }
    return found
  }

  // MARK: Data

  private mutating func data(_ octets: Octets, _ isFromController: Bool, _ time: Double) -> [Happening] {
    guard let head = octets.word(0), let length = octets.word(2), let fragment = octets.slice(4, Int(length)) else {
      return passOver()
    }
    let handle = head & 0x0FFF
    // The log began after the link did: whose it is, nothing tells.
    guard links[handle] != nil else { return [] }
    let isContinuation = head >> 12 & 0b11 == 0b01
    let side: WritableKeyPath<Link, Assembly> = isFromController ? \.fromDevice : \.toDevice
    var assembly = links[handle]?[keyPath: side] ?? Assembly()
    if isContinuation {
      guard !assembly.octets.isEmpty else { return passOver() }
      assembly.octets += fragment
    } else {
      if !assembly.octets.isEmpty { unsound += 1 }
      assembly.octets = Array(fragment)
    }
    var found: [Happening] = []
    let frame = Octets(assembly.octets[...])
    if let size = frame.word(0), let channel = frame.word(2) {
      if frame.count >= 4 + Int(size) {
        if frame.count > 4 + Int(size) { unsound += 1 }
        if channel == Self.attributeChannel, size > 0, let link = links[handle], let pdu = frame.slice(4, Int(size)) {
          let passage: ATTPassage = isFromController ? .fromDevice(Array(pdu)) : .toDevice(Array(pdu))
          found = [Happening(time: time, peer: link.peer, event: .passage(passage))]
        }
        assembly.octets = []
      }
    }
    links[handle]?[keyPath: side] = assembly
    return found
  }
}

/// Octets that may end anywhere, by their place from 0.
private struct Octets {
  private let octets: ArraySlice<UInt8>

  init(_ octets: ArraySlice<UInt8>) { self.octets = octets }

  var count: Int { octets.count }

  subscript(_ offset: Int) -> UInt8? {
    offset >= 0 && offset < octets.count ? octets[octets.startIndex + offset] : nil
  }

  func word(_ offset: Int) -> UInt16? {
    guard let low = self[offset], let high = self[offset + 1] else { return nil }
    return UInt16(low) | UInt16(high) << 8
  }

  func slice(_ offset: Int, _ length: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, length >= 0, offset + length <= octets.count else { return nil }
    return octets.dropFirst(offset).prefix(length)
  }

  func part(_ offset: Int, _ length: Int) -> Octets { Octets(slice(offset, length) ?? []) }
}
