/// Reads a value from front to back, little endian, as GATT and the vendors' formats write numbers. Every read names its
/// field, so that a value that ends too soon says which field is missing.
///
/// The name is an autoclosure: it is put together only when it is needed.
package struct ByteReader: Sendable {
  package let bytes: [UInt8]
  /// The next octet to be read, from 0.
  package private(set) var offset = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// How many octets are left.
  package var remaining: Int { bytes.count - offset }

  /// An unsigned number of `width` octets, 1–8.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)``; nothing is consumed then.
  package mutating func unsigned(_ width: Int, _ field: @autoclosure () -> String) throws(DecodingFailure) -> UInt64 {
    guard remaining >= width else {
      throw .truncated(field: field(), offset: offset, need: width, have: remaining)
    }
    var value: UInt64 = 0
    for index in (offset..<offset + width).reversed() { value = value << 8 | UInt64(bytes[index]) }
    offset += width
    return value
  }

  /// One octet. Throws as ``unsigned(_:_:)``.
  package mutating func uint8(_ field: @autoclosure () -> String) throws(DecodingFailure) -> UInt8 {
    UInt8(truncatingIfNeeded: try unsigned(1, field()))
  }

  /// Two octets. Throws as ``unsigned(_:_:)``.
  package mutating func uint16(_ field: @autoclosure () -> String) throws(DecodingFailure) -> UInt16 {
    UInt16(truncatingIfNeeded: try unsigned(2, field()))
  }

  /// Four octets. Throws as ``unsigned(_:_:)``.
  package mutating func uint32(_ field: @autoclosure () -> String) throws(DecodingFailure) -> UInt32 {
    UInt32(truncatingIfNeeded: try unsigned(4, field()))
  }

  /// An 11073 short float, two octets. Throws as ``unsigned(_:_:)``.
  package mutating func sfloat(_ field: @autoclosure () -> String) throws(DecodingFailure) -> SFLOAT {
    SFLOAT(raw: try uint16(field()))
  }

  /// An 11073 float, four octets. Throws as ``unsigned(_:_:)``.
  package mutating func float(_ field: @autoclosure () -> String) throws(DecodingFailure) -> FLOAT {
    FLOAT(raw: try uint32(field()))
  }

  /// `count` octets as they are. Throws as ``unsigned(_:_:)``.
  package mutating func octets(_ count: Int, _ field: @autoclosure () -> String) throws(DecodingFailure) -> [UInt8] {
    guard remaining >= count else {
      throw .truncated(field: field(), offset: offset, need: count, have: remaining)
    }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// Everything that is left; nothing is left after it.
  package mutating func rest() -> [UInt8] {
    defer { offset = bytes.count }
    return Array(bytes[offset...])
  }

  /// Asserts that a value of fixed size ends here.
  /// - Throws: ``DecodingFailure/trailing(field:offset:count:)`` with `field`, the last one read.
  package func end(after field: @autoclosure () -> String) throws(DecodingFailure) {
    guard remaining == 0 else { throw .trailing(field: field(), offset: offset, count: remaining) }
  }
}
