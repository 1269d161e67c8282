/// One ATT PDU on its way over a link, as its octets.
package enum ATTPassage: Hashable, Sendable {
  /// From the client to the device.
  case toDevice([UInt8])
  /// From the device to the client.
  case fromDevice([UInt8])

  /// The PDU.
  package var pdu: [UInt8] {
    switch self {
    case .toDevice(let pdu), .fromDevice(let pdu): pdu
    }
  }
}
