/// How frames travel: the characteristics that a cuff has for each direction.
package enum OmronChannels: Hashable, Sendable {
  /// Four of 16 octets, service `ecbe3980-…`: the piece n of a frame goes over the channel n.
  case classic
  /// One, service `0000fe4a-…`: the pieces of a frame follow each other. Cuffs take and send a whole frame in one piece where
  /// the ATT MTU allows it.
  case modern(chunk: Int)

  /// Octets of one channel of `classic`.
  package static let width = 16

  /// How many there are.
  package var count: Int { self == .classic ? 4 : 1 }

  /// The longest frame, in octets.
  package var capacity: Int { self == .classic ? 4 * Self.width : 255 }

  /// A piece of a frame.
  package struct Chunk: Hashable, Sendable {
    /// Which characteristic, from 0.
    package let channel: Int
    package let octets: [UInt8]
  }

  /// The pieces of `frame`, to be written in this order.
  /// - Throws: ``OmronEncodingFailure/tooLong(field:octets:limit:)`` above ``capacity``.
  package func split(_ frame: OmronFrame) throws(OmronEncodingFailure) -> [Chunk] {
    let bytes = frame.bytes
    guard bytes.count <= capacity else { throw .tooLong(field: "Frame", octets: bytes.count, limit: capacity) }
    let width =
      switch self {
      case .classic: Self.width
      case .modern(let chunk): max(chunk, 1)
      }
    return stride(from: 0, to: bytes.count, by: width).enumerated().map { index, start in
      Chunk(channel: self == .classic ? index : 0, octets: Array(bytes[start..<min(start + width, bytes.count)]))
    }
  }
}
