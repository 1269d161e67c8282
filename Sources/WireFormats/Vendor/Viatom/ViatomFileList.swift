/// The payload of an answer to ``ViatomCommand/listFiles``: a number, and so many names of 16 octets. It says nothing of
/// sizes, and so not whether there is a new record.
package struct ViatomFileList: Hashable, Sendable {
  package let names: [String]

  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for `Number of Files` or `File Name`;
  ///   ``DecodingFailure/malformedText(field:offset:)`` and ``DecodingFailure/trailing(field:offset:count:)`` for the latter.
  package init(payload: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(payload)
    let count = try reader.uint8("Number of Files")
    var names: [String] = []
    for _ in 0..<count {
      let offset = reader.offset
      let octets = try reader.octets(16, "File Name")
      let name = octets.prefix { $0 != 0 }
      guard let end = name.firstIndex(where: { $0 > 0x7E || $0 < 0x20 }) else {
        names.append(String(decoding: name, as: UTF8.self))
        continue
      }
      throw .malformedText(field: "File Name", offset: offset + end)
    }
    try reader.end(after: "File Name")
    self.names = names
  }

  package var json: JSON { .object([.init("names", .array(names.map { .string($0) }))]) }
}
