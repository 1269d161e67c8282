/// How a Contec cuff sends octets: of each, bit 7 is set, and what stood there is a bit of an octet in front of seven others,
/// the lowest for the first of them.
///
/// MarkMLl/contec08a, whose octets these are, does not say so: it clears bit 7 of all octets but the systolic pressure's, which
/// was 128 or more in all of its readings. Of those eight the octet in front has the systolic pressure's bit, 0x82, and no
/// other; a second one stands seven octets later, 0x80, where it found no meaning; and the maker's file of the same readings
/// has the octet before the systolic pressure, 0x80, as the upper half of two. It is an inference, so ``ContecReading`` asks
/// for a second witness.
enum ContecOctet {
  /// The octets behind an octet of upper bits, 7 at most, put together.
  ///
  /// - Parameter fields: their names, that of the upper bits' octet first.
  /// - Throws: ``DecodingFailure`` naming the first that is cut off, or in which bit 7 is not set.
  static func group(_ reader: inout ByteReader, _ fields: [String]) throws(DecodingFailure) -> [UInt8] {
    var octets: [UInt8] = []
    for field in fields {
      let offset = reader.offset
      let octet = try reader.uint8(field)
      // The octet itself could be somebody's blood pressure.
      guard octet & 0x80 != 0 else {
        throw .outOfRange(field: field, offset: offset, value: 0, expected: "1 as its bit 7, as in all that were seen")
      }
      octets.append(octet & 0x7F)
    }
    guard let upper = octets.first else { return [] }
    return octets.dropFirst().enumerated().map { place, octet in
      let isSet = upper >> UInt8(place) & 1 == 1
      return isSet ? octet | 0x80 : octet
    }
  }
}
