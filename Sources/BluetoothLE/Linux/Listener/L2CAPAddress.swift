internal import CBluetooth

/// The name of an end of an L2CAP socket, as the kernel's `sockaddr_l2` lays it out: family, PSM, address, channel
/// identifier, address type.
struct L2CAPAddress: Equatable {
  /// The attribute protocol's fixed channel (Core Specification Vol 3 Part A §2.1).
  static let attributeProtocol: UInt16 = 4

  /// nil is the kernel's "any adapter".
  var address: BluetoothAddress?
  /// Of the adapter's address in use: the kernel gives a link only to a socket that was bound to the same type.
  var kind: BluetoothAddress.Kind
  var channel: UInt16

  /// The kernel's structure.
  var kernel: sockaddr_l2 {
    var name = sockaddr_l2()
    name.l2_family = sa_family_t(AF_BLUETOOTH)
    name.l2_cid = channel.littleEndian
    name.l2_bdaddr_type = kind.kernel
    withUnsafeMutableBytes(of: &name.l2_bdaddr) { $0.copyBytes(from: address?.wire ?? [0, 0, 0, 0, 0, 0]) }
    return name
  }

  init(address: BluetoothAddress?, kind: BluetoothAddress.Kind, channel: UInt16) {
    self.address = address
    self.kind = kind
    self.channel = channel
  }

  /// nil for an address that is not of LE.
  init?(_ name: sockaddr_l2) {
    guard let kind = BluetoothAddress.Kind(kernel: name.l2_bdaddr_type) else { return nil }
    let octets = withUnsafeBytes(of: name.l2_bdaddr) { Array($0) }
    self.kind = kind
    address = octets.allSatisfy { $0 == 0 } ? nil : BluetoothAddress(wire: octets, kind: kind)
    channel = UInt16(littleEndian: name.l2_cid)
  }
}
