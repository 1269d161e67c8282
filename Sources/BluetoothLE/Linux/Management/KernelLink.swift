internal import CBluetooth
internal import Glibc

/// A link as the kernel's own table of connections holds it (the HCIGETCONNLIST request of `bluetooth/hci.h`), also while
/// it is only being made: the management protocol tells of links that stand and never of an attempt.
package struct KernelLink: Hashable, Sendable, CustomStringConvertible {
  /// How far a link is. Values of `enum bt_state` of the kernel's `bluetooth.h`; others do not concern LE.
  package enum State: Hashable, Sendable {
    /// Stands, and may still be encrypted or configured.
    case connected
    /// The kernel asks the adapter for it, and does not scan meanwhile.
    case connecting
    case other(UInt16)

    init(kernel value: UInt16) {
      switch value {
      case 1: self = .connected
      case 5: self = .connecting
      default: self = .other(value)
      }
    }
  }

  /// Most significant octet first, as printed. The table does not say whether it is public or random.
  package var octets: [UInt8]
  package var state: State

  package init(octets: [UInt8], state: State) {
    self.octets = octets
    self.state = state
  }

  /// `F0:F1:F2:F3:F4:F5 connected`.
  package var description: String {
    "\(octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")) \(state)"
  }

  /// The LE links of an adapter, made or being made. At most 32, more than any adapter has.
  /// - Throws: what the kernel answered; ENODEV when the adapter is gone.
  package static func all(of index: AdapterIndex) throws(SystemError) -> [KernelLink] {
    let descriptor = socket(AF_BLUETOOTH, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), BTPROTO_HCI)
    guard descriptor >= 0 else { throw SystemError(errno) }
    defer { _ = Glibc.close(descriptor) }
    let most = 32
    let header = MemoryLayout<hci_conn_list_req>.size
    let entry = MemoryLayout<hci_conn_info>.stride
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: header + most * entry, alignment: 8)
    defer { buffer.deallocate() }
    _ = buffer.initializeMemory(as: UInt8.self, repeating: 0)
    buffer.withMemoryRebound(to: hci_conn_list_req.self) {
      $0[0].dev_id = index.rawValue
      $0[0].conn_num = UInt16(most)
    }
    guard vitals_get_connections(descriptor, buffer.baseAddress) == 0 else { throw SystemError(errno) }
    let count = Int(buffer.load(as: hci_conn_list_req.self).conn_num)
    return (0..<min(count, most)).compactMap { number in
      let link = buffer.load(fromByteOffset: header + number * entry, as: hci_conn_info.self)
      guard link.type == lowEnergy else { return nil }
      let octets = withUnsafeBytes(of: link.bdaddr) { Array($0.reversed()) }
      return KernelLink(octets: octets, state: State(kernel: link.state))
    }
  }

  /// `LE_LINK` of the kernel's `hci.h`.
  private static let lowEnergy: UInt8 = 0x80
}
