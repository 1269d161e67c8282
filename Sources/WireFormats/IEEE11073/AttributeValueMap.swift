/// Attribute-Value-Map: which attributes stand in a fixed report of an object, and how long each is (20601 Annex A,
/// AttrValMap).
package struct AttributeValueMap: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package let id: UInt16
    /// Octets.
    package let length: UInt16
  }

  package let entries: [Entry]

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    entries = try reader.list("AttrValMap") { (element) throws(DecodingFailure) in
      Entry(
        id: try element.uint16("AttrValMapEntry.attribute-id"),
        length: try element.uint16("AttrValMapEntry.attribute-len"))
    }
  }

  /// Cuts the octets of a fixed report into attributes.
  func attributes(from reader: inout MDERReader) throws(DecodingFailure) -> [Attribute] {
    var attributes: [Attribute] = []
    for entry in entries {
      attributes.append(
        Attribute(id: entry.id, value: try reader.octets(Int(entry.length), "ObservationScanFixed.obs-val-data")))
    }
    return attributes
  }

  package var json: JSON {
    .array(
      entries.map { .object([.init("id", .integer(Int($0.id))), .init("length", .integer(Int($0.length)))]) })
  }
}

/// PM-Segment-Entry-Map: how the entries of a segment are laid out (20601 Annex A, PmSegmentEntryMap).
package struct SegmentEntryMap: Hashable, Sendable {
  package struct Element: Hashable, Sendable {
    package let objectClass: UInt16
    package let type: NomenclatureTerm
    /// Of the object whose values they are; 0 for none.
    package let handle: UInt16
    package let map: AttributeValueMap
  }

  /// SegmEntryHeader, which times stand in front of each entry: bit 0 (the highest) absolute, 1 relative, 2 of high
  /// resolution, and, from 2014 on, 3 base offset.
  package let header: UInt16
  package let elements: [Element]

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    header = try reader.uint16("PmSegmentEntryMap.segm-entry-header")
    elements = try reader.list("SegmEntryElemList") { (element) throws(DecodingFailure) in
      Element(
        objectClass: try element.uint16("SegmEntryElem.class-id"), type: try NomenclatureTerm(from: &element),
        handle: try element.uint16("SegmEntryElem.handle"), map: try AttributeValueMap(from: &element))
    }
  }

  package var json: JSON {
    .object([
      .init("header", .integer(Int(header))),
      .init(
        "elements",
        .array(
          elements.map {
            .object([
              .init("class", .integer(Int($0.objectClass))), .init("type", $0.type.json),
              .init("handle", .integer(Int($0.handle))), .init("map", $0.map.json),
            ])
          })),
    ])
  }
}
