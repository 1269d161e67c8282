/// Which octet of each 16-bit word of a cuff's memory comes first. Older cuffs hand out the same structures as newer ones
/// with the octets of every word exchanged.
package enum OmronWordOrder: String, Hashable, Sendable {
  /// The least significant octet first.
  case little
  /// The most significant octet first.
  case big

  /// The octets as `little` has them, or the other way round: it is its own inverse. A last octet without a pair stays.
  func exchange(_ bytes: [UInt8]) -> [UInt8] {
    guard self == .big else { return bytes }
    var bytes = bytes
    for index in stride(from: 0, to: bytes.count - 1, by: 2) { bytes.swapAt(index, index + 1) }
    return bytes
  }
}
