/// Writes the Medical Device Encoding Rules (IEEE 11073-20601 Annex F).
struct MDERWriter {
  private(set) var bytes: [UInt8] = []

  mutating func uint8(_ value: UInt8) { bytes.append(value) }

  mutating func uint16(_ value: UInt16) { bytes += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

  mutating func uint32(_ value: UInt32) {
    uint16(UInt16(value >> 16))
    uint16(UInt16(truncatingIfNeeded: value))
  }

  mutating func octets(_ value: [UInt8]) { bytes += value }

  /// What `write` writes, with its length of 16 bits in front. Everything that a manager sends is far below that bound.
  mutating func measured(_ write: (inout MDERWriter) -> Void) {
    var content = MDERWriter()
    write(&content)
    uint16(UInt16(clamping: content.bytes.count))
    bytes += content.bytes
  }

  /// A SEQUENCE OF: how many, how many octets, the elements.
  mutating func list<Element>(_ elements: [Element], _ write: (inout MDERWriter, Element) -> Void) {
    uint16(UInt16(clamping: elements.count))
    measured { content in
      for element in elements { write(&content, element) }
    }
  }
}
