/// An attribute of an object, as sent (IEEE 11073-20601 Annex A, AVA-Type). ``content()`` says what it means.
package struct Attribute: Hashable, Sendable, Codable {
  /// A term of the object partition: ``AttributeID``.
  package var id: UInt16
  package var value: [UInt8]

  package init(id: UInt16, value: [UInt8]) {
    self.id = id
    self.value = value
  }

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    id = try reader.uint16("AVA-Type.attribute-id")
    value = try reader.octetString("AVA-Type.attribute-value")
  }

  func write(to writer: inout MDERWriter) {
    writer.uint16(id)
    writer.measured { $0.octets(value) }
  }

  var rawMembers: [JSON.Member] { [.init("id", .integer(Int(id))), .init("octets", .octets(value))] }
}

/// AttributeList of Annex A.
package struct AttributeList: Hashable, Sendable, Codable {
  package var attributes: [Attribute]

  package init(_ attributes: [Attribute]) { self.attributes = attributes }

  /// A whole attribute list.
  package init(decoding bytes: [UInt8]) throws(DecodingFailure) {
    var reader = MDERReader(bytes)
    try self.init(from: &reader, in: "AttributeList")
    try reader.end(after: "AttributeList")
  }

  init(from reader: inout MDERReader, in field: String) throws(DecodingFailure) {
    attributes = try reader.list(field) { (element) throws(DecodingFailure) in try Attribute(from: &element) }
  }

  func write(to writer: inout MDERWriter) { writer.list(attributes) { $1.write(to: &$0) } }

  /// The first attribute of this name; nil for none.
  package subscript(id: UInt16) -> Attribute? { attributes.first { $0.id == id } }

  /// The attribute of this name, when it is there and is a number of 16 or 32 bits.
  package func integer(_ id: UInt16) -> UInt32? {
    guard case .integer(let number)? = try? self[id]?.content() else { return nil }
    return number
  }

  var rawJSON: JSON { .array(attributes.map { .object($0.rawMembers) }) }

  /// Each attribute with what it means.
  /// - Throws: as ``Attribute/content()``, of the first one that is malformed.
  package func json() throws(DecodingFailure) -> JSON {
    var values: [JSON] = []
    for attribute in attributes {
      values.append(
        .object([.init("id", .integer(Int(attribute.id))), .init("value", try attribute.content().json)]))
    }
    return .array(values)
  }
}
