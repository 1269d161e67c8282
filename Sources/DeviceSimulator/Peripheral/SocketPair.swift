package import BluetoothLE
import Glibc

/// Two ends of one `SOCK_SEQPACKET` socket: a link without a radio. Packets keep their bounds, as over L2CAP.
package enum SocketPair {
  /// Throws ``SocketPairError`` when the system has no more descriptors.
  package static func make() throws(SocketPairError) -> (central: SeqPacketChannel, peripheral: SeqPacketChannel) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SocketPairError(errno: errno) }
    return (SeqPacketChannel(fileDescriptor: ends[0]), SeqPacketChannel(fileDescriptor: ends[1]))
  }
}

/// Why there is no socket pair.
package struct SocketPairError: Error, CustomStringConvertible {
  package let errno: Int32

  package var description: String {
    "No socket pair for a simulated device: error \(errno), \(String(cString: strerror(errno))). "
      + "Raise the limit of open files, or play fewer devices."
  }
}
