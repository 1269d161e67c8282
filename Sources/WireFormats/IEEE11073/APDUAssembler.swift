/// Puts APDUs together out of the pieces that a transport brings: a piece may hold part of one, or several.
///
/// An agent's APDU has 64,512 octets at most (IEEE 11073-20601 §8.3); what says that it is longer is no APDU, and since
/// nothing says where the next one would start, the association has to be given up.
package struct APDUAssembler: Sendable {
  /// Octets, of an agent's APDU with its head.
  package static let longest = 64_512
  /// Octets of choice and length.
  private static let head = 4

  private var pending: [UInt8] = []

  package init() {}

  /// How many octets of an APDU that is not whole are held.
  package var held: Int { pending.count }

  /// Takes a piece.
  /// - Returns: the APDUs that are whole by it, in their order.
  /// - Throws: ``DecodingFailure/outOfRange(field:offset:value:expected:)``; everything held is dropped then.
  package mutating func add(_ piece: [UInt8]) throws(DecodingFailure) -> [[UInt8]] {
    pending += piece
    var whole: [[UInt8]] = []
    var start = 0
    while pending.count - start >= Self.head {
      let length = Int(pending[start + 2]) << 8 | Int(pending[start + 3])
      guard Self.head + length <= Self.longest else {
        pending = []
        throw .outOfRange(
          field: "APDU.length", offset: 2, value: length, expected: "0–\(Self.longest - Self.head)")
      }
      guard pending.count - start >= Self.head + length else { break }
      whole.append(Array(pending[start..<start + Self.head + length]))
      start += Self.head + length
    }
    pending.removeFirst(start)
    return whole
  }

  /// Forgets a part of an APDU: the transport has begun anew.
  package mutating func reset() { pending = [] }
}
