/// Reads the Medical Device Encoding Rules (IEEE 11073-20601 Annex F): big endian, no padding, lengths in octets.
///
/// A reader may see a window of a longer value only; offsets count from the start of the whole. Every read names its field
/// as the ASN.1 of Annex A does, so that a value that ends too soon says which field is missing.
package struct MDERReader: Sendable {
  private let bytes: [UInt8]
  /// The next octet to be read, from 0.
  package private(set) var offset: Int
  private let limit: Int

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    limit = bytes.count
  }

  private init(_ bytes: [UInt8], from offset: Int, to limit: Int) {
    self.bytes = bytes
    self.offset = offset
    self.limit = limit
  }

  /// How many octets of the window are left.
  package var remaining: Int { limit - offset }

  private mutating func number(_ width: Int, _ field: () -> String) throws(DecodingFailure) -> UInt32 {
    guard remaining >= width else {
      throw .truncated(field: field(), offset: offset, need: width, have: remaining)
    }
    var value: UInt32 = 0
    for byte in bytes[offset..<offset + width] { value = value << 8 | UInt32(byte) }
    offset += width
    return value
  }

  /// INT-U8 or BITS-8.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)``; nothing is consumed then.
  package mutating func uint8(_ field: @autoclosure () -> String) throws(DecodingFailure) -> UInt8 {
    UInt8(truncatingIfNeeded: try number(1, field))
  }

  /// INT-U16, BITS-16, OID-Type, HANDLE. Throws as ``uint8(_:)``.
  package mutating func uint16(_ field: @autoclosure () -> String) throws(DecodingFailure) -> UInt16 {
    UInt16(truncatingIfNeeded: try number(2, field))
  }

  /// INT-U32, BITS-32, RelativeTime. Throws as ``uint8(_:)``.
  package mutating func uint32(_ field: @autoclosure () -> String) throws(DecodingFailure) -> UInt32 {
    try number(4, field)
  }

  /// SFLOAT-Type. Throws as ``uint8(_:)``.
  package mutating func sfloat(_ field: @autoclosure () -> String) throws(DecodingFailure) -> SFLOAT {
    SFLOAT(raw: UInt16(truncatingIfNeeded: try number(2, field)))
  }

  /// FLOAT-Type. Throws as ``uint8(_:)``.
  package mutating func float(_ field: @autoclosure () -> String) throws(DecodingFailure) -> FLOAT {
    FLOAT(raw: try number(4, field))
  }

  /// The next `count` octets as they are. Throws as ``uint8(_:)``.
  package mutating func octets(_ count: Int, _ field: @autoclosure () -> String) throws(DecodingFailure) -> [UInt8] {
    guard remaining >= count else {
      throw .truncated(field: field(), offset: offset, need: count, have: remaining)
    }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// An OCTET STRING or ANY DEFINED BY: a length of 16 bits, and as many octets. Throws as ``uint8(_:)``, for
  /// `field.length` or `field`.
  package mutating func octetString(_ field: String) throws(DecodingFailure) -> [UInt8] {
    let count = try uint16(field + ".length")
    return try octets(Int(count), field)
  }

  /// A reader of the next `count` octets, which are consumed here. Throws as ``uint8(_:)``.
  package mutating func window(_ count: Int, _ field: @autoclosure () -> String) throws(DecodingFailure) -> MDERReader {
    guard remaining >= count else {
      throw .truncated(field: field(), offset: offset, need: count, have: remaining)
    }
    defer { offset += count }
    return MDERReader(bytes, from: offset, to: offset + count)
  }

  /// A window whose length of 16 bits stands in front of it.
  package mutating func window(_ field: String) throws(DecodingFailure) -> MDERReader {
    let count = try uint16(field + ".length")
    return try window(Int(count), field)
  }

  /// A SEQUENCE OF: how many elements, how many octets, the elements. They must fill their octets. Each element takes two
  /// octets or more, so that the octets that are there bound the list.
  package mutating func list<Element>(
    _ field: String, _ element: (inout MDERReader) throws(DecodingFailure) -> Element
  ) throws(DecodingFailure) -> [Element] {
    let count = try uint16(field + ".count")
    var window = try window(field)
    var elements: [Element] = []
    for _ in 0..<count { elements.append(try element(&window)) }
    try window.end(after: field)
    return elements
  }

  /// Asserts that the window ends here.
  /// - Throws: ``DecodingFailure/trailing(field:offset:count:)`` with `field`, the last one read.
  package func end(after field: @autoclosure () -> String) throws(DecodingFailure) {
    guard remaining == 0 else { throw .trailing(field: field(), offset: offset, count: remaining) }
  }
}
