/// The 8-octet reports in which an Omron cuff with the USB identifiers 0590:0028 talks: how many octets count, these, and
/// what happens to follow them, which is often left from the report before. Source: openyou/libomron,
/// `doc/omron_protocol_notes.asciidoc` and `doc/logs/hem790it`.
package enum OmronHIDReport {
  package static let size = 8
  /// The most octets that count in one report.
  package static let capacity = 7

  /// The octets that count.
  ///
  /// - Throws: ``DecodingFailure`` naming `Report Length` or `Report Data`.
  package static func payload(_ report: [UInt8]) throws(DecodingFailure) -> [UInt8] {
    var reader = ByteReader(report)
    let length = Int(try reader.uint8("Report Length"))
    guard length <= capacity else {
      throw .outOfRange(field: "Report Length", offset: 0, value: length, expected: "0–7 octets")
    }
    let payload = try reader.octets(length, "Report Data")
    guard report.count <= size else {
      throw .trailing(field: "Report Data", offset: size, count: report.count - size)
    }
    return payload
  }

  /// A command in as many reports as it needs; what does not count is 0.
  package static func reports(_ command: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: command.count, by: capacity).map { start in
      let part = command[start..<min(start + capacity, command.count)]
      return [UInt8(part.count)] + part + [UInt8](repeating: 0, count: capacity - part.count)
    }
  }
}
