/// The secret that an older Omron cuff keeps and asks for at the start of each session: 16 octets of the host's choice. A cuff
/// keeps one; storing another shuts out whoever knew the first.
package struct OmronPairingKey: Hashable, Sendable {
  package static let size = 16

  package let octets: [UInt8]

  /// - Throws: ``OmronEncodingFailure/wrongSize(field:octets:need:)`` for anything but 16 octets.
  package init(_ octets: [UInt8]) throws(OmronEncodingFailure) {
    guard octets.count == Self.size else {
      throw .wrongSize(field: "Pairing Key", octets: octets.count, need: Self.size)
    }
    self.octets = octets
  }
}

extension OmronPairingKey: CustomStringConvertible, CustomDebugStringConvertible {
  /// Without the key, so that it does not get into a log.
  package var description: String { "pairing key" }
  package var debugDescription: String { description }
}
